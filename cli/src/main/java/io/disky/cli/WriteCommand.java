package io.disky.cli;

import io.disky.Dialect;
import io.disky.OpenMode;
import io.disky.RecordsMetadata;
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
      "Without --append or --force, OUT must not exist; with --shards, OUT must not contain shards"
          + " called NAME.",
      "If the command fails, or a signal ends it, it removes OUT. With --append OUT keeps its"
          + " earlier records and those appended before the failure. With --atomic an earlier OUT"
          + " stays unchanged. With --shards the command removes the shards that it has begun, also"
          + " with --append: existing shards are never continued. --force removes existing shards"
          + " first."
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
      description =
          "An input of records; - is standard input. Default: standard input. A directory or a"
              + " pattern stands for several files, in the order of the numbers at the end of their"
              + " names, after those that do not end with a digit; see also --files.")
  private List<FileArgument> files = new ArrayList<>();

  @ArgGroup private @Nullable Source source;

  @Option(
      names = "--with-names",
      description = {
        "With --files: each record is a protocol buffer message, disky.NamedFile, with the path of"
            + " the file (field 1) and its contents (field 2). The path is the one that was given,"
            + " without a root and without '..'. The file metadata of OUT describe the type; the"
            + " dialect is riegeli. 'disky extract' writes the files again."
      })
  private boolean withNames;

  @Option(
      names = "--with-attributes",
      description =
          "As --with-names, and also store the permissions (field 3) and the time of the last"
              + " modification (field 4).")
  private boolean withAttributes;

  @Mixin private WriterSettings settings = new WriterSettings();
  @Mixin private ShardSettings shards = new ShardSettings();
  @Mixin private Threads threads = new Threads();
  @ArgGroup private @Nullable Existing existing;
  @Spec private CommandSpec spec;

  /** The options that define a record. */
  static final class Source {
    @Option(
        names = "--lines",
        description =
            "Write a record for each line of the FILEs (default). The record contains all bytes of"
                + " the line, carriage returns included, except the line feed at its end. If bytes"
                + " follow the last line feed, they are a record too.")
    private boolean lines;

    @Option(
        names = "--files",
        description =
            "Write a record for each FILE. A directory stands for the files below it, sorted by"
                + " name. Symbolic links and OUT are left out; saved indexes and unfinished"
                + " temporary files of disky are left out with a message.")
    private boolean files;

    @Option(
        names = "--length-prefixed",
        description = "Each record in the FILEs follows its length, a 4-byte little-endian number.")
    private boolean lengthPrefixed;

    @Option(
        names = "--jdk-classes",
        description = "Write a record for each class file of the running JDK; not with FILEs.")
    private boolean jdkClasses;

    private Source() {}
  }

  /** The options for an OUT that exists. */
  static final class Existing {
    @Option(
        names = {"-a", "--append"},
        description =
            "If OUT exists, continue it after its last record. If the end of OUT is torn, run"
                + " 'disky repair' first. With --shards: keep the existing shards and add others.")
    private boolean append;

    @Option(
        names = {"-f", "--force"},
        description =
            "If OUT exists, overwrite it. With --shards: remove the files whose names are NAME, an"
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
    checkNames();
    WriterOptions options =
        withType(settings.options()).withOpenMode(openMode).withParallelism(threads.count());
    if (source == null || !source.files) {
      files = expanded();
    }
    RecordsToWrite records = records();
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

  private void writeShards(WriterOptions options, RecordsToWrite records) throws IOException {
    ShardOutput output =
        ShardOutput.of(
            out, shards.options(), options, threads.count(), streams, spec.commandLine());
    for (FileArgument file : inputs()) {
      if (!file.isStandard()) {
        checkReadable(file.path());
      }
    }
    output.checkInputs(inputs());
    output.write("write", records);
  }

  private RecordsToWrite records() {
    if (source == null || source.lines) {
      return new SplitInput(inputs(), streams.in(), new Lines());
    }
    if (source.lengthPrefixed) {
      return new SplitInput(inputs(), streams.in(), new LengthPrefixes());
    }
    if (source.files) {
      return fileSource();
    }
    if (source.jdkClasses) {
      return jdkClasses();
    }
    throw usage("an option must define a record, for example --lines");
  }

  /** The files that the arguments stand for; those that do not exist are reported later. */
  private List<FileArgument> expanded() throws IOException {
    List<FileArgument> all = new ArrayList<>();
    for (FileArgument file : files) {
      all.addAll(file.files(streams));
    }
    return all;
  }

  private List<FileArgument> inputs() {
    boolean none = files.isEmpty() && (source == null || !source.jdkClasses);
    return none ? List.of(FileArgument.STANDARD) : files;
  }

  private RecordsToWrite fileSource() {
    if (files.isEmpty()) {
      throw usage("--files needs at least one FILE");
    }
    return new FilesAsRecords(files, form(), streams.in(), streams.err());
  }

  private FileRecords form() {
    if (withAttributes) {
      return FileRecords.WITH_ATTRIBUTES;
    }
    return withNames ? FileRecords.WITH_NAMES : FileRecords.CONTENTS;
  }

  private void checkNames() {
    if (form() == FileRecords.CONTENTS) {
      return;
    }
    if (source == null || !source.files) {
      throw usage("--with-names and --with-attributes need --files");
    }
    if (files.stream().anyMatch(FileArgument::isStandard)) {
      throw usage("--with-names: standard input has no name");
    }
    if (settings.isDisky()) {
      throw usage("--with-names needs the dialect riegeli; leave out --dialect=disky");
    }
  }

  /** Adds the type of records with names to {@code options}. */
  private WriterOptions withType(WriterOptions options) {
    if (form() == FileRecords.CONTENTS) {
      return options;
    }
    RecordsMetadata metadata = options.metadata().orElse(RecordsMetadata.empty());
    return options.withDialect(Dialect.RIEGELI).withMetadata(NamedFileType.addTo(metadata));
  }

  private RecordsToWrite jdkClasses() {
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
      throw usage("--append continues a file, --atomic creates one: use only one of them");
    }
    if (out.isStandard() && options.openMode() == OpenMode.APPEND) {
      throw usage("--append needs a file, not standard output");
    }
  }

  /** Checks the inputs before OUT is changed. */
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
