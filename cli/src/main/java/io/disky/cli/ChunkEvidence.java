package io.disky.cli;

import io.disky.ChunkDescription;
import io.disky.ChunkType;
import io.disky.Compression;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.WriterOptions;
import io.disky.files.ArrayRecordName;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds out from the chunks of a file how it was written. Chunks show their type, codec and
 * dialect; where they end shows the chunk size, the group size and the padding. If chunks differ,
 * those with the most bytes of records decide. Metadata add only what does not contradict the
 * chunks, because programs copy metadata to files that are written in another way.
 */
final class ChunkEvidence {
  private static final long BLOCK = 1 << 16;

  /** A group of records of the average size must not take more memory than the largest chunk. */
  private static final long MAX_GROUP_BYTES = WriterOptions.MAX_CHUNK_SIZE;

  private final long fileSize;
  private final Map<Compression.Codec, Long> codecs = new EnumMap<>(Compression.Codec.class);
  private final Map<Dialect, Long> dialects = new EnumMap<>(Dialect.class);
  private final Map<ChunkType, Long> types = new EnumMap<>(ChunkType.class);

  private long recordChunks;
  private long blockBegins;
  private long mostRecords;
  private long largestMean;

  /** The largest chunk of several records, and the largest chunk, as the chunk size counts. */
  private long largestOfSeveral;

  private long largest;

  /** The least sum of two chunks of records of which one follows the other directly. */
  private long smallestPair = Long.MAX_VALUE;

  private long lastEnd = -1;
  private long lastLoad;
  private boolean endsWithPadding;
  private long end;

  ChunkEvidence(long fileSize) {
    this.fileSize = fileSize;
  }

  /** Adds the next chunk of the file. */
  void add(ChunkDescription chunk) {
    long bytes = saturated(chunk.recordBytes(), 1);
    types.merge(chunk.type(), bytes, ChunkEvidence::saturated);
    endsWithPadding = chunk.type() == ChunkType.PADDING && chunk.end() == fileSize;
    end = chunk.end();
    if (chunk.type().holdsRecords() && chunk.recordCount() > 0) {
      chunk.codec().ifPresent(codec -> codecs.merge(codec, bytes, ChunkEvidence::saturated));
      chunk
          .dialect()
          .ifPresent(dialect -> dialects.merge(dialect, bytes, ChunkEvidence::saturated));
      addRecords(chunk, bytes);
    }
  }

  private void addRecords(ChunkDescription chunk, long bytes) {
    long records = chunk.recordCount();
    long load =
        records > Long.MAX_VALUE / Long.BYTES
            ? Long.MAX_VALUE
            : saturated(chunk.recordBytes(), records * Long.BYTES);
    recordChunks++;
    blockBegins += chunk.begin() % BLOCK == 0 ? 1 : 0;
    mostRecords = Math.max(mostRecords, records);
    largestMean = Math.max(largestMean, bytes / records);
    largest = Math.max(largest, load);
    if (records > 1) {
      largestOfSeveral = Math.max(largestOfSeveral, load);
    }
    if (chunk.begin() == lastEnd) {
      smallestPair = Math.min(smallestPair, saturated(lastLoad, load));
    }
    lastEnd = chunk.end();
    lastLoad = load;
  }

  private static long saturated(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  /** The end of the last chunk. */
  long end() {
    return end;
  }

  /**
   * The options of the file.
   *
   * @param name the name of the file; it shows that a file is an ArrayRecord if its index is lost,
   *     and the dialect if no chunk is compressed
   */
  InputOptions options(StatedOptions stated, String name) {
    boolean isArray =
        types.containsKey(ChunkType.FOOTER)
            || types.containsKey(ChunkType.POSTSCRIPT)
            || ArrayRecordName.matches(name);
    Compression compression = compression(stated);
    boolean transposed = isTransposed();
    return new InputOptions(
        isArray ? Container.ARRAY_RECORD : Container.RECORDS,
        isArray ? Dialect.RIEGELI : dialect(name),
        compression,
        transposed,
        transposed ? fraction(stated.bucketFraction()) : null,
        isArray ? null : chunkSize(stated.chunkSize()),
        isArray ? groupSize(stated.groupSize()) : null,
        isArray ? groupPadding() : finalPadding(stated.finalPadding()));
  }

  private @Nullable Compression compression(StatedOptions stated) {
    Compression.Codec codec = most(codecs);
    return codec == null || codec == Compression.Codec.UNKNOWN
        ? null
        : stated.compression(codec.toString());
  }

  private boolean isTransposed() {
    return types.getOrDefault(ChunkType.TRANSPOSED, 0L) > types.getOrDefault(ChunkType.SIMPLE, 0L);
  }

  /** Chunks without compression show no dialect, but only Riegeli has these features. */
  private @Nullable Dialect dialect(String name) {
    boolean riegeli =
        name.endsWith(".riegeli")
            || types.containsKey(ChunkType.METADATA)
            || types.containsKey(ChunkType.TRANSPOSED)
            || endsWithPadding;
    return dialects.isEmpty() && riegeli ? Dialect.RIEGELI : most(dialects);
  }

  private static @Nullable Double fraction(@Nullable Double stated) {
    return stated != null && stated >= 0 && stated <= 1 ? stated : null;
  }

  /**
   * The largest chunk of several records: with this chunk size, chunks end where they end in the
   * file. A file of one chunk shows only that the chunk size is not smaller.
   */
  private @Nullable Long chunkSize(@Nullable Long stated) {
    boolean agrees =
        stated != null
            && stated >= Math.max(1, largestOfSeveral)
            && stated < smallestPair
            && stated <= WriterOptions.MAX_CHUNK_SIZE;
    if (agrees) {
      return stated;
    }
    if (recordChunks == 0) {
      return null;
    }
    long least = recordChunks == 1 ? Math.max(largest, WriterOptions.DEFAULT_CHUNK_SIZE) : 1;
    return Math.min(Math.max(largestOfSeveral, least), WriterOptions.MAX_CHUNK_SIZE);
  }

  /** The largest group. All groups except the last one have the same number of records. */
  private @Nullable Integer groupSize(@Nullable Integer stated) {
    if (recordChunks <= 1 && stated != null && stated >= Math.max(1, mostRecords)) {
      return stated;
    }
    if (recordChunks == 0) {
      return null;
    }
    long mostByMemory = Math.max(1, MAX_GROUP_BYTES / Math.max(1, largestMean));
    return (int) Math.min(Math.min(mostRecords, mostByMemory), Integer.MAX_VALUE);
  }

  /** A group that is padded ends at a block boundary, where the next group then begins. */
  private @Nullable Long groupPadding() {
    return recordChunks > 1 && blockBegins >= recordChunks - 1 ? BLOCK : null;
  }

  /**
   * The final padding: the file ends at a multiple of this size, in bytes. The metadata state it,
   * or the size of the file shows it. If the end of the file is lost, only the metadata can.
   */
  private @Nullable Long finalPadding(@Nullable Long stated) {
    boolean agrees =
        stated != null
            && stated >= 1
            && stated <= WriterOptions.MAX_PADDING
            && (end != fileSize || fileSize % stated == 0);
    if (agrees) {
      return stated;
    }
    return endsWithPadding ? Math.min(Long.lowestOneBit(fileSize), BLOCK) : null;
  }

  private static <K extends Enum<K>> @Nullable K most(Map<K, Long> bytes) {
    K most = null;
    for (Map.Entry<K, Long> entry : bytes.entrySet()) {
      if (most == null || entry.getValue() > bytes.getOrDefault(most, 0L)) {
        most = entry.getKey();
      }
    }
    return most;
  }
}
