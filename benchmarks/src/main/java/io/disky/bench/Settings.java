package io.disky.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The amount of data, the number of measurements, and the directories of a run.
 *
 * @param name the name of the run
 * @param rounds number of measurements of each contestant
 * @param warmUpMillis shortest time of the warm-up in milliseconds; see {@link WarmUp}
 * @param roundMillis shortest time of a round in milliseconds; a run is never interrupted
 * @param datasets the records
 * @param mostRecords largest number of records in a file
 * @param files number of small files
 * @param sizes the sizes of files that are compared, in bytes
 * @param shards the compared numbers of files
 * @param shardLines total number of lines in these files
 * @param java the options of the JVM
 * @param python the Python that has the peers; {@code null} if there is none
 * @param earlier an earlier revision to compare with; {@code null} if there is none
 * @param directory for files to read and write
 * @param output for the results
 */
record Settings(
    String name,
    int rounds,
    int warmUpMillis,
    int roundMillis,
    List<Dataset> datasets,
    long mostRecords,
    int files,
    List<Long> sizes,
    List<Integer> shards,
    long shardLines,
    List<String> java,
    @Nullable String python,
    @Nullable Build earlier,
    Path directory,
    Path output) {
  private static final long MB = 1_000_000;

  /** The largest size in bytes that is also measured with compression. */
  static final long MOST_COMPRESSED = 4096 * MB;

  static Settings of(String name) {
    String python = System.getProperty("disky.bench.python", "");
    Path directory = Path.of(System.getProperty("disky.bench.directory"));
    Path output = Path.of(System.getProperty("disky.bench.output"));
    return new Settings(
        name,
        choose(name, 5, 3, 1),
        choose(name, 1000, 500, 0),
        choose(name, 150, 100, 0),
        choose(
            name,
            List.of(Dataset.values()),
            List.of(
                Dataset.LINES,
                Dataset.CLASSES,
                Dataset.MESSAGES,
                Dataset.RANDOM_1KB,
                Dataset.RANDOM_100KB),
            List.of(Dataset.LINES, Dataset.MESSAGES, Dataset.RANDOM_1KB)),
        choose(name, Long.MAX_VALUE, Long.MAX_VALUE, 1000L),
        choose(name, 200, 200, 3),
        choose(
            name,
            List.of(MB, 16 * MB, 256 * MB, 4096 * MB, 20_000 * MB),
            List.of(MB, 16 * MB, 256 * MB),
            List.of(MB / 10)),
        choose(name, List.of(1, 10, 100, 1000, 10_000), List.of(1, 100, 1000), List.of(3)),
        choose(name, 5 * MB, MB, 1000L),
        choose(
            name,
            List.of("-Xmx1g"),
            List.of("-Xmx1g"),
            List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")),
        python.isEmpty() ? null : python,
        Build.earlier(),
        directory,
        output);
  }

  private static <T> T choose(String name, T full, T less, T smoke) {
    return switch (name) {
      case "full" -> full;
      case "short" -> less;
      case "smoke" -> smoke;
      default -> throw new IllegalArgumentException("no run is called " + name);
    };
  }

  /** The same settings with further options of the JVM. */
  Settings withOptions(List<String> options) {
    List<String> all = new ArrayList<>(java);
    all.addAll(options);
    return new Settings(
        name,
        rounds,
        warmUpMillis,
        roundMillis,
        datasets,
        mostRecords,
        files,
        sizes,
        shards,
        shardLines,
        all,
        python,
        earlier,
        directory,
        output);
  }

  /** Returns whether the times are meaningful, which those of a smoke run are not. */
  boolean isMeasured() {
    return !name.equals("smoke");
  }
}
