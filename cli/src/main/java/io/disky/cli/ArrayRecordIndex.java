package io.disky.cli;

import io.disky.ChunkType;
import io.disky.RecordReader;
import java.io.IOException;
import java.util.Locale;

/** The index at the end of an ArrayRecord, without which Google's readers cannot open it. */
final class ArrayRecordIndex {
  /** Where the last chunk before the padding at the end begins, in bytes before the end. */
  private static final long POSTSCRIPT_DISTANCE = 1 << 16;

  private boolean hasFooter;
  private boolean isComplete;

  private ArrayRecordIndex() {}

  /**
   * Says whether {@code file}, which {@code reader} has found intact, shows that it is an
   * ArrayRecord and lacks its index. Without any of the index only the name of the file can show
   * it: the rest is as in any other file.
   */
  static boolean isMissing(RecordFile file, RecordReader reader) throws IOException {
    ArrayRecordIndex index = new ArrayRecordIndex();
    long postscript = reader.fileSize() - POSTSCRIPT_DISTANCE;
    reader.forEachChunk(chunk -> {
      index.hasFooter |= chunk.type() == ChunkType.FOOTER;
      index.isComplete |= chunk.type() == ChunkType.POSTSCRIPT && chunk.begin() == postscript;
    });
    return !index.isComplete && (index.hasFooter || isNamed(file.name()));
  }

  private static boolean isNamed(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    int begin = Math.max(lower.lastIndexOf('/'), lower.lastIndexOf('\\')) + 1;
    String file = lower.substring(begin);
    return file.contains(".array_record") || file.contains(".arrayrecord");
  }
}
