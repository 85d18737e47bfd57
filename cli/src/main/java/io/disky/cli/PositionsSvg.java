package io.disky.cli;

import java.util.Locale;

/** Draws compression and damage of a file by position. */
final class PositionsSvg {
  private static final int TOP = 16;
  private static final int PLOT = 140;
  private static final int BOTTOM = TOP + PLOT;
  private static final int STRIP = 16;
  private static final int STRIP_BOTTOM = BOTTOM + 8 + STRIP;
  private static final int HEIGHT = STRIP_BOTTOM + 44;
  private static final int TICKS = 4;

  private final PositionBins positions;
  private final long fileSize;
  private final SvgDrawing drawing = new SvgDrawing();

  private PositionsSvg(PositionBins positions, long fileSize) {
    this.positions = positions;
    this.fileSize = fileSize;
  }

  /** The image as a part of an HTML page; {@code fileSize} must be at least 1. */
  static String inline(PositionBins positions, long fileSize) {
    PositionsSvg image = new PositionsSvg(positions, fileSize);
    image.addRatios();
    image.addDamage();
    image.addAxis();
    return image.drawing.inline(HEIGHT, "Compression ratio and damage by position in the file");
  }

  private void addRatios() {
    double most = 1;
    for (int bin = 0; bin < positions.count(); bin++) {
      most = Math.max(most, positions.ratio(bin));
    }
    for (int bin = 0; bin < positions.count(); bin++) {
      if (positions.hasChunks(bin)) {
        double ratio = positions.ratio(bin);
        String title = range(bin) + String.format(Locale.ROOT, ": ratio %.2f", ratio);
        drawing.bar(x(bin), width(bin), BOTTOM, PLOT * ratio / most, "", title);
      }
    }
    double one = BOTTOM - PLOT / most;
    drawing.mark(one);
    label(TOP + 10, String.format(Locale.ROOT, "%.2f", most));
    if (one > TOP + 24 && one < BOTTOM - 14) {
      label(one + 4, "1");
    }
    label(BOTTOM, "0");
  }

  private void addDamage() {
    label(STRIP_BOTTOM - 4, "damage");
    for (int bin = 0; bin < positions.count(); bin++) {
      if (positions.damaged(bin) > 0) {
        String title =
            range(bin) + String.format(Locale.ROOT, ": %,.0f damaged", positions.damaged(bin));
        double width = Math.max(width(bin), 3);
        drawing.bar(x(bin), width, STRIP_BOTTOM, STRIP, "class=\"damage\" ", title);
      }
    }
  }

  private void addAxis() {
    drawing.line(SvgDrawing.LEFT, BOTTOM, SvgDrawing.RIGHT, BOTTOM);
    drawing.line(SvgDrawing.LEFT, TOP, SvgDrawing.LEFT, BOTTOM);
    drawing.line(SvgDrawing.LEFT, STRIP_BOTTOM, SvgDrawing.RIGHT, STRIP_BOTTOM);
    for (int tick = 0; tick <= TICKS; tick++) {
      double share = (double) tick / TICKS;
      double x = SvgDrawing.LEFT + share * (SvgDrawing.RIGHT - SvgDrawing.LEFT);
      String anchor = tick == TICKS ? "end" : "middle";
      drawing.text(x, STRIP_BOTTOM + 18, anchor, "", SizesText.rounded(share * fileSize));
    }
    double middle = (SvgDrawing.LEFT + SvgDrawing.RIGHT) / 2.0;
    drawing.text(middle, STRIP_BOTTOM + 38, "middle", "", "position in the file");
  }

  private void label(double y, String text) {
    drawing.text(SvgDrawing.LEFT - 8.0, y, "end", "", text);
  }

  private double x(int bin) {
    double share = (double) positions.begin(bin) / fileSize;
    return SvgDrawing.LEFT + share * (SvgDrawing.RIGHT - SvgDrawing.LEFT);
  }

  private double width(int bin) {
    double share = (double) (positions.end(bin) - positions.begin(bin)) / fileSize;
    return share * (SvgDrawing.RIGHT - SvgDrawing.LEFT);
  }

  private String range(int bin) {
    return String.format(
        Locale.ROOT, "bytes %,d to %,d", positions.begin(bin), positions.end(bin) - 1);
  }
}
