package io.disky.cli;

import io.disky.ChunkType;
import io.disky.FileDescription;
import io.disky.RecordReader;
import io.disky.files.ArrayRecordName;
import java.io.IOException;

/**
 * Finds the index at the end of an ArrayRecord. Without it Google's readers cannot open the file.
 */
final class ArrayRecordIndex {
  /** Distance in bytes from the beginning of a postscript to the end of its file. */
  private static final long POSTSCRIPT_DISTANCE = 1 << 16;

  private boolean hasFooter;
  private boolean isComplete;

  private ArrayRecordIndex() {}

  /**
   * Returns whether {@code file} is recognisably an ArrayRecord without an index. {@code reader}
   * must have found it intact. If no part of the index exists, only the name of the file can show
   * that it is an ArrayRecord, because all other bytes are those of any record file.
   */
  static boolean isMissing(RecordFile file, RecordReader reader) throws IOException {
    ArrayRecordIndex index = new ArrayRecordIndex();
    long postscript = reader.fileSize() - POSTSCRIPT_DISTANCE;
    reader.forEachChunk(chunk -> {
      index.hasFooter |= chunk.type() == ChunkType.FOOTER;
      index.isComplete |= chunk.type() == ChunkType.POSTSCRIPT && chunk.begin() == postscript;
    });
    return !index.isComplete && (index.hasFooter || ArrayRecordName.matches(file.name()));
  }

  /** As {@link #isMissing(RecordFile, RecordReader)}, for a file that may be damaged. */
  static boolean isMissing(String name, FileDescription file) {
    return !file.chunks().containsKey(ChunkType.POSTSCRIPT)
        && (file.chunks().containsKey(ChunkType.FOOTER) || ArrayRecordName.matches(name));
  }
}
