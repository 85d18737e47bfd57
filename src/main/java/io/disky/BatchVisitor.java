package io.disky;

/**
 * Takes the batches of {@link RecordReader#visitBatches}.
 *
 * @param <X> the exception that it may throw
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
