package io.disky.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/**
 * Starts the command line. Each command is a class of its own; {@link ParsedCommandLine} parses its
 * options.
 *
 * <p>This class does not mention types of picocli, and neither do the classes that it needs for
 * {@code disky --version} and for commands without options: the JVM would load picocli to verify
 * them.
 */
public final class Main {
  /**
   * System property: the directory to extract the native library to, unless the user sets another
   * one.
   */
  static final String LIBRARY_DIRECTORY_PROPERTY = "io.disky.cli.library.dir";

  /** System property: the native library to load, unless the user sets a file or a directory. */
  static final String LIBRARY_FILE_PROPERTY = "io.disky.cli.library.file";

  private static final String NATIVE_DIRECTORY_PROPERTY = "io.disky.library.dir";
  private static final String NATIVE_FILE_PROPERTY = "io.disky.library.path";

  private static final List<String> VERSION_ARGUMENTS = List.of("--version", "-V", "-v", "version");

  static final String[] SUBCOMMANDS = {
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
    if (args.length > 1 && args[0].equals("count")) {
      LinkAhead.forCounting();
    }
    chooseLibrary();
    StandardStreams streams =
        new StandardStreams(
            new FileInputStream(FileDescriptor.in),
            new StandardOutput(new FileOutputStream(FileDescriptor.out)),
            System.err);
    // The JVM runs this hook when SIGINT, SIGTERM or SIGHUP ends it.
    Runtime.getRuntime().addShutdownHook(new Thread(streams.unfinished()::end, "disky-end"));
    end(run(args, streams));
  }

  /**
   * Ends the process. A successful command ends it by returning, because System.exit first starts
   * the loggers of the JDK, which takes as long as the start of the JVM. If another thread would
   * keep the process alive, for example because it waits for input, there is no other way.
   */
  private static void end(int status) {
    if (status != ExitCode.OK || hasOtherThreads()) {
      System.exit(status);
    }
  }

  /** Returns whether there are other threads than this one that are not daemons. */
  private static boolean hasOtherThreads() {
    Thread[] threads = new Thread[Thread.activeCount() + 1];
    int count = Thread.enumerate(threads);
    for (int i = 0; i < count; i++) {
      if (threads[i] != Thread.currentThread() && !threads[i].isDaemon()) {
        return true;
      }
    }
    return count == threads.length;
  }

  /** Uses the library, or the directory for it, that the launcher has chosen. */
  private static void chooseLibrary() {
    if (System.getProperty(NATIVE_DIRECTORY_PROPERTY) != null
        || System.getProperty(NATIVE_FILE_PROPERTY) != null) {
      return;
    }
    String file = System.getProperty(LIBRARY_FILE_PROPERTY);
    String directory = System.getProperty(LIBRARY_DIRECTORY_PROPERTY);
    if (file != null) {
      System.setProperty(NATIVE_FILE_PROPERTY, file);
    } else if (directory != null) {
      System.setProperty(NATIVE_DIRECTORY_PROPERTY, directory);
    }
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
      if (args.length == 1 && VERSION_ARGUMENTS.contains(args[0])) {
        streams.out().print(version() + "\n");
        return ExitCode.OK;
      }
      FilesCommand command = filesCommand(args, streams);
      return command == null ? ParsedCommandLine.run(args, streams) : run(command, streams);
    } catch (LinkageError | OutOfMemoryError | StandardOutputException e) {
      return Failure.report(e, streams);
    } finally {
      streams.unfinished().report();
      streams.stores().close();
    }
  }

  /** The command that {@code args} name if all its arguments are files; otherwise null. */
  private static @Nullable FilesCommand filesCommand(String[] args, StandardStreams streams) {
    List<FileArgument> files = new ArrayList<>();
    for (int i = 1; i < args.length; i++) {
      // The parser reads further arguments from a file if an argument begins with @.
      // It also checks addresses.
      boolean plain = !args[i].startsWith("-") && !args[i].startsWith("@");
      if (args[i].isEmpty() || !plain || args[i].contains("://")) {
        return null;
      }
      files.add(FileArgument.of(args[i]));
    }
    if (files.isEmpty() || !(subcommand(args[0], streams) instanceof FilesCommand command)) {
      return null;
    }
    command.setFiles(files);
    return command;
  }

  private static int run(FilesCommand command, StandardStreams streams) {
    try {
      return command.call();
    } catch (Exception e) {
      return Failure.report(e, streams);
    }
  }

  /** The command called {@code name}; null if there is none. */
  static @Nullable Object subcommand(String name, StandardStreams streams) {
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

  /** Reads the version from the manifest of the jar. */
  static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return "disky " + (version == null ? "(not from a jar)" : version);
  }
}
