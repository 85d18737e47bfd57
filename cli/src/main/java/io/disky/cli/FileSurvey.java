package io.disky.cli;

import io.disky.FileDescription;
import io.disky.SkippedRegion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link FileSurveyor} has found out about a file. Its size does not depend on the file.
 *
 * @param name the name that the user gave
 * @param description the description of the parts that can be read, without metadata
 * @param metadata the metadata of the file; null if it has none, or if they cannot be read
 * @param metadataFailed whether there are metadata that cannot be read
 * @param unlistedChunks number of chunks with records of which only the records are known, because
 *     damage hides their headers
 * @param positions compression and damage by position
 * @param largest the largest records
 * @param regions the first skipped regions
 * @param skippedRegions number of skipped regions
 * @param skippedBytes sum of their sizes
 * @param lacksIndex whether it is an ArrayRecord without its index
 */
record FileSurvey(
    String name,
    FileDescription description,
    @Nullable MetadataExcerpt metadata,
    boolean metadataFailed,
    long unlistedChunks,
    PositionBins positions,
    LargestRecords largest,
    List<SkippedRegion> regions,
    long skippedRegions,
    long skippedBytes,
    boolean lacksIndex) {

  /** Returns whether a part of the file is damaged or missing, or cannot be read. */
  boolean isDamaged() {
    return skippedRegions > 0 || metadataFailed || lacksIndex;
  }
}
