package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The command {@code disky} with its options and subcommands, as picocli parses them. */
@Command(
    name = "disky",
    header = "Writes and reads record files.",
    description = {
      "",
      "A record is any sequence of bytes. A record file stores records in chunks, which have"
          + " hashes and can be compressed. A shard is one of several files that together contain a"
          + " data set."
    },
    versionProvider = ParsedCommandLine.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "A FILE called - is standard input or output. 'disky COMMAND --help' describes a command.",
      "",
      "Exit status: 0 for success; 1 if data are damaged or cannot be read or written; 2 for a"
          + " wrong command line. 'disky grep' and 'disky diff' have the exit status of grep and"
          + " diff."
    })
final class ParsedCommandLine {
  private ParsedCommandLine() {}

  /** Runs a command line with the parser of options. */
  static int run(String[] args, StandardStreams streams) throws StandardOutputException {
    StringWriter help = new StringWriter();
    int status = commandLine(args, streams, help).execute(args);
    streams.out().print(help.toString());
    return status;
  }

  /** The command line. Writes help and version to {@code help}. */
  private static CommandLine commandLine(
      String[] args, StandardStreams streams, StringWriter help) {
    CommandLine line = new CommandLine(new ParsedCommandLine());
    addSubcommands(line, args, streams);
    line.getCommandSpec()
        .addOption(
            OptionSpec.builder("-v", "-V", "--version")
                .versionHelp(true)
                .description("Print the version and exit.")
                .build());
    addCommonParts(line);
    NumberConverters.register(line);
    PrintStream err = streams.err();
    line.setOut(
        new PrintWriter(help)); // directly on standard output, a PrintWriter would hide failures
    line.setErr(new PrintWriter(err, true, err.charset()));
    line.setParameterExceptionHandler((e, ignored) -> reportUsage(e, err));
    line.setExecutionExceptionHandler((e, ignored, parsed) -> Failure.report(e, streams));
    return line;
  }

  /**
   * Adds only the subcommand that the first argument names, because reading the annotations of the
   * others takes time. Adds all subcommands if it names none.
   */
  private static void addSubcommands(CommandLine line, String[] args, StandardStreams streams) {
    String asked = args.length == 0 ? "" : args[0];
    Object command = Main.subcommand(asked, streams);
    if (command != null) {
      line.addSubcommand(asked, command);
      return;
    }
    for (String name : Main.SUBCOMMANDS) {
      line.addSubcommand(name, Main.subcommand(name, streams));
    }
  }

  /** Adds the help option and the headings of the help to every command. */
  private static void addCommonParts(CommandLine line) {
    CommandSpec spec = line.getCommandSpec();
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("Print this help and exit.")
            .build());
    spec.usageMessage()
        .parameterListHeading("%nArguments:%n")
        .optionListHeading("%nOptions:%n")
        .commandListHeading("%nCommands:%n");
    line.getSubcommands().values().forEach(ParsedCommandLine::addCommonParts);
  }

  private static int reportUsage(CommandLine.ParameterException e, PrintStream err) {
    CommandLine line = e.getCommandLine();
    err.println("disky: " + QuotedText.message(String.valueOf(e.getMessage())));
    CommandLine.UnmatchedArgumentException.printSuggestions(e, line.getErr());
    err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE;
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {Main.version()};
    }
  }
}
