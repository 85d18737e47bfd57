package io.disky.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.jspecify.annotations.Nullable;

/**
 * Avro data files of byte sequences, in the fastest form: blocks as large as our chunks, and one
 * buffer for all records.
 */
final class AvroFiles {
  private static final int BLOCK_SIZE = 1 << 20;
  private static final Schema BYTES = Schema.create(Schema.Type.BYTES);

  private AvroFiles() {}

  static Work reading(Arguments arguments) {
    Path input = arguments.path("input");
    return () -> read(input);
  }

  static long read(Path input) throws IOException {
    long sum = 0;
    try (DataFileReader<ByteBuffer> reader = open(input)) {
      @Nullable ByteBuffer record = null;
      while (reader.hasNext()) {
        record = reader.next(record);
        sum += checksum(record);
      }
    }
    return sum;
  }

  static Work readingFirst(Arguments arguments) {
    Path input = arguments.path("input");
    return () -> {
      try (DataFileReader<ByteBuffer> reader = open(input)) {
        return checksum(reader.next());
      }
    };
  }

  private static DataFileReader<ByteBuffer> open(Path input) throws IOException {
    return new DataFileReader<>(input.toFile(), new GenericDatumReader<>(BYTES));
  }

  private static long checksum(ByteBuffer record) {
    int size = record.remaining();
    return size == 0 ? 0 : size + record.get(record.position());
  }

  static Work writing(Arguments arguments) throws IOException {
    Path output = arguments.path("output");
    byte[][] records = new RecordsFile(arguments.path("records")).arrays(Long.MAX_VALUE);
    return Work.writing(output, () -> write(output, arguments, records));
  }

  static long write(Path output, Arguments arguments, byte[][] records) throws IOException {
    long bytes = 0;
    try (DataFileWriter<ByteBuffer> writer =
        new DataFileWriter<ByteBuffer>(new GenericDatumWriter<>(BYTES))) {
      writer.setCodec(codec(arguments)).setSyncInterval(BLOCK_SIZE);
      writer.create(BYTES, output.toFile());
      for (byte[] record : records) {
        writer.append(ByteBuffer.wrap(record));
        bytes += record.length;
      }
    }
    return bytes;
  }

  private static CodecFactory codec(Arguments arguments) {
    return arguments.isCompressed()
        ? CodecFactory.zstandardCodec(arguments.level())
        : CodecFactory.nullCodec();
  }
}
