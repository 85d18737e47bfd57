package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordPosition;
import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import io.disky.files.FileFailures;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the files that are the records of record files. */
@Command(
    name = "extract",
    header = "Writes the files that 'disky write --files --with-names' has stored.",
    description = {
      "",
      "Writes each record of the FILEs to a file below DIRECTORY, under the path in the record."
          + " Creates directories that do not exist, DIRECTORY included.",
      "No path leaves DIRECTORY: a path that is absolute, contains '..', names a drive of Windows, or"
          + " leads through a symbolic link, is an error. Existing files are errors unless --force is"
          + " given.",
      "At the first error the command stops. The files that it has written before stay."
    },
    sortOptions = false,
    footer = {"", "With --list --json, keys of the JSON objects: path, size."})
final class ExtractCommand implements Callable<Integer> {
  private static final int WRITE_SIZE = 1 << 26;

  private final StandardStreams streams;

  @Parameters(
      paramLabel = "FILE... DIRECTORY",
      hideParamSyntax = true,
      arity = "2..*",
      converter = FileArgument.Converter.class,
      description =
          "The record files to read, and last the directory to write to; - is standard input. A FILE"
              + " can also be a directory or a pattern, which stands for several record files.")
  private List<FileArgument> files = new ArrayList<>();

  @Option(
      names = "--preserve",
      description =
          "Set the permissions and the times that the records state. The bits for the user or the"
              + " group of a process, and the sticky bit, are never set.")
  private boolean preserve;

  @Option(names = "--list", description = "Print the paths and sizes instead of writing files.")
  private boolean list;

  @Mixin private JsonLines json = new JsonLines();

  @Option(
      names = {"-f", "--force"},
      description = "Replace existing files.")
  private boolean force;

  @Mixin private RecoverySettings recovery = new RecoverySettings();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Spec private CommandSpec spec;

  ExtractCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    if (json.areAskedFor() && !list) {
      throw new ParameterException(spec.commandLine(), "--json needs --list");
    }
    Path directory = files.getLast().path();
    List<FileArgument> inputs = RecordFiles.all(files.subList(0, files.size() - 1), streams);
    if (!list) {
      Files.createDirectories(directory);
    }
    Path place = list ? directory : directory.toRealPath();
    for (FileArgument input : inputs) {
      RecordFile.use(input, streams, file -> extract(file, place));
    }
    return ExitCode.OK;
  }

  private void extract(RecordFile file, Path directory) throws IOException {
    ReaderOptions options =
        readSettings
            .on(recovery.options(file.name(), streams.err()))
            .withParallelism(threads.countForReading());
    try (RecordReader reader = file.open(options);
        Progress progress = new Progress("extract", reader.fileSize(), streams.err())) {
      checkType(reader);
      for (MemorySegment record = reader.next(); record != null; record = reader.next()) {
        RecordPosition position = reader.lastPosition();
        try {
          extract(NamedFile.parse(record), directory);
        } catch (StandardOutputException e) {
          throw e;
        } catch (IOException e) {
          throw new IOException(
              QuotedText.name(file.name()) + ": record " + position + ": " + Failure.message(e), e);
        }
        progress.stepTo(position.chunkBegin());
      }
    }
  }

  private void checkType(RecordReader reader) throws IOException {
    Optional<String> type = recovery.recovers() ? Optional.empty() : type(reader);
    if (type.isPresent() && !type.get().equals(NamedFileType.NAME)) {
      throw new IOException(
          QuotedText.name(reader.name())
              + ": the records are of the type "
              + QuotedText.line(type.get())
              + ", not files with names ("
              + NamedFileType.NAME
              + ")");
    }
  }

  private static Optional<String> type(RecordReader reader) throws IOException {
    return reader.metadata().flatMap(RecordsMetadata::recordTypeName);
  }

  private void extract(NamedFile file, Path directory) throws IOException {
    if (list && json.areAskedFor()) {
      long size = file.contents().byteSize();
      JsonLines.print(
          streams, line -> line.name("path").value(file.path()).name("size").value(size));
      return;
    }
    if (list) {
      streams.out().print(file.contents().byteSize() + "  " + QuotedText.name(file.path()) + "\n");
      return;
    }
    Path path = ExtractedPath.create(directory, file.path());
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      if (!force || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        throw exists(path);
      }
    }
    streams
        .unfinished()
        .write(
            () -> HiddenFile.create(path),
            hidden -> {
              write(hidden.path(), file);
              try {
                hidden.publish(force);
              } catch (FileAlreadyExistsException e) {
                throw exists(path);
              }
              return hidden;
            });
  }

  private static IOException exists(Path path) {
    return FileFailures.alreadyExists(path, "exists already; --force replaces files");
  }

  private void write(Path path, NamedFile file) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      MemorySegment contents = file.contents();
      for (long done = 0; done < contents.byteSize(); ) {
        long step = Math.min(contents.byteSize() - done, WRITE_SIZE);
        ByteBuffer bytes = contents.asSlice(done, step).asByteBuffer();
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        done += step;
      }
    }
    if (preserve) {
      setAttributes(path, file);
    }
  }

  private static void setAttributes(Path path, NamedFile file) throws IOException {
    Set<String> views = path.getFileSystem().supportedFileAttributeViews();
    if (file.mode() >= 0 && views.contains("posix")) {
      Files.setPosixFilePermissions(path, UnixMode.permissions(file.mode()));
    }
    if (file.modified() != null) {
      Files.setLastModifiedTime(path, FileTime.from(file.modified(), TimeUnit.NANOSECONDS));
    }
  }
}
