package io.disky.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.engine.NativeReader.Extent;
import io.disky.testing.StateText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The chunks that workers decode ahead of a reader, in every state that some interleaving of their
 * steps and its own leads to.
 */
@Timeout(120)
class ChunkWindowTest {
  private static final long CHUNK = 700 << 10;
  private static final int BYTES = 10;
  private static final int LARGE = 64 << 10;
  private static final int MIB = 1 << 20;

  /**
   * What is read and how.
   *
   * @param chunks how many there are; each is 700 KiB, so that two are a run
   * @param limit bound on the bytes that are decoded
   * @param undecodable which chunk cannot be decoded, or -1
   * @param unlisted at which chunk nothing can be listed, or -1
   * @param seek before which chunk the reader goes back to chunk 1, or -1
   * @param together how many chunks may be decoded together
   */
  record Plan(int chunks, int limit, int undecodable, int unlisted, int seek, int together) {
    Plan(int chunks, int limit, int undecodable, int unlisted, int seek) {
      this(chunks, limit, undecodable, unlisted, seek, 1);
    }

    /** The memory that a chunk takes: only large ones are decoded together. */
    int bytes() {
      return together == 1 ? BYTES : LARGE;
    }
  }

  static Stream<Plan> plans() {
    List<Plan> plans = new ArrayList<>();
    for (int limit : new int[] {1, 15, 1000}) {
      for (int strange = -1; strange < 4; strange++) {
        plans.add(new Plan(4, limit, strange, -1, -1));
        plans.add(new Plan(4, limit, -1, strange, -1));
        plans.add(new Plan(4, limit, strange, strange, -1));
        plans.add(new Plan(5, limit, strange, -1, 3));
      }
    }
    for (int strange = -1; strange < 4; strange++) {
      plans.add(new Plan(6, 6 * LARGE, strange, -1, 3, 2));
      plans.add(new Plan(6, 6 * LARGE, -1, strange, -1, 2));
    }
    return plans.stream();
  }

  @ParameterizedTest
  @MethodSource("plans")
  void everyInterleavingComesToTheEnd(Plan plan) {
    Set<String> states = new HashSet<>();
    List<List<Integer>> histories = new ArrayList<>();
    histories.add(List.of());
    int ends = 0;
    while (!histories.isEmpty()) {
      List<Integer> history = histories.removeLast();
      Session session = Session.after(plan, history);
      if (!states.add(session.state())) {
        continue;
      }
      session.check();
      List<Integer> steps = session.possibleSteps(history);
      if (steps.isEmpty()) {
        session.checkEnd();
        ends++;
      }
      for (int step : steps) {
        List<Integer> longer = new ArrayList<>(history);
        longer.add(step);
        histories.add(longer);
      }
      session.checkStop();
    }
    assertThat(states).hasSizeGreaterThan(10);
    assertThat(ends).isPositive();
  }

  /** Lists chunks, the last ones of the file, to a window whose reader is at the first of them. */
  private static void list(ChunkWindow<Decoded> window, List<Extent> extents) {
    window.passed(extents.getFirst().begin());
    ChunkWindow.Task.Look<Decoded> look = (ChunkWindow.Task.Look<Decoded>) window.tryTask();
    window.listed(look, extents, Long.MAX_VALUE);
  }

  /** Where one chunk after the other cannot be decoded, workers leave them to the reader. */
  @Test
  void workersRestWhereMuchIsDamaged() {
    ChunkWindow<Decoded> window = new ChunkWindow<>(1 << 20, 1 << 20, BYTES, _ -> {});
    window.passed(64);
    ChunkWindow.Task.Look<Decoded> look = (ChunkWindow.Task.Look<Decoded>) window.tryTask();
    List<Extent> extents =
        IntStream.range(0, 64)
            .mapToObj(i -> new Extent(64 + 100L * i, 164 + 100L * i, 1, 1))
            .toList();
    window.listed(look, extents, 6464);
    ChunkWindow.Task.Decode<Decoded> task = (ChunkWindow.Task.Decode<Decoded>) window.tryTask();
    List<ChunkWindow.Slot<Decoded>> run = task.run().getFirst();
    assertThat(run).hasSize(64);
    window.settle(run.subList(0, 15), Collections.nCopies(15, null));
    assertThat(window.isDropped(run.getLast())).isFalse();
    window.settle(run.subList(15, 16), Collections.singletonList(null));
    assertThat(window.isDropped(run.getLast())).isTrue();
    assertThat(window.bytes()).isZero();
    assertThat(window.tryTask()).isNull();
    assertThat(window.hasAnswer()).isTrue();
    assertThat(window.take()).isNull();
    window.passed(5000);
    assertThat(window.tryTask())
        .isInstanceOfSatisfying(
            ChunkWindow.Task.Look.class, again -> assertThat(again.position()).isEqualTo(5000));
  }

  /** The reader is not woken for each small chunk, and has a large one at once. */
  @Test
  void smallChunksAreHandedOverTogether() {
    ChunkWindow<Decoded> window = new ChunkWindow<>(1 << 30, 1 << 20, 1 << 20, _ -> {});
    long small = (10 << 10) - Long.BYTES;
    long large = (64 << 10) - Long.BYTES;
    List<Extent> extents =
        IntStream.range(0, 16)
            .mapToObj(
                i -> new Extent(i * 100L, i * 100L + 100, 1, i == 7 || i == 8 ? large : small))
            .toList();
    list(window, extents);
    ChunkWindow.Task.Decode<Decoded> task = (ChunkWindow.Task.Decode<Decoded>) window.tryTask();
    assertThat(task.run().stream().map(List::size)).containsExactly(7, 1, 1, 7);
    int chunk = 0;
    for (List<ChunkWindow.Slot<Decoded>> group : task.run()) {
      assertThat(window.hasAnswer()).isFalse();
      List<Decoded> decoded =
          group.stream().map(slot -> new Decoded(slot.extent().begin(), 0)).toList();
      window.settle(group, decoded);
      for (int i = 0; i < group.size(); i++) {
        assertThat(window.hasAnswer()).isTrue();
        assertThat(window.take()).isEqualTo(new Decoded(100L * chunk++, 0));
      }
    }
    assertThat(window.bytes()).isZero();
  }

  /** The sizes of the groups in which {@code workers} get chunks of a MiB, at most four in each. */
  private static List<Integer> groupSizes(List<Extent> extents, int workers) {
    ChunkWindow<Decoded> window = new ChunkWindow<>(64L * MIB, Long.MAX_VALUE, MIB, _ -> {});
    window.decodeTogether(4, workers);
    list(window, extents);
    List<Integer> sizes = new ArrayList<>();
    while (window.tryTask() instanceof ChunkWindow.Task.Decode<Decoded>(var run)) {
      run.forEach(group -> sizes.add(group.size()));
    }
    assertThat(window.bytes()).isEqualTo((long) extents.size() * MIB);
    return sizes;
  }

  /** Large uncompressed neighbours are decoded together, but not all of them by one thread. */
  @Test
  void uncompressedNeighboursAreGivenOutTogether() {
    List<Extent> extents = new ArrayList<>();
    long begin = 0;
    for (int i = 0; i < 12; i++) {
      boolean compressed = i == 5;
      // After chunk 8 is one without records.
      begin += i == 9 ? MIB : 0;
      long end = begin + (compressed ? MIB / 2 : MIB);
      extents.add(new Extent(begin, end, 10, MIB - 80));
      begin = end;
    }
    assertThat(groupSizes(extents, 2)).containsExactly(4, 1, 1, 3, 1, 1, 1);
  }

  /** A header can claim any number of records, for which no memory is reserved in advance. */
  @Test
  void chunksThatClaimTooMuchAreDecodedAlone() {
    List<Extent> extents = new ArrayList<>();
    long[] records = {1, 1L << 40, 1, Long.MAX_VALUE, 1, -1, 1};
    for (int i = 0; i < records.length; i++) {
      extents.add(new Extent((long) i * MIB, (i + 1L) * MIB, records[i], MIB - 8));
    }
    assertThat(groupSizes(extents, 1)).hasSize(records.length).containsOnly(1);
  }

  /** Workers that wait for room are not woken for each chunk that is taken. */
  @Test
  void workersAreWokenWhenAQuarterIsFree() {
    int chunks = 16;
    ChunkWindow<Decoded> window = new ChunkWindow<>((long) chunks * BYTES, 1 << 20, BYTES, _ -> {});
    List<Extent> extents =
        IntStream.range(0, 64)
            .mapToObj(i -> new Extent(100L * i, 100L * i + 100, 1, BYTES - Long.BYTES))
            .toList();
    list(window, extents);
    ChunkWindow.Task.Decode<Decoded> task = (ChunkWindow.Task.Decode<Decoded>) window.tryTask();
    List<ChunkWindow.Slot<Decoded>> run = task.run().getFirst();
    assertThat(run).hasSize(chunks);
    window.settle(run, run.stream().map(slot -> new Decoded(slot.extent().begin(), 0)).toList());
    assertThat(window.tryTask()).isNull();
    long before = window.wakeUps();
    for (int taken = 1; taken <= chunks; taken++) {
      assertThat(window.take()).isNotNull();
      assertThat(window.wakeUps()).isEqualTo(before + (taken < chunks / 4 ? 0 : 1));
    }
  }

  /** A chunk that was decoded, and by which of the decodings. */
  private record Decoded(long begin, int decoding) {}

  /** A window with two workers and a reader that make one step after the other. */
  private static final class Session {
    private static final int READER = -1;
    private static final int WORKERS = 2;

    private final Plan plan;
    private final List<Decoded> discarded = new ArrayList<>();
    private final ChunkWindow<Decoded> window;
    private final List<ChunkWindow.Task<Decoded>> tasks = new ArrayList<>();
    private final int[] settledGroups = new int[WORKERS];
    private final List<List<Decoded>> unsettled = new ArrayList<>(); // of the group after these
    private int decodings;
    private int taken;
    private int position;
    private boolean seeked;
    private List<ChunkWindow.Slot<Decoded>> helping = List.of();

    private Session(Plan plan) {
      this.plan = plan;
      this.window =
          new ChunkWindow<>(plan.limit(), plan.chunks() * CHUNK, plan.bytes(), discarded::add);
      window.decodeTogether(plan.together(), WORKERS);
      for (int i = 0; i < WORKERS; i++) {
        tasks.add(null);
        unsettled.add(new ArrayList<>());
      }
    }

    static Session after(Plan plan, List<Integer> history) {
      Session session = new Session(plan);
      history.forEach(session::step);
      return session;
    }

    boolean step(int who) {
      return who == READER ? read() : work(who);
    }

    /** Takes the next chunk, or reads it itself, or decodes another one meanwhile. */
    private boolean read() {
      if (!helping.isEmpty()) {
        window.settle(helping, decodeAll(helping));
        helping = List.of();
        return true;
      }
      if (position == plan.seek() && !seeked) {
        seeked = true;
        position = 1;
        window.forget();
        return true;
      }
      if (position < plan.chunks()) {
        helping = window.tryHelp();
      }
      if (!helping.isEmpty()) {
        return true;
      }
      if (position == plan.chunks() || !window.hasAnswer()) {
        return false;
      }
      Decoded decoded = window.take();
      if (decoded == null) {
        position++;
        window.passed(position * CHUNK);
      } else {
        assertThat(decoded.begin()).isEqualTo(position * CHUNK);
        taken++;
        position++;
      }
      return true;
    }

    private boolean work(int worker) {
      switch (tasks.get(worker)) {
        case null -> {
          tasks.set(worker, window.tryTask());
          settledGroups[worker] = 0;
          return tasks.get(worker) != null;
        }
        case ChunkWindow.Task.Stop<Decoded>() -> {
          return false;
        }
        case ChunkWindow.Task.Look<Decoded> look -> {
          look(look);
          tasks.set(worker, null);
        }
        case ChunkWindow.Task.Decode<Decoded>(var run) -> {
          decodeNext(run.get(settledGroups[worker]), worker);
          if (settledGroups[worker] == run.size()) {
            tasks.set(worker, null);
          }
        }
      }
      return true;
    }

    private void look(ChunkWindow.Task.Look<Decoded> look) {
      int chunk = (int) (look.position() / CHUNK);
      List<Extent> extents = new ArrayList<>();
      while (extents.size() < 2 * plan.together()
          && chunk < plan.chunks()
          && chunk != plan.unlisted()) {
        extents.add(new Extent(chunk * CHUNK, (chunk + 1) * CHUNK, 1, plan.bytes() - Long.BYTES));
        chunk++;
      }
      window.listed(look, extents, extents.isEmpty() ? Long.MAX_VALUE : chunk * CHUNK);
    }

    private void decodeNext(List<ChunkWindow.Slot<Decoded>> group, int worker) {
      List<Decoded> decoded = unsettled.get(worker);
      decoded.add(decode(group.get(decoded.size())));
      if (decoded.size() == group.size()) {
        window.settle(group, decoded);
        decoded.clear();
        settledGroups[worker]++;
      }
    }

    private List<@Nullable Decoded> decodeAll(List<ChunkWindow.Slot<Decoded>> group) {
      List<@Nullable Decoded> decoded = new ArrayList<>();
      group.forEach(slot -> decoded.add(decode(slot)));
      return decoded;
    }

    private @Nullable Decoded decode(ChunkWindow.Slot<Decoded> slot) {
      long begin = slot.extent().begin();
      boolean fails = begin == plan.undecodable() * CHUNK || window.isDropped(slot);
      return fails ? null : new Decoded(begin, decodings++);
    }

    List<Integer> possibleSteps(List<Integer> history) {
      return IntStream.range(READER, WORKERS)
          .filter(who -> after(plan, history).step(who))
          .boxed()
          .toList();
    }

    // Which decoding a chunk is from makes no difference.
    String state() {
      String text = StateText.of(window) + StateText.of(tasks) + StateText.of(helping);
      text += Arrays.toString(settledGroups) + StateText.of(unsettled);
      return text.replaceAll("decoding=\\d+", "") + position + seeked;
    }

    void check() {
      assertThat(window.bytes()).isBetween(0L, plan.limit() + (WORKERS + 1L) * plan.bytes());
      assertThat(discarded).doesNotHaveDuplicates();
    }

    /** Nobody can do anything any more: nothing is left, and the reader has read all. */
    void checkEnd() {
      assertThat(position).isEqualTo(plan.chunks());
      assertThat(tasks).containsOnlyNulls();
      assertThat(window.bytes()).isZero();
      assertThat(taken + discarded.size()).isEqualTo(decodings);
    }

    void checkStop() {
      window.stop();
      assertThat(window.hasAnswer()).isTrue();
      assertThat(window.take()).isNull();
      for (int worker = 0; worker < WORKERS; worker++) {
        while (work(worker)) {
          // To the end of what it is at.
        }
        assertThat(tasks.get(worker)).isInstanceOf(ChunkWindow.Task.Stop.class);
      }
      assertThat(window.bytes()).isZero();
      assertThat(taken + discarded.size()).isEqualTo(decodings);
    }
  }
}
