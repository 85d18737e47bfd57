package io.disky.bench;

import static io.disky.bench.Contestant.Language.JAVA;
import static io.disky.bench.Contestant.Language.NATIVE;
import static io.disky.bench.Contestant.Language.PYTHON;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The contestants of each comparison. To add one, add a line here and a line in {@link Works}, and
 * its budget, if it has one, in {@link Budget}.
 */
final class Contestants {
  /** The work that writes the input file of our readers. */
  static final String DISKY_FILE = "disky-write-arrays";

  /** The work that writes a directory of shards. */
  private static final String SHARDS = "disky-write-shards";

  /** The work that writes an ArrayRecord, each record a group of its own. */
  private static final String GROUPS = "disky-write-groups";

  private static final String DISKY = "disky";

  static final String SHARDED_READER = DISKY + ", MultiThreadedReader";
  static final String SHARDED_WRITER = DISKY + ", MultiThreadedWriter";
  static final String PRODUCERS = DISKY + ", MultiThreadedWriter without workers";
  static final String PARALLEL = DISKY + ", parallelism";
  static final String LOADER_IN_ORDER = DISKY + ", DataLoader, in order";
  static final String LOADER_WINDOWED = DISKY + ", DataLoader, windowed shuffle";
  static final String LOADER_GLOBAL = DISKY + ", DataLoader, global shuffle";
  static final String COMPLETE_ZSTD = DISKY + ", complete records, zstd";
  static final String PROJECTED_ZSTD = DISKY + ", field projection, zstd";
  static final String COMPLETE_BROTLI = DISKY + ", complete records, brotli";
  static final String PROJECTED_BROTLI = DISKY + ", field projection, brotli";
  static final String VISIT_ALL = DISKY + ", visitAll for each batch";
  static final String ITERATION = DISKY + ", iteration";
  static final String BATCHES = DISKY + ", batches";
  static final String ENGINE = DISKY + ", Rust engine";
  static final String ARRAYS = DISKY + ", byte[]";
  static final String SEGMENTS = DISKY + ", segments";
  static final String IN_PLACE = DISKY + ", in place";
  static final String BUILT_FIRST = DISKY + ", byte[] built first";
  static final String ONE_BY_ONE_UNCACHED = DISKY + ", one by one, no cache";
  static final String ONE_BY_ONE_CACHED = DISKY + ", one by one, in the cache";
  static final String TOGETHER_CACHED = DISKY + ", all in one call, in the cache";
  static final String TOGETHER_UNCACHED = DISKY + ", all in one call, no cache";
  static final String ARRAY_RECORD_ONE_BY_ONE = "array-record (Python), one by one";
  static final String BAGZ_ONE_BY_ONE = "bagz (Python), one by one";
  static final String ARRAY_RECORD_TOGETHER = "array-record (Python), all in one call";
  static final String ARRAY_RECORD_BATCHES = "array-record (Python), a call for each batch";
  static final String BAGZ_TOGETHER = "bagz (Python), all in one call";
  static final String COMPRESSED_FILE = "ZSTD_compress + hash + write(2)";
  static final String LIMIT_OF_RANDOM_ACCESS = "pread(2) + hash, uncompressed";
  static final String RIEGELI = "riegeli crate (Rust)";
  static final String ORACLE = "plain Java reader";
  static final String ARRAY_RECORD = "array-record (Python)";
  static final String BAGZ = "bagz (Python)";
  static final String AVRO = "Avro";
  static final String STREAM = "length-prefixed stream";

  /** Contestants of ours that are compared with an earlier revision. */
  private static final Set<String> COMPARED =
      Set.of(
          ENGINE,
          ITERATION,
          BATCHES,
          ARRAYS,
          SEGMENTS,
          IN_PLACE,
          withThreads(PARALLEL, 2),
          withThreads(SHARDED_READER, 2),
          withThreads(SHARDED_WRITER, 2),
          withThreads(PRODUCERS, 2),
          ONE_BY_ONE_CACHED,
          ONE_BY_ONE_UNCACHED,
          withThreads(ONE_BY_ONE_UNCACHED, 2),
          TOGETHER_CACHED,
          TOGETHER_UNCACHED);

  private Contestants() {}

  /**
   * The contestants of {@code cell}.
   *
   * @param compared whether an earlier revision of the library takes part. It does all works in
   *     which a user could notice a loss of speed
   */
  static List<Contestant> of(Cell cell, boolean compared) {
    List<Contestant> all = new ArrayList<>();
    for (Contestant contestant : of(cell)) {
      all.add(contestant);
      if (compared && COMPARED.contains(contestant.name())) {
        all.add(contestant.before());
      }
    }
    return all;
  }

  private static List<Contestant> of(Cell cell) {
    return switch (cell.operation()) {
      case READ -> reading(cell.isCompressed());
      case WRITE -> writing(cell.isCompressed());
      case RANDOM -> random(cell.dataset());
      case LOAD -> loading();
      case FIELD -> readingFields();
      case FIRST_RECORD -> firstRecord();
      case SMALL_READ -> smallReading();
      case SMALL_WRITE -> smallWriting();
    };
  }

  private static List<Contestant> reading(boolean compressed) {
    List<Contestant> all = new ArrayList<>(limitsOfReading(compressed));
    all.addAll(
        List.of(
            Contestant.ours(ENGINE, NATIVE, "engine-read", DISKY_FILE),
            Contestant.ours(ITERATION, JAVA, "disky-read-iteration", DISKY_FILE),
            Contestant.ours(BATCHES, JAVA, "disky-read-batches", DISKY_FILE),
            Contestant.ours(ARRAYS, JAVA, "disky-read-arrays", DISKY_FILE),
            Contestant.parallel(PARALLEL, "disky-read-parallel", DISKY_FILE, 2),
            Contestant.parallel(SHARDED_READER, "disky-read-shards", SHARDS, 2),
            Contestant.parallel(LOADER_IN_ORDER, "disky-load-in-order", DISKY_FILE, 2),
            Contestant.parallel(LOADER_WINDOWED, "disky-load-windowed", DISKY_FILE, 2),
            Contestant.peer(AVRO, JAVA, "avro-read", "avro-write"),
            Contestant.peer(STREAM, JAVA, "stream-read", "stream-write"),
            Contestant.peer(ORACLE, JAVA, "oracle-read", DISKY_FILE),
            Contestant.peer(RIEGELI, NATIVE, "riegeli-read", "riegeli-write"),
            Contestant.peer(ARRAY_RECORD, PYTHON, "array-record-read", "array-record-write"),
            Contestant.peer(BAGZ, PYTHON, "bagz-read", "bagz-write")));
    return all;
  }

  private static List<Contestant> limitsOfReading(boolean compressed) {
    if (compressed) {
      return List.of(
          Contestant.limit(limitOfReading(true, 1), "limit-decompress", 1),
          Contestant.limit(limitOfReading(true, 2), "limit-decompress", 2),
          limitOfReadingFile(1),
          limitOfReadingFile(2));
    }
    return List.of(
        Contestant.limit(limitOfReading(false, 1), "limit-read-hash", 1),
        Contestant.limit(limitOfReading(false, 2), "limit-read-hash", 2),
        Contestant.limit(oneAtATime(limitOfReading(false, 1)), "limit-read-hash-one", 1),
        Contestant.limit("read(2)", "limit-read", 1));
  }

  private static Contestant limitOfReadingFile(int threads) {
    String name = withThreads("read(2) + hash + ZSTD_decompress", threads);
    return Contestant.limit(name, "limit-read-decompress", threads);
  }

  static String limitOfReading(boolean compressed, int threads) {
    return withThreads(compressed ? "ZSTD_decompress" : "read(2) + hash", threads);
  }

  private static List<Contestant> writing(boolean compressed) {
    List<Contestant> all = new ArrayList<>(limitsOfWriting(compressed));
    all.addAll(
        List.of(
            Contestant.ours(ENGINE, NATIVE, "engine-write", null),
            Contestant.ours(ARRAYS, JAVA, DISKY_FILE, null),
            Contestant.ours(SEGMENTS, JAVA, "disky-write-segments", null),
            Contestant.ours(IN_PLACE, JAVA, "disky-write-in-place", null),
            Contestant.ours(BUILT_FIRST, JAVA, "disky-write-built-first", null),
            Contestant.parallel(PARALLEL, "disky-write-parallel", null, 1),
            Contestant.parallel(PARALLEL, "disky-write-parallel", null, 2),
            Contestant.parallel(SHARDED_WRITER, SHARDS, null, 1),
            Contestant.parallel(SHARDED_WRITER, SHARDS, null, 2),
            Contestant.parallel(PRODUCERS, "disky-write-producers", null, 1),
            Contestant.parallel(PRODUCERS, "disky-write-producers", null, 2),
            Contestant.peer(AVRO, JAVA, "avro-write", null),
            Contestant.peer(STREAM, JAVA, "stream-write", null),
            Contestant.peer(RIEGELI, NATIVE, "riegeli-write", null),
            Contestant.peer(ARRAY_RECORD, PYTHON, "array-record-write", null),
            Contestant.peer(BAGZ, PYTHON, "bagz-write", null)));
    return all;
  }

  private static List<Contestant> limitsOfWriting(boolean compressed) {
    if (compressed) {
      return List.of(
          Contestant.limit(limitOfWriting(true, 1), "limit-compress", 1),
          Contestant.limit(limitOfWriting(true, 2), "limit-compress", 2),
          limitOfWritingFile(1),
          limitOfWritingFile(2));
    }
    return List.of(
        Contestant.limit(limitOfWriting(false, 1), "limit-write", 1),
        Contestant.limit(limitOfWriting(false, 2), "limit-write", 2),
        Contestant.limit(oneAtATime(limitOfWriting(false, 1)), "limit-write-one", 1));
  }

  private static Contestant limitOfWritingFile(int threads) {
    String name = withThreads(COMPRESSED_FILE, threads);
    return Contestant.limit(name, "limit-compress-write", threads);
  }

  static String limitOfWriting(boolean compressed, int threads) {
    return withThreads(compressed ? "ZSTD_compress" : "memcpy + hash + write(2)", threads);
  }

  /** The name of the limit {@code name} if it hashes one byte sequence after the other. */
  private static String oneAtATime(String name) {
    return name + ", one at a time";
  }

  /** The name of the contestant of ours called {@code name} if it uses an earlier revision. */
  static String before(String name) {
    return DISKY + ", earlier revision" + name.substring(DISKY.length());
  }

  /** The name of a contestant that uses {@code threads} threads. */
  static String withThreads(String name, int threads) {
    return threads == 1 ? name : name + ", " + threads + " threads";
  }

  private static List<Contestant> random(Dataset dataset) {
    // A file with millions of groups of one line each would be unrealistic.
    boolean lines = dataset == Dataset.LINES;
    String ours = lines ? DISKY_FILE : GROUPS;
    String arrayRecord = lines ? "array-record-write" : "array-record-write-ungrouped";
    return List.of(
        Contestant.limit(LIMIT_OF_RANDOM_ACCESS, "limit-random", 1),
        Contestant.limit(LIMIT_OF_RANDOM_ACCESS + ", several at once", "limit-random-together", 1),
        Contestant.ours(ONE_BY_ONE_CACHED, JAVA, "disky-random-cached", ours),
        Contestant.parallel(ONE_BY_ONE_UNCACHED, "disky-random-uncached", ours, 1),
        Contestant.parallel(ONE_BY_ONE_UNCACHED, "disky-random-uncached", ours, 2),
        Contestant.ours(TOGETHER_CACHED, JAVA, "disky-random-together-cached", ours),
        Contestant.ours(TOGETHER_UNCACHED, JAVA, "disky-random-together-uncached", ours),
        Contestant.ours(
            TOGETHER_UNCACHED + ", no other thread", JAVA, "disky-random-together-alone", ours),
        Contestant.peer(ARRAY_RECORD_ONE_BY_ONE, PYTHON, "array-record-random", arrayRecord),
        Contestant.peer(ARRAY_RECORD_TOGETHER, PYTHON, "array-record-random-together", arrayRecord),
        Contestant.peer(BAGZ_ONE_BY_ONE, PYTHON, "bagz-random", "bagz-write"),
        Contestant.peer(BAGZ_TOGETHER, PYTHON, "bagz-random-together", "bagz-write"));
  }

  private static List<Contestant> loading() {
    return List.of(
        Contestant.parallel(LOADER_GLOBAL, "disky-load-global", GROUPS, 2),
        Contestant.parallel(VISIT_ALL, "disky-visit-random", GROUPS, 2),
        Contestant.peer(
            ARRAY_RECORD_BATCHES, PYTHON, "array-record-batches", "array-record-write-ungrouped"));
  }

  private static List<Contestant> readingFields() {
    String zstd = "disky-write-messages-zstd";
    String brotli = "disky-write-messages-brotli";
    return List.of(
        Contestant.ours(COMPLETE_ZSTD, JAVA, "disky-read-field-complete", zstd),
        Contestant.ours(PROJECTED_ZSTD, JAVA, "disky-read-field-projected", zstd),
        Contestant.ours(COMPLETE_BROTLI, JAVA, "disky-read-field-complete", brotli),
        Contestant.ours(PROJECTED_BROTLI, JAVA, "disky-read-field-projected", brotli));
  }

  private static List<Contestant> firstRecord() {
    return List.of(
        Contestant.ours(ITERATION, JAVA, "disky-read-first", DISKY_FILE),
        Contestant.peer(AVRO, JAVA, "avro-read-first", "avro-write"),
        Contestant.peer(STREAM, JAVA, "stream-read-first", "stream-write"));
  }

  private static List<Contestant> smallReading() {
    return List.of(
        Contestant.ours(ITERATION, JAVA, "disky-small-read", "disky-small-write"),
        Contestant.peer(AVRO, JAVA, "avro-small-read", "avro-small-write"),
        Contestant.peer(STREAM, JAVA, "stream-small-read", "stream-small-write"));
  }

  private static List<Contestant> smallWriting() {
    return List.of(
        Contestant.ours(ARRAYS, JAVA, "disky-small-write", null),
        Contestant.peer(AVRO, JAVA, "avro-small-write", null),
        Contestant.peer(STREAM, JAVA, "stream-small-write", null));
  }

  /** The language of the work called {@code work}, which writes a file. */
  static Contestant.Language languageOf(String work) {
    if (work.startsWith("array-record") || work.startsWith("bagz")) {
      return PYTHON;
    }
    return work.startsWith("riegeli") ? NATIVE : JAVA;
  }
}
