package io.disky.shards;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of reading from a shard: a batch or a failure.
 *
 * @param batch the batch; {@code null} for a failure
 * @param records number of records in the batch
 * @param bytes how much of the queue's bound the batch takes up, in bytes
 * @param failure the failure; {@code null} for a batch
 */
public record Delivery<T>(
    @Nullable T batch, long records, long bytes, @Nullable IOException failure) {

  static <T> Delivery<T> of(T batch, long records, long bytes) {
    return new Delivery<>(batch, records, bytes, null);
  }

  static <T> Delivery<T> of(IOException failure) {
    return new Delivery<>(null, 0, 0, failure);
  }
}
