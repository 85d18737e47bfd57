package io.disky.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** Waits until no process reads the standard output any more. */
final class PipeWatch {
  private static final int STANDARD_OUTPUT = 1;
  private static final int EINTR = 4; // the same on every Unix

  private static final MemoryLayout POLLFD =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_INT.withName("fd"),
          ValueLayout.JAVA_SHORT.withName("events"),
          ValueLayout.JAVA_SHORT.withName("revents"));

  private PipeWatch() {}

  /**
   * Starts a thread that runs {@code action} when no process reads the standard output of this
   * process any more. Standard output must be a pipe or a socket. A failing write would show this
   * too, but there may be nothing to write.
   */
  static void start(Runnable action) {
    Thread.ofPlatform()
        .daemon()
        .name("disky-pipe")
        .start(() -> {
          if (awaitHangUp()) {
            action.run();
          }
        });
  }

  /** Waits for the end of the readers. Returns false if this platform cannot detect it. */
  @SuppressWarnings("restricted")
  private static boolean awaitHangUp() {
    Linker linker = Linker.nativeLinker();
    MemoryLayout stateLayout = Linker.Option.captureStateLayout();
    VarHandle errno = stateLayout.varHandle(PathElement.groupElement("errno"));
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle poll =
          linker.downcallHandle(
              linker.defaultLookup().find("poll").orElseThrow(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_INT),
              Linker.Option.captureCallState("errno"));
      MemorySegment state = arena.allocate(stateLayout);
      MemorySegment descriptor = arena.allocate(POLLFD);
      descriptor.set(ValueLayout.JAVA_INT, 0, STANDARD_OUTPUT);
      int count;
      do {
        // No event is requested: poll always reports errors and hang-ups.
        count = (int) poll.invokeExact(state, descriptor, 1L, -1);
      } while (count < 0 && (int) errno.get(state, 0L) == EINTR);
      return count > 0;
    } catch (Throwable e) {
      return false; // the next write then detects it
    }
  }
}
