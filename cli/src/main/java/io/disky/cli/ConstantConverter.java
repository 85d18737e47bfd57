package io.disky.cli;

import io.disky.Container;
import io.disky.Dialect;
import java.util.Locale;
import java.util.StringJoiner;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads constants by their names in small letters. */
abstract class ConstantConverter<E extends Enum<E>> implements ITypeConverter<E> {
  private final E[] constants;

  private ConstantConverter(E[] constants) {
    this.constants = constants;
  }

  /** What the command line calls a constant: with hyphens. */
  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What the command line calls a container: as Google does, {@code array_record}. */
  static String name(Container container) {
    return container.name().toLowerCase(Locale.ROOT);
  }

  /** What the option calls a constant. */
  String optionName(E constant) {
    return name(constant);
  }

  @Override
  public E convert(String text) {
    StringJoiner names = new StringJoiner(", ");
    for (E constant : constants) {
      if (optionName(constant).equals(text)) {
        return constant;
      }
      names.add(optionName(constant));
    }
    throw new TypeConversionException("'" + text + "' is none of " + names);
  }

  /** Reads containers. */
  static final class Containers extends ConstantConverter<Container> {
    Containers() {
      super(Container.values());
    }

    @Override
    String optionName(Container container) {
      return name(container);
    }
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
