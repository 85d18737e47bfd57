package io.disky.cli;

import java.io.IOException;

/** Splits an input into lines. */
final class Lines implements SplitInput.Splitter {
  @Override
  public void split(InputBuffer in, RecordSink sink) throws IOException {
    int searched = 0;
    do {
      writeLines(in, searched, sink);
      searched = in.size();
    } while (in.fill());
    if (in.size() > 0) {
      sink.write(in.bytes(), in.begin(), in.size());
    }
  }

  /**
   * Writes and consumes the lines in the window. No line ends in its first {@code searched} bytes.
   */
  private static void writeLines(InputBuffer in, int searched, RecordSink sink) throws IOException {
    byte[] bytes = in.bytes();
    int begin = in.begin();
    int end = in.end();
    for (int i = begin + searched; i < end; i++) {
      if (bytes[i] == '\n') {
        sink.write(bytes, begin, i - begin);
        begin = i + 1;
      }
    }
    in.consume(begin - in.begin());
  }
}
