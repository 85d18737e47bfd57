package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.CorruptFileException.Damage;
import io.disky.damage.DamageCase;
import io.disky.damage.DamagedStructures;
import io.disky.damage.FileDamage;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.GoldenManifest;
import io.disky.oracle.RecordFileForge;
import io.disky.testing.WorkerThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checking the hashes of a file. What is damaged in golden files is {@link RecoveryTest}'s. */
class VerifyTest {
  private static final ReaderOptions RECOVER =
      ReaderOptions.defaults().withCorruptionStrategy(CorruptionStrategy.RECOVER);

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("records");
  }

  static List<Path> files() {
    return GoldenManifest.all().stream().flatMap(entry -> entry.files().stream()).toList();
  }

  static List<DamageCase> damagedStructures() {
    return DamagedStructures.all();
  }

  @ParameterizedTest
  @MethodSource("files")
  void intactFilesPass(Path golden) throws IOException {
    for (CorruptionStrategy strategy : CorruptionStrategy.values()) {
      ReaderOptions options = ReaderOptions.defaults().withCorruptionStrategy(strategy);
      try (RecordReader reader = RecordReader.open(golden, options)) {
        reader.verify();
        assertThat(reader.skippedRegions()).isEmpty();
        assertThat(reader.nextBatch()).isNull();
        assertThat(reader.iterator().hasNext()).isFalse();
        reader.verify();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("damagedStructures")
  void damageIsNamedWithItsPosition(DamageCase damaged) throws IOException {
    Files.write(file, damaged.content());
    try (RecordReader reader = RecordReader.open(file)) {
      for (int i = 0; i < 2; i++) {
        assertThatExceptionOfType(CorruptFileException.class)
            .isThrownBy(reader::verify)
            .satisfies(e -> assertThat(e.damage()).isEqualTo(damaged.damage()))
            .satisfies(e -> assertThat(e.position()).isEqualTo(damaged.position()))
            .withMessageStartingWith(file + ": byte " + damaged.position());
      }
    }
    List<SkippedRegion> told = new ArrayList<>();
    try (RecordReader reader =
        RecordReader.open(file, RECOVER.withSkippedRegionListener(told::add))) {
      reader.verify();
      assertThat(reader.skippedRegions()).isEqualTo(told).isNotEmpty();
      assertThat(told.getFirst().begin()).isEqualTo(damaged.position());
      assertThat(told.getFirst().damage()).contains(damaged.damage());
      assertThat(reader.nextBatch()).isNull();
    }
  }

  @Test
  void nothingIsDecoded() throws IOException {
    byte[] content =
        RecordFileForge.withSignature()
            .simpleChunk(new byte[3])
            .chunk(ForgedChunk.simple(List.of(new byte[9])).withDecodedSize(3))
            .bytes();
    Files.write(file, content);
    try (RecordReader reader = RecordReader.open(file)) {
      reader.verify();
    }
    try (RecordReader reader = RecordReader.open(file)) {
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> reader.visitBatches(_ -> {}))
          .satisfies(e -> assertThat(e.damage()).isEqualTo(Damage.RECORD_SIZES));
    }
  }

  @Test
  void checksFromTheCurrentPositionOn() throws IOException {
    byte[] content =
        RecordFileForge.withSignature().simpleChunk(new byte[3]).simpleChunk(new byte[4]).bytes();
    Files.write(file, content);
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.nextBatch().recordCount()).isEqualTo(1);
      Files.write(file, FileDamage.flip(content, 64 + 40 + 3));
      reader.verify();
    }
    try (RecordReader reader = RecordReader.open(file)) {
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(reader::verify)
          .satisfies(e -> assertThat(e.position()).isEqualTo(64));
    }
  }

  @Test
  void isRefusedInTheMiddleOfAChunkAndAfterClosing() throws IOException {
    Files.write(
        file, RecordFileForge.withSignature().simpleChunk(new byte[3], new byte[4]).bytes());
    RecordReader reader = RecordReader.open(file);
    try (reader) {
      Iterator<?> records = reader.iterator();
      assertThat(records.next()).isNotNull();
      assertThatIllegalStateException().isThrownBy(reader::verify);
      assertThat(records.next()).isNotNull();
      reader.verify();
    }
    assertThatIllegalStateException().isThrownBy(reader::verify);
  }

  @Test
  void belongsToTheThreadOfTheReader() throws Exception {
    Files.write(file, RecordFileForge.withSignature().simpleChunk(new byte[3]).bytes());
    try (RecordReader reader = RecordReader.open(file);
        WorkerThread other = new WorkerThread()) {
      reader.verify();
      assertThat(other.thrownBy(reader::verify)).isInstanceOf(WrongThreadException.class);
    }
  }
}
