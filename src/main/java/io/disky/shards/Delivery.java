package io.disky.shards;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What the reading of a shard came to: a batch or a failure.
 *
 * @param batch the batch, {@code null} for a failure
 * @param records its number of records
 * @param bytes what it counts in the queue's bound
 * @param failure what is thrown when it is this one's turn, {@code null} for a batch
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
