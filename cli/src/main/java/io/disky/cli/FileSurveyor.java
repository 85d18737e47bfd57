package io.disky.cli;

import io.disky.ChunkDescription;
import io.disky.ChunkType;
import io.disky.Compression;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.FileDescription;
import io.disky.ReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordFileException;
import io.disky.RecordReader;
import io.disky.RecordsMetadata;
import io.disky.SkippedRegion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a complete file, damaged or not, and makes a summary of its chunks, records and damage. It
 * first lists the chunks by their headers, up to the first damaged one, and then decodes all
 * records.
 */
final class FileSurveyor {
  private static final int MAX_REGIONS = 50;

  private final RecordFile file;

  private final Map<ChunkType, Long> types = new EnumMap<>(ChunkType.class);
  private final Map<Compression.Codec, Long> codecs = new EnumMap<>(Compression.Codec.class);
  private final Set<Dialect> dialects = EnumSet.noneOf(Dialect.class);
  private final SizeTally chunkSizes = new SizeTally();
  private long encodedBytes;
  private long listedEnd;

  private final SizeTally recordSizes = new SizeTally();
  private final LargestRecords largest = new LargestRecords();

  /** Regions that the reader has skipped before its current chunk and that are not yet added. */
  private final List<SkippedRegion> pending = new ArrayList<>();

  private final List<SkippedRegion> regions = new ArrayList<>();
  private long skippedRegions;
  private long skippedBytes;
  private long unlistedChunks;
  private @Nullable UnlistedChunk unlisted;

  /** A chunk whose header is not listed. It ends where the next chunk or skipped region begins. */
  private record UnlistedChunk(long begin, long recordBytes) {}

  private FileSurveyor(RecordFile file) {
    this.file = file;
  }

  /**
   * Surveys {@code file}. The corruption strategy of {@code options} does not matter.
   *
   * @param progress gets the number of bytes that are done
   */
  static FileSurvey survey(RecordFile file, ReaderOptions options, LongConsumer progress)
      throws IOException {
    return new FileSurveyor(file).survey(options, progress);
  }

  private FileSurvey survey(ReaderOptions options, LongConsumer progress) throws IOException {
    try (RecordReader reader = file.open(RecoverySettings.recovering(options, pending::add))) {
      PositionBins positions = new PositionBins(reader.fileSize());
      list(reader, positions);
      reader.visitBatches(batch -> {
        add(batch, positions);
        progress.accept(batch.chunkBegin());
      });
      endUnlisted(reader.fileSize(), positions);
      return result(reader, positions);
    }
  }

  private void list(RecordReader reader, PositionBins positions) throws IOException {
    try {
      reader.forEachChunk(chunk -> add(chunk, positions));
    } catch (RecordFileException e) {
      // Reading the records goes on after the damage, and reports it.
    }
  }

  private void add(ChunkDescription chunk, PositionBins positions) {
    listedEnd = chunk.end();
    types.merge(chunk.type(), 1L, Long::sum);
    if (!chunk.type().holdsRecords()) {
      return;
    }
    codecs.merge(chunk.codec().orElse(Compression.Codec.UNKNOWN), 1L, Long::sum);
    chunk.dialect().ifPresent(dialects::add);
    encodedBytes += chunk.encodedBytes();
    chunkSizes.add(chunk.end() - chunk.begin());
    positions.addChunk(chunk.begin(), chunk.end(), chunk.recordBytes());
  }

  private void add(RecordBatch batch, PositionBins positions) {
    endUnlisted(batch.chunkBegin(), positions);
    long bytes = 0;
    for (int i = 0; i < batch.recordCount(); i++) {
      long size = batch.length(i);
      if (largest.accepts(size)) {
        long number = recordSizes.count();
        largest.add(new LargestRecords.Entry(file.name(), number, batch.position(i), size));
      }
      recordSizes.add(size);
      bytes += size;
    }
    if (batch.chunkBegin() >= listedEnd) {
      unlisted = new UnlistedChunk(batch.chunkBegin(), bytes);
    }
  }

  /** Adds the skipped regions, and the chunk before them that ends at {@code end} or earlier. */
  private void endUnlisted(long end, PositionBins positions) {
    long chunkEnd = end;
    for (SkippedRegion region : pending) {
      if (unlisted != null && region.begin() > unlisted.begin) {
        chunkEnd = Math.min(chunkEnd, region.begin());
      }
      skippedRegions++;
      skippedBytes += region.size();
      positions.addDamage(region.begin(), region.end());
      if (regions.size() < MAX_REGIONS) {
        regions.add(region);
      }
    }
    pending.clear();
    if (unlisted != null) {
      unlistedChunks++;
      chunkSizes.add(chunkEnd - unlisted.begin);
      positions.addChunk(unlisted.begin, chunkEnd, unlisted.recordBytes);
      unlisted = null;
    }
  }

  private FileSurvey result(RecordReader reader, PositionBins positions) throws IOException {
    Optional<RecordsMetadata> metadata = Optional.empty();
    boolean metadataFailed = false;
    try {
      metadata = reader.metadata();
    } catch (RecordFileException e) {
      metadataFailed = skippedRegions == 0;
    }
    return new FileSurvey(
        file.name(),
        description(reader.fileSize()),
        metadata.map(MetadataExcerpt::of).orElse(null),
        metadataFailed,
        unlistedChunks,
        positions,
        largest,
        List.copyOf(regions),
        skippedRegions,
        skippedBytes,
        skippedRegions == 0 && ArrayRecordIndex.isMissing(file, reader));
  }

  private FileDescription description(long fileSize) {
    boolean indexed =
        types.containsKey(ChunkType.FOOTER) || types.containsKey(ChunkType.POSTSCRIPT);
    return new FileDescription(
        fileSize,
        indexed ? Container.ARRAY_RECORD : Container.RECORDS,
        types,
        codecs,
        dialects,
        recordSizes.count(),
        recordSizes.total(),
        encodedBytes,
        recordSizes.distribution(),
        chunkSizes.distribution(),
        Optional.empty());
  }
}
