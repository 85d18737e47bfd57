package io.disky;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.util.concurrent.CompletionException;

/**
 * A shard could not be opened, read or written. The message begins with its name; the cause is what
 * happened: a {@link CorruptFileException}, for example.
 */
public final class ShardException extends IOException {
  private static final long serialVersionUID = 1;

  private final String shard;

  ShardException(String shard, Throwable cause) {
    super("shard " + told(shard, cause), cause);
    this.shard = shard;
  }

  /** Messages about files name the file already. */
  private static String told(String shard, Throwable cause) {
    String message = cause.getMessage();
    String name = QuotedText.name(shard);
    return message != null && message.startsWith(name) ? message : name + ": " + cause;
  }

  /** What another thread has failed with, thrown from where the caller is now. */
  static IOException unwrap(CompletionException failure) {
    Throwable cause = failure.getCause();
    if (cause instanceof ShardException shard && shard.getCause() != null) {
      return new ShardException(shard.shard(), shard.getCause());
    }
    return new IOException(cause == null ? failure.getMessage() : cause.getMessage(), cause);
  }

  /** The name of the shard. */
  public String shard() {
    return shard;
  }
}
