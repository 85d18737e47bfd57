package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Starts the command line. This is the command {@code disky}; each subcommand is another class. */
@Command(
    name = "disky",
    header = "Writes and reads record files.",
    description = {
      "",
      "A record is any sequence of bytes. A record file stores records in chunks, which have"
          + " hashes and can be compressed. A shard is one of several files that together contain a"
          + " data set."
    },
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "A FILE called - is standard input or output. 'disky COMMAND --help' describes a command.",
      "",
      "Exit status: 0 for success; 1 if data are damaged or cannot be read or written; 2 for a"
          + " wrong command line. 'disky grep' and 'disky diff' have the exit status of grep and"
          + " diff."
    })
public final class Main {
  /**
   * System property: the directory to extract the native library to, unless the user sets another
   * one.
   */
  static final String LIBRARY_DIRECTORY_PROPERTY = "io.disky.cli.library.dir";

  private static final String NATIVE_DIRECTORY_PROPERTY = "io.disky.library.dir";

  private static final String[] SUBCOMMANDS = {
    "write",
    "convert",
    "shuffle",
    "split",
    "merge",
    "extract",
    "verify",
    "recover",
    "repair",
    "cat",
    "head",
    "sample",
    "grep",
    "diff",
    "count",
    "index",
    "digest",
    "describe",
    "stats",
    "report",
    "plan",
    "quickstart"
  };

  private Main() {}

  /** Runs the command line on the streams of this process and ends it. */
  public static void main(String[] args) {
    if (System.getProperty(NATIVE_DIRECTORY_PROPERTY) == null) {
      String chosen = System.getProperty(LIBRARY_DIRECTORY_PROPERTY);
      if (chosen != null) {
        System.setProperty(NATIVE_DIRECTORY_PROPERTY, chosen);
      }
    }
    StandardStreams streams =
        new StandardStreams(
            new FileInputStream(FileDescriptor.in),
            new StandardOutput(new FileOutputStream(FileDescriptor.out)),
            System.err);
    // The JVM runs this hook when SIGINT, SIGTERM or SIGHUP ends it.
    Runtime.getRuntime().addShutdownHook(new Thread(streams.unfinished()::end, "disky-end"));
    System.exit(run(args, streams));
  }

  /**
   * Runs the command line.
   *
   * @param out gets data; must throw on failures, so it must not be a {@link PrintStream}
   * @param err gets messages
   * @return the exit status: 0 for success, 1 for failures of data or input and output, 2 for wrong
   *     usage
   */
  public static int run(String[] args, InputStream in, OutputStream out, PrintStream err) {
    return run(args, new StandardStreams(in, new StandardOutput(out), err));
  }

  private static int run(String[] args, StandardStreams streams) {
    try {
      if (!DecodedNames.check(args, streams.err())) {
        return ExitCode.USAGE;
      }
      StringWriter help = new StringWriter();
      int status = commandLine(args, streams, help).execute(args);
      streams.out().print(help.toString());
      return status;
    } catch (LinkageError | OutOfMemoryError | StandardOutputException e) {
      return Failure.report(e, streams);
    } finally {
      streams.unfinished().report();
    }
  }

  /** The command line. Writes help and version to {@code help}. */
  private static CommandLine commandLine(
      String[] args, StandardStreams streams, StringWriter help) {
    CommandLine line = new CommandLine(new Main());
    addSubcommands(line, args, streams);
    line.getCommandSpec()
        .addOption(
            OptionSpec.builder("-V", "--version")
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
    Object command = subcommand(asked, streams);
    if (command != null) {
      line.addSubcommand(asked, command);
      return;
    }
    for (String name : SUBCOMMANDS) {
      line.addSubcommand(name, subcommand(name, streams));
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
    line.getSubcommands().values().forEach(Main::addCommonParts);
  }

  private static @Nullable Object subcommand(String name, StandardStreams streams) {
    return switch (name) {
      case "write" -> new WriteCommand(streams);
      case "convert" -> new ConvertCommand(streams);
      case "verify" -> new VerifyCommand(streams);
      case "recover" -> new RecoverCommand(streams);
      case "cat" -> new CatCommand(streams);
      case "count" -> new CountCommand(streams);
      case "index" -> new IndexCommand(streams);
      case "digest" -> new DigestCommand(streams);
      case "describe" -> new DescribeCommand(streams);
      case "sample" -> new SampleCommand(streams);
      case "shuffle" -> new ShuffleCommand(streams);
      case "split" -> new SplitCommand(streams);
      case "extract" -> new ExtractCommand(streams);
      case "head" -> new HeadCommand(streams);
      case "grep" -> new GrepCommand(streams);
      case "diff" -> new DiffCommand(streams);
      case "merge" -> new MergeCommand(streams);
      case "plan" -> new PlanCommand(streams);
      case "stats" -> new StatsCommand(streams);
      case "report" -> new ReportCommand(streams);
      case "repair" -> new RepairCommand(streams);
      case "quickstart" -> new QuickstartCommand(streams);
      default -> null;
    };
  }

  private static int reportUsage(CommandLine.ParameterException e, PrintStream err) {
    CommandLine line = e.getCommandLine();
    err.println("disky: " + QuotedText.message(String.valueOf(e.getMessage())));
    CommandLine.UnmatchedArgumentException.printSuggestions(e, line.getErr());
    err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE;
  }

  /** Reads the version from the manifest of the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"disky " + (version == null ? "(not from a jar)" : version)};
    }
  }
}
