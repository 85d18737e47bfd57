package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.disky.Container;
import io.disky.FileDescription;
import io.disky.RecordPosition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The parts of a report that are bounded, whatever the files contain. */
class ReportPartsTest {
  private static double sum(PositionBins bins) {
    double sum = 0;
    for (int bin = 0; bin < bins.count(); bin++) {
      sum += bins.damaged(bin);
    }
    return sum;
  }

  @Test
  void binsCoverTheFile() {
    for (long size : new long[] {1, 2, 119, 120, 121, 1000, 1L << 40, Long.MAX_VALUE}) {
      PositionBins bins = new PositionBins(size);
      assertThat(bins.count()).isBetween(1, PositionBins.MAX_BINS);
      assertThat(bins.begin(0)).isZero();
      for (int bin = 1; bin < bins.count(); bin++) {
        assertThat(bins.begin(bin)).isEqualTo(bins.end(bin - 1)).isGreaterThan(0);
      }
      assertThat(bins.end(bins.count() - 1)).isEqualTo(size);
      bins.addDamage(0, size);
      assertThat(sum(bins) / size).isCloseTo(1, within(1e-9));
    }
    assertThat(new PositionBins(0).count()).isZero();
  }

  @Test
  void chunksAreDividedAmongBins() {
    PositionBins bins = new PositionBins(1200);
    bins.addChunk(5, 25, 60);
    bins.addChunk(25, 30, 5);
    bins.addDamage(1195, 5000);
    assertThat(bins.ratio(0)).isEqualTo(3);
    assertThat(bins.ratio(1)).isEqualTo(3);
    assertThat(bins.ratio(2)).isEqualTo(2);
    assertThat(bins.hasChunks(3)).isFalse();
    assertThat(bins.damaged(119)).isEqualTo(5);
    assertThat(sum(bins)).isEqualTo(5);
  }

  @Test
  void keepsTheFirstOfRecordsWithTheSameSize() {
    LargestRecords largest = new LargestRecords();
    for (int number = 0; number < 1000; number++) {
      largest.add(
          new LargestRecords.Entry("f", number, new RecordPosition(64, number), number % 200));
    }
    assertThat(largest.largestFirst().stream().map(LargestRecords.Entry::number))
        .containsExactly(199L, 399L, 599L, 799L, 999L, 198L, 398L, 598L, 798L, 998L);
    assertThat(largest.accepts(198)).isFalse();
    assertThat(largest.accepts(199)).isTrue();
  }

  @Test
  void textsAreEscaped() {
    assertThat(Html.escaped("<a href=\"x\" b='y'>&amp;\u00e4"))
        .isEqualTo("&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;\u00e4");
    String bar = drawn();
    assertThat(bar).contains("<title>&lt;&quot;&gt;</title>", "aria-label=\"&quot;&gt;\"");
  }

  private static String drawn() {
    SvgDrawing drawing = new SvgDrawing();
    drawing.bar(1, 2, 3, 4, "", "<\">");
    return drawing.inline(10, "\">");
  }

  @Test
  void sizesAreRounded() {
    assertThat(SizesText.rounded(0)).isEqualTo("0 B");
    assertThat(SizesText.rounded(1023)).isEqualTo("1023 B");
    assertThat(SizesText.rounded(1536)).isEqualTo("1.5 KiB");
    assertThat(SizesText.rounded(200 * 1024 * 1024)).isEqualTo("200 MiB");
    assertThat(SizesText.rounded((double) Long.MAX_VALUE)).isEqualTo("8.0 EiB");
  }

  @Test
  void aPageOfManyFilesIsBounded() {
    ReportPage page = new ReportPage();
    for (int number = 1; number <= 1500; number++) {
      page.add(survey("file" + number, number > 1450));
    }
    String text = page.text(true);
    assertThat(text).contains("1,500 record files", "50 files are damaged");
    assertThat(text).contains("Further files that are not listed: 500<", "file1000<");
    assertThat(text).doesNotContain("file1001<").contains("<h2>file1451</h2>", "<li>…</li>");
    assertThat(text.split("<section ", -1)).hasSize(33);
    assertThat(text.length()).isLessThan(2_000_000);
  }

  private static FileSurvey survey(String name, boolean lacksIndex) {
    SizeTally sizes = new SizeTally();
    sizes.add(17);
    FileDescription description =
        new FileDescription(
            100,
            Container.RECORDS,
            Map.of(),
            Map.of(),
            Set.of(),
            1,
            17,
            20,
            sizes.distribution(),
            sizes.distribution(),
            Optional.empty());
    return new FileSurvey(
        name,
        description,
        null,
        false,
        0,
        new PositionBins(100),
        new LargestRecords(),
        List.of(),
        0,
        0,
        lacksIndex);
  }
}
