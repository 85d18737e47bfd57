package io.disky.cli;

/**
 * Sums over equal parts of a file: how well the parts are compressed, and how much of them is
 * damaged. The number of parts does not depend on the file.
 */
final class PositionBins {
  /** The number of parts; a file with fewer bytes has a part for each byte. */
  static final int MAX_BINS = 120;

  private final long fileSize;
  private final long width;
  private final double[] chunkBytes;
  private final double[] recordBytes;
  private final double[] damagedBytes;

  PositionBins(long fileSize) {
    this.fileSize = fileSize;
    this.width = Math.max(1, Math.ceilDiv(fileSize, MAX_BINS));
    int bins = (int) Math.ceilDiv(fileSize, width);
    this.chunkBytes = new double[bins];
    this.recordBytes = new double[bins];
    this.damagedBytes = new double[bins];
  }

  /** Adds a chunk with records that take {@code records} bytes; divides it among its parts. */
  void addChunk(long begin, long end, long records) {
    double size = Math.max(end - begin, 1);
    forEachPart(
        begin,
        end,
        (bin, bytes) -> {
          chunkBytes[bin] += bytes;
          recordBytes[bin] += records * (bytes / size);
        });
  }

  void addDamage(long begin, long end) {
    forEachPart(begin, end, (bin, bytes) -> damagedBytes[bin] += bytes);
  }

  private interface Part {
    void add(int bin, double bytes);
  }

  private void forEachPart(long begin, long end, Part part) {
    long last = Math.min(end, fileSize);
    for (long at = Math.max(begin, 0); at < last; ) {
      int bin = (int) (at / width);
      long next = Math.min(last, end(bin));
      part.add(bin, (double) next - at);
      at = next;
    }
  }

  int count() {
    return chunkBytes.length;
  }

  /** The offset of the first byte of a part. */
  long begin(int bin) {
    return bin * width;
  }

  /** The offset just past a part. */
  long end(int bin) {
    return Math.min(fileSize, begin(bin) + Math.min(width, fileSize - begin(bin)));
  }

  /** Returns whether a chunk with records has bytes in the part. */
  boolean hasChunks(int bin) {
    return chunkBytes[bin] > 0;
  }

  /** Bytes of records for each byte of their chunks; 0 for a part without chunks. */
  double ratio(int bin) {
    return hasChunks(bin) ? recordBytes[bin] / chunkBytes[bin] : 0;
  }

  /** The number of damaged bytes of a part. */
  double damaged(int bin) {
    return damagedBytes[bin];
  }
}
