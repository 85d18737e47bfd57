package io.disky.cli;

import io.disky.Compression;
import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The options that the metadata of a file state, in the form of Riegeli's {@code
 * record_writer_options.md}. The file can contain any text, so options that are not valid are
 * ignored.
 */
record StatedOptions(Map<String, String> values) {
  private static final String BLOCK = "65536";

  /** The options that the metadata of {@code reader} state; none if the metadata are damaged. */
  static StatedOptions of(RecordReader reader) {
    try {
      return parse(reader.metadata().flatMap(RecordsMetadata::recordWriterOptions).orElse(""));
    } catch (IOException e) {
      return parse(""); // the copy of the records reports the damage
    }
  }

  static StatedOptions parse(String text) {
    Map<String, String> values = new HashMap<>();
    for (String option : text.split(",", -1)) {
      int colon = option.indexOf(':');
      String key = colon < 0 ? option : option.substring(0, colon);
      values.put(key.strip(), colon < 0 ? "" : option.substring(colon + 1).strip());
    }
    return new StatedOptions(values);
  }

  /** The compression with this {@code codec} and the stated level and window. */
  Compression compression(String codec) {
    String level = values.get(codec);
    Compression stated =
        level == null || level.isEmpty()
            ? Compression.parse(codec)
            : valid(codec + ":" + level, Compression::parse, Compression.parse(codec));
    String window = values.get("window_log");
    return window == null
        ? stated
        : valid(window, log -> stated.withWindowLog(Integer.parseInt(log)), stated);
  }

  /** The chunk size in bytes. */
  @Nullable Long chunkSize() {
    return bytes("chunk_size");
  }

  @Nullable Integer groupSize() {
    return value("group_size", Integer::valueOf);
  }

  @Nullable Double bucketFraction() {
    return value("bucket_fraction", Double::valueOf);
  }

  /** The padding at the end of the file, or of each group of an ArrayRecord, in bytes. */
  @Nullable Long finalPadding() {
    String boundary = values.get("pad_to_block_boundary");
    if (boundary != null && (boundary.isEmpty() || boundary.equals("true"))) {
      return Long.valueOf(BLOCK);
    }
    for (String key : new String[] {"final_padding", "padding"}) {
      if (values.containsKey(key)) {
        return String.valueOf(values.get(key)).isEmpty() ? Long.valueOf(BLOCK) : bytes(key);
      }
    }
    return null;
  }

  private @Nullable Long bytes(String key) {
    return value(key, ByteSize::parse);
  }

  private <T> @Nullable T value(String key, Function<String, T> parser) {
    String text = values.get(key);
    return text == null ? null : StatedOptions.<@Nullable T>valid(text, parser, null);
  }

  private static <T extends @Nullable Object> T valid(
      String text, Function<String, ? extends T> parser, T otherwise) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      return otherwise;
    }
  }
}
