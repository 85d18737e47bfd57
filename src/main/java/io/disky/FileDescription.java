package io.disky;

import io.disky.reading.ChunkFeed;
import java.io.IOException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A file, as described by its chunk headers, record sizes and metadata.
 *
 * @param fileSize size of the file in bytes
 * @param container how it is organised
 * @param chunks number of chunks by type; types without any are absent
 * @param codecs number of chunks that hold records, by compression; compressions without any are
 *     absent
 * @param dialects the dialects that its chunks show
 * @param recordCount number of records
 * @param recordBytes sum of the record sizes in bytes
 * @param encodedBytes size of the data of the chunks that hold records, in bytes
 * @param recordSizes the sizes of the records, without those of chunks that could not be read:
 *     {@link SizeDistribution#count()} is the number of records whose size is known
 * @param chunkSizes the sizes in the file of the chunks that hold records, with headers and padding
 * @param metadata the file metadata, if the file has any
 */
public record FileDescription(
    long fileSize,
    Container container,
    Map<ChunkType, Long> chunks,
    Map<Compression.Codec, Long> codecs,
    Set<Dialect> dialects,
    long recordCount,
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
    Map<Compression.Codec, Long> byCodec = new EnumMap<>(Compression.Codec.class);
    byCodec.putAll(codecs);
    codecs = Collections.unmodifiableMap(byCodec);
    Set<Dialect> shown = EnumSet.noneOf(Dialect.class);
    shown.addAll(dialects);
    dialects = Collections.unmodifiableSet(shown);
  }

  /** Number of chunks that hold records. */
  public long recordChunks() {
    return codecs.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * The sum of the record sizes divided by the size of the file: 2.0 if the file takes half the
   * space; 0 if there are no records.
   */
  public double compressionRatio() {
    return fileSize == 0 ? 0 : (double) recordBytes / fileSize;
  }

  /** Adds up the chunks of a file. */
  static final class Summary {
    private final Map<ChunkType, Long> chunks = new EnumMap<>(ChunkType.class);
    private final Map<Compression.Codec, Long> codecs = new EnumMap<>(Compression.Codec.class);
    private final Set<Dialect> dialects = EnumSet.noneOf(Dialect.class);
    private long records;
    private long recordBytes;
    private long encodedBytes;
    private final SizeDistribution.Summary chunkSizes = new SizeDistribution.Summary();
    private final SizeDistribution recordSizes;

    private Summary(ChunkFeed feed) throws IOException {
      recordSizes = SizeDistribution.of(feed.describe(chunk -> add(ChunkDescription.of(chunk))));
    }

    /** Adds up the chunks of the file that {@code feed} reads. */
    static Summary of(ChunkFeed feed) throws IOException {
      return new Summary(feed);
    }

    private void add(ChunkDescription chunk) {
      chunks.merge(chunk.type(), 1L, Long::sum);
      if (!chunk.type().holdsRecords()) {
        return;
      }
      codecs.merge(chunk.codec().orElse(Compression.Codec.UNKNOWN), 1L, Long::sum);
      chunk.dialect().ifPresent(dialects::add);
      records += chunk.recordCount();
      // Sizes that headers state are not checked, and may exceed a long together.
      recordBytes =
          Math.min(recordBytes, Long.MAX_VALUE - chunk.recordBytes()) + chunk.recordBytes();
      encodedBytes += chunk.encodedBytes();
      chunkSizes.add(chunk.end() - chunk.begin());
    }

    FileDescription describe(long fileSize, Optional<RecordsMetadata> metadata) {
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
