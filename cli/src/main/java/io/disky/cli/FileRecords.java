package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How files become records: their contents alone, or with their names. */
enum FileRecords {
  CONTENTS,
  WITH_NAMES,
  WITH_ATTRIBUTES;

  /** The bytes of a record around the contents of a file. */
  record Frame(@Nullable String path, byte[] after) {
    /** The bytes before {@code size} bytes of contents. */
    byte[] before(long size) {
      return path == null ? new byte[0] : NamedFile.before(path, size);
    }

    /** The record with {@code contents}. */
    byte[] around(byte[] contents) {
      byte[] before = before(contents.length);
      byte[] record = new byte[before.length + contents.length + after.length];
      System.arraycopy(before, 0, record, 0, before.length);
      System.arraycopy(contents, 0, record, before.length, contents.length);
      System.arraycopy(after, 0, record, before.length + contents.length, after.length);
      return record;
    }

    /**
     * Completes a record in {@code slot}. The contents are in it, after room for the bytes before
     * {@code expected} bytes of contents.
     *
     * @param size the size of the contents, at most {@code expected}
     * @return the size of the record
     */
    long complete(MemorySegment slot, long expected, long size) {
      byte[] before = before(size);
      int room = before(expected).length;
      if (before.length != room) {
        MemorySegment.copy(slot, room, slot, before.length, size);
      }
      MemorySegment.copy(before, 0, slot, ValueLayout.JAVA_BYTE, 0, before.length);
      long end = before.length + size;
      MemorySegment.copy(after, 0, slot, ValueLayout.JAVA_BYTE, end, after.length);
      return end + after.length;
    }
  }

  /** The bytes around the contents of {@code file}. */
  Frame frame(Path file) throws IOException {
    return switch (this) {
      case CONTENTS -> new Frame(null, new byte[0]);
      case WITH_NAMES -> new Frame(name(file), new byte[0]);
      case WITH_ATTRIBUTES -> new Frame(name(file), NamedFile.after(mode(file), modified(file)));
    };
  }

  /** The path in a record: without a root and without {@code .} and {@code ..}, with slashes. */
  private static String name(Path file) throws IOException {
    List<String> parts = new ArrayList<>();
    for (Path part : file.normalize()) {
      if (!part.toString().equals("..")) {
        parts.add(part.toString());
      }
    }
    String name = String.join("/", parts);
    if (name.indexOf('\ufffd') >= 0) {
      throw new IOException(
          QuotedText.name(file) + ": the name is not valid text, so it cannot be stored");
    }
    return name;
  }

  private static int mode(Path file) throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return -1;
    }
    return UnixMode.of(Files.readAttributes(file, PosixFileAttributes.class).permissions());
  }

  private static long modified(Path file) throws IOException {
    return Files.getLastModifiedTime(file, new LinkOption[0]).to(TimeUnit.NANOSECONDS);
  }
}
