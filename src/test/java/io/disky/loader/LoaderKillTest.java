package io.disky.loader;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that loads is killed again and again; its records are those of the order. */
@Timeout(300)
class LoaderKillTest {
  // -Ddisky.kills=100 for a long run.
  private static final int KILLS = Integer.getInteger("disky.kills", 5);
  private static final long SEED = 20_261_130;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"none", "global", "windowed", "reservoir", "filtered"})
  void killedProcessesDeliverTheSequence(String order) throws Exception {
    LoadedSequence.files(directory);
    Random random = new Random(SEED);
    for (int kill = 0; kill < KILLS; kill++) {
      runAndKill(order, random);
    }

    LoaderState state = LoaderState.parse(Files.readString(directory.resolve("state")));
    long reached = state.epoch() * LoaderProgram.RECORDS + state.position();
    assertThat(reached).isPositive();
    long[] delivered = delivered((int) reached);
    assertThat(delivered).as("seed %s", SEED).isEqualTo(expected(order, (int) reached));
  }

  private void runAndKill(String order, Random random) throws Exception {
    Process process =
        ChildJvm.start(
            LoaderProgram.class,
            directory,
            List.of("-XX:TieredStopAtLevel=1"),
            directory.toString(),
            order,
            Integer.toString(random.nextInt(4)),
            Integer.toString(1 + random.nextInt(100)));
    try (BufferedReader steps =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      int last = 1 + random.nextInt(60);
      for (int step = 0; step < last; step++) {
        assertThat(steps.readLine()).isNotNull();
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private long[] delivered(int count) throws IOException {
    byte[] bytes = Files.readAllBytes(directory.resolve("delivered"));
    LongBuffer entries = ByteBuffer.wrap(bytes).asLongBuffer();
    long[] delivered = new long[count];
    entries.get(delivered, 0, Math.min(count, entries.limit()));
    return delivered;
  }

  /** What a process that is not interrupted delivers; 0 at positions of filtered records. */
  private long[] expected(String order, int count) throws IOException {
    long[] expected = new long[count];
    try (DataLoader loader =
        DataLoader.open(LoaderProgram.data(directory), LoaderProgram.options(order))) {
      for (LoadedBatch batch : loader) {
        for (int i = 0; i < batch.recordCount(); i++) {
          long position = batch.epoch() * LoaderProgram.RECORDS + batch.position(i);
          if (position < count) {
            expected[(int) position] = LoaderProgram.entry(batch, i);
          }
        }
        if ((batch.epoch() + 1) * LoaderProgram.RECORDS > count
            && batch.firstPosition() + batch.epoch() * LoaderProgram.RECORDS >= count) {
          return expected;
        }
      }
    }
    return expected;
  }
}
