package io.disky.cli;

import io.disky.Compression;
import io.disky.Container;
import io.disky.Dialect;
import io.disky.ReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordFileException;
import io.disky.RecordReader;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The options with which a record file was written, as far as its chunks and its metadata show
 * them. An option that they do not show is {@code null}.
 *
 * @param chunkSize the chunk size in bytes; {@code null} for an ArrayRecord
 * @param groupSize number of records in a group; {@code null} if this is not an ArrayRecord
 * @param finalPadding the file, or each group of an ArrayRecord, ends at a multiple of this size in
 *     bytes
 */
record InputOptions(
    @Nullable Container container,
    @Nullable Dialect dialect,
    @Nullable Compression compression,
    boolean transposed,
    @Nullable Double bucketFraction,
    @Nullable Long chunkSize,
    @Nullable Integer groupSize,
    @Nullable Long finalPadding) {
  private static final int MAX_STRETCHES = 16;

  /** Nothing is known. */
  static final InputOptions UNKNOWN =
      new InputOptions(null, null, null, false, null, null, null, null);

  /**
   * Reads the chunk headers and the metadata of {@code file}, which may be damaged.
   *
   * @param options the options for reading; they skip damage, and report it to nobody
   */
  static InputOptions of(RecordFile file, ReaderOptions options) throws IOException {
    try (RecordReader reader = file.open(options)) {
      ChunkEvidence chunks = new ChunkEvidence(reader.fileSize());
      list(reader, chunks);
      return chunks.options(StatedOptions.of(reader), file.name());
    }
  }

  /**
   * Lists the chunks. After a damaged chunk header the list goes on with the next chunk that the
   * reader returns. Finding that chunk may take a search through the file, so the list ends after a
   * number of damaged headers.
   */
  private static void list(RecordReader reader, ChunkEvidence chunks) throws IOException {
    long from = 0;
    for (int i = 0; i < MAX_STRETCHES && from >= 0; i++) {
      try {
        reader.forEachChunk(from, chunks::add);
        return;
      } catch (RecordFileException e) {
        from = nextChunk(reader, chunks.end());
      }
    }
  }

  /** The next chunk that can be read from {@code position} on; -1 if there is none. */
  private static long nextChunk(RecordReader reader, long position) throws IOException {
    reader.seekNumeric(position);
    try (RecordBatch batch = reader.nextBatch()) {
      return batch == null ? -1 : batch.chunkBegin();
    } catch (RecordFileException e) {
      return -1; // the copy of the records will throw the exception that says why
    }
  }

  /** These options without transposition. */
  InputOptions untransposed() {
    return new InputOptions(
        container, dialect, compression, false, null, chunkSize, groupSize, finalPadding);
  }

  /** These options as far as files in {@link Dialect#DISKY} can have them. */
  InputOptions inDisky() {
    String codec = String.valueOf(compression);
    boolean allowed = codec.startsWith("none") || codec.startsWith("zstd");
    return new InputOptions(
        null, null, allowed ? compression : null, false, null, chunkSize, null, null);
  }
}
