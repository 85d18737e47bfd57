package io.disky.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.disky.ffi.disky_h;
import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class NativeReaderTest {
  private static final ReaderSettings OPTIONS =
      new ReaderSettings(
          1 << 20, 1 << 20, 1 << 20, false, false, false, false, 0, Long.MAX_VALUE, null);

  /** What the JVM finds out about a mapped file only after the access to it. */
  private static final class LateError implements ByteSource {
    private final InternalError error = new InternalError("a fault occurred");

    @Override
    public long size() {
      return 1000;
    }

    @Override
    public MemorySegment read(long position, long most) {
      throw error;
    }

    @Override
    public void close() {}
  }

  @Test
  void aMappingThatIsFoundTruncatedLaterIsAnIoException() throws EngineException {
    LateError source = new LateError();
    NativeReader reader = NativeReader.open("late", source, OPTIONS);
    try {
      assertThatExceptionOfType(EngineException.class)
          .isThrownBy(() -> reader.tryNext(MemorySegment.NULL, MemorySegment.NULL))
          .satisfies(e -> {
            IOException failure = e.ioException();
            assertThat(failure)
                .hasMessageContaining("mapped file was truncated")
                .hasCause(source.error);
          });
    } finally {
      reader.close();
    }
  }

  /** The caller has memory for at most this many chunks, for example in its arrays. */
  @Test
  void runsHaveAtLeastOneChunkAndAtMostTheLargestNumber() {
    Engine.ensureLoaded();
    assertThat((long) NativeReader.mostInRun()).isBetween(1L, (long) disky_h.DISKY_RUN());
  }
}
