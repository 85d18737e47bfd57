package io.disky.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.fetching.ByteRange;
import io.disky.fetching.FetchedFile;
import io.disky.fetching.RemoteOpening;
import io.disky.threads.Callbacks;
import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a remote file of the user is used, with all that it may do wrong. */
@Timeout(60)
class RemoteOpeningTest {
  private static final int SIZE = 1 << 20;

  /** A file of zeros whose reads the test answers. */
  private record Zeros(BiFunction<Long, MemorySegment, CompletableFuture<RemoteRange>> answers)
      implements RemoteFile {
    @Override
    public String name() {
      return "zeros";
    }

    @Override
    public CompletableFuture<RemoteRange> read(
        long position, MemorySegment target, Optional<String> version) {
      assertThat(version).contains("v1");
      return answers.apply(position, target);
    }

    @Override
    public CompletableFuture<RemoteRange> readEnd(MemorySegment target) {
      return CompletableFuture.completedFuture(range(SIZE, 0));
    }
  }

  private static FetchedFile open(RemoteFile file, RemoteOptions options) throws IOException {
    return RemoteOpening.open(file, options, new Callbacks("the test"));
  }

  private static RemoteRange range(long position, long length) {
    return new RemoteRange(position, length, SIZE, "v1");
  }

  private static Throwable failure(
      BiFunction<Long, MemorySegment, CompletableFuture<RemoteRange>> answers) throws IOException {
    RemoteOptions options = RemoteOptions.defaults().withMaxAttempts(2);
    try (FetchedFile file = open(new Zeros(answers), options);
        ByteSource source = file.source()) {
      source.read(0, 100);
      throw new AssertionError("no failure");
    } catch (IOException e) {
      return e;
    }
  }

  private static CompletableFuture<RemoteRange> failed(Throwable thrown) {
    return CompletableFuture.failedFuture(thrown);
  }

  @Test
  void failuresAreTheExceptionsOfThePackage() throws IOException {
    IOException refused = new RemoteRequestException("403", false, null, null);
    assertThat(failure((position, target) -> failed(refused)))
        .isInstanceOf(RemoteRequestException.class)
        .hasMessage("zeros: bytes 0 to 262143 could not be read: 403")
        .hasCause(refused);
    IOException busy = new RemoteRequestException("503", true, Duration.ofMillis(1), null);
    assertThat(failure((position, target) -> failed(busy)))
        .isInstanceOf(RemoteRequestException.class)
        .hasMessage("zeros: bytes 0 to 262143 could not be read in 2 attempts: 503")
        .matches(failure -> ((RemoteRequestException) failure).isRepeatable());
    IOException changed = new RemoteFileChangedException("another version");
    assertThat(failure((position, target) -> failed(changed)))
        .isInstanceOf(RemoteFileChangedException.class)
        .hasMessageContaining("another version");
    assertThat(
            failure((position, target) ->
                CompletableFuture.completedFuture(new RemoteRange(0, 10, SIZE, "v2"))))
        .isInstanceOf(RemoteFileChangedException.class)
        .hasMessageContaining("zeros: ")
        .hasMessageContaining("version v1 of 1048576 bytes was opened")
        .hasMessageContaining("version v2 of 1048576 bytes");
    assertThat(failure((position, target) -> failed(new NoSuchFileException("zeros"))))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageStartingWith("zeros: bytes 0 to 262143 could not be read");
  }

  @Test
  void hostileAnswersAreFailures() throws IOException {
    assertThat(failure((position, target) -> null))
        .hasMessageContaining("returned no future, but null");
    assertThat(failure((position, target) -> CompletableFuture.completedFuture(null)))
        .hasMessageContaining("the answer is null");
    assertThat(
            failure((position, target) -> {
              throw new IllegalStateException("thrown");
            }))
        .hasMessageContaining("thrown");
    assertThat(
            failure((position, target) ->
                failed(
                    new RemoteRequestException("x", true, null, null) {
                      @Override
                      public boolean isRepeatable() {
                        throw new IllegalStateException("hostile");
                      }

                      @Override
                      public String getMessage() {
                        throw new IllegalStateException("hostile");
                      }
                    })))
        .isInstanceOf(RemoteRequestException.class);
  }

  @Test
  void targetsAreValidUntilTheFutureIsCompleteAndNotLonger() throws IOException {
    List<MemorySegment> targets = new ArrayList<>();
    CompletableFuture<RemoteRange> stubborn =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterrupt) {
            return false; // goes on
          }
        };
    FetchedFile file =
        open(
            new Zeros((position, target) -> {
              targets.add(target);
              return stubborn;
            }),
            RemoteOptions.defaults());
    file.announce(List.of(new ByteRange(0, 1000)));
    file.close();
    targets.getFirst().fill((byte) 1); // the request goes on, and so the target is valid
    stubborn.complete(range(0, 1000));
    assertThatThrownBy(() -> targets.getFirst().fill((byte) 1))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void cancellationReachesTheFutureOfTheFile() throws IOException {
    CompletableFuture<RemoteRange> silent = new CompletableFuture<>();
    FetchedFile file = open(new Zeros((position, target) -> silent), RemoteOptions.defaults());
    file.announce(List.of(new ByteRange(0, 1000)));
    file.close();
    assertThat(silent).isCancelled();
  }
}
