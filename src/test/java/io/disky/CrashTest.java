package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.oracle.OracleReader;
import io.disky.testing.LogCapture;
import io.disky.testing.ReadingWay;
import io.disky.testing.RecordFileProcess;
import io.disky.testing.SampleRecords;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writers that are killed: what was synced is there, and the file is continued. The system property
 * {@code disky.crashes} says how often, {@code disky.crash.seed} where the random numbers begin.
 */
@EnabledOnOs({OS.LINUX, OS.MAC})
class CrashTest {
  private static final int CRASHES = Integer.getInteger("disky.crashes", 20);
  private static final long SEED = Long.getLong(CrashedWriter.SEED, 1);

  /** So often a file is continued before another one begins. */
  private static final int CRASHES_PER_FILE = 8;

  @TempDir private Path directory;

  private long synced;
  private long kept;
  private long torn;
  private long tornBytes;
  private long unborn;

  @Test
  void whatWasSyncedOutlivesTheWriter() throws Exception {
    System.out.println("seed " + SEED);
    Path file = directory.resolve("records");
    long records = 0;
    for (int crash = 0; crash < CRASHES; crash++) {
      if (crash % CRASHES_PER_FILE == 0) {
        Files.deleteIfExists(file);
        records = 0;
      }
      records = crash(file, SEED + crash, records);
    }
    System.out.printf(
        "%d writers killed: %d records synced, all there; %d more kept; %d tails torn, of %d bytes"
            + " in all; %d killed before they wrote%n",
        CRASHES, synced, kept, torn, tornBytes, unborn);
    assertThat(synced).isPositive();
  }

  /** Kills a writer, checks what it leaves, and continues that by a record. */
  private long crash(Path file, long seed, long before) throws Exception {
    long acknowledged = runUntilKilled(file, seed, before);
    if (!Files.exists(file)) {
      assertThat(acknowledged).isZero();
      unborn++;
      return 0;
    }
    List<byte[]> found = readUntilTorn(file);
    assertThat(found.size())
        .as("seed %d: records", seed)
        .isGreaterThanOrEqualTo((int) acknowledged);
    synced += acknowledged - before;
    kept += found.size() - acknowledged;
    checkNumbers(found, seed);

    Optional<Repair> expected = RecordWriter.findTornTail(file);
    try (LogCapture log = new LogCapture();
        RecordWriter writer = RecordWriter.open(file, CrashedWriter.options(seed))) {
      assertThat(writer.repair()).isEqualTo(expected);
      assertThat(log.messages("torn")).hasSize(expected.isPresent() ? 1 : 0);
      writer.write(CrashedWriter.record(found.size()));
    }
    expected.ifPresent(repair -> {
      torn++;
      tornBytes += repair.sizeBefore() - repair.sizeAfter();
    });
    found.add(CrashedWriter.record(found.size()));
    SampleRecords.assertSame(ReadingWay.ITERATION.read(file), found);
    SampleRecords.assertSame(OracleReader.read(file).records(), found);
    return found.size();
  }

  private static void checkNumbers(List<byte[]> found, long seed) {
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i)).as("seed %d: record %d", seed, i).isEqualTo(CrashedWriter.record(i));
    }
  }

  /** What a reader gets before the tear, if there is one. */
  private static List<byte[]> readUntilTorn(Path file) throws IOException {
    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      ReadingWay.ITERATION.read(reader, records::add);
    } catch (CorruptFileException e) {
      assertThat(e.damage()).isEqualTo(CorruptFileException.Damage.TRUNCATED);
    }
    return records;
  }

  /**
   * Kills a writer some time after it has begun, or while it begins.
   *
   * @return how many records it said are on the disk
   */
  private static long runUntilKilled(Path file, long seed, long first) throws Exception {
    Random random = new Random(seed);
    Process process =
        RecordFileProcess.withOptions(
                "-D" + CrashedWriter.SEED + "=" + seed, "-D" + CrashedWriter.FIRST + "=" + first)
            .start("write-until-killed", file);
    long acknowledged = first;
    try (BufferedReader output = process.inputReader(UTF_8)) {
      boolean early = random.nextInt(10) == 0;
      if (!early) {
        acknowledged = acknowledged(output.readLine());
      }
      long most = TimeUnit.MILLISECONDS.toNanos(early ? 400 : 120);
      LockSupport.parkNanos(random.nextLong(most));
      // The process itself would close its output.
      process.toHandle().destroyForcibly();
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        acknowledged = line.isEmpty() ? acknowledged : acknowledged(line);
      }
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.waitFor()).as("a writer ends by SIGKILL").isEqualTo(128 + 9);
    return acknowledged;
  }

  private static long acknowledged(@Nullable String line) {
    assertThat(line).isNotNull().startsWith("synced ");
    return Long.parseLong(line.substring("synced ".length()));
  }
}
