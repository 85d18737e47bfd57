package io.disky.random;

/** From which part of a file its index was made. */
public enum IndexSource {
  /** The chunk headers of the open file. */
  HEADERS("the chunk headers", ""),
  /** The footer of an ArrayRecord. */
  FOOTER("the ArrayRecord footer", "open it without its footer (withFooter(false))"),
  /** An index file that an earlier reader saved. */
  SAVED("the saved index", "delete it, or open the file with SavedIndex.IGNORE");

  private final String text;
  private final String remedy;

  IndexSource(String text, String remedy) {
    this.text = text;
    this.remedy = remedy;
  }

  /** How to open the file if the index disagrees with it, as a message says it. */
  String remedy() {
    return this == HEADERS
        ? "the file was changed while it was open: open it again"
        : "if the file is intact, " + remedy;
  }

  @Override
  public String toString() {
    return text;
  }
}
