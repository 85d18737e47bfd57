package io.disky.cli;

import io.disky.internal.QuotedText;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Starts the command line, and is the command above the subcommands. */
@Command(
    name = "disky",
    header = "Writes and reads record files.",
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Where a FILE is named, - means standard input or output. 'disky COMMAND --help' says more.",
      "",
      "Exit status: 0 on success, 1 if data are damaged or cannot be read or written, 2 for wrong"
          + " usage."
    })
public final class Main {
  private static final String[] SUBCOMMANDS = {
    "write",
    "convert",
    "verify",
    "recover",
    "repair",
    "cat",
    "count",
    "index",
    "digest",
    "describe",
    "quickstart"
  };

  private Main() {}

  /** Runs the command line on the streams of this process and ends it. */
  public static void main(String[] args) {
    System.exit(
        run(
            args,
            new FileInputStream(FileDescriptor.in),
            new FileOutputStream(FileDescriptor.out),
            System.err));
  }

  /**
   * Runs the command line.
   *
   * @param out gets data; must report its failures, as a {@link PrintStream} does not
   * @param err gets messages
   * @return the exit status: 0, 1 (data, or input and output) or 2 (usage)
   */
  public static int run(String[] args, InputStream in, OutputStream out, PrintStream err) {
    StandardStreams streams = new StandardStreams(in, new StandardOutput(out), err);
    try {
      return commandLine(args, streams).execute(args);
    } catch (LinkageError | OutOfMemoryError e) {
      return Failure.report(e, streams);
    }
  }

  private static CommandLine commandLine(String[] args, StandardStreams streams) {
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
    line.setOut(new PrintWriter(streams.out().asStream(), true, streams.out().charset()));
    line.setErr(new PrintWriter(err, true, err.charset()));
    line.setParameterExceptionHandler((e, ignored) -> reportUsage(e, err));
    line.setExecutionExceptionHandler((e, ignored, parsed) -> Failure.report(e, streams));
    return line;
  }

  /** Adds only the subcommand that is asked for, if one is: to look into the others takes time. */
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

  /** Adds what the help of every command has. */
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
    return CommandLine.ExitCode.USAGE;
  }

  /** The version that the jar states. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"disky " + (version == null ? "(not from a jar)" : version)};
    }
  }
}
