package io.disky;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A file, as its chunk headers, record sizes and metadata describe it.
 *
 * @param fileSize size of the file in bytes
 * @param container how it is organised
 * @param chunks number of chunks by type; types without any are absent
 * @param codecs number of chunks that hold records by compression, as {@link
 *     ChunkDescription#codec()} names it
 * @param dialects the dialects that its chunks show
 * @param records number of records
 * @param recordBytes sum of the record sizes in bytes
 * @param encodedBytes size of the data of the chunks that hold records, in bytes
 * @param recordSizes how large the records are, as far as their chunks can be looked into: {@link
 *     SizeDistribution#count()} tells of how many that is so
 * @param chunkSizes how large the chunks that hold records are in the file, with all they take
 * @param metadata what the file says of its records, if it does
 */
public record FileDescription(
    long fileSize,
    Container container,
    Map<ChunkType, Long> chunks,
    SortedMap<String, Long> codecs,
    Set<Dialect> dialects,
    long records,
    long recordBytes,
    long encodedBytes,
    SizeDistribution recordSizes,
    SizeDistribution chunkSizes,
    Optional<RecordsMetadata> metadata) {

  /** Copies the collections. */
  public FileDescription {
    Map<ChunkType, Long> byType = new EnumMap<>(ChunkType.class);
    byType.putAll(chunks);
    chunks = Collections.unmodifiableMap(byType);
    codecs = Collections.unmodifiableSortedMap(new TreeMap<>(codecs));
    Set<Dialect> shown = EnumSet.noneOf(Dialect.class);
    shown.addAll(dialects);
    dialects = Collections.unmodifiableSet(shown);
  }

  /** Number of chunks that hold records. */
  public long recordChunks() {
    return codecs.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Sum of the record sizes by the size of the file: 2.0 if the file takes half the space. 0
   * without records.
   */
  public double compressionRatio() {
    return fileSize == 0 ? 0 : (double) recordBytes / fileSize;
  }

  /** Adds up the chunks of a file. */
  static final class Summary {
    private final Map<ChunkType, Long> chunks = new EnumMap<>(ChunkType.class);
    private final SortedMap<String, Long> codecs = new TreeMap<>();
    private final Set<Dialect> dialects = EnumSet.noneOf(Dialect.class);
    private long records;
    private long recordBytes;
    private long encodedBytes;
    private final SizeDistribution.Summary chunkSizes = new SizeDistribution.Summary();

    void add(ChunkDescription chunk) {
      chunks.merge(chunk.type(), 1L, Long::sum);
      if (!chunk.type().holdsRecords()) {
        return;
      }
      codecs.merge(chunk.codec(), 1L, Long::sum);
      chunk.dialect().ifPresent(dialects::add);
      records += chunk.records();
      // What headers state is not checked here and may add up to more than there is.
      recordBytes =
          Math.min(recordBytes, Long.MAX_VALUE - chunk.recordBytes()) + chunk.recordBytes();
      encodedBytes += chunk.encodedBytes();
      chunkSizes.add(chunk.end() - chunk.begin());
    }

    FileDescription of(
        long fileSize, SizeDistribution recordSizes, Optional<RecordsMetadata> metadata) {
      boolean indexed =
          chunks.containsKey(ChunkType.FOOTER) || chunks.containsKey(ChunkType.POSTSCRIPT);
      return new FileDescription(
          fileSize,
          indexed ? Container.ARRAY_RECORD : Container.RECORDS,
          chunks,
          codecs,
          dialects,
          records,
          recordBytes,
          encodedBytes,
          recordSizes,
          chunkSizes.distribution(),
          metadata);
    }
  }
}
