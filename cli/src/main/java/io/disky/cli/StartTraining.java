package io.disky.cli;

import io.disky.RecordWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Runs common commands in one JVM, which then makes an archive of the classes that they load. The
 * launcher uses this when it is installed.
 */
final class StartTraining {
  private StartTraining() {}

  /**
   * Runs the commands.
   *
   * @param args an empty directory; and {@code quick} for an archive that has only what {@code
   *     disky --version} and {@code disky count FILE} need, because a JVM takes milliseconds to
   *     prepare the classes of an archive
   */
  public static void main(String[] args) throws IOException {
    String file = Path.of(args[0], "records").toString();
    if (args.length == 1) {
      runAll(file, Path.of(args[0], "other").toString());
    } else {
      RecordWriter.open(Path.of(file)).close();
      runAll(new String[][] {{"--version"}});
    }
    Main.main(new String[] {"count", file});
  }

  private static void runAll(String file, String other) throws IOException {
    runAll(
        new String[][] {
          {"--version"},
          {"--help"},
          {"write", "--force", file, "-"},
          {"count", "--threads=1", file},
          {"cat", file},
          {"cat", "--limit=1", file},
          {"head", file},
          {"grep", "record", file},
          {"convert", "--force", file, other},
          {"describe", "--json", file},
          {"describe", file},
          {"verify", file},
          {"digest", file},
          {"stats", file},
          {"diff", file, other},
        });
  }

  private static void runAll(String[][] commands) throws IOException {
    for (String[] command : commands) {
      int status = run(command);
      if (status != 0) {
        throw new IOException(String.join(" ", command) + ": exit status " + status);
      }
    }
  }

  private static int run(String[] command) {
    byte[] lines = "a record\nanother record\n".getBytes(StandardCharsets.UTF_8);
    return Main.run(
        command, new ByteArrayInputStream(lines), OutputStream.nullOutputStream(), System.err);
  }
}
