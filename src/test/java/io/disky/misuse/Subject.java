package io.disky.misuse;

/** An object of the library that a round uses and misuses. */
interface Subject {
  /** Performs a randomly chosen operation. */
  void operate(Round round);

  /** Closes the object, if this thread can. */
  void close(Round round);

  /** Checks the result after all threads have finished and the object was closed. */
  void check(Round round);

  /**
   * Returns whether any thread may use the object. Otherwise it belongs to the first thread that
   * uses it.
   */
  boolean isShared();

  /** Returns whether the object is closed. */
  boolean isClosed();
}
