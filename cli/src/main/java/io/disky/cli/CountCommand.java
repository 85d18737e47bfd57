package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Counts records. */
@Command(
    name = "count",
    header = "Counts records.",
    description = {
      "",
      "Counts the records of each FILE. Reads only the chunk headers, so it does not detect damage"
          + " elsewhere ('disky digest' reads all bytes).",
      "For one FILE it prints the number. For several it prints a line for each (number, two"
          + " spaces, name) and a last line with the total. If a FILE cannot be counted, there is a"
          + " message instead of its line, the last line says 'total of N of M files', and the exit"
          + " status is 1. Each thread counts one file at a time."
    },
    sortOptions = false,
    footer = {
      "",
      "Keys of the JSON objects: file, records. A FILE that cannot be counted has no object.",
      "For several FILEs the last object has these keys:",
      "  total    sum of the records of the counted files",
      "  counted  number of files that were counted",
      "  files    number of files"
    })
final class CountCommand implements FilesCommand {
  private final StandardStreams streams;
  private long total;
  private int counted;

  @Mixin private JsonLines json = new JsonLines();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Mixin private RecordFiles files = new RecordFiles();

  CountCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public void setFiles(List<FileArgument> arguments) {
    files.set(arguments);
  }

  @Override
  public Integer call() throws IOException {
    int status = files.each("count", threads.count(), streams, this::count, this::add);
    if (!files.isOne()) {
      printTotal();
    }
    return status;
  }

  private void printTotal() throws IOException {
    int all = files.examined();
    if (json.areAskedFor()) {
      JsonLines.print(
          streams,
          line -> {
            line.name("total").value(total);
            line.name("counted").value(counted);
            line.name("files").value(all);
          });
    } else {
      print(total, counted == all ? "total" : "total of " + counted + " of " + all + " files");
    }
  }

  private Long count(RecordFile file, FilesProgress.Part progress) throws IOException {
    ReaderOptions options = progress.on(readSettings.on(ReaderOptions.defaults()));
    try (RecordReader reader = file.open(options)) {
      return reader.recordCount();
    }
  }

  private void add(String name, long count) throws IOException {
    total += count;
    counted++;
    if (json.areAskedFor()) {
      JsonLines.print(streams, line -> line.name("file").value(name).name("records").value(count));
    } else if (files.isOne()) {
      streams.out().print(count + "\n");
    } else {
      print(count, QuotedText.name(name));
    }
  }

  private void print(long count, String name) throws IOException {
    streams.out().print(count + "  " + name + "\n");
  }
}
