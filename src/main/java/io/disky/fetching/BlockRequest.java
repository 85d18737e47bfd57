package io.disky.fetching;

/** Reads the bytes of a block. */
interface BlockRequest {
  void start();

  /** Ends it without a result, unless it has ended. */
  void cancel();
}
