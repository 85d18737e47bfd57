package io.disky.cli;

import io.disky.FileDescription;
import io.disky.files.QuotedText;
import java.util.ArrayList;
import java.util.List;

/**
 * A report on files as a page of HTML, which loads nothing and contains no scripts. The size of the
 * page and the memory for it are bounded, whatever the files contain.
 */
final class ReportPage {
  private static final int MAX_ROWS = 1000;
  private static final int MAX_SECTIONS = 32;

  private final DataSetStatistics statistics = new DataSetStatistics();
  private final LargestRecords largest = new LargestRecords();
  private final List<Row> rows = new ArrayList<>();
  private final List<Section> sections = new ArrayList<>();
  private long damagedFiles;
  private long skippedBytes;

  /** A file in the table of all files; {@code number} counts from 1. */
  private record Row(
      long number, String name, FileDescription file, long skippedBytes, boolean isDamaged) {}

  /** A file that is described in a section of its own. */
  private record Section(long number, FileSurvey file) {}

  /** Adds a file. */
  void add(FileSurvey file) {
    statistics.add(file.description());
    largest.addAll(file.largest());
    skippedBytes += file.skippedBytes();
    damagedFiles += file.isDamaged() ? 1 : 0;
    addSection(new Section(statistics.files(), file));
    if (rows.size() < MAX_ROWS) {
      rows.add(
          new Row(
              statistics.files(),
              file.name(),
              file.description(),
              file.skippedBytes(),
              file.isDamaged()));
    }
  }

  /** Keeps the first files, but damaged files rather than intact ones. */
  private void addSection(Section added) {
    if (sections.size() == MAX_SECTIONS) {
      int intact = MAX_SECTIONS - 1;
      while (intact >= 0 && sections.get(intact).file().isDamaged()) {
        intact--;
      }
      if (intact < 0 || !added.file().isDamaged()) {
        return;
      }
      sections.remove(intact);
    }
    sections.add(added);
  }

  /** Number of files that were added. */
  long files() {
    return statistics.files();
  }

  /**
   * The page about all files that were added.
   *
   * @param complete whether no other file was to be added
   */
  String text(boolean complete) {
    boolean single = files() == 1;
    String title =
        single
            ? QuotedText.name(sections.getFirst().file().name())
            : ReportText.count(files(), "record file");
    Html page = new Html();
    page.markup(ReportStyle.HEAD)
        .element("title", title)
        .markup("</head>\n<body>\n<main>\n")
        .element("h1", title);
    addSummary(page, complete);
    if (single) {
      FileSurvey file = sections.getFirst().file();
      FileSection.addFacts(page, file);
      addSizes(page);
      FileSection.addPositions(page, file, "h2");
      addLargest(page);
    } else {
      addDamagedFiles(page);
      addSizes(page);
      addLargest(page);
      addTable(page);
      addSections(page);
    }
    return page.markup("</main>\n</body>\n</html>\n").toString();
  }

  private void addSummary(Html page, boolean complete) {
    page.markup("<p>")
        .text(ReportText.count(statistics.records(), "record"))
        .text(" with " + ReportText.bytes(statistics.recordBytes()))
        .text(" in " + ReportText.bytes(statistics.fileSize()))
        .text(files() == 1 ? " of file" : " of files")
        .text("; compression ratio " + ReportText.ratio(statistics.compressionRatio()) + ". ")
        .markup(damagedFiles == 0 ? "<strong class=\"good\">" : "<strong class=\"bad\">")
        .text(damage())
        .markup("</strong></p>\n");
    if (!complete) {
      page.markup("<p class=\"bad\">This page leaves out files that cannot be read at all. The")
          .markup(" command has printed a message about each of them.</p>\n");
    }
  }

  private String damage() {
    if (damagedFiles == 0) {
      return "No damage was found.";
    }
    String subject =
        files() == 1
            ? "The file is"
            : ReportText.count(damagedFiles, "file") + (damagedFiles == 1 ? " is" : " are");
    return subject
        + " damaged or incomplete; the report skipped "
        + ReportText.bytes(skippedBytes)
        + ".";
  }

  /** Adds links to the damaged files that have a section. */
  private void addDamagedFiles(Html page) {
    if (damagedFiles == 0) {
      return;
    }
    long linked = 0;
    page.markup("<ul class=\"bad\">\n");
    for (Section section : sections) {
      if (section.file().isDamaged()) {
        page.markup("<li>");
        addLink(page, section.number(), section.file().name());
        page.markup("</li>\n");
        linked++;
      }
    }
    page.markup(damagedFiles > linked ? "<li>…</li>\n" : "").markup("</ul>\n");
  }

  private static void addLink(Html page, long number, String name) {
    page.markup("<a href=\"#file-" + number + "\">").text(QuotedText.name(name)).markup("</a>");
  }

  private void addSizes(Html page) {
    if (statistics.recordSizes().count() == 0) {
      return;
    }
    page.element("h2", "Sizes");
    SizesSvg records = new SizesSvg();
    records.add("Sizes of records", statistics.recordSizes());
    page.markup(records.inline("Histogram of the sizes of records"));
    SizesSvg chunks = new SizesSvg();
    chunks.add("Sizes of chunks in the file", statistics.chunkSizes());
    page.markup(chunks.inline("Histogram of the sizes of chunks"));
  }

  private void addLargest(Html page) {
    List<LargestRecords.Entry> records = largest.largestFirst();
    if (records.isEmpty()) {
      return;
    }
    boolean named = files() != 1;
    page.element("h2", "Largest records").markup(Html.BEGIN_TABLE);
    if (named) {
      page.column("file", false);
    }
    page.column("size in bytes", true)
        .column("position", true)
        .column("record, from 0", true)
        .markup(Html.END_HEAD);
    for (LargestRecords.Entry record : records) {
      page.markup("<tr>");
      if (named) {
        page.markup("<th scope=\"row\">").text(QuotedText.name(record.file())).markup("</th>");
      }
      page.number(ReportText.number(record.size()))
          .number(record.position().toString())
          .number(ReportText.number(record.number()))
          .markup("</tr>\n");
    }
    page.markup(Html.END_TABLE)
        .markup("<p><code>disky cat --at POSITION --limit 1 FILE</code> prints a record.</p>\n");
  }

  private void addTable(Html page) {
    page.element("h2", "Files")
        .markup(Html.BEGIN_TABLE)
        .column("file", false)
        .column("size in bytes", true)
        .column("records", true)
        .column("record bytes", true)
        .column("ratio", true)
        .column("chunks", true)
        .column("compression", false)
        .column("dialect", false)
        .column("container", false)
        .column("damage", false)
        .markup(Html.END_HEAD);
    for (Row row : rows) {
      addRow(page, row);
    }
    page.markup(Html.END_TABLE);
    if (files() > rows.size()) {
      page.element(
          "p", "Further files that are not listed: " + ReportText.number(files() - rows.size()));
    }
  }

  private void addRow(Html page, Row row) {
    page.markup("<tr><th scope=\"row\">");
    if (sections.stream().anyMatch(section -> section.number() == row.number())) {
      addLink(page, row.number(), row.name());
    } else {
      page.text(QuotedText.name(row.name()));
    }
    FileDescription file = row.file();
    page.markup("</th>")
        .number(ReportText.number(file.fileSize()))
        .number(ReportText.number(file.recordCount()))
        .number(ReportText.number(file.recordBytes()))
        .number(ReportText.ratio(file.compressionRatio()))
        .number(ReportText.number(file.chunkSizes().count()))
        .cell(TextFileReport.codecs(file))
        .cell(ReportText.dialects(file))
        .cell(ConstantConverter.name(file.container()))
        .markup(row.isDamaged() ? "<td class=\"bad\">" : "<td>")
        .text(row.isDamaged() ? ReportText.bytes(row.skippedBytes()) + " skipped" : "none")
        .markup("</td></tr>\n");
  }

  private void addSections(Html page) {
    for (Section section : sections) {
      page.markup("<section id=\"file-" + section.number() + "\">\n")
          .element("h2", QuotedText.name(section.file().name()));
      FileSection.addFacts(page, section.file());
      FileSection.addPositions(page, section.file(), "h3");
      page.markup("</section>\n");
    }
    if (files() > sections.size()) {
      page.markup("<p>Of all files, " + sections.size() + " have a section.")
          .markup(" <code>disky report FILE</code> describes one file.</p>\n");
    }
  }
}
