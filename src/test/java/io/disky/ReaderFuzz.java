package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.oracle.ForgedChunk;
import io.disky.oracle.OracleException;
import io.disky.oracle.OracleReader;
import io.disky.oracle.RecordFileForge;
import io.disky.testing.ReadingWay;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is tried with bytes that a fuzzer makes up.
 *
 * <p>Jazzer calls {@link #fuzzerInitialize} and {@link #fuzzerTestOneInput}, see {@code
 * scripts/fuzz}; {@link ReaderFuzzTest} takes the inputs that are kept. Nothing of Jazzer's is
 * needed for either.
 */
public enum ReaderFuzz {
  /** A file of any bytes. */
  ANY_BYTES {
    @Override
    void run(byte[] bytes, Path directory) throws IOException {
      readInEveryWay(bytes, directory);
    }
  },

  /** A file of two chunks with right hashes: any chunk, then one of a record. */
  FORGED_CHUNK {
    @Override
    void run(byte[] bytes, Path directory) throws IOException {
      byte[] head = Arrays.copyOf(bytes, HEAD_SIZE);
      byte[] data = Arrays.copyOfRange(bytes, Math.min(HEAD_SIZE, bytes.length), bytes.length);
      int decodedSize = (head[2] & 0xff) | ((head[3] & 0xff) << 8);
      ForgedChunk chunk = ForgedChunk.of(head[0] & 0xff, data, head[1] & 0xff, decodedSize);
      byte[] last = "last".getBytes(UTF_8);
      byte[] file = RecordFileForge.withSignature().chunk(chunk).simpleChunk(last).bytes();
      readInEveryWay(file, directory);
    }
  },

  /** A message of file metadata, which is parsed in Java. */
  METADATA {
    @Override
    void run(byte[] bytes, Path directory) {
      RecordsMetadata metadata;
      try {
        metadata = RecordsMetadata.parse(bytes);
      } catch (IllegalArgumentException _) {
        return;
      }
      assertThat(metadata.toByteArray()).isEqualTo(bytes);
      RecordsMetadata changed =
          metadata.withFileComment("changed").withNumRecords(1).withFileDescriptor(bytes);
      assertThat(changed.fileComment()).contains("changed");
      assertThat(changed.numRecords()).hasValue(1);
      List<byte[]> descriptors = new ArrayList<>(metadata.fileDescriptors());
      descriptors.add(bytes);
      assertThat(changed.fileDescriptors())
          .usingElementComparator(Arrays::compare)
          .isEqualTo(descriptors);
      assertThat(changed.recordTypeName()).isEqualTo(metadata.recordTypeName());
      assertThat(RecordsMetadata.parse(changed.toByteArray())).isEqualTo(changed);
    }
  };

  /** Type, record count and decoded size of a forged chunk. */
  private static final int HEAD_SIZE = 4;

  /** Fuzzing takes many files a second: threads would be most of the work. */
  private static final Set<ReadingWay> WAYS =
      EnumSet.complementOf(EnumSet.of(ReadingWay.PARALLEL_BATCHES));

  private static final ReaderOptions OPTIONS = ReaderOptions.defaults().withMaxChunkSize(1 << 20);

  private static @Nullable ReaderFuzz chosen;
  private static @Nullable Path temporary;

  /** What came out of a file. */
  private record Outcome(List<ByteBuffer> records, @Nullable Exception failure) {
    /** Says whether both are the same, failures by what they say. */
    void check(Outcome expected, ReadingWay way) {
      assertThat(records).as("%s", way).isEqualTo(expected.records);
      assertThat(String.valueOf(failure)).as("%s", way).isEqualTo(String.valueOf(expected.failure));
    }
  }

  /**
   * Tries {@code bytes}.
   *
   * @param directory where files can be made
   * @throws AssertionError if a promise does not hold
   */
  abstract void run(byte[] bytes, Path directory) throws IOException;

  /** Called by Jazzer first: the argument names one of these constants. */
  public static void fuzzerInitialize(String[] arguments) throws IOException {
    chosen = valueOf(arguments[0].toUpperCase(Locale.ROOT));
    temporary = Files.createTempDirectory("disky-fuzz");
  }

  /** Called by Jazzer for each input. */
  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    if (chosen == null || temporary == null) {
      throw new IllegalStateException("not initialised");
    }
    chosen.run(bytes, temporary);
  }

  private static void readInEveryWay(byte[] bytes, Path directory) throws IOException {
    Path file = directory.resolve("records");
    Files.write(file, bytes);
    Outcome outcome = read(file, ReadingWay.NEXT_BATCH);
    for (ReadingWay way : WAYS) {
      read(file, way).check(outcome, way);
    }
    checkSummaries(file, outcome);
    checkOracle(bytes, outcome);
  }

  private static Outcome read(Path file, ReadingWay way) throws IOException {
    List<ByteBuffer> records = new ArrayList<>();
    Exception failure = null;
    try (RecordReader reader = RecordReader.open(file, OPTIONS)) {
      way.read(reader, record -> records.add(ByteBuffer.wrap(record)));
    } catch (CorruptFileException | UnsupportedFormatException | ChunkTooLargeException e) {
      failure = e;
    }
    return new Outcome(records, failure);
  }

  /** What is said of a file that can be read holds for the records in it. */
  private static void checkSummaries(Path file, Outcome outcome) throws IOException {
    try (RecordReader reader = RecordReader.open(file, OPTIONS)) {
      long count = reader.recordCount();
      reader.describe();
      if (outcome.failure() == null) {
        assertThat(count).isEqualTo(outcome.records().size());
      }
    } catch (CorruptFileException | UnsupportedFormatException | ChunkTooLargeException e) {
      // Metadata may be damaged where all records can be read.
      assertThat(outcome.failure() != null || metadataFails(file)).as("%s", e).isTrue();
    }
  }

  private static boolean metadataFails(Path file) throws IOException {
    try (RecordReader reader = RecordReader.open(file, OPTIONS)) {
      Optional<RecordsMetadata> _ = reader.metadata();
      return false;
    } catch (CorruptFileException | UnsupportedFormatException | ChunkTooLargeException _) {
      return true;
    }
  }

  /** What the oracle reads we read, too, within our limits. */
  private static void checkOracle(byte[] bytes, Outcome outcome) {
    List<ByteBuffer> records;
    try {
      records = OracleReader.parse(bytes).records().stream().map(ByteBuffer::wrap).toList();
    } catch (OracleException _) {
      return;
    }
    if (!(outcome.failure() instanceof ChunkTooLargeException)) {
      assertThat(outcome.failure()).isNull();
      assertThat(outcome.records()).isEqualTo(records);
    }
  }
}
