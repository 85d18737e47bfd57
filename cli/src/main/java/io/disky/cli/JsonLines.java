package io.disky.cli;

import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The option of a command that can print its results as JSON objects, each in a line. */
@Command
final class JsonLines {
  @Option(
      names = "--json",
      description = "Print each result as a JSON object in a line; the keys are below.")
  private boolean json;

  /** Returns whether the option is given. */
  boolean areAskedFor() {
    return json;
  }

  /** Prints an object. {@code members} adds its members. */
  static void print(StandardStreams streams, Consumer<Json> members)
      throws StandardOutputException {
    Json object = Json.inOneLine().beginObject();
    members.accept(object);
    streams.out().print(object.endObject().take() + "\n");
  }
}
