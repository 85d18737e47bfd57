package io.disky.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a command: input of data, output of data, messages.
 *
 * @param unfinished the outputs that the command has begun
 * @param stores the stores of remote files that the command uses
 */
record StandardStreams(
    InputStream in,
    StandardOutput out,
    PrintStream err,
    UnfinishedOutputs unfinished,
    OpenStores stores) {
  StandardStreams(InputStream in, StandardOutput out, PrintStream err) {
    this(in, out, err, new UnfinishedOutputs(err), new OpenStores());
  }

  /** The identity of {@code input}; {@code null} if it is neither a regular nor a remote file. */
  @Nullable FileIdentity identity(FileArgument input) {
    if (input.address() != null) {
      return FileIdentity.of(input.address());
    }
    return input.isStandard() ? FileIdentity.of(in) : FileIdentity.of(input.path());
  }

  /**
   * Checks that a command does not read the file that it writes.
   *
   * @throws IOException if {@code input} is the file that the standard output goes to
   */
  void checkIsNotOutput(FileArgument input) throws IOException {
    FileIdentity identity = identity(input);
    if (identity != null && out.isFile(identity)) {
      throw new IOException(
          input.title()
              + ": is the file to which standard output is redirected; choose another file");
    }
  }
}
