package io.disky.cli;

import io.disky.formats.Framing;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The formats of files that {@code disky convert} reads or writes. */
enum FileFormat {
  /** Record files: Disky, Riegeli and ArrayRecord. */
  RECORDS(null, null),
  TFRECORD(Framing.TFRECORD, "tfrecords?|tfrec"),
  DELIMITED(Framing.DELIMITED, "delimited"),
  LENGTH_PREFIXED(Framing.UINT32_LITTLE_ENDIAN, null),
  LENGTH_PREFIXED_32BE(Framing.UINT32_BIG_ENDIAN, null),
  LENGTH_PREFIXED_64LE(Framing.UINT64_LITTLE_ENDIAN, null),
  LENGTH_PREFIXED_64BE(Framing.UINT64_BIG_ENDIAN, null),
  /** Bagz without compression. */
  BAG(null, "bag"),
  /** Bagz whose records are compressed with zstd. */
  BAGZ(null, "bagz");

  /** What may follow an extension: the number of a shard, and the extension of gzip. */
  private static final String END = "(-[0-9]+-of-[0-9]+)?(\\.gz)?";

  private final @Nullable Framing framing;
  private final @Nullable Pattern name;

  FileFormat(@Nullable Framing framing, @Nullable String extension) {
    this.framing = framing;
    this.name = extension == null ? null : Pattern.compile(".*\\.(" + extension + ")" + END);
  }

  /** How the records follow each other; null if they do not, or if it is a record file. */
  @Nullable Framing framing() {
    return framing;
  }

  /** The format that the name of a file states; {@link #RECORDS} if it states no other one. */
  static FileFormat of(String fileName) {
    for (FileFormat format : values()) {
      if (format.name != null && format.name.matcher(fileName).matches()) {
        return format;
      }
    }
    return RECORDS;
  }
}
