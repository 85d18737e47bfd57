package io.disky.cli;

import io.disky.RecordReader;
import io.disky.SkippedRegion;
import io.disky.files.QuotedText;
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
      "for a FILE without any. For an ArrayRecord that lacks the index at its end, because its writer"
          + " was ended before it was complete, there is a line",
      "",
      "    FILE: no index: what follows from that",
      "",
      "instead, if it shows: if a part of the index is there, or FILE has .array_record or .arrayrecord"
          + " in its name. The exit status is 1 if one is damaged, lacks its index or cannot be read."
          + " The threads check a file each."
    },
    sortOptions = false)
final class VerifyCommand implements Callable<Integer> {
  private final StandardStreams streams;
  private boolean damaged;

  /** What was found out about a file. */
  private record Findings(List<SkippedRegion> regions, boolean lacksIndex) {}

  @Option(
      names = "--deep",
      description =
          "Decode the records, too: finds chunks whose hashes are right but whose contents"
              + " are not.")
  private boolean deep;

  @Mixin private ChunkLimit chunkLimit = new ChunkLimit();
  @Mixin private Threads threads = new Threads();
  @Mixin private RecordFiles files = new RecordFiles();

  VerifyCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    int status = files.each(threads.count(), streams, this::examine, this::report);
    return damaged ? ExitCode.SOFTWARE : status;
  }

  private void report(String name, Findings findings) throws IOException {
    List<SkippedRegion> regions = findings.regions;
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
    if (findings.lacksIndex) {
      lines
          .append(QuotedText.name(name))
          .append(": no index: an ArrayRecord that is not complete; its records are intact, and")
          .append(" 'disky convert --container=array_record' writes a complete one with them\n");
    } else if (regions.isEmpty()) {
      lines.append(QuotedText.name(name)).append(": intact\n");
    }
    damaged |= findings.lacksIndex || !regions.isEmpty();
    streams.out().print(lines.toString());
  }

  private Findings examine(RecordFile file) throws IOException {
    try (RecordReader reader = file.open(chunkLimit.on(RecoverySettings.recovering(region -> {})));
        Progress progress = progress(reader.fileSize())) {
      if (deep) {
        reader.visitBatches(batch -> progress.stepTo(batch.chunkBegin()));
      } else {
        reader.verify();
      }
      List<SkippedRegion> regions = reader.skippedRegions();
      return new Findings(regions, regions.isEmpty() && ArrayRecordIndex.isMissing(file, reader));
    }
  }

  /** Of files that are checked at once, none is shown. */
  private Progress progress(long size) throws IOException {
    return files.isOne() || threads.count() == 0
        ? new Progress("verify", size, streams.err())
        : Progress.none(streams.err());
  }
}
