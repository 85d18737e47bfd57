package io.disky.bench;

import io.disky.Container;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Writes a record file with this library. The file is closed but not synced. */
final class DiskyWriting {
  private DiskyWriting() {}

  /** Writes records from arrays. */
  static Work arrays(Arguments arguments) throws IOException {
    return arrays(arguments, options(arguments));
  }

  /** Writes records from arrays to an ArrayRecord for random access, in groups of one record. */
  static Work groups(Arguments arguments) throws IOException {
    return arrays(
        arguments, options(arguments).withContainer(Container.ARRAY_RECORD).withGroupSize(1));
  }

  /** Writes records from arrays; other threads encode. */
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

  /** Writes records from segments of native memory. */
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

  /** Builds each record in place, in its slot. */
  static Work inPlace(Arguments arguments) throws IOException {
    Path output = arguments.path("output");
    RecordsFile.Segments records = new RecordsFile(arguments.path("records")).segments();
    ByteBuffer data = records.data().asByteBuffer();
    return Work.writing(
        output,
        () -> {
          try (RecordWriter writer = RecordWriter.open(output, options(arguments))) {
            int first = 0;
            for (long end : records.ends()) {
              int begin = first;
              int size = (int) (end - begin);
              writer.write(
                  size,
                  slot -> {
                    slot.asByteBuffer().put(0, data, begin, size);
                    return size;
                  });
              first = (int) end;
            }
            return writer.recordBytes();
          }
        });
  }

  /**
   * Builds each record in an array and writes the array, as code does that cannot build in place.
   */
  static Work builtFirst(Arguments arguments) throws IOException {
    Path output = arguments.path("output");
    RecordsFile.Segments records = new RecordsFile(arguments.path("records")).segments();
    ByteBuffer data = records.data().asByteBuffer();
    byte[] array = new byte[records.largest()];
    return Work.writing(
        output,
        () -> {
          try (RecordWriter writer = RecordWriter.open(output, options(arguments))) {
            int begin = 0;
            for (long end : records.ends()) {
              int size = (int) (end - begin);
              data.get(begin, array, 0, size);
              writer.write(array, 0, size);
              begin = (int) end;
            }
            return writer.recordBytes();
          }
        });
  }

  static WriterOptions options(Arguments arguments) {
    return WriterOptions.defaults().withCompression(arguments.compression());
  }
}
