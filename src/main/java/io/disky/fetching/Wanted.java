package io.disky.fetching;

import io.disky.fetching.RangeSource.Range;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The bytes that a request must read. */
sealed interface Wanted {
  /** Size of the memory for the bytes. */
  int length();

  /** Requests the bytes from offset {@code filled} on. */
  CompletableFuture<Range> request(RangeSource source, int filled, MemorySegment target);

  /** Why {@code answer} to such a request cannot be used; {@code null} if it can be used. */
  @Nullable Flaw flaw(Range answer, int filled);

  /** Whether nothing is missing after {@code answer}. */
  boolean isComplete(Range answer, int filled);

  /** The bytes in messages. */
  String text();

  /** Why an answer cannot be used. */
  record Flaw(String text, boolean changed) {}

  private static Flaw wrong(String text) {
    return new Flaw("the store returned a wrong answer: " + text, false);
  }

  /** A range of a file whose size and version are known. */
  record Bytes(long begin, int length, long fileSize, String version) implements Wanted {
    @Override
    public CompletableFuture<Range> request(RangeSource source, int filled, MemorySegment target) {
      return source.read(begin + filled, target, Optional.of(version));
    }

    @Override
    public @Nullable Flaw flaw(Range answer, int filled) {
      if (!version.equals(answer.version()) || answer.fileSize() != fileSize) {
        return new Flaw(
            "the file was replaced while it was read: "
                + FileVersion.named(version)
                + " of "
                + fileSize
                + " bytes was opened, and the store now has "
                + FileVersion.named(answer.version())
                + " of "
                + answer.fileSize()
                + " bytes; open the file again to read the new version",
            true);
      }
      if (answer.position() != begin + filled) {
        return wrong(
            "the bytes from "
                + answer.position()
                + " on instead of those from "
                + (begin + filled)
                + " on");
      }
      return answer.length() < 1 || answer.length() > length - filled
          ? wrong(answer.length() + " bytes instead of 1 to " + (length - filled))
          : null;
    }

    @Override
    public boolean isComplete(Range answer, int filled) {
      return filled + answer.length() == length;
    }

    @Override
    public String text() {
      return "bytes " + begin + " to " + (begin + length - 1);
    }
  }

  /** The end of a file whose size is not known. */
  record End(int length) implements Wanted {
    @Override
    public CompletableFuture<Range> request(RangeSource source, int filled, MemorySegment target) {
      return source.readEnd(target);
    }

    @Override
    @SuppressWarnings("ConstantValue") // the answer is the user's: its version can be null
    public @Nullable Flaw flaw(Range answer, int filled) {
      if (answer.version() == null) {
        return wrong("no version of the file");
      }
      if (answer.length() < 0 || answer.length() > length || answer.fileSize() < answer.length()) {
        return wrong(answer.length() + " bytes of " + answer.fileSize() + " bytes");
      }
      return answer.position() == answer.fileSize() - answer.length()
          ? null
          : wrong(
              answer.length()
                  + " bytes from "
                  + answer.position()
                  + " on, which are not the end of "
                  + answer.fileSize()
                  + " bytes");
    }

    @Override
    public boolean isComplete(Range answer, int filled) {
      return true;
    }

    @Override
    public String text() {
      return "its end";
    }
  }
}
