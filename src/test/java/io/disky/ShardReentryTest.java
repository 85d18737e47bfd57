package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The user's code that a reader of shards calls on its threads must not take records from it. */
class ShardReentryTest {
  private static final MultiThreadedReaderOptions OPTIONS =
      MultiThreadedReaderOptions.defaults().withNumShards(2).withParallelism(2);

  @TempDir private Path directory;

  /** What is called before the reader is known waits for it. */
  private final CompletableFuture<MultiThreadedReader> opened = new CompletableFuture<>();

  private final List<String> refused = new CopyOnWriteArrayList<>();

  private void refuse(String callback) {
    MultiThreadedReader reader = opened.join();
    Map<String, ThrowingCallable> operations = new LinkedHashMap<>();
    operations.put("nextBatch", reader::nextBatch);
    operations.put("tryNextBatch", reader::tryNextBatch);
    operations.put("next", reader::next);
    operations.put("tryNext", reader::tryNext);
    operations.put("iterator", () -> reader.iterator().hasNext());
    operations.put("visitBatches", () -> reader.visitBatches(_ -> {}));
    operations.put("batches", () -> reader.batches().findFirst());
    operations.forEach((name, operation) ->
        assertThatIllegalStateException()
            .as(name)
            .isThrownBy(operation)
            .withMessage(
                "the reader of shards cannot be used by its own "
                    + callback
                    + ": return from it first"));
    refused.add(callback);
  }

  private record Refusing(Shard shard, ShardReentryTest test) implements Shard {
    @Override
    public String name() {
      test.refuse("shard");
      return shard.name();
    }

    @Override
    public RecordReader open(ReaderOptions options) throws IOException {
      test.refuse("shard");
      return shard.open(options);
    }
  }

  private final class Listener implements ShardListener {
    @Override
    public void opened(String shard) {
      refuse("shard listener");
    }

    @Override
    public void finished(String shard, long records) {
      refuse("shard listener");
    }
  }

  @Test
  void nothingThatAReaderCallsMayTakeItsRecords() throws IOException {
    ShardSource shards = ShardFixture.writeAll(directory, 2, 3, 1).inOrder();
    ShardSource source =
        new ShardSource() {
          @Override
          public Shard next() throws IOException {
            refuse("shard source");
            Shard shard = shards.next();
            return shard == null ? null : new Refusing(shard, ShardReentryTest.this);
          }

          @Override
          public void finished(Shard shard, long records) {
            refuse("shard source");
          }
        };
    try (MultiThreadedReader reader =
        MultiThreadedReader.open(source, OPTIONS.withShardListener(new Listener()))) {
      opened.complete(reader);
      assertThat(ShardFixture.takeAll(reader))
          .containsExactlyInAnyOrderElementsOf(ShardFixture.allPlaces(2, 3, 1));
    }
    // Each shard: next, name, open, opened and twice finished; and the last next.
    assertThat(refused).hasSize(3 * 6 + 1);
  }

  @Test
  void aSourceMayCloseItsReader() throws IOException {
    List<String> closed = new ArrayList<>();
    ShardSource shards = ShardFixture.writeAll(directory, 2).inOrder();
    ShardSource source =
        () -> {
          opened.join().close();
          closed.add("closed");
          return shards.next();
        };
    try (MultiThreadedReader reader = MultiThreadedReader.open(source, OPTIONS)) {
      opened.complete(reader);
      assertThatIllegalStateException()
          .isThrownBy(() -> ShardFixture.takeAll(reader))
          .withMessage("the reader of shards is closed");
    }
    assertThat(closed).hasSize(1);
  }

  @Test
  void aReaderThatIsClosedIsCalledByItsShards() throws IOException {
    MultiThreadedReader reader = MultiThreadedReader.open(ShardFixture.writeAll(directory, 1, 1));
    reader.close();
    for (ThrowingCallable operation :
        List.<ThrowingCallable>of(reader::nextBatch, reader::next, reader::iterator)) {
      assertThatIllegalStateException()
          .isThrownBy(operation)
          .withMessage("the reader of " + directory.resolve("shard_0") + " and 1 more is closed");
    }
  }
}
