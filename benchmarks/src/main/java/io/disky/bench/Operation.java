package io.disky.bench;

/** The measured operations. */
enum Operation {
  READ("Reading whole files", "reading", "record"),
  WRITE("Writing whole files", "writing", "record"),
  RANDOM("Reading single records at random", "random access to", "record"),
  LOAD("Loading all records in a random order, in batches", "shuffled loading of", "record"),
  FIELD("Reading one small field of messages with ten fields", "reading a field of", "record"),
  FIRST_RECORD("Opening a file, reading its first record, closing it", "opening a file of", "file"),
  SMALL_READ("Opening, reading and closing files of 100 records", "reading small files of", "file"),
  SMALL_WRITE(
      "Creating, writing and closing files of 100 records", "writing small files of", "file");

  private final String title;
  private final String phrase;
  private final String unit;

  Operation(String title, String phrase, String unit) {
    this.title = title;
    this.phrase = phrase;
    this.unit = unit;
  }

  String title() {
    return title;
  }

  /** The operation in words; the records follow, as in {@code reading 40-byte lines}. */
  String phrase() {
    return phrase;
  }

  /** The unit that is counted. */
  String unit() {
    return unit;
  }

  /** Returns whether files are opened before the measurement and stay open. */
  boolean opensOnce() {
    return this == RANDOM;
  }

  boolean isOfWholeFiles() {
    return this == READ || this == WRITE || this == LOAD || this == FIELD;
  }
}
