package io.disky.bench;

/** What is measured. */
enum Operation {
  READ("Reading whole files", "record"),
  WRITE("Writing whole files", "record"),
  RANDOM("Reading single records at random", "record"),
  FIRST_RECORD("Opening a file, reading its first record, closing it", "file"),
  SMALL_READ("Opening, reading and closing files of 100 records", "file"),
  SMALL_WRITE("Creating, writing and closing files of 100 records", "file");

  private final String title;
  private final String unit;

  Operation(String title, String unit) {
    this.title = title;
    this.unit = unit;
  }

  String title() {
    return title;
  }

  /** What is counted. */
  String unit() {
    return unit;
  }

  boolean isOfWholeFiles() {
    return this == READ || this == WRITE;
  }
}
