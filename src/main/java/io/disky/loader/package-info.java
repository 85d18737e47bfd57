/**
 * Loads records for training and other work in batches: shuffled or not, by several threads, for
 * one process or many, and so that a program which was stopped continues with exactly the next
 * record.
 *
 * <p>{@link io.disky.loader.DataLoader} is the loader, {@link io.disky.loader.RecordSource}
 * describes the records, {@link io.disky.loader.LoaderOptions} the order and the batches, and
 * {@link io.disky.loader.LoadedBatch} is a batch in memory outside the Java heap. {@link
 * io.disky.loader.LoaderState} is where to continue. The order is a specification, {@code
 * docs/order.md}; {@code docs/loading.md} is the guide.
 */
@org.jspecify.annotations.NullMarked
package io.disky.loader;
