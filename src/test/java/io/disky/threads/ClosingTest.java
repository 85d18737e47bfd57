package io.disky.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClosingTest {
  @Test
  void everyStepIsTakenAndTheFirstFailureThrown() {
    IllegalStateException first = new IllegalStateException("first");
    Error second = new AssertionError("second");
    List<String> taken = new ArrayList<>();
    Closing closing = new Closing();
    closing.step(() -> taken.add("a"));
    closing.step(() -> {
      throw first;
    });
    closing.step(() -> taken.add("b"));
    closing.step(() -> {
      throw second;
    });
    closing.step(() -> {
      throw first;
    });
    closing.step(() -> taken.add("c"));
    assertThat(taken).containsExactly("a", "b", "c");
    assertThatThrownBy(closing::end).isSameAs(first).hasSuppressedException(second);
    assertThat(first.getSuppressed()).hasSize(1);
  }

  @Test
  void errorsAreThrownAndNothingIfNothingFailed() {
    Error failure = new AssertionError("failure");
    Closing closing = new Closing();
    assertThatNoException().isThrownBy(closing::end);
    closing.step(() -> {
      throw failure;
    });
    assertThatThrownBy(closing::end).isSameAs(failure);
  }

  /** Code of users may throw what it does not declare. */
  @Test
  void whatIsCheckedAndNotDeclaredIsNoExcuse() {
    Exception failure = new Exception("failure");
    List<String> taken = new ArrayList<>();
    Closing closing = new Closing();
    closing.step(() -> ClosingTest.<RuntimeException>sneak(failure));
    closing.step(() -> taken.add("a"));
    assertThat(taken).containsExactly("a");
    assertThatThrownBy(closing::end).isSameAs(failure);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> void sneak(Throwable thrown) throws X {
    throw (X) thrown;
  }
}
