package io.disky.cli;

import io.disky.SizeDistribution;
import java.util.Locale;

/**
 * Draws histograms of sizes as a self-contained SVG image: a bar for each power of two, one
 * histogram below the other.
 */
final class SizesSvg {
  private static final int PANEL = 300;
  private static final int LEFT = SvgDrawing.LEFT;
  private static final int RIGHT = SvgDrawing.RIGHT;
  private static final int TOP = 60;
  private static final int PLOT = 180;
  private static final int HALF = 2;
  private static final int BASE = 1024;
  private static final String[] UNITS = {"", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};

  private final SvgDrawing drawing = new SvgDrawing();
  private int count;

  /** Adds a histogram with this title. */
  void add(String title, SizeDistribution sizes) {
    int top = PANEL * count;
    count++;
    drawing.text(LEFT, top + 26, "start", "class=\"title\" ", title);
    drawing.text(LEFT, top + 46, "start", "", SizesText.summary(sizes));
    if (sizes.count() > 0) {
      addBars(top + TOP, sizes);
    }
  }

  private void addBars(int top, SizeDistribution sizes) {
    int first = slot(sizes.histogram().firstKey());
    int last = slot(sizes.histogram().lastKey());
    long most = sizes.histogram().values().stream().mapToLong(Long::longValue).max().orElse(1);
    double step = (double) (RIGHT - LEFT) / (last - first + 1);
    int bottom = top + PLOT;
    for (int slot = first; slot <= last; slot++) {
      long from = slot == 0 ? 0 : 1L << (slot - 1);
      double x = LEFT + (slot - first) * step;
      Long sizesInRange = sizes.histogram().get(from);
      if (sizesInRange != null) {
        addBar(x, step, bottom, (double) PLOT * sizesInRange / most, from, sizesInRange);
      }
      if (last - first < 16 || (slot - first) % HALF == 0) {
        drawing.text(x + step / HALF, bottom + 18, "middle", "", label(from));
      }
    }
    drawing.line(LEFT, bottom, RIGHT, bottom);
    drawing.line(LEFT, top, LEFT, bottom);
    drawing.text(LEFT - 8.0, top + 10, "end", "", String.format(Locale.ROOT, "%,d", most));
    drawing.text(LEFT - 8.0, bottom, "end", "", "0");
    drawing.text((LEFT + RIGHT) / 2.0, bottom + 38, "middle", "", "bytes, from this size on");
  }

  /** The number of significant bits of a size. */
  private static int slot(long size) {
    return Long.SIZE - Long.numberOfLeadingZeros(size);
  }

  private void addBar(double x, double step, int bottom, double height, long from, long sizes) {
    String title = String.format(Locale.ROOT, "%s bytes: %,d", SizesText.range(from), sizes);
    drawing.bar(x + step * 0.05, step * 0.9, bottom, height, "", title);
  }

  /** A power of two with a unit. */
  static String label(long from) {
    int unit = 0;
    long value = from;
    while (value >= BASE) {
      value /= BASE;
      unit++;
    }
    return value + UNITS[unit];
  }

  /** An image file with all histograms that were added. */
  String image() {
    return drawing.image(PANEL * count);
  }

  /** All histograms that were added, as a part of an HTML page. */
  String inline(String description) {
    return drawing.inline(PANEL * count, description);
  }
}
