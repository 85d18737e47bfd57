package io.disky;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A file of chunks with two records each, "0" and "1", "2" and "3", and so on. */
final class TwoRecordChunks {
  static final int RECORDS = 20;

  private TwoRecordChunks() {}

  static Path write(Path file) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      for (int i = 0; i < RECORDS; i++) {
        writer.write(Integer.toString(i).getBytes(UTF_8));
        if (i % 2 == 1) {
          writer.flush();
        }
      }
    }
    return file;
  }

  static String text(MemorySegment record) {
    return new String(record.toArray(JAVA_BYTE), UTF_8);
  }

  static List<String> texts(RecordBatch batch) {
    return batch.stream().map(TwoRecordChunks::text).toList();
  }

  static List<String> textsAndClose(RecordBatch next) {
    try (RecordBatch batch = next) {
      return texts(batch);
    }
  }

  /** The records of {@code reader} from its position on. */
  static List<String> rest(RecordReader reader) throws IOException {
    List<String> texts = new ArrayList<>();
    reader.visit(record -> texts.add(text(record)));
    return texts;
  }

  /** The records from {@code begin} on. */
  static List<String> numbers(int begin) {
    return Stream.iterate(begin, i -> i < RECORDS, i -> i + 1).map(i -> "" + i).toList();
  }
}
