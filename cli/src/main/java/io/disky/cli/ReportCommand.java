package io.disky.cli;

import io.disky.ReaderOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Reports on files as a page of HTML. */
@Command(
    name = "report",
    header = "Reports on files as an HTML page.",
    description = {
      "",
      "Reads all bytes of all FILEs, skips damaged parts, and prints a page for a browser: histograms"
          + " of the sizes of records and chunks, the compression ratio and the damage by position,"
          + " the metadata, the largest records, and for several FILEs a table of them. The page is"
          + " one file that loads nothing and contains no scripts:",
      "",
      "  disky report train-*.disky > report.html",
      "",
      "The exit status is 1 if a FILE is damaged or cannot be read; the page leaves out a FILE that"
          + " cannot be read at all. The page lists at most 1,000 FILEs, and describes at most 32 of"
          + " them in a section, damaged ones rather than intact ones."
    },
    sortOptions = false)
final class ReportCommand implements Callable<Integer> {
  private final StandardStreams streams;
  private final ReportPage page = new ReportPage();
  private boolean damaged;

  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Mixin private RecordFiles files = new RecordFiles();

  ReportCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    int status =
        files.each("report", threads.count(), streams, this::survey, (name, file) -> add(file));
    if (page.files() > 0) {
      byte[] text = page.text(status == ExitCode.OK).getBytes(StandardCharsets.UTF_8);
      streams.out().write(ByteBuffer.wrap(text));
      streams.out().flush();
    }
    return damaged ? ExitCode.SOFTWARE : status;
  }

  private FileSurvey survey(RecordFile file, FilesProgress.Part progress) throws IOException {
    boolean alone = files.isOne();
    ReaderOptions options =
        readSettings
            .on(ReaderOptions.defaults())
            .withParallelism(alone ? threads.countForReading() : 0);
    return FileSurveyor.survey(file, options, progress::at);
  }

  private void add(FileSurvey file) {
    damaged |= file.isDamaged();
    page.add(file);
  }
}
