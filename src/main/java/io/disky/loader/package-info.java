/**
 * Loads records in batches, for training and other work: shuffled or not, by several threads, for
 * one process or many. A program that was stopped can continue with the next record.
 *
 * <p>{@link io.disky.loader.DataLoader} is the loader. {@link io.disky.loader.RecordSource}
 * describes the records, {@link io.disky.loader.LoaderOptions} the order and the batches. {@link
 * io.disky.loader.LoadedBatch} is a batch in memory outside the Java heap. {@link
 * io.disky.loader.LoaderState} states how far a loader has delivered. {@code docs/loading.md} is
 * the guide; {@code docs/order.md} specifies the order.
 */
@org.jspecify.annotations.NullMarked
package io.disky.loader;
