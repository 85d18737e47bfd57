package io.disky.bench;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The records to write, for programs in all languages. A file {@code NAME.data} contains all
 * records, one after the other. A file {@code NAME.ends} contains their end offsets in it, as
 * 64-bit little-endian numbers.
 *
 * @param name the path of both files without {@code .data} and {@code .ends}
 */
record RecordsFile(Path name) {
  private static final ValueLayout.OfLong END =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int BUFFER_SIZE = 1 << 20;

  /** Creates the files if they do not exist. */
  void create(Dataset dataset, long count) throws IOException {
    if (Files.exists(ends())) {
      return;
    }
    Files.createDirectories(name.toAbsolutePath().getParent());
    Path unfinished = name.resolveSibling("unfinished");
    long[] end = {0};
    try (OutputStream data = new BufferedOutputStream(Files.newOutputStream(data()), BUFFER_SIZE);
        DataOutputStream ends =
            new DataOutputStream(
                new BufferedOutputStream(Files.newOutputStream(unfinished), BUFFER_SIZE))) {
      dataset.forEach(
          count,
          bytes -> {
            data.write(bytes);
            end[0] += bytes.length;
            ends.writeLong(Long.reverseBytes(end[0]));
          });
    }
    Files.move(unfinished, ends());
  }

  private Path data() {
    return name.resolveSibling(name.getFileName() + ".data");
  }

  private Path ends() {
    return name.resolveSibling(name.getFileName() + ".ends");
  }

  /** Number of records. */
  long count() throws IOException {
    return Files.size(ends()) / Long.BYTES;
  }

  /** Size of all records in bytes. */
  long bytes() throws IOException {
    return Files.size(data());
  }

  /** The records in native memory. */
  Segments segments() throws IOException {
    return segments(Long.MAX_VALUE);
  }

  private Segments segments(long most) throws IOException {
    long[] ends = load(ends(), Math.min(most, count()) * Long.BYTES).toArray(END);
    return new Segments(load(data(), ends.length == 0 ? 0 : ends[ends.length - 1]), ends);
  }

  /** The first {@code most} records, each in an array. */
  byte[][] arrays(long most) throws IOException {
    Segments segments = segments(most);
    byte[][] arrays = new byte[segments.ends().length][];
    long begin = 0;
    for (int i = 0; i < arrays.length; i++) {
      long end = segments.ends()[i];
      arrays[i] = segments.data().asSlice(begin, end - begin).toArray(ValueLayout.JAVA_BYTE);
      begin = end;
    }
    return arrays;
  }

  private static MemorySegment load(Path path, long size) throws IOException {
    MemorySegment memory = Arena.ofAuto().allocate(size);
    try (FileChannel channel = FileChannel.open(path);
        Arena arena = Arena.ofConfined()) {
      memory.copyFrom(channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena));
    }
    return memory;
  }

  /**
   * Records in native memory.
   *
   * @param data all records
   * @param ends the end offset of each record
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Segments(MemorySegment data, long[] ends) {
    /** Size of the largest record in bytes. */
    int largest() {
      long largest = 0;
      long begin = 0;
      for (long end : ends) {
        largest = Math.max(largest, end - begin);
        begin = end;
      }
      return Math.toIntExact(largest);
    }
  }
}
