package io.disky.order;

/**
 * The records of a loader.
 *
 * @param fingerprint identifies them
 * @param files number of files; 0 if code supplies all records
 * @param records number of records of all sources together
 */
public record DataSet(Fingerprint fingerprint, long files, long records) {
  /** The fingerprint and the counts, for messages. */
  @Override
  public String toString() {
    return fingerprint + " (" + counted(files, "file") + ", " + counted(records, "record") + ")";
  }

  private static String counted(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
