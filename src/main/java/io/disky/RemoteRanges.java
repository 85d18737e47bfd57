package io.disky;

import io.disky.fetching.FetchSettings;
import io.disky.fetching.RangeSource;
import io.disky.files.Origin;
import io.disky.files.QuotedText;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteRange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A remote file for the rooms, which do not know public types. The file is code of the user: what
 * it returns is checked here.
 */
final class RemoteRanges implements RangeSource {
  private final RemoteFile file;
  private final String name;

  /**
   * @throws IllegalStateException if the file has no name
   */
  RemoteRanges(RemoteFile file) {
    this.file = Objects.requireNonNull(file, "file");
    this.name = name(file);
  }

  /** The name of a remote file. */
  static String name(RemoteFile file) {
    String name = file.name();
    if (name == null) {
      throw new IllegalStateException("the remote file returned null as its name");
    }
    return name;
  }

  /** The settings of the room for these options. */
  static FetchSettings settings(RemoteOptions options) {
    return new FetchSettings(options.requestSize(), options.maxRequests(), options.maxMemory());
  }

  /** The file in messages. */
  Origin origin() {
    return Origin.remote(name);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public CompletableFuture<Range> read(
      long position, MemorySegment target, Optional<String> version) {
    return Answer.to("read", name, () -> file.read(position, target, version));
  }

  @Override
  public CompletableFuture<Range> readEnd(MemorySegment target) {
    return Answer.to("readEnd", name, () -> file.readEnd(target));
  }

  /** The answer to a request. To cancel it cancels the future of the user. */
  private static final class Answer extends CompletableFuture<Range> {
    private volatile @Nullable CompletableFuture<RemoteRange> request;

    /** A method of the file. */
    private interface Method {
      @Nullable CompletableFuture<RemoteRange> call();
    }

    static Answer to(String method, String name, Method call) {
      Answer answer = new Answer();
      try {
        CompletableFuture<RemoteRange> made = call.call();
        if (made == null) {
          answer.completeExceptionally(returnedNull(name, method));
        } else {
          answer.request = made;
          made.whenComplete((range, failure) -> answer.complete(name, range, failure));
        }
      } catch (RuntimeException e) {
        answer.completeExceptionally(
            new IOException(QuotedText.name(name) + ": " + method + " has failed: " + e, e));
      } catch (Throwable e) {
        // Whoever waits for the answer gets the error, also in another thread.
        answer.completeExceptionally(e);
      }
      return answer;
    }

    private static IOException returnedNull(String name, String method) {
      return new IOException(
          QuotedText.name(name) + ": " + method + " of the remote file returned null");
    }

    private void complete(String name, @Nullable RemoteRange range, @Nullable Throwable failure) {
      if (failure != null) {
        completeExceptionally(failure);
      } else if (range == null) {
        completeExceptionally(returnedNull(name, "the future"));
      } else {
        complete(new Range(range.position(), range.length(), range.fileSize(), range.version()));
      }
    }

    @Override
    public boolean cancel(boolean interrupt) {
      boolean cancelled = super.cancel(interrupt);
      CompletableFuture<RemoteRange> made = request;
      if (made != null) {
        made.cancel(interrupt);
      }
      return cancelled;
    }
  }
}
