package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpCommandInitializable2;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

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
      "A FILE called - is standard input or output. 'disky help COMMAND' describes a command.",
      "",
      "Most commands also take addresses in place of FILEs: http:// and https:// to read; s3:// and"
          + " gs:// to read, to list (s3://bucket/prefix*) and to write, if the stores for them are"
          + " installed. The page docs/guides/command-line.md describes the installation.",
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

  /** The command line with all commands, for pages that describe them. */
  static CommandLine all() {
    StandardStreams none =
        new StandardStreams(
            InputStream.nullInputStream(),
            new StandardOutput(OutputStream.nullOutputStream()),
            new PrintStream(OutputStream.nullOutputStream()));
    return commandLine(new String[0], none, new StringWriter());
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
    line.setColorScheme(
        Help.defaultColorScheme(streams.out().hasColours() ? Help.Ansi.ON : Help.Ansi.OFF));
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
    line.addSubcommand("help", new HelpCommand());
    line.addSubcommand("version", new VersionCommand());
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
    String message = RemoteAddress.withoutSecrets(String.valueOf(e.getMessage()));
    err.println("disky: " + QuotedText.message(message));
    CommandLine.UnmatchedArgumentException.printSuggestions(e, line.getErr());
    err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE;
  }

  /** Prints the version. {@link Main} runs this command without the parser. */
  @Command(name = "version", header = "Prints the version.")
  private static final class VersionCommand implements Runnable {
    private VersionCommand() {}

    @Override
    public void run() {}
  }

  /** Prints the help of a command. Picocli has filled in the commands. */
  @Command(
      name = "help",
      header = "Describes a command.",
      description = {"", "Prints the help of COMMAND, or of disky."},
      helpCommand = true)
  private static final class HelpCommand implements IHelpCommandInitializable2, Runnable {
    @Parameters(paramLabel = "COMMAND", arity = "0..1", description = "The command.")
    private @Nullable String command;

    private @Nullable CommandLine line;

    private HelpCommand() {}

    @Override
    public void init(CommandLine self, Help.ColorScheme colours, PrintWriter out, PrintWriter err) {
      line = self;
    }

    @Override
    public void run() {
      CommandLine self = Objects.requireNonNull(line);
      CommandLine all = self.getParent();
      String name = command;
      CommandLine described = name == null ? all : all.getSubcommands().get(name);
      if (name != null && described == null) {
        throw new ParameterException(self, "there is no command " + QuotedText.line(name));
      }
      Objects.requireNonNull(described).usage(all.getOut());
    }
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {Main.version()};
    }
  }
}
