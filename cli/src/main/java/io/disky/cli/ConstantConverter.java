package io.disky.cli;

import io.disky.Container;
import io.disky.Dialect;
import io.disky.formats.StreamCompression;
import io.disky.loader.Exhaustion;
import io.disky.loader.Remainder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses the names of enum constants, in lower case. */
abstract class ConstantConverter<E extends Enum<E>> implements ITypeConverter<E> {
  private final E[] constants;

  private ConstantConverter(E[] constants) {
    this.constants = constants;
  }

  /** The name of a constant on the command line: in lower case, with hyphens. */
  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The name of a container on the command line: with underscores, because Google writes {@code
   * array_record}.
   */
  static String name(Container container) {
    return container.name().toLowerCase(Locale.ROOT);
  }

  /** The name of a constant in this option. */
  String optionName(E constant) {
    return name(constant);
  }

  /** The names of all constants in this option. */
  final List<String> names() {
    return Arrays.stream(constants).map(this::optionName).toList();
  }

  @Override
  public E convert(String text) {
    for (E constant : constants) {
      if (optionName(constant).equals(text)) {
        return constant;
      }
    }
    throw new TypeConversionException("'" + text + "' is not one of " + String.join(", ", names()));
  }

  /** Parses containers. */
  static final class Containers extends ConstantConverter<Container> {
    Containers() {
      super(Container.values());
    }

    @Override
    String optionName(Container container) {
      return name(container);
    }
  }

  /** Parses dialects. */
  static final class Dialects extends ConstantConverter<Dialect> {
    Dialects() {
      super(Dialect.values());
    }
  }

  /** Parses rules for remainders. */
  static final class Remainders extends ConstantConverter<Remainder> {
    Remainders() {
      super(Remainder.values());
    }
  }

  /** Parses what happens when a source has no records left. */
  static final class Exhaustions extends ConstantConverter<Exhaustion> {
    Exhaustions() {
      super(Exhaustion.values());
    }
  }

  /** Parses formats of files. */
  static final class FileFormats extends ConstantConverter<FileFormat> {
    FileFormats() {
      super(FileFormat.values());
    }
  }

  /** Parses compressions of complete files. */
  static final class StreamCompressions extends ConstantConverter<StreamCompression> {
    StreamCompressions() {
      super(StreamCompression.values());
    }
  }

  /** Parses record formats. */
  static final class Formats extends ConstantConverter<RecordFormat> {
    Formats() {
      super(RecordFormat.values());
    }
  }
}
