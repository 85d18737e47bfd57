package io.disky.bench;

import io.disky.Container;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Writes a record file with this library; it is closed, but not synced. */
final class DiskyWriting {
  private DiskyWriting() {}

  /** From arrays. */
  static Work arrays(Arguments arguments) throws IOException {
    return arrays(arguments, options(arguments));
  }

  /** From arrays, to a file for random access: an ArrayRecord, each record a group of its own. */
  static Work groups(Arguments arguments) throws IOException {
    return arrays(
        arguments, options(arguments).withContainer(Container.ARRAY_RECORD).withGroupSize(1));
  }

  /** From arrays; other threads encode. */
  static Work parallel(Arguments arguments) throws IOException {
    return arrays(arguments, options(arguments).withParallelism(arguments.number("threads")));
  }

  private static Work arrays(Arguments arguments, WriterOptions options) throws IOException {
    Path output = arguments.path("output");
    byte[][] records = new RecordsFile(arguments.path("records")).arrays(Long.MAX_VALUE);
    return Work.writing(output, () -> write(output, options, records));
  }

  static long write(Path output, Arguments arguments, byte[][] records) throws IOException {
    return write(output, options(arguments), records);
  }

  private static long write(Path output, WriterOptions options, byte[][] records)
      throws IOException {
    try (RecordWriter writer = RecordWriter.open(output, options)) {
      for (byte[] record : records) {
        writer.write(record);
      }
      return writer.recordBytes();
    }
  }

  /** From segments of native memory. */
  static Work segments(Arguments arguments) throws IOException {
    Path output = arguments.path("output");
    RecordsFile.Segments records = new RecordsFile(arguments.path("records")).segments();
    return Work.writing(
        output,
        () -> {
          try (RecordWriter writer = RecordWriter.open(output, options(arguments))) {
            long begin = 0;
            for (long end : records.ends()) {
              writer.write(records.data().asSlice(begin, end - begin));
              begin = end;
            }
            return writer.recordBytes();
          }
        });
  }

  /** Built in place: each is copied into its slot. */
  static Work inPlace(Arguments arguments) throws IOException {
    Path output = arguments.path("output");
    RecordsFile.Segments records = new RecordsFile(arguments.path("records")).segments();
    return Work.writing(
        output,
        () -> {
          try (RecordWriter writer = RecordWriter.open(output, options(arguments))) {
            long first = 0;
            for (long end : records.ends()) {
              long begin = first;
              writer.write(
                  end - begin,
                  slot -> {
                    MemorySegment.copy(records.data(), begin, slot, 0, end - begin);
                    return end - begin;
                  });
              first = end;
            }
            return writer.recordBytes();
          }
        });
  }

  static WriterOptions options(Arguments arguments) {
    return WriterOptions.defaults().withCompression(arguments.compression());
  }
}
