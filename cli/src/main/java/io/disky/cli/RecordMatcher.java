package io.disky.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/** Decides whether a record contains a pattern. May be used by several threads. */
@FunctionalInterface
interface RecordMatcher {
  boolean matches(MemorySegment record) throws IOException;

  /** Finds records that contain {@code pattern}. With an empty pattern, all of them. */
  static RecordMatcher bytes(byte[] pattern) {
    // How far to move if the last byte compared is a certain byte (Horspool).
    int[] moves = new int[256];
    Arrays.fill(moves, pattern.length);
    for (int i = 0; i < pattern.length - 1; i++) {
      moves[pattern[i] & 0xff] = pattern.length - 1 - i;
    }
    return record -> contains(record, pattern, moves);
  }

  private static boolean contains(MemorySegment record, byte[] pattern, int[] moves) {
    int last = pattern.length - 1;
    if (last < 0) {
      return true;
    }
    for (long at = 0; at + last < record.byteSize(); ) {
      byte end = record.get(ValueLayout.JAVA_BYTE, at + last);
      if (end == pattern[last] && begins(record, at, pattern)) {
        return true;
      }
      at += moves[end & 0xff];
    }
    return false;
  }

  private static boolean begins(MemorySegment record, long at, byte[] pattern) {
    for (int i = 0; i < pattern.length; i++) {
      if (record.get(ValueLayout.JAVA_BYTE, at + i) != pattern[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Finds records that contain text that matches {@code pattern}. Records are decoded as UTF-8;
   * bytes that are not UTF-8 become the replacement character.
   */
  static RecordMatcher regex(Pattern pattern) {
    return record -> {
      byte[] bytes = RecordBytes.of(record, 0, record.byteSize());
      try {
        return pattern.matcher(new String(bytes, StandardCharsets.UTF_8)).find();
      } catch (StackOverflowError e) {
        throw new IOException(
            "the pattern needs more stack than there is for a record of "
                + bytes.length
                + " bytes; use a pattern without repeated groups",
            e);
      }
    };
  }
}
