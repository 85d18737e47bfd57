package io.disky;

import io.disky.files.QuotedText;
import io.disky.shards.ShardFailures;
import java.io.IOException;
import java.util.Objects;

/**
 * A shard could not be opened, read or written. The message begins with the name of the shard. The
 * cause is the failure of the shard: a {@link CorruptFileException}, for example.
 */
public final class ShardException extends IOException {
  private static final long serialVersionUID = 1;

  /** Makes the exceptions that users get from the package {@code shards}. */
  static final ShardFailures FAILURES =
      new ShardFailures() {
        @Override
        public IOException exception(String shard, Throwable cause) {
          return cause instanceof ShardException named && named.shard().equals(shard)
              ? named
              : new ShardException(shard, cause);
        }

        @Override
        public IOException again(IOException failure) {
          return failure instanceof ShardException shard
              ? shard.again()
              : new IOException(failure.getMessage(), failure);
        }
      };

  private final String shard;

  /**
   * The failure of a shard. A {@link Shard} of the application may throw it, too; a {@link
   * MultiThreadedReader} passes on an equal exception, if it is about that shard.
   *
   * @param shard the name of the shard, as {@link Shard#name()} returns it; the message quotes it
   * @param cause why the shard failed
   */
  public ShardException(String shard, Throwable cause) {
    super("shard " + description(shard, cause), cause);
    this.shard = shard;
  }

  /** The message of an exception about a file begins with the name of the file already. */
  private static String description(String shard, Throwable cause) {
    String message = cause.getMessage();
    String name = QuotedText.name(shard);
    return message != null && message.startsWith(name) ? message : name + ": " + cause;
  }

  /** The same failure, with the stack trace of the current thread. */
  ShardException again() {
    return new ShardException(shard, Objects.requireNonNull(getCause()));
  }

  /** The name of the shard, not quoted. */
  public String shard() {
    return shard;
  }
}
