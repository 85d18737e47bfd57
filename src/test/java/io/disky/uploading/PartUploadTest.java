package io.disky.uploading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.disky.retrying.RetryPolicy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When requests are repeated, and when they are given up. */
@Timeout(60)
class PartUploadTest {
  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Answers as a test wants, and keeps the requests. */
  private static final class Target implements PartTarget {
    private final List<String> requests = new ArrayList<>();
    private final Function<String, CompletableFuture<Void>> answers;

    Target(Function<String, CompletableFuture<Void>> answers) {
      this.answers = answers;
    }

    private CompletableFuture<Void> request(String request) {
      requests.add(request);
      return answers.apply(request);
    }

    @Override
    public String name() {
      return "store:file";
    }

    @Override
    public long partSize(int part) {
      return 4;
    }

    @Override
    public int maxParts() {
      return 2;
    }

    @Override
    public CompletableFuture<Void> send(int part, MemorySegment bytes) {
      return request("send " + part + " " + bytes.toArray(ValueLayout.JAVA_BYTE).length);
    }

    @Override
    public CompletableFuture<Void> complete() {
      return request("complete");
    }

    @Override
    public CompletableFuture<Void> abort() {
      return request("abort");
    }

    @Override
    public @Nullable Duration repeatAfter(Throwable failure) {
      return Duration.ZERO;
    }
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  private static UploadSettings settings(Duration timeout) {
    return new UploadSettings(4, 1 << 20, new RetryPolicy(3, MILLI, MILLI, timeout, MINUTE));
  }

  private static void write(Target target, UploadSettings settings, int bytes) throws IOException {
    PartUpload upload = new PartUpload(target, settings);
    try (Arena arena = Arena.ofConfined()) {
      upload.write(arena.allocate(bytes));
    }
    upload.complete();
  }

  @Test
  void theRestIsTheLastPart() throws IOException {
    Target target = new Target(_ -> done());
    write(target, settings(MINUTE), 10);
    assertThat(target.requests).containsExactly("send 0 4", "send 1 4", "send 2 2", "complete");
  }

  @Test
  void aRequestIsRepeatedAsOftenAsThePolicySays() {
    Target target =
        new Target(request ->
            request.equals("abort")
                ? done()
                : CompletableFuture.failedFuture(new IOException("busy")));
    assertThatIOException()
        .isThrownBy(() -> write(target, settings(MINUTE), 3))
        .withMessage("store:file: part 0 (bytes 0 to 3) could not be sent in 3 attempts: busy");
    assertThat(target.requests).containsExactly("send 0 3", "send 0 3", "send 0 3", "abort");
  }

  @Test
  void aRequestWithoutAnAnswerHasFailed() {
    Target target =
        new Target(request -> request.equals("abort") ? done() : new CompletableFuture<>());
    assertThatIOException()
        .isThrownBy(() -> write(target, settings(Duration.ofMillis(50)), 3))
        .withMessageContaining("no answer in 0 s");
    assertThat(target.requests).containsExactly("send 0 3", "abort");
  }

  @Test
  void completingWithoutAnAnswerHasFailed() {
    Target target =
        new Target(request -> request.equals("complete") ? new CompletableFuture<>() : done());
    assertThatIOException()
        .isThrownBy(() -> write(target, settings(Duration.ofMillis(50)), 3))
        .withMessageContaining("could not be completed in 1 attempt: no answer");
    assertThat(target.requests).containsExactly("send 0 3", "complete", "abort");
  }

  @Test
  void anUploadIsAbortedAfterItsPartsHaveArrived() throws Exception {
    CompletableFuture<Void> last = new CompletableFuture<>();
    Target target =
        new Target(request -> {
          if (request.equals("abort")) {
            assertThat(last).isDone();
          }
          return request.startsWith("send") ? last : done();
        });
    PartUpload upload = new PartUpload(target, settings(MINUTE));
    try (Arena arena = Arena.ofConfined()) {
      upload.write(arena.allocate(4));
    }
    Thread aborting =
        Thread.ofPlatform()
            .start(() -> {
              try {
                upload.abort();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    while (aborting.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    last.complete(null);
    aborting.join();
    assertThat(target.requests).containsExactly("send 0 4", "abort");
  }
}
