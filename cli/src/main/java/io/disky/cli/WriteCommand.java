package io.disky.cli;

import io.disky.OpenMode;
import io.disky.WriterOptions;
import java.io.IOException;
import java.nio.file.AccessMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a record file. */
@Command(
    name = "write",
    header = "Writes records to a file.",
    description = {
      "",
      "Without --append or --force, OUT must not exist; with --shards, no shard of that NAME in it.",
      "If it fails, or a signal ends it, OUT is removed; with --append it keeps what it had, and the"
          + " records before that; with --atomic it is what it was. With --shards the shards that it has"
          + " begun are removed, with --append too: those from before are never continued, and --force"
          + " removes them first."
    },
    sortOptions = false)
final class WriteCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Parameters(
      index = "0",
      paramLabel = "OUT",
      converter = FileArgument.Converter.class,
      description = "The record file, or with --shards the directory; - is standard output.")
  private FileArgument out = FileArgument.STANDARD;

  @Parameters(
      index = "1..*",
      paramLabel = "FILE",
      arity = "0..*",
      converter = FileArgument.Converter.class,
      description = "Where the records come from; - is standard input, which is also the default.")
  private List<FileArgument> files = new ArrayList<>();

  @ArgGroup private @Nullable Source source;
  @Mixin private WriterSettings settings = new WriterSettings();
  @Mixin private ShardSettings shards = new ShardSettings();
  @Mixin private Threads threads = new Threads();
  @ArgGroup private @Nullable Existing existing;
  @Spec private CommandSpec spec;

  /** What a record is. */
  static final class Source {
    @Option(
        names = "--lines",
        description =
            "A record for each line of the FILEs (default). The line feed that ends a line is not"
                + " part of the record, every other byte is, a carriage return too. What follows the"
                + " last line feed is a record unless it is empty.")
    private boolean lines;

    @Option(
        names = "--files",
        description =
            "A record for each FILE. In directories, the files below them are taken, sorted by name,"
                + " without symbolic links and OUT, and without saved indexes and unfinished"
                + " temporary files of disky, as standard error says.")
    private boolean files;

    @Option(
        names = "--length-prefixed",
        description =
            "Each record in the FILEs comes after its length as a 4-byte little-endian number.")
    private boolean lengthPrefixed;

    @Option(
        names = "--jdk-classes",
        description = "A record for each class file of the running JDK; without FILEs.")
    private boolean jdkClasses;

    private Source() {}
  }

  /** What is done about a file that exists. */
  static final class Existing {
    @Option(
        names = "--append",
        description =
            "Continue OUT, if it exists, after its last record. If its end is torn, 'disky repair'"
                + " comes first. With --shards: keep the shards that exist, and add others.")
    private boolean append;

    @Option(
        names = "--force",
        description =
            "Overwrite OUT, if it exists. With --shards: remove the files that are called NAME, an"
                + " underscore and digits, and no others.")
    private boolean force;

    private Existing() {}

    private OpenMode openMode() {
      if (force) {
        return OpenMode.OVERWRITE;
      }
      return append ? OpenMode.APPEND : OpenMode.CREATE_NEW;
    }
  }

  WriteCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    OpenMode openMode = existing == null ? OpenMode.CREATE_NEW : existing.openMode();
    WriterOptions options =
        settings.options().withOpenMode(openMode).withParallelism(threads.count());
    RecordSource records = records();
    checkModes(options);
    if (shards.areAskedFor()) {
      writeShards(options, records);
    } else {
      RecordOutput output = new RecordOutput(out, options, streams, spec.commandLine());
      checkArguments(output);
      output.write("write", records);
    }
    return ExitCode.OK;
  }

  private void writeShards(WriterOptions options, RecordSource records) throws IOException {
    ShardOutput output =
        ShardOutput.of(out, shards, options, threads.count(), streams, spec.commandLine());
    for (FileArgument file : inputs()) {
      if (!file.isStandard()) {
        checkReadable(file.path());
      }
    }
    output.checkInputs(inputs());
    output.write("write", records);
  }

  private RecordSource records() {
    if (source == null || source.lines) {
      return new StreamSource(inputs(), streams.in(), new Lines());
    }
    if (source.lengthPrefixed) {
      return new StreamSource(inputs(), streams.in(), new LengthPrefixes());
    }
    if (source.files) {
      return fileSource();
    }
    if (source.jdkClasses) {
      return jdkClasses();
    }
    throw usage("what is a record? An option says so, such as --lines");
  }

  private List<FileArgument> inputs() {
    boolean none = files.isEmpty() && (source == null || !source.jdkClasses);
    return none ? List.of(FileArgument.STANDARD) : files;
  }

  private RecordSource fileSource() {
    if (files.isEmpty()) {
      throw usage("--files needs a FILE: which files are to be records?");
    }
    return new FileSource(files, streams.in(), streams.err());
  }

  private RecordSource jdkClasses() {
    if (!files.isEmpty()) {
      throw usage("--jdk-classes takes no FILE: " + files.getFirst());
    }
    return new JdkClasses();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void checkModes(WriterOptions options) {
    if (options.atomicCreation() && options.openMode() == OpenMode.APPEND) {
      throw usage("--append continues a file, --atomic creates one: choose one of them");
    }
    if (out.isStandard() && options.openMode() == OpenMode.APPEND) {
      throw usage("--append needs a file, not standard output");
    }
  }

  /** Finds what is wrong before anything is done to OUT. */
  private void checkArguments(RecordOutput output) throws IOException {
    for (FileArgument file : inputs()) {
      if (!file.isStandard()) {
        checkReadable(file.path());
      }
      if (output.isSameAs(file)) {
        throw usage(file.title() + " is both OUT and a FILE");
      }
    }
  }

  private static void checkReadable(Path file) throws IOException {
    file.getFileSystem().provider().checkAccess(file, AccessMode.READ);
  }
}
