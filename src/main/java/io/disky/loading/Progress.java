package io.disky.loading;

/**
 * Where loading continues: the records before have been delivered.
 *
 * @param epoch the number of the epoch
 * @param position the position in the epoch
 * @param checkpoint as {@link io.disky.order.EpochOrder#checkpoint}; never changed
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Progress(long epoch, long position, long[] checkpoint) {}
