package io.disky.cli;

import io.disky.ChunkDescription;
import io.disky.FileDescription;
import io.disky.RecordReader;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Prints the description of a record file in several parts. */
abstract class FileReport {
  private static final int PIECE = 1 << 16;

  private final StandardOutput output;
  private final StringBuilder text = new StringBuilder();

  FileReport(StandardOutput output) {
    this.output = output;
  }

  abstract void begin(String name, FileDescription description) throws StandardOutputException;

  /** Prints all chunks of the file. */
  final void addChunks(RecordReader reader) throws IOException {
    beginChunks();
    reader.forEachChunk(this::print);
    endChunks();
  }

  abstract void beginChunks() throws StandardOutputException;

  abstract void addChunk(ChunkDescription chunk) throws StandardOutputException;

  abstract void endChunks() throws StandardOutputException;

  /** Ends the report. */
  void end() throws StandardOutputException {
    output.print(text.toString());
  }

  /** Adds text to the output. */
  final void append(String added) throws StandardOutputException {
    text.append(added);
    if (text.length() >= PIECE) {
      output.print(text.toString());
      text.setLength(0);
    }
  }

  private void print(ChunkDescription chunk) {
    try {
      addChunk(chunk);
    } catch (StandardOutputException e) {
      throw new UncheckedIOException(e);
    }
  }
}
