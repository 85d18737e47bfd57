package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.WriterOptions;
import io.disky.loader.RecordShuffleOptions;
import java.util.Locale;
import java.util.function.LongUnaryOperator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes in bytes, as text. */
final class ByteSize {
  private static final String EXPECTED =
      ": expected a number of bytes, or a number and a unit: KiB, MiB or GiB (K, M or G for short)";

  private ByteSize() {}

  /**
   * Parses a size in bytes, such as {@code 1048576}, {@code 1024K} or {@code 1 MiB}. Units may be
   * in upper or lower case; all are powers of 1024.
   *
   * @throws IllegalArgumentException if {@code text} is not a size, or does not fit a long
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

  /** Number of bytes of a unit; 0 if {@code name} is not a unit. */
  private static long unit(String name) {
    return switch (name) {
      case "", "b" -> 1;
      case "k", "kib" -> 1L << 10;
      case "m", "mib" -> 1L << 20;
      case "g", "gib" -> 1L << 30;
      default -> 0;
    };
  }

  /** Parses chunk sizes. */
  static final class ChunkSizeConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return checked(text, bytes -> WriterOptions.defaults().withChunkSize(bytes).chunkSize());
    }
  }

  /** Parses limits on the size of a chunk. */
  static final class ChunkLimitConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return checked(
          text, bytes -> ReaderOptions.defaults().withMaxChunkSize(bytes).maxChunkSize());
    }
  }

  /** Parses sizes of a cache of remote files. */
  static final class CacheSizeConverter implements ITypeConverter<Long> {
    private static final long SMALLEST = 16 << 20;

    @Override
    public Long convert(String text) {
      return checked(
          text,
          bytes -> {
            if (bytes < SMALLEST) {
              throw new IllegalArgumentException("'" + text + "' is below 16MiB");
            }
            return bytes;
          });
    }
  }

  /** Parses the memory of a shuffle. */
  static final class ShuffleMemoryConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return checked(text, bytes -> RecordShuffleOptions.defaults().withMemory(bytes).memory());
    }
  }

  /** Parses sizes of padding. */
  static final class PaddingConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return checked(text, bytes -> WriterOptions.defaults().withPadding(bytes).finalPadding());
    }
  }

  /** Parses a size; {@code check} throws if it is out of range. */
  private static long checked(String text, LongUnaryOperator check) {
    try {
      return check.applyAsLong(parse(text));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
