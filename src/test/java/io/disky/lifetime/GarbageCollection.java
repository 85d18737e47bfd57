package io.disky.lifetime;

import java.lang.ref.Reference;
import java.util.function.BooleanSupplier;

/** The garbage collector, asked until it has done what it is to do. */
public final class GarbageCollection {
  private static final int MOST = 200;

  private GarbageCollection() {}

  /** Whether {@code reference} was cleared. */
  public static boolean clears(Reference<?> reference) throws InterruptedException {
    return leadsTo(() -> reference.refersTo(null));
  }

  /** Whether {@code outcome} came to be; cleaners run some time after a collection. */
  public static boolean leadsTo(BooleanSupplier outcome) throws InterruptedException {
    for (int i = 0; i < MOST && !outcome.getAsBoolean(); i++) {
      System.gc();
      Thread.sleep(10);
    }
    return outcome.getAsBoolean();
  }

  /** For what must not happen: collects a few times. */
  public static void run() throws InterruptedException {
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(5);
    }
  }
}
