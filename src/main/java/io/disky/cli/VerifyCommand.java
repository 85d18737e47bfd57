package io.disky.cli;

import io.disky.RecordReader;
import io.disky.SkippedRegion;
import io.disky.internal.QuotedText;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks record files. */
@Command(
    name = "verify",
    header = "Checks files for damage.",
    description = {
      "",
      "Checks every hash of each FILE and prints a line for each damaged part:",
      "",
      "    FILE: damaged from BEGIN to END: what is wrong",
      "",
      "where BEGIN and END, which is not included, are offsets in bytes; and a line",
      "",
      "    FILE: intact",
      "",
      "for a FILE without any. The exit status is 1 if one is damaged or cannot be read. The"
          + " threads check a file each."
    },
    sortOptions = false)
final class VerifyCommand implements Callable<Integer> {
  private final StandardStreams streams;
  private boolean damaged;

  @Option(
      names = "--deep",
      description =
          "Decode the records, too: finds chunks whose hashes are right but whose contents"
              + " are not.")
  private boolean deep;

  @Mixin private Threads threads = new Threads();
  @Mixin private RecordFiles files = new RecordFiles();

  VerifyCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    int status = files.each(threads.count(), streams, this::skippedRegions, this::report);
    return damaged ? ExitCode.SOFTWARE : status;
  }

  private void report(String name, List<SkippedRegion> regions) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (SkippedRegion region : regions) {
      lines
          .append(QuotedText.name(name))
          .append(": damaged from ")
          .append(region.begin())
          .append(" to ")
          .append(region.end())
          .append(": ")
          .append(region.reason())
          .append('\n');
    }
    if (regions.isEmpty()) {
      lines.append(QuotedText.name(name)).append(": intact\n");
    }
    damaged |= !regions.isEmpty();
    streams.out().print(lines.toString());
  }

  private List<SkippedRegion> skippedRegions(RecordFile file) throws IOException {
    try (RecordReader reader = file.open(RecoverySettings.recovering(region -> {}));
        Progress progress = progress(reader.fileSize())) {
      if (deep) {
        reader.visitBatches(batch -> progress.stepTo(batch.chunkBegin()));
      } else {
        reader.verify();
      }
      return reader.skippedRegions();
    }
  }

  /** Of files that are checked at once, none is shown. */
  private Progress progress(long size) throws IOException {
    return files.isOne() || threads.count() == 0
        ? new Progress("verify", size, streams.err())
        : Progress.none(streams.err());
  }
}
