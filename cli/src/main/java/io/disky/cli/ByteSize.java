package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.WriterOptions;
import java.util.Locale;
import java.util.function.LongUnaryOperator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes in bytes, as text. */
final class ByteSize {
  private static final String EXPECTED =
      ": expected a number of bytes, or of KiB, MiB or GiB (K, M, G for short)";

  private ByteSize() {}

  /**
   * Reads {@code 1048576}, {@code 1024K} or {@code 1 MiB}, in capitals or small letters. All units
   * are powers of 1024.
   *
   * @throws IllegalArgumentException if {@code text} is something else, or too large for a long
   */
  static long parse(String text) {
    int digits = 0;
    while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
      digits++;
    }
    long unit = unit(text.substring(digits).strip().toLowerCase(Locale.ROOT));
    if (digits == 0 || unit == 0) {
      throw new IllegalArgumentException("'" + text + "' is not a size" + EXPECTED);
    }
    try {
      return Math.multiplyExact(Long.parseLong(text.substring(0, digits)), unit);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is too large", e);
    }
  }

  /** How many bytes a unit has; 0 if there is no such unit. */
  private static long unit(String name) {
    return switch (name) {
      case "", "b" -> 1;
      case "k", "kib" -> 1L << 10;
      case "m", "mib" -> 1L << 20;
      case "g", "gib" -> 1L << 30;
      default -> 0;
    };
  }

  /** Reads chunk sizes. */
  static final class ChunkSizeConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return checked(text, bytes -> WriterOptions.defaults().withChunkSize(bytes).chunkSize());
    }
  }

  /** Reads limits on the size of a chunk. */
  static final class ChunkLimitConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return checked(
          text, bytes -> ReaderOptions.defaults().withMaxChunkSize(bytes).maxChunkSize());
    }
  }

  /** Reads paddings. */
  static final class PaddingConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return checked(text, bytes -> WriterOptions.defaults().withPadding(bytes).finalPadding());
    }
  }

  /** Reads a size; {@code check} refuses those out of range. */
  private static long checked(String text, LongUnaryOperator check) {
    try {
      return check.applyAsLong(parse(text));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
