package io.disky.cli;

/** The text of an HTML page. */
final class Html {
  /** Begins a table; columns, {@link #END_HEAD} and rows must follow. */
  static final String BEGIN_TABLE = "<div class=\"wide\"><table class=\"list\">\n<thead><tr>";

  static final String END_HEAD = "</tr></thead>\n<tbody>\n";

  /** Begins a table of properties; rows must follow. */
  static final String BEGIN_FACTS = "<div class=\"wide\"><table class=\"facts\">\n<tbody>\n";

  static final String END_TABLE = "</tbody>\n</table></div>\n";

  private final StringBuilder page = new StringBuilder();

  /** Adds markup, which must not contain a text from outside. */
  Html markup(String markup) {
    page.append(markup);
    return this;
  }

  /** Adds a text. This and all methods below escape it. */
  Html text(String text) {
    return markup(escaped(text));
  }

  /** Adds an element that contains a text. */
  Html element(String name, String text) {
    return markup("<" + name + ">").text(text).markup("</" + name + ">\n");
  }

  /** Adds a row with a property. */
  Html row(String property, String value) {
    return markup("<tr><th scope=\"row\">")
        .text(property)
        .markup("</th>")
        .cell(value)
        .markup("</tr>\n");
  }

  /** Adds the heading of a column, which contains numbers or texts. */
  Html column(String heading, boolean numbers) {
    return markup(numbers ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">")
        .text(heading)
        .markup("</th>");
  }

  /** Adds a cell with a text. */
  Html cell(String text) {
    return markup("<td>").text(text).markup("</td>");
  }

  /** Adds a cell with a number. */
  Html number(String number) {
    return markup("<td class=\"number\">").text(number).markup("</td>");
  }

  /** {@code text} as the content of an element or of an attribute in quotes. */
  static String escaped(String text) {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> result.append("&amp;");
        case '<' -> result.append("&lt;");
        case '>' -> result.append("&gt;");
        case '"' -> result.append("&quot;");
        case '\'' -> result.append("&#39;");
        default -> result.append(c);
      }
    }
    return result.toString();
  }

  @Override
  public String toString() {
    return page.toString();
  }
}
