package io.disky.cli;

import io.disky.DerivedFile;
import io.disky.MultiThreadedWriter;
import io.disky.RecordWriter;
import io.disky.SlotWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where records are written to: a file, or shards. */
interface RecordSink {
  /** The least that temporary names have of names that are too long for them. */
  int SHORTENED = 32;

  void write(byte[] array, int offset, int length) throws IOException;

  default void write(byte[] record) throws IOException {
    write(record, 0, record.length);
  }

  void write(MemorySegment record) throws IOException;

  /** Writes a record of at most {@code maxSize} bytes that {@code contents} makes. */
  void write(long maxSize, SlotWriter<IOException> contents) throws IOException;

  /** Says whether {@code file}, which exists, is where the records go. */
  boolean holds(Path file) throws IOException;

  /**
   * Says whether {@code file} is where records go until the one that they are for gets its name.
   */
  default boolean isUnfinished(Path file) {
    return false;
  }

  /** The file that {@code writer} writes. */
  static RecordSink of(RecordWriter writer) {
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
      public void write(long maxSize, SlotWriter<IOException> contents) throws IOException {
        writer.write(maxSize, contents);
      }

      @Override
      public boolean holds(Path file) throws IOException {
        return Files.isSameFile(file, writer.path().orElseThrow());
      }

      @Override
      public boolean isUnfinished(Path file) {
        return DerivedFile.of(file).orElse(null) == DerivedFile.TEMPORARY
            && isTemporaryNameOf(writer.path().orElseThrow(), file);
      }
    };
  }

  /**
   * Whether {@code temporary} is the temporary name of {@code file}, whose begin it has if that is
   * long.
   */
  private static boolean isTemporaryNameOf(Path file, Path temporary) {
    String name = file.getFileName().toString();
    String hidden = temporary.getFileName().toString();
    String begin = hidden.substring(1, hidden.length() - ".0123456789abcdef.tmp".length());
    return name.equals(begin) || (begin.length() >= SHORTENED && name.startsWith(begin));
  }

  /** The shards that {@code writer} writes in {@code directory}, which exists. */
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
      public void write(long maxSize, SlotWriter<IOException> contents) throws IOException {
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
