package io.disky.engine;

import io.disky.ffi.disky_h;
import io.disky.library.NativeLibrary;
import io.disky.threads.StackRoom;
import java.util.Objects;

/** The native engine, which every entry point of the API loads first. */
public final class Engine {
  private static final StackRoom INITIALISING = new StackRoom();

  private static volatile boolean ready;

  private Engine() {}

  /**
   * Checks that the stack has room for an operation, loads the native library, and initialises the
   * bindings, unless an earlier call did. Each entry point of the API calls this first.
   *
   * @throws StackOverflowError if the stack has no room
   * @throws UnsatisfiedLinkError if the library cannot be loaded; the message states the platform,
   *     the files that were tried, the reasons of the failures, and the remedy
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag that
   *     grants it
   */
  public static void ensureLoaded() {
    if (ready) {
      StackProof.require();
    } else {
      StackRoom.require();
      ensureReady();
    }
  }

  /** Does the same as {@link #ensureLoaded} in an operation that has checked the stack. */
  static void ensureReady() {
    if (!ready) {
      NativeLibrary.ensureLoaded();
      INITIALISING.check();
      Objects.requireNonNull(disky_h.C_POINTER);
      EngineException.Kind.ensureInitialized();
      INITIALISING.used();
      ready = true;
    }
  }
}
