package io.disky.misuse;

/** Something of the library that a round uses and misuses. */
interface Subject {
  /** Does an operation that the dice choose. */
  void operate(Round round);

  /** Closes it, if this thread can. */
  void close(Round round);

  /** Checks, after all threads are done and it was closed, what has become of it. */
  void check(Round round);

  /** Says whether any thread may use it; otherwise it belongs to the first one that does. */
  boolean isShared();

  /** Says whether it is closed. */
  boolean isClosed();
}
