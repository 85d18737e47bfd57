package io.disky.cli;

import io.disky.MultiThreadedWriter;
import io.disky.RecordWriter;
import io.disky.SlotWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.Predicate;

/** A destination of records: a file, or shards. */
interface RecordSink {
  void write(byte[] array, int offset, int length) throws IOException;

  default void write(byte[] record) throws IOException {
    write(record, 0, record.length);
  }

  void write(MemorySegment record) throws IOException;

  /** Writes a record of at most {@code maxSize} bytes, which {@code contents} builds in place. */
  void write(long maxSize, SlotWriter contents) throws IOException;

  /** Returns whether the records are written to {@code file}, which must exist. */
  boolean holds(Path file) throws IOException;

  /**
   * A destination for the records of {@code writer}.
   *
   * @param ends decides whether a file is a destination of the records
   */
  static RecordSink of(RecordWriter writer, Predicate<Path> ends) {
    return new RecordSink() {
      @Override
      public void write(byte[] array, int offset, int length) throws IOException {
        writer.write(array, offset, length);
      }

      @Override
      public void write(MemorySegment record) throws IOException {
        writer.write(record);
      }

      @Override
      public void write(long maxSize, SlotWriter contents) throws IOException {
        writer.write(maxSize, contents);
      }

      @Override
      public boolean holds(Path file) {
        return ends.test(file);
      }
    };
  }

  /** A destination for the shards of {@code writer} in {@code directory}, which must exist. */
  static RecordSink of(MultiThreadedWriter writer, Path directory) throws IOException {
    Path place = directory.toRealPath();
    return new RecordSink() {
      @Override
      public void write(byte[] array, int offset, int length) throws IOException {
        writer.write(array, offset, length);
      }

      @Override
      public void write(MemorySegment record) throws IOException {
        writer.write(record);
      }

      @Override
      public void write(long maxSize, SlotWriter contents) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment slot = arena.allocate(maxSize);
          writer.write(slot.asSlice(0, contents.write(slot)));
        }
      }

      @Override
      public boolean holds(Path file) throws IOException {
        return file.toRealPath().startsWith(place);
      }
    };
  }
}
