package io.disky.cli;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses the numbers of options that have no converter of their own. */
final class NumberConverters {
  private NumberConverters() {}

  /** Registers the converters for {@code line} and its subcommands. */
  static void register(CommandLine line) {
    ITypeConverter<Integer> ints = text -> whole(text, BigInteger::intValueExact);
    ITypeConverter<Long> longs = text -> whole(text, BigInteger::longValueExact);
    line.registerConverter(Integer.class, ints).registerConverter(int.class, ints);
    line.registerConverter(Long.class, longs).registerConverter(long.class, longs);
    line.registerConverter(Double.class, NumberConverters::fraction);
    line.registerConverter(double.class, NumberConverters::fraction);
  }

  private static <T> T whole(String text, Function<BigInteger, T> narrow) {
    try {
      return narrow.apply(new BigInteger(text));
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is not a whole number, such as 12");
    } catch (ArithmeticException e) {
      throw new TypeConversionException(text + " is too large");
    }
  }

  private static double fraction(String text) {
    try {
      return new BigDecimal(text).doubleValue();
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is not a number, such as 0.5");
    }
  }
}
