package io.disky.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.Compression;
import io.disky.RecordBatch;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Records whose bytes follow from their number, in files of chunks of known record counts. */
public final class NumberedRecords {
  private NumberedRecords() {}

  /** 1 to 97 bytes. */
  public static byte[] record(int number) {
    byte[] record = new byte[1 + number * 31 % 97];
    for (int i = 0; i < record.length; i++) {
      record[i] = (byte) (number * 7 + i * 13 + (number >> 8));
    }
    return record;
  }

  /** Writes records 0, 1, 2, ... in chunks of {@code perChunk}. */
  public static Path write(Path file, Compression compression, int chunks, int perChunk)
      throws IOException {
    WriterOptions options = WriterOptions.defaults().withCompression(compression);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (int i = 0; i < chunks * perChunk; i++) {
        writer.write(record(i));
        if (i % perChunk == perChunk - 1) {
          writer.flush();
        }
      }
    }
    return file;
  }

  /** The bytes of a record. */
  public static byte[] bytes(MemorySegment record) {
    return record.toArray(ValueLayout.JAVA_BYTE);
  }

  /** The numbers 0 to {@code count} - 1 in an order that depends on {@code seed} only. */
  public static long[] shuffled(long count, long seed) {
    List<Long> numbers = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      numbers.add(i);
    }
    Collections.shuffle(numbers, new Random(seed));
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  public static boolean isRecord(MemorySegment record, int number) {
    return record.mismatch(MemorySegment.ofArray(record(number))) == -1;
  }

  public static void assertRecord(MemorySegment record, int number) {
    assertThat(isRecord(record, number)).as("record %s", number).isTrue();
  }

  /**
   * Checks that {@code batch} has the records from {@code first} on, by every way to get at them.
   */
  public static void assertRecords(RecordBatch batch, int first) {
    MemorySegment data = batch.data();
    for (int i = 0; i < batch.recordCount(); i++) {
      assertRecord(batch.get(i), first + i);
      assertRecord(data.asSlice(batch.offset(i), batch.length(i)), first + i);
    }
  }

  /** Checks that the rest of {@code reader} is the records from {@code first} to {@code last}. */
  public static void assertRest(RecordReader reader, int first, int last) {
    int[] number = {first};
    reader.stream().forEach(record -> assertRecord(record, number[0]++));
    assertThat(number[0]).isEqualTo(last + 1);
  }
}
