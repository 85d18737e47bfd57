package io.disky.lifetime;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.RecordBatch;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What must hold of segments and batches at the end of their lives, and of their files. */
public final class LifetimeAssert {
  private LifetimeAssert() {}

  /** Every access to {@code segment}, which has at least a byte, throws. */
  public static void assertEnded(MemorySegment segment) {
    assertThat(segment.scope().isAlive()).isFalse();
    for (ThrowingCallable access : accesses(segment)) {
      assertThatIllegalStateException().isThrownBy(access);
    }
  }

  /** Every way to the records of {@code batch} throws. */
  public static void assertEnded(RecordBatch batch) {
    for (ThrowingCallable access : accesses(batch)) {
      assertThatIllegalStateException().isThrownBy(access);
    }
  }

  /** {@code segment} is of another thread than this one. */
  public static void assertForeign(MemorySegment segment) {
    for (ThrowingCallable access : accesses(segment)) {
      assertThatThrownBy(access).isInstanceOf(WrongThreadException.class);
    }
  }

  /** {@code batch} is of another thread than this one. */
  public static void assertForeign(RecordBatch batch) {
    for (ThrowingCallable access : accesses(batch)) {
      assertThatThrownBy(access).isInstanceOf(WrongThreadException.class);
    }
  }

  private static List<ThrowingCallable> accesses(MemorySegment segment) {
    return List.of(
        () -> segment.get(JAVA_BYTE, 0),
        () -> segment.asSlice(0, 1).get(JAVA_BYTE, 0),
        () -> segment.asReadOnly().get(JAVA_BYTE, 0),
        () -> segment.asByteBuffer().get(0),
        () -> segment.toArray(JAVA_BYTE),
        () -> segment.mismatch(MemorySegment.ofArray(new byte[1])),
        () -> MemorySegment.ofArray(new byte[1]).copyFrom(segment.asSlice(0, 1)));
  }

  private static List<ThrowingCallable> accesses(RecordBatch batch) {
    int last = batch.recordCount() - 1;
    return List.of(
        () -> batch.get(0).get(JAVA_BYTE, 0),
        () -> batch.get(last).get(JAVA_BYTE, 0),
        () -> batch.offset(last),
        () -> batch.length(0),
        () -> batch.data().get(JAVA_BYTE, 0),
        () -> batch.ends().get(JAVA_BYTE, 0),
        () -> batch.iterator().next().get(JAVA_BYTE, 0),
        () -> batch.stream().forEach(record -> record.get(JAVA_BYTE, 0)));
  }

  /** {@code thrown} is what {@code threads} threads have thrown that found an object closed. */
  public static void assertFoundClosed(List<Throwable> thrown, int threads) {
    assertThat(thrown)
        .hasSize(threads)
        .allSatisfy(e ->
            assertThat(e)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("is closed"));
  }

  /** How many descriptors of this process refer to {@code file}. On Linux only. */
  public static long descriptors(Path file) throws IOException {
    Path real = file.toRealPath();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(descriptor -> refersTo(descriptor, real)).count();
    }
  }

  private static boolean refersTo(Path descriptor, Path file) {
    try {
      return Files.readSymbolicLink(descriptor).equals(file);
    } catch (IOException _) {
      return false; // The one that lists the directory is gone by now.
    }
  }
}
