package io.disky.cli;

import io.disky.FileDescription;
import io.disky.SkippedRegion;
import io.disky.files.QuotedText;
import java.util.Optional;

/** The parts of a report that describe one file. */
final class FileSection {
  private FileSection() {}

  /** Adds a table of the properties of the file and of its metadata. */
  static void addFacts(Html page, FileSurvey file) {
    FileDescription description = file.description();
    page.markup(Html.BEGIN_FACTS)
        .row("size", ReportText.bytes(description.fileSize()))
        .row("container", ConstantConverter.name(description.container()))
        .row("records", ReportText.number(description.recordCount()))
        .row("record bytes", ReportText.bytes(description.recordBytes()))
        .row("compression ratio", ReportText.ratio(description.compressionRatio()))
        .row("compression", TextFileReport.codecs(description))
        .row("dialect", TextFileReport.dialects(description))
        .row("chunks", TextFileReport.chunks(description));
    if (file.unlistedChunks() > 0) {
      page.row("chunks after a damaged header", ReportText.number(file.unlistedChunks()));
    }
    if (file.metadata() != null) {
      addMetadata(page, file.metadata());
    }
    page.markup(Html.END_TABLE);
    if (file.metadataFailed()) {
      page.markup("<p class=\"bad\">The metadata are damaged.</p>\n");
    }
    if (file.lacksIndex()) {
      page.markup("<p class=\"bad\">This ArrayRecord lacks its index. Its records are intact.")
          .markup(" <code>disky convert --container=array_record</code> writes a complete")
          .markup(" ArrayRecord.</p>\n");
    }
  }

  private static void addMetadata(Html page, MetadataExcerpt metadata) {
    addText(page, "file comment", metadata.fileComment());
    addText(page, "written with", metadata.recordWriterOptions());
    if (metadata.numRecords().isPresent()) {
      page.row("stated records", ReportText.number(metadata.numRecords().getAsLong()));
    }
    page.row("metadata", ReportText.bytes(metadata.size()));
    addText(page, "record type", metadata.recordTypeName());
    for (MessageField field : metadata.fields()) {
      String text = field.number() + " " + field.name() + ": " + field.type();
      page.row("field", QuotedText.line(text));
    }
    if (metadata.moreFields() > 0) {
      page.row("further fields", ReportText.number(metadata.moreFields()));
    }
  }

  private static void addText(Html page, String heading, Optional<String> text) {
    if (text.isPresent()) {
      page.row(heading, QuotedText.line(text.get()));
    }
  }

  /**
   * Adds compression and damage by position, and a table of the skipped regions.
   *
   * @param heading the element of the heading, for example {@code h2}
   */
  static void addPositions(Html page, FileSurvey file, String heading) {
    if (file.description().fileSize() == 0) {
      return;
    }
    page.element(heading, "Compression ratio and damage by position")
        .markup("<p>The ratio is the number of bytes of records for each byte of the file; the")
        .markup(" dashed line is 1.</p>\n")
        .markup(PositionsSvg.inline(file.positions(), file.description().fileSize()));
    if (file.skippedRegions() > 0) {
      page.element(heading, "Skipped regions");
      addRegions(page, file);
    }
  }

  private static void addRegions(Html page, FileSurvey file) {
    page.markup(Html.BEGIN_TABLE)
        .column("begin", true)
        .column("end", true)
        .column("bytes", true)
        .column("reason", false)
        .markup(Html.END_HEAD);
    for (SkippedRegion region : file.regions()) {
      page.markup("<tr>")
          .number(ReportText.number(region.begin()))
          .number(ReportText.number(region.end()))
          .number(ReportText.number(region.size()))
          .cell(QuotedText.message(region.reason()))
          .markup("</tr>\n");
    }
    page.markup(Html.END_TABLE);
    long more = file.skippedRegions() - file.regions().size();
    if (more > 0) {
      page.element("p", "Further regions that are not listed: " + ReportText.number(more));
    }
  }
}
