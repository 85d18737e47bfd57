package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.SkippedRegion;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.util.List;
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
      "    FILE: damaged from BEGIN to END: REASON",
      "",
      "BEGIN and END are offsets in bytes, END not included. For a FILE without damage it prints",
      "",
      "    FILE: intact",
      "",
      "An ArrayRecord lacks the index at its end if its writer ended before the file was complete."
          + " For such a FILE the command instead prints",
      "",
      "    FILE: no index: REMEDY",
      "",
      "It recognises such a FILE by a part of the index, or by .array_record or .arrayrecord in its"
          + " name. The exit status is 1 if a FILE is damaged, lacks its index or cannot be read."
          + " Each thread checks one file at a time."
    },
    sortOptions = false,
    footer = {
      "",
      "Keys of the JSON objects:",
      "  file        the FILE",
      "  intact      true or false",
      "  lacksIndex  whether it is an ArrayRecord without its index",
      "  damaged     array of objects with begin, end and reason"
    })
final class VerifyCommand implements FilesCommand {
  private final StandardStreams streams;
  private boolean damaged;

  /** The result of checking a file. */
  private record Findings(List<SkippedRegion> regions, boolean lacksIndex) {
    private boolean areNone() {
      return regions.isEmpty() && !lacksIndex;
    }
  }

  @Option(
      names = "--deep",
      description =
          "Also decode the records. This finds chunks whose hashes match but whose contents are"
              + " invalid.")
  private boolean deep;

  @Mixin private JsonLines json = new JsonLines();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Mixin private RecordFiles files = new RecordFiles();

  VerifyCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public void setFiles(List<FileArgument> arguments) {
    files.set(arguments);
  }

  @Override
  public Integer call() throws IOException {
    int status = files.each("verify", threads.count(), streams, this::examine, this::report);
    return damaged ? ExitCode.SOFTWARE : status;
  }

  private void report(String name, Findings findings) throws IOException {
    List<SkippedRegion> regions = findings.regions;
    damaged |= !findings.areNone();
    if (json.areAskedFor()) {
      JsonLines.print(streams, line -> add(line, name, findings));
      return;
    }
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
          .append(": no index: this ArrayRecord is incomplete; its records are intact, and")
          .append(" 'disky convert --container=array_record' writes a complete one with them\n");
    } else if (regions.isEmpty()) {
      lines.append(QuotedText.name(name)).append(": intact\n");
    }
    streams.out().print(lines.toString());
  }

  private static void add(Json line, String name, Findings findings) {
    line.name("file").value(name);
    line.name("intact").value(findings.areNone());
    line.name("lacksIndex").value(findings.lacksIndex);
    SkippedRegionText.add(line, "damaged", findings.regions);
  }

  private Findings examine(RecordFile file, FilesProgress.Part progress) throws IOException {
    ReaderOptions options = progress.on(readSettings.on(RecoverySettings.recovering(region -> {})));
    try (RecordReader reader = file.open(options)) {
      if (deep) {
        reader.visitBatches(batch -> progress.at(batch.chunkBegin()));
      } else {
        reader.verify();
      }
      List<SkippedRegion> regions = reader.skippedRegions();
      return new Findings(regions, regions.isEmpty() && ArrayRecordIndex.isMissing(file, reader));
    }
  }
}
