package io.disky.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The golden files in the test resources: files that other programs wrote, with the expected
 * records.
 */
public final class GoldenManifest {
  private GoldenManifest() {}

  /**
   * A golden file, or a directory of shards.
   *
   * @param path path of the file below the golden directory, parts separated by slashes
   * @param writer the program that wrote it
   * @param codec compression, with the name that the writer uses
   * @param records number of records in it
   * @param bytes sum of the records' sizes in bytes
   * @param digest digest of the records, see {@link RecordDigest}; over the sorted records for
   *     shards
   * @param note the special property of the file
   */
  public record Entry(
      String path,
      String writer,
      String codec,
      long records,
      long bytes,
      String digest,
      String note) {

    private static Entry parse(String line) {
      String[] fields = line.split("\t", -1);
      if (fields.length != 7) {
        throw new IllegalArgumentException("not the 7 fields of a manifest: " + line);
      }
      return new Entry(
          fields[0],
          fields[1],
          fields[2],
          Long.parseLong(fields[3]),
          Long.parseLong(fields[4]),
          fields[5],
          fields[6]);
    }

    /** The path of the file or directory. */
    public Path location() {
      return directory().resolve(path);
    }

    /** Returns whether this is a directory of shards. Records of different shards have no order. */
    public boolean isSharded() {
      return Files.isDirectory(location());
    }

    /** The file, or all shards in the order of their names. */
    public List<Path> files() {
      if (!isSharded()) {
        return List.of(location());
      }
      try (Stream<Path> shards = Files.list(location())) {
        return shards.sorted().toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Returns whether it has transposed chunks. */
    public boolean isTransposed() {
      return path.contains(".transposed.");
    }

    /** Returns whether it is an ArrayRecord, which also contains records of its index. */
    public boolean isArrayRecord() {
      return path.endsWith(".arrayrecord");
    }

    /** The name of its codec in file descriptions. */
    public String describedCodec() {
      String name = codec.replaceAll(":.*", "");
      return name.equals("uncompressed") ? "none" : name;
    }

    /** Returns whether {@link OracleReader} can read it. */
    public boolean isForOracle() {
      return !isArrayRecord()
          && !isTransposed()
          && !codec.equals("brotli")
          && !codec.equals("snappy");
    }

    /** The digest of records, computed as for this entry: for shards over the sorted records. */
    public String digestOf(List<byte[]> records) {
      return isSharded() ? RecordDigest.ofSorted(records) : RecordDigest.of(records);
    }

    @Override
    public String toString() {
      return path;
    }
  }

  /** All files. */
  public static List<Entry> all() {
    try {
      Path manifest = directory().resolve("manifest.tsv");
      return Files.readAllLines(manifest).stream().map(Entry::parse).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files that {@link OracleReader} can read. */
  public static List<Entry> forOracle() {
    return all().stream().filter(Entry::isForOracle).toList();
  }

  /** The ArrayRecords. */
  public static List<Entry> arrayRecords() {
    return all().stream().filter(Entry::isArrayRecord).toList();
  }

  /** The files that {@link OracleReader} cannot read, without ArrayRecords. */
  public static List<Entry> beyondOracle() {
    return all().stream().filter(entry -> !entry.isForOracle() && !entry.isArrayRecord()).toList();
  }

  /**
   * The entry of one file.
   *
   * @param path its path below the golden directory
   * @throws IllegalArgumentException if there is no such file
   */
  public static Entry entry(String path) {
    return all().stream()
        .filter(entry -> entry.path.equals(path))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no golden file " + path));
  }

  private static Path directory() {
    URL manifest = GoldenManifest.class.getResource("/golden/manifest.tsv");
    if (manifest == null) {
      throw new IllegalStateException("the golden files are not among the test resources");
    }
    try {
      return Path.of(manifest.toURI()).getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
