package io.disky;

/**
 * What {@link RecordReader#visitBatches} does with each batch.
 *
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface BatchVisitor<X extends Throwable> {
  /**
   * Takes a batch.
   *
   * @param batch valid until this method returns
   * @throws X to end the visit
   */
  void visit(RecordBatch batch) throws X;
}
