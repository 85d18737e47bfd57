package io.disky.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.order.Exhaustion;
import io.disky.order.OrderKey;
import io.disky.order.OrderSpec;
import io.disky.order.ShuffleMethod;
import io.disky.order.Steps.Remainder;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PipelineTest {
  private static final OrderKey KEY = OrderKey.of(1);
  private static final Progress START = new Progress(0, 0, 0, new long[0]);

  private FakeSource source = new FakeSource(10_000, 100, 40);
  private ShuffleMethod shuffle = new ShuffleMethod.None();
  private long batch = 64;
  private long epochs = 1;
  private int workers = 2;
  private long memory = 1 << 20;
  private List<RecordStage> stages = List.of();
  private long mostSkipped;
  private double filteredShare = 1;
  private Duration holdTimeout = Duration.ofSeconds(30);
  private Duration stallTimeout = Duration.ofSeconds(30);

  private LoadingSession session() {
    OrderSpec spec =
        OrderSpec.concatenated(
            List.of(source.layout()), 1, Long.MAX_VALUE, shuffle, Exhaustion.DROP_OUT, 1);
    EpochSteps.Division division = new EpochSteps.Division(batch, 0, 1, Remainder.EVEN, epochs);
    LoadingSettings settings =
        new LoadingSettings(
            workers, memory, stages, KEY, mostSkipped, 1, filteredShare, holdTimeout, stallTimeout);
    return new LoadingSession(
        "fake", List.of(source), new EpochSteps(spec, division, START), settings, START);
  }

  private static List<Long> numbers(FilledBatch batch) {
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < batch.count(); i++) {
      numbers.add(batch.number(i));
      assertThat(batch.get(i).get(ValueLayout.JAVA_LONG_UNALIGNED, 0)).isEqualTo(batch.number(i));
    }
    return numbers;
  }

  private List<Long> all() throws IOException {
    LoadingSession session = session();
    List<Long> all = new ArrayList<>();
    try {
      for (FilledBatch batch = session.pipeline().next();
          batch != null;
          batch = session.pipeline().next()) {
        all.addAll(numbers(batch));
        batch.close();
      }
      assertThat(session.pipeline().next()).isNull();
    } finally {
      session.close();
    }
    assertThat(source.closed).isTrue();
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5})
  void deliversAllRecordsInOrder(int workers) throws IOException {
    this.workers = workers;
    epochs = 3;

    List<Long> all = all();

    assertThat(all).hasSize(30_000);
    assertThat(all.subList(10_000, 20_000))
        .containsExactlyElementsOf(LongStream.range(0, 10_000).boxed().toList());
  }

  @Test
  void decodesEachChunkOnceInAnEpoch() throws IOException {
    assertThat(all()).hasSize(10_000);
    assertThat(source.decoded).hasValue(100);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void windowedShuffleHoldsAboutOneWindow(int workers) throws IOException {
    this.workers = workers;
    shuffle = new ShuffleMethod.Windowed(10 * 100 * 48);
    memory = 25 * 100 * 48;

    List<Long> all = all();

    assertThat(all)
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 10_000).boxed().toList());
    assertThat(all).isNotEqualTo(LongStream.range(0, 10_000).boxed().toList());
    assertThat(source.decoded).hasValue(100);
    assertThat(source.mostHolds.get()).isBetween(10, 25);
  }

  @Test
  void globalShuffleHoldsNoChunks() throws IOException {
    shuffle = new ShuffleMethod.Global();

    assertThat(all())
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 10_000).boxed().toList());
    assertThat(source.decoded).hasValue(0);
  }

  @Test
  void theOrderDoesNotDependOnWorkersOrMemory() throws IOException {
    shuffle = new ShuffleMethod.Windowed(10 * 100 * 48);
    List<Long> expected = all();
    for (int count : new int[] {0, 1, 4}) {
      source = new FakeSource(10_000, 100, 40);
      workers = count;
      memory = 64L << 10 << count;
      assertThat(all()).isEqualTo(expected);
    }
  }

  @Test
  void aConsumerThatHoldsAllMemoryIsToldWhere() throws IOException {
    memory = 40 * 64 * 10;
    holdTimeout = Duration.ofMillis(50);
    LoadingSession session = session();
    List<FilledBatch> kept = new ArrayList<>();
    try {
      assertThatIllegalStateException()
          .isThrownBy(() -> {
            while (true) {
              kept.add(session.pipeline().next());
            }
          })
          .withMessageContaining("has not closed")
          .withMessageContaining("PipelineTest.java");
      assertThat(kept).hasSizeLessThan(20);
      kept.forEach(FilledBatch::close);
      FilledBatch next = session.pipeline().next(); // It goes on after memory is free.
      assertThat(next.number(0)).isEqualTo(kept.size() * batch);
      next.close();
    } finally {
      session.close();
    }
  }

  @Test
  void aStallNamesTheStage() throws Exception {
    stallTimeout = Duration.ofMillis(50);
    workers = 1;
    CountDownLatch end = new CountDownLatch(1);
    source.onRead =
        () -> {
          try {
            end.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        };
    LoadingSession session = session();
    try {
      assertThatIllegalStateException()
          .isThrownBy(session.pipeline()::next)
          .withMessageContaining("worker 0 has been reading records for");
    } finally {
      end.countDown();
      session.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aFailureComesAfterTheBatchesBefore(int workers) throws IOException {
    this.workers = workers;
    source.damaged.add(50L);
    LoadingSession session = session();
    long records = 0;
    try {
      while (true) {
        FilledBatch next = session.pipeline().next();
        records += next.count();
        next.close();
      }
    } catch (IOException e) {
      assertThat(e).hasMessage("chunk 50 is damaged");
      assertThatIllegalStateException()
          .isThrownBy(session.pipeline()::next)
          .withMessageContaining("has failed")
          .withCause(e);
    } finally {
      session.close();
    }
    assertThat(records).isEqualTo(5000 / 64 * 64);
    assertThat(session.pipeline().delivered().position()).isEqualTo(records);
    assertThat(source.holds).hasValue(0);
  }

  @Test
  void damagedRecordsAreLeftOutUpToTheBound() throws IOException {
    source.damaged.add(50L);
    mostSkipped = 100;
    List<Long> expected =
        LongStream.range(0, 10_000).filter(number -> number / 100 != 50).boxed().toList();
    assertThat(all()).isEqualTo(expected);

    source = new FakeSource(10_000, 100, 40);
    source.damaged.add(50L);
    mostSkipped = 99;
    assertThatThrownBy(this::all).isInstanceOf(IOException.class);
  }

  @Test
  void skippedRecordsAreReportedWithTheirPositions() throws IOException {
    source.damaged.add(0L);
    mostSkipped = 100;
    LoadingSession session = session();
    try (FilledBatch first = session.pipeline().next();
        FilledBatch second = session.pipeline().next()) {
      assertThat(first.count()).isZero();
      assertThat(first.skips()).hasSize(64);
      assertThat(second.skips()).hasSize(36);
      assertThat(second.count()).isEqualTo(28);
      assertThat(second.position(0)).isEqualTo(100);
    } finally {
      session.close();
    }
  }

  @Test
  void filtersAndMappersKeepTheOrder() throws IOException {
    stages =
        List.of(
            new RecordStage.Filter((context, _) -> context.number() % 3 != 0),
            new RecordStage.Map((context, record, output) -> {
              var result = output.allocate(record.byteSize() + context.number() % 5);
              result.asSlice(0, record.byteSize()).copyFrom(record);
            }));

    assertThat(all())
        .isEqualTo(LongStream.range(0, 10_000).filter(number -> number % 3 != 0).boxed().toList());
  }

  @Test
  void aFilterThatLeavesOutTooMuchFails() {
    filteredShare = 0.9;
    stages = List.of(new RecordStage.Filter((context, _) -> context.number() % 20 == 0));

    assertThatIllegalStateException()
        .isThrownBy(this::all)
        .withMessageContaining("more than the share of 0.9");
  }

  @Test
  void aMapperWithoutAResultFails() {
    stages = List.of(new RecordStage.Map((_, _, _) -> {}));

    assertThatIllegalStateException().isThrownBy(this::all).withMessageContaining("allocate");
  }

  @Test
  void memoryOfAMapperEndsWithItsCall() throws IOException {
    List<java.lang.foreign.MemorySegment> leaked = new ArrayList<>();
    workers = 0;
    stages =
        List.of(
            new RecordStage.Map((_, record, output) -> {
              leaked.add(record);
              leaked.add(output.allocate(8));
              leaked.getLast().copyFrom(record.asSlice(0, 8));
            }));

    assertThat(all()).hasSize(10_000);
    assertThat(leaked).noneMatch(segment -> segment.scope().isAlive());
  }

  @Test
  void userCodeMustNotUseTheLoader() throws IOException {
    LoadingSession[] session = new LoadingSession[1];
    stages =
        List.of(
            new RecordStage.Filter((_, _) -> {
              session[0].close();
              return true;
            }));
    session[0] = session();
    try {
      assertThatIllegalStateException()
          .isThrownBy(session[0].pipeline()::next)
          .withMessageContaining("cannot be used by its own");
    } finally {
      session[0].close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void closingInTheMiddleFreesEverything(int workers) throws IOException {
    this.workers = workers;
    shuffle = new ShuffleMethod.Windowed(10 * 100 * 48);
    for (int taken = 0; taken < 20; taken++) {
      source = new FakeSource(10_000, 100, 40);
      LoadingSession session = session();
      FilledBatch last = null;
      for (int i = 0; i < taken; i++) {
        if (last != null) {
          last.close();
        }
        last = session.pipeline().next();
      }
      session.close();
      assertThat(source.closed).isTrue();
      assertThat(source.holds).hasValue(0);
      assertThat(source.open).hasValue(0);
      assertThatIllegalStateException().isThrownBy(session.pipeline()::next);
      if (last != null) {
        assertThat(numbers(last)).hasSize(64); // Batches outlive the loader.
        last.close();
      }
    }
  }
}
