package io.disky.cli;

import io.disky.Dialect;
import java.util.Locale;
import java.util.StringJoiner;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads constants by their names in small letters, with hyphens. */
abstract class ConstantConverter<E extends Enum<E>> implements ITypeConverter<E> {
  private final E[] constants;

  private ConstantConverter(E[] constants) {
    this.constants = constants;
  }

  /** What the command line calls a constant. */
  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public E convert(String text) {
    StringJoiner names = new StringJoiner(", ");
    for (E constant : constants) {
      if (name(constant).equals(text)) {
        return constant;
      }
      names.add(name(constant));
    }
    throw new TypeConversionException("'" + text + "' is none of " + names);
  }

  /** Reads dialects. */
  static final class Dialects extends ConstantConverter<Dialect> {
    Dialects() {
      super(Dialect.values());
    }
  }

  /** Reads record formats. */
  static final class Formats extends ConstantConverter<RecordFormat> {
    Formats() {
      super(RecordFormat.values());
    }
  }
}
