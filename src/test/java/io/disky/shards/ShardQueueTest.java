package io.disky.shards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.testing.StateText;
import io.disky.testing.WorkerThreads;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The queue between workers and consumers, in every state that some interleaving of its operations
 * leads to: a state is left by each step that somebody can make in it.
 */
@Timeout(120)
class ShardQueueTest {
  private static final int BATCH_BYTES = 10;

  /**
   * What is read and how.
   *
   * @param shards number of batches of each
   * @param failing the shard that fails behind its batches, or -1
   * @param failsToOpen whether that shard fails when it is opened
   * @param sourceFails whether the source fails behind the shards
   */
  record Plan(
      boolean roundRobin,
      boolean deterministic,
      int open,
      int workers,
      int limit,
      List<Integer> shards,
      int failing,
      boolean failsToOpen,
      boolean sourceFails) {

    Plan failingAt(int shard, boolean toOpen) {
      return new Plan(
          roundRobin, deterministic, open, workers, limit, shards, shard, toOpen, sourceFails);
    }

    Plan withFailingSource() {
      return new Plan(
          roundRobin, deterministic, open, workers, limit, shards, failing, failsToOpen, true);
    }

    boolean fails() {
      return failing >= 0 || sourceFails;
    }

    <S, T> DeliveryOrder<S, T> deliveryOrder() {
      return deterministic ? new TurnOrder<>(roundRobin, open) : new ArrivalOrder<>(roundRobin);
    }
  }

  static Stream<Plan> plans() {
    List<Plan> plans = new ArrayList<>();
    for (boolean roundRobin : List.of(false, true)) {
      for (boolean deterministic : new boolean[] {false, true}) {
        for (int open = 1; open <= 3; open++) {
          for (int limit : new int[] {1, 15, 20, 1000}) {
            for (List<Integer> shards : shards(open)) {
              int workers = Math.min(open, 2);
              plans.add(
                  new Plan(
                      roundRobin, deterministic, open, workers, limit, shards, -1, false, false));
            }
          }
        }
      }
    }
    return plans.stream();
  }

  /** Fewer batches if many shards are open: there are far more interleavings. */
  private static List<List<Integer>> shards(int open) {
    return List.of(open < 3 ? List.of(3, 1, 3) : List.of(2, 1, 2), List.of(0, 2, 0, 1));
  }

  static Stream<Plan> failingPlans() {
    return plans()
        .filter(plan -> plan.limit() != 1000 && plan.open() < 3)
        .flatMap(plan ->
            Stream.of(plan.failingAt(1, false), plan.failingAt(1, true), plan.withFailingSource()));
  }

  @ParameterizedTest
  @MethodSource({"plans", "failingPlans"})
  void everyInterleavingDeliversWhatItShould(Plan plan) {
    Exploration exploration = new Exploration(plan);
    exploration.run();
    assertThat(exploration.states).hasSizeGreaterThan(5);
    assertThat(exploration.ends).isPositive();
  }

  /** Goes through all states, depth first; a history leads to each. */
  private static final class Exploration {
    private final Plan plan;
    private final Set<String> states = new HashSet<>();
    private int ends;

    Exploration(Plan plan) {
      this.plan = plan;
    }

    void run() {
      List<List<Integer>> histories = new ArrayList<>();
      histories.add(List.of());
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
        // Ends it, so that it comes last.
        session.checkClosing();
      }
    }
  }

  /** A batch: of which shard, and which of its batches. */
  private record Batch(int shard, int number) {}

  /** A queue with workers and consumers that make one step after the other. */
  private static final class Session {
    private static final int TAKE = -1;
    private static final int HELP = -2;

    private final Plan plan;
    private final List<Batch> discarded = new ArrayList<>();
    private final ShardQueue<Integer, Batch> queue;
    private final List<ShardTask<Integer, Batch>> tasks = new ArrayList<>();
    private final int[] read;
    private int asked;
    private final List<Batch> taken = new ArrayList<>();
    private IOException failure;
    private ShardLane<Integer, Batch> helping;

    private Session(Plan plan) {
      this.plan = plan;
      this.queue =
          new ShardQueue<>(
              plan.deliveryOrder(), plan.open(), plan.limit(), discarded::add, "the reader");
      this.read = new int[plan.shards().size()];
      for (int i = 0; i < plan.workers(); i++) {
        tasks.add(null);
      }
    }

    static Session after(Plan plan, List<Integer> history) {
      Session session = new Session(plan);
      history.forEach(session::step);
      return session;
    }

    /** Makes the step of a worker, or of a consumer; returns whether there was one to make. */
    boolean step(int who) {
      return switch (who) {
        case TAKE -> take();
        case HELP -> help();
        default -> work(who);
      };
    }

    /** A consumer that reads from a lane, unless a worker must do that. */
    private boolean help() {
      if (helping == null) {
        try {
          helping = failure == null ? queue.tryHelp() : null;
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
        return helping != null;
      }
      int shard = helping.shard();
      if (read[shard] < plan.shards().get(shard)) {
        queue.helped(helping, new Batch(shard, read[shard]++), 2, BATCH_BYTES);
      } else {
        queue.needsWorker(helping);
      }
      helping = null;
      return true;
    }

    private boolean take() {
      if (failure != null) {
        return false;
      }
      Delivery<Batch> delivery = queue.poll();
      if (delivery == null) {
        return false;
      }
      if (delivery.failure() != null) {
        failure = delivery.failure();
      } else {
        taken.add(delivery.batch());
      }
      return true;
    }

    private boolean work(int worker) {
      ShardTask<Integer, Batch> task = tasks.get(worker);
      switch (task) {
        case null -> {
          tasks.set(worker, queue.tryTask());
          return tasks.get(worker) != null;
        }
        case ShardTask.Stop<Integer, Batch>() -> {
          return false;
        }
        case ShardTask.Open<Integer, Batch>() -> open();
        case ShardTask.Read<Integer, Batch>(var lane) -> read(lane);
      }
      tasks.set(worker, null);
      return true;
    }

    private void open() {
      int shard = asked++;
      if (shard == read.length) {
        if (plan.sourceFails()) {
          queue.sourceFailed(new IOException("source"));
        } else {
          queue.noMoreShards();
        }
      } else if (shard == plan.failing() && plan.failsToOpen()) {
        queue.openFailed(new IOException("open"));
      } else {
        queue.opened(shard);
      }
    }

    private void read(ShardLane<Integer, Batch> lane) {
      int shard = lane.shard();
      if (read[shard] < plan.shards().get(shard)) {
        queue.read(lane, new Batch(shard, read[shard]++), 2, BATCH_BYTES);
      } else if (shard == plan.failing()) {
        queue.readFailed(lane, new IOException("read"));
      } else {
        queue.ended(lane);
      }
    }

    List<Integer> possibleSteps(List<Integer> history) {
      return IntStream.range(HELP, tasks.size())
          .filter(who -> after(plan, history).step(who))
          .boxed()
          .toList();
    }

    String state() {
      return StateText.of(queue)
          + StateText.of(tasks)
          + StateText.of(helping)
          + asked
          + failure
          + (plan.deterministic() ? taken : countsTaken());
    }

    private List<Long> countsTaken() {
      return IntStream.range(0, read.length)
          .mapToObj(shard -> taken.stream().filter(batch -> batch.shard() == shard).count())
          .toList();
    }

    void check() {
      long reading =
          tasks.stream().filter(ShardTask.Read.class::isInstance).count()
              + (helping == null ? 0 : 1);
      long queued = (long) IntStream.of(read).sum() - taken.size() - discarded.size();
      assertThat(queue.bytes()).isEqualTo(queued * BATCH_BYTES);
      assertThat(queue.records()).isEqualTo(queued * 2);
      int most = plan.workers() + 1 + (plan.deterministic() ? 1 : 0);
      assertThat(queue.bytes() + reading * BATCH_BYTES)
          .isLessThan(plan.limit() + (long) most * BATCH_BYTES);
      assertThat(openShards()).isLessThanOrEqualTo(plan.open());
      for (int shard = 0; shard < read.length; shard++) {
        assertThat(takenOf(shard)).isEqualTo(takenOf(shard).stream().sorted().toList());
      }
      if (plan.deterministic()) {
        List<Batch> expected = expected();
        assertThat(taken).isEqualTo(expected.subList(0, taken.size()));
      }
      assertThat(taken).doesNotHaveDuplicates();
    }

    private List<Integer> takenOf(int shard) {
      return taken.stream().filter(batch -> batch.shard() == shard).map(Batch::number).toList();
    }

    private long openShards() {
      long opening = tasks.stream().filter(ShardTask.Open.class::isInstance).count();
      return opening
          + IntStream.range(0, Math.min(asked, read.length)).filter(this::isOpen).count();
    }

    private boolean isOpen(int shard) {
      return StateText.of(queue).contains("shard=" + shard + ";ended=false");
    }

    /** Nobody can do anything any more. */
    void checkEnd() {
      assertThat(tasks).allMatch(ShardTask.Stop.class::isInstance);
      assertThat(helping).isNull();
      assertThat(queue.bytes()).isZero();
      if (plan.fails()) {
        assertThat(failure).isNotNull();
        assertThat(queue.isAtEnd()).isFalse();
        assertThat(queue.poll().failure()).isSameAs(failure);
      } else {
        assertThat(queue.isAtEnd()).isTrue();
        assertThat(taken).hasSize(plan.shards().stream().mapToInt(i -> i).sum());
      }
      if (plan.deterministic()) {
        assertThat(taken).isEqualTo(expected());
      }
    }

    void checkClosing() {
      queue.close();
      assertThatIllegalStateException().isThrownBy(queue::poll);
      for (int worker = 0; worker < tasks.size(); worker++) {
        while (work(worker)) {
          // To the end of what it is at.
        }
        assertThat(tasks.get(worker)).isInstanceOf(ShardTask.Stop.class);
      }
      while (help()) {
        // To the end of what it is at.
      }
      assertThat(queue.bytes()).isZero();
      assertThat(queue.records()).isZero();
      List<Batch> all = new ArrayList<>(taken);
      all.addAll(discarded);
      assertThat(all).doesNotHaveDuplicates().hasSize(IntStream.of(read).sum());
    }

    /** The order of the plan, by going round the table. */
    private List<Batch> expected() {
      List<Batch> batches = new ArrayList<>();
      ArrayDeque<Integer> seats = new ArrayDeque<>();
      int[] next = new int[read.length];
      int count = plan.roundRobin() ? plan.open() : 1;
      for (int i = 0; i < count; i++) {
        seats.add(-1);
      }
      int opened = 0;
      // The seat whose turn it is comes first.
      while (!seats.isEmpty()) {
        int shard = seats.removeFirst();
        if (shard >= 0 && next[shard] < plan.shards().get(shard)) {
          batches.add(new Batch(shard, next[shard]++));
          seats.addLast(shard);
        } else if (shard >= 0 && shard == plan.failing()) {
          return batches;
        } else if (opened == plan.failing() && plan.failsToOpen()) {
          return batches;
        } else if (opened < read.length) {
          seats.addFirst(opened++);
        } else if (plan.sourceFails()) {
          return batches;
        }
      }
      return batches;
    }
  }

  /** Reading begins while less than the limit is queued: just as much is enough. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingIsReadOnceTheLimitIsReached(boolean roundRobin) {
    for (int limit = 1; limit <= 5 * BATCH_BYTES; limit++) {
      List<DeliveryOrder<Integer, Batch>> orders =
          List.of(new TurnOrder<>(roundRobin, 2), new ArrivalOrder<>(roundRobin));
      for (DeliveryOrder<Integer, Batch> order : orders) {
        ShardQueue<Integer, Batch> queue =
            new ShardQueue<>(order, 2, limit, batch -> {}, "the reader");
        int filled = fill(queue, limit);
        // Taking one makes room for one.
        assertThat(queue.poll()).isNotNull();
        assertThat(fill(queue, limit)).isEqualTo(1);
        assertThat(filled).isEqualTo((limit + BATCH_BYTES - 1) / BATCH_BYTES);
      }
    }
  }

  /**
   * A worker's steps in shards without end, until there is nothing to do; how often it has read.
   */
  private static int fill(ShardQueue<Integer, Batch> queue, int limit) {
    int batches = 0;
    ShardTask<Integer, Batch> task = queue.tryTask();
    while (task != null) {
      switch (task) {
        case ShardTask.Open<Integer, Batch>() -> queue.opened(0);
        case ShardTask.Read<Integer, Batch>(var lane) -> {
          assertThat(queue.bytes()).isLessThan(limit);
          queue.read(lane, new Batch(lane.shard(), batches++), 1, BATCH_BYTES);
        }
        case ShardTask.Stop<Integer, Batch>() -> throw new AssertionError("stopped");
      }
      task = queue.tryTask();
    }
    return batches;
  }

  /** A worker that waits for room is not woken for each batch that is taken. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void workerIsWokenWhenAQuarterIsFree(boolean deterministic) throws Exception {
    DeliveryOrder<Integer, Batch> order =
        deterministic ? new TurnOrder<>(true, 1) : new ArrivalOrder<>(true);
    int batches = 16;
    int limit = batches * BATCH_BYTES;
    ShardQueue<Integer, Batch> queue = new ShardQueue<>(order, 1, limit, batch -> {}, "the reader");
    assertThat(fill(queue, limit)).isEqualTo(batches);
    List<Object> tasks = Collections.synchronizedList(new ArrayList<>());
    Thread worker = Thread.ofVirtual().start(() -> tasks.add(queue.awaitTask().getClass()));
    awaitWaiting(worker);
    for (int taken = 1; taken <= batches / 4; taken++) {
      assertThat(queue.wakeUps()).isZero();
      assertThat(queue.poll()).isNotNull();
    }
    assertThat(queue.wakeUps()).isEqualTo(1);
    worker.join();
    assertThat(tasks).containsExactly(ShardTask.Read.class);
  }

  /** A worker that has nothing to do is not woken by the batches of the others. */
  @Test
  void workerWithoutATaskIsNotWoken() throws Exception {
    ShardQueue<Integer, Batch> queue =
        new ShardQueue<>(new ArrivalOrder<>(true), 1, 1000, batch -> {}, "the reader");
    assertThat(queue.tryTask()).isInstanceOf(ShardTask.Open.class);
    queue.opened(0);
    ShardTask.Read<Integer, Batch> task = (ShardTask.Read<Integer, Batch>) queue.tryTask();
    Thread idle = Thread.ofVirtual().start(queue::awaitTask);
    awaitWaiting(idle);
    for (int i = 0; i < 20; i++) {
      queue.read(task.lane(), new Batch(0, i), 1, BATCH_BYTES);
      task = (ShardTask.Read<Integer, Batch>) queue.tryTask();
      assertThat(queue.poll()).isNotNull();
    }
    assertThat(queue.wakeUps()).isZero();
    queue.close();
    idle.join();
  }

  /** A consumer that can read does not wait; it leaves the end of the shard to a worker. */
  @Test
  void consumerReadsInsteadOfWaiting() throws Exception {
    ShardQueue<Integer, Batch> queue =
        new ShardQueue<>(new ArrivalOrder<>(true), 1, 1000, batch -> {}, "the reader");
    assertThat(queue.tryTask()).isInstanceOf(ShardTask.Open.class);
    assertThat(queue.tryHelp()).isNull();
    queue.opened(0);
    for (int i = 0; i < 3; i++) {
      queue.helped(queue.tryHelp(), new Batch(0, i), 1, BATCH_BYTES);
      assertThat(queue.tryHelp()).isNull();
      assertThat(queue.poll().batch()).isEqualTo(new Batch(0, i));
    }
    queue.needsWorker(queue.tryHelp());
    assertThat(queue.tryHelp()).isNull();
    assertThat(queue.tryTask()).isInstanceOf(ShardTask.Read.class);
    Thread.currentThread().interrupt();
    assertThat(WorkerThreads.thrownBy(queue::tryHelp)).isInstanceOf(InterruptedException.class);
  }

  private static void awaitWaiting(Thread thread) throws InterruptedException {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
  }

  @Test
  void workersAndConsumersWake() throws Exception {
    for (Plan plan : plans().toList()) {
      AtomicLong taken = new AtomicLong();
      ShardQueue<Integer, Batch> queue =
          new ShardQueue<>(
              plan.deliveryOrder(), plan.open(), plan.limit(), batch -> {}, "the reader");
      Session session = new Session(plan);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < plan.workers(); i++) {
        threads.add(Thread.ofVirtual().start(() -> work(queue, session)));
      }
      for (int i = 0; i < 3; i++) {
        threads.add(Thread.ofVirtual().start(() -> consume(queue, taken)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(taken).as(plan.toString()).hasValue(plan.shards().stream().mapToInt(i -> i).sum());
    }
  }

  private static void consume(ShardQueue<Integer, Batch> queue, AtomicLong taken) {
    try {
      while (queue.take() != null) {
        taken.incrementAndGet();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void work(ShardQueue<Integer, Batch> queue, Session shards) {
    while (true) {
      switch (queue.awaitTask()) {
        case ShardTask.Stop<Integer, Batch>() -> {
          return;
        }
        case ShardTask.Open<Integer, Batch>() -> {
          if (shards.asked == shards.read.length) {
            queue.noMoreShards();
          } else {
            queue.opened(shards.asked++);
          }
        }
        case ShardTask.Read<Integer, Batch>(var lane) -> {
          int shard = lane.shard();
          if (shards.read[shard] < shards.plan.shards().get(shard)) {
            queue.read(lane, new Batch(shard, shards.read[shard]++), 1, BATCH_BYTES);
          } else {
            queue.ended(lane);
          }
        }
      }
    }
  }

  /** Whoever waits, and whoever comes later, gets the same failure; workers stop. */
  @Test
  void failsForEverybody() throws Exception {
    List<Batch> discarded = new ArrayList<>();
    ShardQueue<Integer, Batch> queue =
        new ShardQueue<>(new ArrivalOrder<>(false), 1, 1, discarded::add, "the reader");
    List<Object> taken = Collections.synchronizedList(new ArrayList<>());
    List<Thread> waiting = new ArrayList<>();
    assertThat(queue.tryTask()).isInstanceOf(ShardTask.Open.class);
    for (int i = 0; i < 3; i++) {
      waiting.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  taken.add(queue.take().failure());
                } catch (InterruptedException e) {
                  taken.add(e);
                }
              }));
    }
    waiting.add(Thread.ofVirtual().start(() -> taken.add(queue.awaitTask().getClass())));
    for (Thread thread : waiting) {
      while (thread.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
    }
    IOException failure = new IOException("failure");
    queue.failed(failure);
    queue.failed(new IOException("another one"));
    for (Thread thread : waiting) {
      thread.join();
    }
    assertThat(taken).containsExactlyInAnyOrder(failure, failure, failure, ShardTask.Stop.class);
    assertThat(queue.poll().failure()).isSameAs(failure);
    assertThat(queue.isAtEnd()).isFalse();
    queue.close();
    queue.failed(failure);
    assertThat(WorkerThreads.thrownBy(queue::poll)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void isClosedWhileConsumersWait() throws Exception {
    Supplier<ShardQueue<Integer, Batch>> queues =
        () -> new ShardQueue<>(new ArrivalOrder<>(false), 1, 1, batch -> {}, "the reader");
    ShardQueue<Integer, Batch> queue = queues.get();
    List<Throwable> thrown = new ArrayList<>();
    Thread consumer =
        Thread.ofVirtual().start(() -> thrown.add(WorkerThreads.thrownBy(queue::take)));
    Thread worker =
        Thread.ofVirtual()
            .start(() -> {
              queue.awaitTask();
              // The other worker's: there is nothing to do until the shard is opened.
              thrown.add(queue.awaitTask() instanceof ShardTask.Stop ? null : new Throwable());
            });
    while (consumer.getState() != Thread.State.WAITING
        || worker.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
    queue.close();
    consumer.join();
    worker.join();
    assertThat(thrown)
        .filteredOn(e -> e != null)
        .singleElement()
        .isInstanceOf(IllegalStateException.class);
  }
}
