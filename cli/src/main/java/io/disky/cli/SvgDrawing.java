package io.disky.cli;

import java.util.Locale;

/** The elements of an SVG image with a plot: the parts that all our plots have. */
final class SvgDrawing {
  /** The width of every image. */
  static final int WIDTH = 720;

  /** The first and the last horizontal position of the plot. */
  static final int LEFT = 90;

  static final int RIGHT = WIDTH - 20;

  private final StringBuilder elements = new StringBuilder();

  /** Adds a text. {@code attributes} is empty or ends with a space. */
  void text(double x, double y, String anchor, String attributes, String content) {
    elements.append(
        String.format(
            Locale.ROOT,
            "<text %sx=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
            attributes,
            x,
            y,
            anchor,
            Html.escaped(content)));
  }

  /** Adds a dashed line over the width of the plot. */
  void mark(double y) {
    elements.append(
        String.format(
            Locale.ROOT,
            "<line class=\"mark\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n",
            LEFT,
            y,
            RIGHT,
            y));
  }

  void line(double x1, double y1, double x2, double y2) {
    elements.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
            x1,
            y1,
            x2,
            y2));
  }

  /**
   * Adds a bar that stands on {@code bottom}; it is always visible. {@code attributes} is empty or
   * ends with a space. A browser shows {@code title} if the pointer is on the bar.
   */
  void bar(double x, double width, double bottom, double height, String attributes, String title) {
    double visible = Math.max(height, 1);
    elements.append(
        String.format(
            Locale.ROOT,
            "<rect %sx=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s</title></rect>\n",
            attributes,
            x,
            bottom - visible,
            width,
            visible,
            Html.escaped(title)));
  }

  /** The image as a part of an HTML page, which determines its colours. */
  String inline(int height, String description) {
    return "<div class=\"wide\"><svg viewBox=\"0 0 "
        + WIDTH
        + " "
        + height
        + "\" role=\"img\" aria-label=\""
        + Html.escaped(description)
        + "\">\n"
        + elements
        + "</svg></div>\n";
  }

  /** The image as a file. */
  String image(int height) {
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
        + elements
        + "</svg>\n";
  }
}
