package io.disky.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * The streams that a command works on: data in, data out, messages.
 *
 * @param unfinished what the command has begun to write
 */
record StandardStreams(
    InputStream in, StandardOutput out, PrintStream err, UnfinishedOutputs unfinished) {
  StandardStreams(InputStream in, StandardOutput out, PrintStream err) {
    this(in, out, err, new UnfinishedOutputs(err));
  }

  /** Which file {@code input} is; {@code null} if it is no regular file. */
  @Nullable FileIdentity identity(FileArgument input) {
    return input.isStandard() ? FileIdentity.of(in) : FileIdentity.of(input.path());
  }

  /**
   * Finds out that a file is read into itself.
   *
   * @throws IOException if {@code input} is the file that the standard output goes to
   */
  void checkIsNotOutput(FileArgument input) throws IOException {
    FileIdentity identity = identity(input);
    if (identity != null && out.isFile(identity)) {
      throw new IOException(
          input.title() + ": is the file that the standard output goes to: choose another one");
    }
  }
}
