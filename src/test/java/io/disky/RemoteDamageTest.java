package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.damage.DamageCase;
import io.disky.damage.DamageGenerator;
import io.disky.damage.DamageGenerator.Kind;
import io.disky.damage.DamagedChunkData;
import io.disky.damage.DamagedStructures;
import io.disky.damage.IntactFile;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.RecordFileForge;
import io.disky.oracle.ZstdDialect;
import io.disky.remote.RemoteOptions;
import io.disky.testing.LogCapture;
import io.disky.testing.MemoryRemoteFile;
import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A damaged remote file has the same records and the same messages as a local one. */
@Timeout(120)
class RemoteDamageTest {
  private static final List<ReadingWay> WAYS = List.of(ReadingWay.NEXT, ReadingWay.NEXT_BATCH);

  private static final ReaderOptions FAIL = ReaderOptions.defaults();
  private static final ReaderOptions RECOVER =
      FAIL.withCorruptionStrategy(CorruptionStrategy.RECOVER);

  /** Only local files can be repaired. */
  private static final String REPAIR =
      "; if a crash has torn its end, 'disky repair' or RecordWriter.repair cuts it off";

  @TempDir private Path directory;
  private Path file;
  private LogCapture log;

  @BeforeEach
  void setUp() {
    file = directory.resolve("file");
    log = new LogCapture();
  }

  @AfterEach
  void tearDown() {
    log.close();
  }

  /** Records or other texts, the failure after them, and regions that were skipped. */
  private record Outcome(List<String> texts, String failure, List<String> skipped) {}

  /** Opens the local or the remote file. */
  private interface Opening {
    RecordReader open(ReaderOptions options) throws IOException;
  }

  private interface Reading {
    void to(RecordReader reader, List<String> texts) throws IOException;
  }

  private static String text(byte[] record) {
    return record.length < 100
        ? Arrays.toString(record)
        : record.length + " bytes with hash " + Arrays.hashCode(record);
  }

  private static Outcome outcome(Opening opening, ReaderOptions options, Reading reading) {
    List<String> texts = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    ReaderOptions noting =
        options.corruptionStrategy() == CorruptionStrategy.RECOVER
            ? options.withSkippedRegionListener(region -> skipped.add(region.toString()))
            : options;
    String failure = "none";
    try (RecordReader reader = opening.open(noting)) {
      reading.to(reader, texts);
    } catch (IOException | UncheckedIOException e) {
      failure = e.toString().replace(REPAIR, "");
    }
    return new Outcome(texts, failure, skipped);
  }

  private static Reading by(ReadingWay way) {
    return (reader, texts) -> way.read(reader, record -> texts.add(text(record)));
  }

  /** The file as a remote one, with the same name in messages. */
  private MemoryRemoteFile remote(byte[] content) {
    return new MemoryRemoteFile(file.toString(), content);
  }

  /** What a local and a remote file do with the same options. */
  private final class Pair {
    private final byte[] content;

    Pair(byte[] content) throws IOException {
      this.content = content;
      Files.deleteIfExists(file);
      Files.write(file, content);
    }

    void assertSame(ReaderOptions localOptions, ReaderOptions remoteOptions, Reading reading) {
      RemoteOptions small = RemoteOptions.defaults().withRequestSize(64 << 10);
      Outcome local = outcome(options -> RecordReader.open(file, options), localOptions, reading);
      assertThat(
              outcome(
                  options -> RecordReader.open(remote(content), options.withRemote(small)),
                  remoteOptions,
                  reading))
          .isEqualTo(local);
    }

    void assertSame() {
      assertSame(FAIL);
      assertSame(RECOVER);
      assertThat(byNumber(() -> RandomAccessReader.open(remote(content))))
          .isEqualTo(byNumber(() -> RandomAccessReader.open(file)));
    }

    private void assertSame(ReaderOptions options) {
      for (ReadingWay way : WAYS) {
        assertSame(options, options, by(way));
      }
      assertSame(options, options, (reader, _) -> reader.verify());
      assertSame(
          options,
          options,
          (reader, texts) -> reader.forEachChunk(chunk -> texts.add(chunk.toString())));
      assertSame(options, options.withParallelism(1), by(ReadingWay.NEXT));
    }
  }

  private interface RandomOpening {
    RandomAccessReader open() throws IOException;
  }

  /** Records by their numbers, with what fails. A damaged file can state any number of records. */
  private static List<String> byNumber(RandomOpening opening) {
    List<String> texts = new ArrayList<>();
    try (RandomAccessReader reader = opening.open()) {
      long[] numbers = LongStream.range(0, Math.min(reader.recordCount(), 20)).toArray();
      texts.add(reader.recordCount() + " records");
      for (long i : numbers) {
        try {
          texts.add(text(reader.get(i)));
        } catch (IOException e) {
          texts.add(e.toString().replace(REPAIR, ""));
        }
      }
      reader.visitAll(numbers, (number, record) -> texts.add(number + text(bytes(record))));
    } catch (IOException e) {
      texts.add(e.toString().replace(REPAIR, ""));
    }
    return texts;
  }

  private static byte[] bytes(MemorySegment record) {
    return record.toArray(ValueLayout.JAVA_BYTE);
  }

  static List<DamageCase> structures() {
    return DamagedStructures.all();
  }

  @ParameterizedTest
  @MethodSource("structures")
  void structures(DamageCase damaged) throws IOException {
    new Pair(damaged.content()).assertSame();
  }

  @Test
  void chunkData() throws IOException {
    List<DamageCase> cases =
        Stream.of(
                DamagedChunkData.damaged(),
                DamagedChunkData.unsupported(),
                DamagedChunkData.huge(),
                DamagedChunkData.beyond())
            .flatMap(List::stream)
            .toList();
    assertThat(cases).hasSizeGreaterThan(50);
    for (DamageCase damaged : cases) {
      new Pair(damaged.content()).assertSame(FAIL, FAIL, by(ReadingWay.NEXT_BATCH));
    }
  }

  /** One bit of each byte; the bit depends on the byte. */
  @Test
  void bitFlips() throws IOException {
    byte[] content =
        RecordFileForge.withSignature()
            .zstdChunk(ZstdDialect.RIEGELI, SampleRecords.lines(5))
            .metadataChunk(SampleRecords.random(20))
            .simpleChunk(SampleRecords.ofSizes(0, 30))
            .bytes();
    for (int i = 0; i < content.length; i++) {
      byte[] flipped = content.clone();
      flipped[i] ^= (byte) (1 << (i % 8));
      new Pair(flipped).assertSame(FAIL, FAIL, by(ReadingWay.NEXT_BATCH));
    }
  }

  /** Large files, whose blocks and chunks are in several requests. */
  @ParameterizedTest
  @EnumSource
  void damageAtRandom(Kind kind) throws IOException {
    for (String path : List.of("disky/lines.zstd.disky", "riegeli/mixed.none.riegeli")) {
      IntactFile intact = IntactFile.read(GoldenManifest.entry(path).location());
      new Pair(DamageGenerator.damage(intact, kind, 1)).assertSame();
    }
  }
}
