package io.disky.spark.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Checks after each test that no object of the native library is open. */
public final class NoOpenObjects implements AfterEachCallback {
  private static final AtomicInteger EXISTING = existing();

  private static AtomicInteger existing() {
    try {
      var field = Class.forName("io.disky.engine.NativeHandle").getDeclaredField("EXISTING");
      field.setAccessible(true);
      return (AtomicInteger) field.get(null);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the count of open objects", e);
    }
  }

  /** The number of objects that are open now. */
  public static int count() {
    return EXISTING.get();
  }

  /** A task that was told to stop may still be running for a moment. */
  @Override
  public void afterEach(ExtensionContext context) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (count() > 0 && System.nanoTime() < deadline) {
      Thread.sleep(10);
    }
    assertThat(count()).as("open native objects").isZero();
  }
}
