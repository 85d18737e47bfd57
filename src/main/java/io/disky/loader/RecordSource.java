package io.disky.loader;

import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.Shards;
import io.disky.files.QuotedText;
import io.disky.loading.FileSource;
import io.disky.loading.LoadedSource;
import io.disky.loading.ReadSource;
import io.disky.random.ReaderFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A description of numbered records that a loader reads: record files, or code. Immutable and
 * thread-safe. A loader opens the files when it is opened, and closes them when it is closed, so
 * one description can be used by several loaders at a time and after each other.
 *
 * <p><b>Files.</b> Each chunk is a unit of reading, so the shape of the files decides the speed of
 * a global shuffle: in files with one record per chunk, or with small groups, a record costs one
 * small read; in files with large chunks, each record costs the decoding of its chunk. A windowed
 * shuffle reads chunks as a whole.
 *
 * <p><b>Identity.</b> The state of a loader states which records it has delivered, so it can be
 * used only with the same records. The identity of files is the last element of each path, the size
 * and the number of records of each file, and the order of the files; that of code is its name, its
 * number of records, and the other arguments of {@link #of(String, long, int, long,
 * RecordSupplier)}. The contents of files are not compared.
 */
public final class RecordSource {
  /** The default number of records of a block of a source that is code: 256. */
  public static final int DEFAULT_BLOCK_RECORDS = 256;

  /** The default estimate of the mean size of a record of a source that is code: 1 KiB. */
  public static final long DEFAULT_MEAN_RECORD_SIZE = 1 << 10;

  private final String name;
  private final String what;
  private final Opening opening;

  /** Opens a source with a name, and a cache of so many bytes if the user has chosen none. */
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
   * RandomAccessOptions)} with {@link RandomAccessOptions#defaults()} and, for a global shuffle, a
   * cache of half the memory of the loader, divided among its sources.
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
   *     used. The parallelism is not used: the loader has threads of its own
   * @throws IllegalArgumentException if {@code files} is empty
   */
  public static RecordSource files(List<Path> files, RandomAccessOptions options) {
    List<Path> all = List.copyOf(files);
    Objects.requireNonNull(options, "options");
    return ofFiles(all, _ -> RandomAccessReader.open(all, options));
  }

  /** Opens a reader with a cache of so many bytes if the user has chosen none. */
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
   * {@link #shards(Shards, RandomAccessOptions)} with {@link RandomAccessOptions#defaults()} and
   * the cache of {@link #files(Path...)}.
   */
  public static RecordSource shards(Shards shards) {
    return ofShards(shards, cacheSize -> RandomAccessReader.open(shards, withCache(cacheSize)));
  }

  /**
   * The records of shards that are files, as one sequence in the order of {@code shards}. Shards
   * that are not files, such as streams, are refused when a loader is opened, with an {@link
   * IllegalArgumentException} that names the shard: their records have no numbers, because they can
   * only be read in order.
   *
   * @param options how to read the files, as {@link #files(List, RandomAccessOptions)} uses them
   */
  public static RecordSource shards(Shards shards, RandomAccessOptions options) {
    Objects.requireNonNull(options, "options");
    return ofShards(shards, _ -> RandomAccessReader.open(shards, options));
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
   * Records that code supplies, in blocks. A block is to this source what a chunk is to a file: a
   * loader without a shuffle or with a windowed shuffle takes all records of a block one after the
   * other, and keeps them until all of them are delivered. A global shuffle takes single records.
   *
   * @param name the name of the source in messages and in its identity
   * @param recordCount number of records, at least 0
   * @param blockRecords number of records of each block, at least 1; the last block may have fewer
   * @param meanRecordSize an estimate of the mean size of a record in bytes, at least 1: windows
   *     and budgets of memory count with it before a record is known
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
   * first one, and how many more there are.
   */
  public RecordSource withName(String name) {
    return new RecordSource(Objects.requireNonNull(name, "name"), what, opening);
  }

  /** The name of the source in messages and in the states of loaders. */
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
   * @param cacheSize the size of the cache in bytes, unless the user has chosen one
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
