package io.disky;

import io.disky.files.QuotedText;
import io.disky.shards.ShardFailures;
import java.io.IOException;

/**
 * A shard could not be opened, read or written. The message begins with its name; the cause is what
 * happened: a {@link CorruptFileException}, for example.
 */
public final class ShardException extends IOException {
  private static final long serialVersionUID = 1;

  /** What the machinery of shards throws to users. */
  static final ShardFailures FAILURES =
      new ShardFailures() {
        @Override
        public IOException exception(String shard, Throwable cause) {
          return new ShardException(shard, cause);
        }

        @Override
        public IOException again(IOException failure) {
          return failure instanceof ShardException shard && shard.getCause() != null
              ? new ShardException(shard.shard(), shard.getCause())
              : new IOException(failure.getMessage(), failure);
        }
      };

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

  /** The name of the shard. */
  public String shard() {
    return shard;
  }
}
