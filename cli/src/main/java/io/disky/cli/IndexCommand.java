package io.disky.cli;

import io.disky.DerivedFile;
import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.SavedIndex;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Saves indexes. */
@Command(
    name = "index",
    header = "Saves an index of the positions of records.",
    description = {
      "",
      "Reads the chunk headers of each FILE and saves the positions of its records in FILE.index. A"
          + " program that reads records by number then need not read all chunk headers. The index"
          + " is used until FILE changes; you may delete it. If FILE.index exists and is not a"
          + " saved index, it is not replaced. An ArrayRecord needs no saved index: it contains an"
          + " index, which is preferred.",
      "The index of a remote FILE is written next to it in the store, as the address and .index, or"
          + " with --directory in a local directory. 'disky cat --record' and 'disky sample' use it.",
      "For each FILE the command prints a line: number of records, two spaces, name of the index."
    },
    sortOptions = false,
    footer = {"", "Keys of the JSON objects: file, index, records."})
final class IndexCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Mixin private RecordFiles files = new RecordFiles();

  @Option(
      names = "--directory",
      paramLabel = "DIRECTORY",
      description =
          "Save the indexes in DIRECTORY instead of next to each FILE."
              + " --index-directory of other commands then finds them there.")
  private @Nullable Path directory;

  @Mixin private JsonLines json = new JsonLines();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Spec private CommandSpec spec;

  IndexCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws StandardOutputException {
    if (files.arguments().stream().anyMatch(FileArgument::isStandard)) {
      throw new ParameterException(spec.commandLine(), "index needs files, not standard input");
    }
    return files.eachFile("index", streams, this::save);
  }

  /**
   * Returns whether {@code file} is a saved index; a shell may have included it when it expanded a
   * pattern.
   */
  private static boolean isIndex(RecordFile file) {
    return file.remote() == null
        && DerivedFile.of(file.path()).orElse(null) == DerivedFile.SAVED_INDEX;
  }

  private void save(RecordFile file, FilesProgress.Part progress) throws IOException {
    if (isIndex(file)) {
      Failure.print(
          QuotedText.name(file.name()) + ": left out: it is a saved index", streams.err());
      return;
    }
    RandomAccessOptions options =
        RandomAccessOptions.defaults()
            .withSavedIndex(SavedIndex.IGNORE)
            .withFooter(false)
            .withReaderOptions(progress.on(readSettings.on(ReaderOptions.defaults())));
    if (directory != null) {
      save(file, options.withIndexDirectory(directory), progress);
    } else if (file.remote() != null) {
      upload(file, options, progress);
    } else {
      save(file, options, progress);
    }
  }

  private void save(RecordFile file, RandomAccessOptions options, FilesProgress.Part progress)
      throws IOException {
    try (RandomAccessReader reader = RecordFile.open(List.of(file), options)) {
      Path saved = save(reader);
      print(file, saved.toString(), reader.recordCount(), progress);
    }
  }

  /** A signal ends the process only after the index, which is small, is saved completely. */
  private Path save(RandomAccessReader reader) throws IOException {
    return streams.unfinished().create(reader::saveIndex).getFirst();
  }

  private void upload(RecordFile file, RandomAccessOptions options, FilesProgress.Part progress)
      throws IOException {
    IndexUpload upload = IndexUpload.of(FileArgument.of(file.name()), streams);
    Path local = Files.createTempDirectory("disky-index");
    local.toFile().deleteOnExit();
    try (RandomAccessReader reader =
        RecordFile.open(List.of(file), options.withIndexDirectory(local))) {
      Path saved = save(reader);
      try {
        upload.write(saved);
      } finally {
        Files.delete(saved);
      }
      print(file, upload.index().name(), reader.recordCount(), progress);
    } finally {
      Files.deleteIfExists(local);
    }
  }

  private void print(RecordFile file, String index, long records, FilesProgress.Part progress)
      throws IOException {
    progress.aside(() -> {
      if (json.areAskedFor()) {
        JsonLines.print(streams, line -> add(line, file.name(), index, records));
      } else {
        streams.out().print(records + "  " + QuotedText.name(index) + "\n");
      }
    });
  }

  private static void add(Json line, String name, String index, long records) {
    line.name("file").value(name);
    line.name("index").value(index);
    line.name("records").value(records);
  }
}
