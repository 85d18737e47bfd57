package io.disky.loader;

import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.Shards;
import io.disky.files.QuotedText;
import io.disky.loading.FileSource;
import io.disky.loading.LoadedSource;
import io.disky.loading.ReadSource;
import io.disky.random.ReaderFiles;
import io.disky.remote.RemoteFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A description of numbered records that a loader reads: record files, or code that supplies
 * records. Immutable and thread-safe. A loader opens the files when it is opened, and closes them
 * when it is closed. So several loaders can use one source, at the same time or after each other.
 *
 * <p><b>Files.</b> A chunk is read and decoded as a unit, so the sizes of chunks decide the speed
 * of a global shuffle: in files with one record per chunk, or with small groups, a record costs one
 * small read; in files with large chunks, each record costs the decoding of its chunk. A windowed
 * shuffle decodes each chunk once.
 *
 * <p><b>Identity.</b> A {@link LoaderState} counts the records that a loader has delivered, so it
 * can be used only with the same records. The identity of files is the last element of each path or
 * name, the size and the number of records of each file, and the order of the files. The identity
 * of code is its name and the numbers among the arguments of {@link #of(String, long, int, long,
 * RecordSupplier)}. The contents of files are not compared.
 */
public final class RecordSource {
  /** The default number of records of a block, for records that code supplies: 256. */
  public static final int DEFAULT_BLOCK_RECORDS = 256;

  /** The default estimate of the mean size of a record that code supplies, in bytes: 1,024. */
  public static final long DEFAULT_MEAN_RECORD_SIZE = 1 << 10;

  private final String name;
  private final String what;
  private final Opening opening;

  /**
   * Opens a source with a name, and a cache of {@code cacheSize} bytes unless the user chose one.
   */
  private interface Opening {
    LoadedSource open(String name, long cacheSize) throws IOException;
  }

  private RecordSource(String name, String what, Opening opening) {
    this.name = name;
    this.what = what;
    this.opening = opening;
  }

  private static RandomAccessOptions withCache(long size) {
    return RandomAccessOptions.defaults().withCacheSize(size);
  }

  /**
   * The records of files, as one sequence in the order of the files. Equal to {@link #files(List,
   * RandomAccessOptions)} with {@link RandomAccessOptions#defaults()}, but another cache: for a
   * global shuffle half of the memory of the loader, divided among its sources; otherwise none.
   *
   * @throws IllegalArgumentException if {@code files} is empty
   */
  public static RecordSource files(Path... files) {
    List<Path> all = List.of(files);
    return ofFiles(all, cacheSize -> RandomAccessReader.open(all, withCache(cacheSize)));
  }

  /**
   * The records of files, as one sequence in the order of the files. The files need not exist until
   * a loader is opened; it then throws the exceptions of {@link RandomAccessReader#open(List,
   * RandomAccessOptions)}, which name the file.
   *
   * @param options how to read the files. If the {@linkplain RandomAccessOptions#withCacheSize
   *     cache} has room for all chunks of the files, with a quarter to spare, decoded chunks stay
   *     in it until the loader is closed, so that each is decoded once; a smaller cache is not
   *     used. The parallelism is not used, because the loader has its own workers
   * @throws IllegalArgumentException if {@code files} is empty
   */
  public static RecordSource files(List<Path> files, RandomAccessOptions options) {
    List<Path> all = List.copyOf(files);
    Objects.requireNonNull(options, "options");
    return ofFiles(all, _ -> RandomAccessReader.open(all, options));
  }

  /** Opens a reader with a cache of {@code cacheSize} bytes unless the user chose one. */
  private interface ReaderOpening {
    RandomAccessReader open(long cacheSize) throws IOException;
  }

  private static RecordSource ofFiles(List<Path> files, ReaderOpening opening) {
    if (files.isEmpty()) {
      throw new IllegalArgumentException("no files were given");
    }
    return new RecordSource(
        named(String.valueOf(files.getFirst().getFileName()), files.size()),
        files.size() == 1 ? QuotedText.name(files.getFirst()) : files.size() + " files",
        (name, cacheSize) -> ofFiles(name, opening.open(cacheSize)));
  }

  /**
   * The records of shards that are files, as one sequence in the order of {@code shards}. Equal to
   * {@link #shards(Shards, RandomAccessOptions)} with {@link RandomAccessOptions#defaults()}, but
   * the cache of {@link #files(Path...)}.
   */
  public static RecordSource shards(Shards shards) {
    return ofShards(shards, cacheSize -> RandomAccessReader.open(shards, withCache(cacheSize)));
  }

  /**
   * The records of shards that are files, as one sequence in the order of {@code shards}. If a
   * shard is not a file, such as a stream, {@link DataLoader#open(Mix, LoaderOptions)} throws an
   * {@link IllegalArgumentException} that names the shard: its records can only be read in order.
   *
   * @param options how to read the files, as {@link #files(List, RandomAccessOptions)} uses them
   */
  public static RecordSource shards(Shards shards, RandomAccessOptions options) {
    Objects.requireNonNull(options, "options");
    return ofShards(shards, _ -> RandomAccessReader.open(shards, options));
  }

  /**
   * The records of remote files, as one sequence in the order of the files. Equal to {@link
   * #remote(List, RandomAccessOptions)} with {@link RandomAccessOptions#defaults()}, but the cache
   * of {@link #files(Path...)}.
   *
   * @throws IllegalArgumentException if {@code files} is empty
   */
  public static RecordSource remote(RemoteFile... files) {
    return shards(Shards.ofRemote(List.of(files)));
  }

  /**
   * The records of remote files, as one sequence in the order of the files. A loader requests the
   * chunks of several batches at the same time. No request is made until a loader is opened.
   *
   * @param options how to read the files, as {@link #files(List, RandomAccessOptions)} uses them
   * @throws IllegalArgumentException if {@code files} is empty
   */
  public static RecordSource remote(List<? extends RemoteFile> files, RandomAccessOptions options) {
    return shards(Shards.ofRemote(files), options);
  }

  private static RecordSource ofShards(Shards shards, ReaderOpening opening) {
    int count = shards.list().size();
    String first = shards.list().getFirst().name();
    return new RecordSource(
        named(lastElement(first), count),
        shards.toString(),
        (name, cacheSize) -> ofFiles(name, opening.open(cacheSize)));
  }

  private static String lastElement(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static String named(String first, int count) {
    return count == 1 ? first : first + " and " + (count - 1) + " more";
  }

  private static LoadedSource ofFiles(String name, RandomAccessReader reader) {
    return new FileSource(name, ReaderFiles.of(reader), reader::close);
  }

  /**
   * Records that code supplies. Nothing is read or computed until a loader needs the record, so the
   * number of records may be large. Equal to {@link #of(String, long, int, long, RecordSupplier)}
   * with {@link #DEFAULT_BLOCK_RECORDS} and {@link #DEFAULT_MEAN_RECORD_SIZE}.
   *
   * @param name the name of the source in messages and in its identity
   * @param recordCount number of records, at least 0
   * @param supplier the code
   * @throws IllegalArgumentException if {@code recordCount} is negative
   */
  public static RecordSource of(String name, long recordCount, RecordSupplier supplier) {
    return of(name, recordCount, DEFAULT_BLOCK_RECORDS, DEFAULT_MEAN_RECORD_SIZE, supplier);
  }

  /**
   * Records that code supplies, in blocks. Blocks have the role of the chunks of a file: unless the
   * shuffle is global, a loader requests all records of a block one after the other, and keeps them
   * until all of them are delivered. With a global shuffle it requests single records.
   *
   * @param name the name of the source in messages and in its identity
   * @param recordCount number of records, at least 0
   * @param blockRecords number of records of each block, at least 1; the last block may have fewer
   * @param meanRecordSize an estimate of the mean size of a record in bytes, at least 1. The sizes
   *     of windows, and the memory of batches before their records are supplied, are computed from
   *     it
   * @param supplier the code
   * @throws IllegalArgumentException if a number is outside its range
   */
  public static RecordSource of(
      String name,
      long recordCount,
      int blockRecords,
      long meanRecordSize,
      RecordSupplier supplier) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(supplier, "supplier");
    check(recordCount >= 0, "number of records", recordCount);
    check(blockRecords >= 1, "number of records of a block", blockRecords);
    check(meanRecordSize >= 1, "mean size of a record in bytes", meanRecordSize);
    return new RecordSource(
        name,
        recordCount + " records of code",
        (chosen, _) ->
            new ReadSource(
                chosen,
                recordCount,
                blockRecords,
                meanRecordSize,
                target -> {
                  SuppliedRecord record = new SuppliedRecord(target);
                  return number -> supplier.supply(number, record);
                }));
  }

  private static void check(boolean holds, String what, long value) {
    if (!holds) {
      throw new IllegalArgumentException("the " + what + " is " + value);
    }
  }

  /**
   * This source with another name. The default name of files is the last element of the path of the
   * first file, with the number of further files.
   */
  public RecordSource withName(String name) {
    return new RecordSource(Objects.requireNonNull(name, "name"), what, opening);
  }

  /** The name of the source in messages. The name of code is also part of its identity. */
  public String name() {
    return name;
  }

  /**
   * Opens the source for a loader, which closes it.
   *
   * @throws IOException if a file cannot be opened; the message names the file
   */
  LoadedSource open() throws IOException {
    return open(0);
  }

  /**
   * Opens the source as {@link #open()} does, with a cache for decoded chunks.
   *
   * @param cacheSize the size of the cache in bytes, unless the user has chosen a cache
   */
  LoadedSource open(long cacheSize) throws IOException {
    return opening.open(name, cacheSize);
  }

  /** The name of the source, and the records that it describes. */
  @Override
  public String toString() {
    return "RecordSource[" + QuotedText.line(name) + ": " + what + "]";
  }
}
