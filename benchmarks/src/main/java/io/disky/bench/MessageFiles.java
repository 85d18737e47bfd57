package io.disky.bench;

import io.disky.Compression;
import io.disky.Dialect;
import io.disky.FieldProjection;
import io.disky.ReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;

/**
 * Files of protocol buffer messages with ten fields, in transposed chunks, and reading one small
 * field of them.
 */
final class MessageFiles {
  /** The small field: an identifier of up to three bytes. It is the first one of a message. */
  private static final int ID = 1;

  /** A twentieth of a chunk: a reader of one field decompresses few others. */
  private static final double BUCKET_FRACTION = 0.05;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int DELIMITED = 2;

  private static final String[] WORDS = {
    "request",
    "for",
    "the",
    "user",
    "took",
    "longer",
    "than",
    "expected",
    "and",
    "was",
    "retried",
    "after",
    "connection",
    "to",
    "backend",
    "closed",
    "with",
    "status",
    "while",
    "reading",
    "block",
    "of",
    "shard",
    "cache",
    "miss",
    "timeout",
    "order",
    "page"
  };

  private MessageFiles() {}

  /** The next message: about 1,000 bytes, like an entry of a structured log. */
  static byte[] message(Random random, long index) {
    ByteArrayOutputStream message = new ByteArrayOutputStream(2048);
    number(message, ID, 1000 + random.nextInt(1_000_000));
    fixed64(message, 2, 1_700_000_000_000L + 3 * index + random.nextInt(3));
    number(message, 3, random.nextInt(4));
    text(message, 4, "host-" + random.nextInt(500) + ".example.org");
    text(message, 5, WORDS[random.nextInt(WORDS.length)] + "-service");
    fixed64(message, 6, Double.doubleToLongBits(Math.abs(random.nextGaussian())));
    byte[] trace = new byte[16];
    random.nextBytes(trace);
    delimited(message, 7, trace);
    text(message, 8, words(random, 120 + random.nextInt(60)));
    ByteArrayOutputStream peer = new ByteArrayOutputStream();
    text(peer, 1, "10.0." + random.nextInt(256) + "." + random.nextInt(256));
    number(peer, 2, 1024 + random.nextInt(60_000));
    delimited(message, 9, peer.toByteArray());
    ByteArrayOutputStream sizes = new ByteArrayOutputStream();
    for (int i = 0; i < 8; i++) {
      varint(sizes, random.nextInt(20_000));
    }
    delimited(message, 10, sizes.toByteArray());
    return message.toByteArray();
  }

  private static String words(Random random, int count) {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < count; i++) {
      words.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
    }
    return words.append(random.nextInt(100_000)).toString();
  }

  private static void varint(ByteArrayOutputStream to, long value) {
    long rest = value;
    while (rest >>> 7 != 0) {
      to.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    to.write((int) rest);
  }

  private static void number(ByteArrayOutputStream to, int field, long value) {
    varint(to, field << 3 | VARINT);
    varint(to, value);
  }

  private static void fixed64(ByteArrayOutputStream to, int field, long value) {
    varint(to, field << 3 | FIXED64);
    for (int i = 0; i < Long.SIZE; i += Byte.SIZE) {
      to.write((int) (value >>> i));
    }
  }

  private static void text(ByteArrayOutputStream to, int field, String value) {
    delimited(to, field, value.getBytes(StandardCharsets.US_ASCII));
  }

  private static void delimited(ByteArrayOutputStream to, int field, byte[] value) {
    varint(to, field << 3 | DELIMITED);
    varint(to, value.length);
    to.writeBytes(value);
  }

  /** Writes the messages with {@code compression}. */
  static Work writing(Arguments arguments, Compression compression) throws IOException {
    Path output = arguments.path("output");
    byte[][] records = new RecordsFile(arguments.path("records")).arrays(Long.MAX_VALUE);
    WriterOptions options =
        WriterOptions.defaults()
            .withDialect(Dialect.RIEGELI)
            .withTranspose(true)
            .withBucketFraction(BUCKET_FRACTION)
            .withCompression(compression);
    return Work.writing(
        output,
        () -> {
          try (RecordWriter writer = RecordWriter.open(output, options)) {
            for (byte[] record : records) {
              writer.write(record);
            }
            return writer.recordBytes();
          }
        });
  }

  /** Adds up the small field of complete messages. */
  static Work readingComplete(Arguments arguments) {
    return reading(arguments, FieldProjection.all());
  }

  /** Adds up the small field of messages that have only this field. */
  static Work readingProjected(Arguments arguments) {
    return reading(arguments, FieldProjection.none().withField(ID));
  }

  private static Work reading(Arguments arguments, FieldProjection projection) {
    ReaderOptions options = ReaderOptions.defaults().withFieldProjection(projection);
    return DiskyReading.batches(arguments, options, MessageFiles::sum);
  }

  private static long sum(RecordBatch batch) {
    MemorySegment data = batch.data();
    MemorySegment ends = batch.ends();
    long sum = 0;
    long begin = 0;
    for (int i = 0; i < batch.recordCount(); i++) {
      // The tag of the first field has one byte.
      sum += varint(data, begin + 1);
      begin = ends.getAtIndex(ValueLayout.JAVA_LONG, i);
    }
    return sum;
  }

  private static long varint(MemorySegment data, long position) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = data.get(ValueLayout.JAVA_BYTE, position + shift / 7);
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
