package io.disky.cli;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;

/**
 * Prepares calls of the native library while another thread loads it. The JVM makes code for each
 * list of parameters, once, in about as long as a quarter of its own start. If a function of the
 * library has other parameters some day, only this help is lost.
 */
final class LinkAhead {
  private LinkAhead() {}

  /** Prepares, on another thread, the calls with which records are counted, the last ones first. */
  static void forCounting() {
    if (Runtime.getRuntime().availableProcessors() > 1) {
      Thread thread = new Thread(new Linking(), "disky-link");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** Not a lambda expression, which would have to be linked, too. */
  private static final class Linking implements Runnable {
    @Override
    public void run() {
      AddressLayout pointer =
          ValueLayout.ADDRESS.withTargetLayout(
              MemoryLayout.sequenceLayout(Long.MAX_VALUE, ValueLayout.JAVA_BYTE));
      Linker linker = Linker.nativeLinker();
      link(linker, pointer); // disky_reader_free
      link(linker, pointer, pointer, pointer); // disky_reader_count
      link(
          linker,
          pointer,
          ValueLayout.JAVA_LONG,
          pointer,
          pointer,
          pointer,
          pointer); // disky_reader_open
    }

    @SuppressWarnings("restricted")
    private static void link(Linker linker, MemoryLayout... parameters) {
      var _ = linker.downcallHandle(FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters));
    }
  }
}
