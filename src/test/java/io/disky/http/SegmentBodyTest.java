package io.disky.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SegmentBodyTest {
  /** A subscription that only counts its cancellations. */
  private static final class Cancelled implements Flow.Subscription {
    private volatile int count;

    @Override
    public void request(long n) {}

    @Override
    public synchronized void cancel() {
      count++;
    }
  }

  @Test
  void aBodyWithoutProgressEnds() {
    try (Arena arena = Arena.ofShared()) {
      SegmentBody body = new SegmentBody(arena.allocate(100), true, Duration.ofMillis(20));
      Cancelled subscription = new Cancelled();
      body.onSubscribe(subscription);
      body.onNext(List.of(ByteBuffer.wrap(new byte[10])));
      assertThatThrownBy(() -> body.getBody().toCompletableFuture().get())
          .hasCauseInstanceOf(HttpTimeoutException.class)
          .hasMessageContaining("no byte came within 20 ms");
      assertThat(subscription.count).isPositive();
      body.onNext(List.of(ByteBuffer.wrap(new byte[10]))); // too late, and ignored
    }
  }

  @Test
  void aBodyThatIsStoppedWritesNothing() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment target = arena.allocate(100);
      SegmentBody body = new SegmentBody(target, true, Duration.ofHours(1));
      Cancelled subscription = new Cancelled();
      body.onSubscribe(subscription);
      body.stop();
      body.onNext(List.of(ByteBuffer.wrap(new byte[] {1, 2, 3})));
      assertThat(target.mismatch(arena.allocate(100))).isEqualTo(-1);
      assertThat(subscription.count).isEqualTo(1);
    }
  }
}
