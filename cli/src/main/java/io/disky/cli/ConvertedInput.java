package io.disky.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** A file of any format that {@code disky convert} reads. May be read by any thread, once. */
interface ConvertedInput {
  /** Takes the contents of an input. */
  interface Taker {
    /** Takes a record, which is valid until this method returns. */
    void take(MemorySegment record) throws IOException;

    /** Takes a message about a part that was skipped. */
    void skipped(String message);

    /** Reports that {@code bytes} bytes of the file were read in total. */
    void read(long bytes);
  }

  Path path();

  /** Passes everything to {@code taker}, in the order of the file. */
  void forEach(Taker taker) throws IOException;
}
