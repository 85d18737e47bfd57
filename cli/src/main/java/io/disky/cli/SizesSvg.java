package io.disky.cli;

import io.disky.SizeDistribution;
import java.util.Locale;

/**
 * Draws histograms of sizes as a self-contained SVG image: a bar for each power of two, one
 * histogram below the other.
 */
final class SizesSvg {
  private static final int WIDTH = 720;
  private static final int PANEL = 300;
  private static final int LEFT = 90;
  private static final int RIGHT = 20;
  private static final int TOP = 60;
  private static final int PLOT = 180;
  private static final int HALF = 2;
  private static final int BASE = 1024;
  private static final String[] UNITS = {"", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};

  private final StringBuilder panels = new StringBuilder();
  private int count;

  /** Adds a histogram with this title. */
  void add(String title, SizeDistribution sizes) {
    int top = PANEL * count;
    count++;
    text(LEFT, top + 26, "start", "class=\"title\" ", title);
    text(LEFT, top + 46, "start", "", SizesText.summary(sizes));
    if (sizes.count() > 0) {
      addBars(top + TOP, sizes);
    }
  }

  private void addBars(int top, SizeDistribution sizes) {
    int first = slot(sizes.histogram().firstKey());
    int last = slot(sizes.histogram().lastKey());
    long most = sizes.histogram().values().stream().mapToLong(Long::longValue).max().orElse(1);
    double step = (double) (WIDTH - LEFT - RIGHT) / (last - first + 1);
    int bottom = top + PLOT;
    for (int slot = first; slot <= last; slot++) {
      long from = slot == 0 ? 0 : 1L << (slot - 1);
      double x = LEFT + (slot - first) * step;
      Long sizesInRange = sizes.histogram().get(from);
      if (sizesInRange != null) {
        addBar(x, step, bottom, (double) PLOT * sizesInRange / most, from, sizesInRange);
      }
      if (last - first < 16 || (slot - first) % HALF == 0) {
        text(x + step / HALF, bottom + 18, "middle", "", label(from));
      }
    }
    line(LEFT, bottom, WIDTH - RIGHT, bottom);
    line(LEFT, top, LEFT, bottom);
    text(LEFT - 8.0, top + 10, "end", "", String.format(Locale.ROOT, "%,d", most));
    text(LEFT - 8.0, bottom, "end", "", "0");
    text((LEFT + WIDTH - RIGHT) / 2.0, bottom + 38, "middle", "", "bytes, from this size on");
  }

  /** The number of significant bits of a size. */
  private static int slot(long size) {
    return Long.SIZE - Long.numberOfLeadingZeros(size);
  }

  private void addBar(double x, double step, int bottom, double height, long from, long sizes) {
    double visible = Math.max(height, 1);
    panels.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s bytes:"
                + " %,d</title></rect>\n",
            x + step * 0.05,
            bottom - visible,
            step * 0.9,
            visible,
            SizesText.range(from),
            sizes));
  }

  private static String label(long from) {
    int unit = 0;
    long value = from;
    while (value >= BASE) {
      value /= BASE;
      unit++;
    }
    return value + UNITS[unit];
  }

  private void line(int x1, int y1, int x2, int y2) {
    panels.append(
        String.format(
            Locale.ROOT, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", x1, y1, x2, y2));
  }

  private void text(double x, double y, String anchor, String attributes, String content) {
    panels.append(
        String.format(
            Locale.ROOT,
            "<text %sx=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
            attributes,
            x,
            y,
            anchor,
            content));
  }

  /** The image with all histograms that were added. */
  String image() {
    int height = PANEL * count;
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "
        + WIDTH
        + " "
        + height
        + "\" width=\""
        + WIDTH
        + "\" height=\""
        + height
        + "\">\n<style>\n"
        + "text { font: 12px sans-serif; fill: #333; }\n"
        + ".title { font-size: 16px; font-weight: bold; }\n"
        + "rect { fill: #3572b0; }\n"
        + "line { stroke: #333; }\n"
        + ".paper { fill: #fff; }\n"
        + "</style>\n"
        + "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n"
        + panels
        + "</svg>\n";
  }
}
