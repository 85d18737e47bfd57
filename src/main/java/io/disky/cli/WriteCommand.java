package io.disky.cli;

import io.disky.OpenMode;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.IOException;
import java.nio.file.AccessMode;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
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
      "Without --append or --force, OUT must not exist.",
      "If it fails, OUT is removed; with --append it keeps what it had, and the records before the"
          + " failure."
    },
    sortOptions = false)
final class WriteCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Parameters(
      index = "0",
      paramLabel = "OUT",
      converter = FileArgument.Converter.class,
      description = "The record file; - is standard output.")
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
                + " without symbolic links and OUT.")
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

  WriteCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    WriterOptions options = settings.options();
    RecordSource records = records();
    checkArguments(options);
    if (out.isStandard()) {
      writeToStandardOutput(records, options);
    } else {
      write(records, out.path(), options);
    }
    return ExitCode.OK;
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
    return files.isEmpty() ? List.of(FileArgument.STANDARD) : files;
  }

  private RecordSource fileSource() {
    if (files.isEmpty()) {
      throw usage("--files needs a FILE: which files are to be records?");
    }
    return new FileSource(files, streams.in());
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

  /** Finds what is wrong before anything is done to OUT. */
  private void checkArguments(WriterOptions options) throws IOException {
    if (out.isStandard() && options.openMode() == OpenMode.APPEND) {
      throw usage("--append needs a file, not standard output");
    }
    for (FileArgument file : files) {
      if (!file.isStandard()) {
        checkInput(file.path());
      }
    }
  }

  private void checkInput(Path file) throws IOException {
    file.getFileSystem().provider().checkAccess(file, AccessMode.READ);
    if (!out.isStandard() && Files.exists(out.path()) && Files.isSameFile(file, out.path())) {
      throw usage(file + " is both OUT and a FILE");
    }
  }

  private void writeToStandardOutput(RecordSource records, WriterOptions options)
      throws IOException {
    try (TemporaryFile file = TemporaryFile.create()) {
      write(records, file.path(), options.withOpenMode(OpenMode.OVERWRITE));
      streams.out().copy(file.path());
    }
  }

  private void write(RecordSource records, Path path, WriterOptions options) throws IOException {
    RecordWriter writer = open(path, options);
    boolean complete = false;
    try {
      try (writer;
          Progress progress = new Progress("write", records.size(), streams.err())) {
        records.writeTo(writer, progress);
      }
      complete = true;
    } finally {
      if (!complete && options.openMode() != OpenMode.APPEND && Files.isRegularFile(path)) {
        Files.delete(path);
      }
    }
  }

  private RecordWriter open(Path path, WriterOptions options) throws IOException {
    try {
      return RecordWriter.open(path, options);
    } catch (FileAlreadyExistsException e) {
      throw new FileAlreadyExistsException(
          path.toString(), null, "exists already; --force overwrites it, --append continues it");
    } catch (IllegalArgumentException e) {
      // Options that are right one by one, but not together.
      throw usage(e.getMessage() + " with --dialect=riegeli");
    }
  }
}
