package io.disky.cli;

import io.disky.DerivedFile;
import io.disky.RandomAccessOptions;
import io.disky.RandomAccessReader;
import io.disky.ReaderOptions;
import io.disky.SavedIndex;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.nio.file.Path;
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
      description = "Save the indexes in DIRECTORY instead of next to each FILE.")
  private @Nullable Path directory;

  @Mixin private JsonLines json = new JsonLines();
  @Mixin private ChunkLimit chunkLimit = new ChunkLimit();
  @Spec private CommandSpec spec;

  IndexCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws StandardOutputException {
    if (files.arguments().stream().anyMatch(FileArgument::isStandard)) {
      throw new ParameterException(spec.commandLine(), "index needs files, not standard input");
    }
    return files.eachFile(streams, this::save);
  }

  /**
   * Returns whether {@code file} is a saved index; a shell may have included it when it expanded a
   * pattern.
   */
  private static boolean isIndex(RecordFile file) {
    return DerivedFile.of(file.path()).orElse(null) == DerivedFile.SAVED_INDEX;
  }

  private void save(RecordFile file) throws IOException {
    if (isIndex(file)) {
      Failure.print(
          QuotedText.name(file.name()) + ": left out: it is a saved index", streams.err());
      return;
    }
    RandomAccessOptions options =
        RandomAccessOptions.defaults()
            .withSavedIndex(SavedIndex.IGNORE)
            .withFooter(false)
            .withReaderOptions(chunkLimit.on(ReaderOptions.defaults()));
    if (directory != null) {
      options = options.withIndexDirectory(directory);
    }
    try (RandomAccessReader reader = RandomAccessReader.open(file.path(), options)) {
      // A signal ends the process only after the index, which is small, is saved completely.
      Path saved = streams.unfinished().create(reader::saveIndex).getFirst();
      long records = reader.recordCount();
      if (json.areAskedFor()) {
        JsonLines.print(streams, line -> add(line, file.name(), saved, records));
      } else {
        streams.out().print(records + "  " + QuotedText.name(saved) + "\n");
      }
    }
  }

  private static void add(Json line, String name, Path index, long records) {
    line.name("file").value(name);
    line.name("index").value(index.toString());
    line.name("records").value(records);
  }
}
