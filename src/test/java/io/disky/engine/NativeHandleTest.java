package io.disky.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeHandleTest {
  private static final MemorySegment POINTER = MemorySegment.ofAddress(8);

  private final List<String> happened = new ArrayList<>();
  private final NativeHandle handle = handle(this);

  private NativeHandle handle(Object owner) {
    return new NativeHandle(
        owner,
        POINTER,
        pointer -> {
          happened.add("freed " + pointer.address());
          return 0;
        },
        "reader of x",
        true);
  }

  @Test
  void isFreedOnceAndThenRefusesCalls() {
    assertThat(handle.call(pointer -> (int) pointer.address())).isEqualTo(8);
    handle.free();
    handle.free();

    assertThat(happened).containsExactly("freed 8");
    assertThatIllegalStateException()
        .isThrownBy(() -> handle.call(_ -> 0))
        .withMessage("the reader of x is closed");
  }

  @Test
  void whoCallsItKeepsItAlive() throws InterruptedException {
    handle.call(_ -> {
      handle.call(_ -> {
        Thread closer = new Thread(handle::free);
        closer.start();
        join(closer); // close waits for nobody
        happened.add("inner call");
        return 0;
      });
      assertThatIllegalStateException()
          .isThrownBy(() -> handle.call(_ -> 0))
          .withMessage("the reader of x is closed");
      happened.add("outer call");
      return 0;
    });

    assertThat(happened).containsExactly("inner call", "outer call", "freed 8");
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aCallThatThrowsLetsGo() {
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() ->
            handle.call(_ -> {
              handle.free();
              throw new ArithmeticException();
            }));

    assertThat(happened).containsExactly("freed 8");
  }
}
