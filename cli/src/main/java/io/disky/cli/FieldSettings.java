package io.disky.cli;

import io.disky.FieldProjection;
import io.disky.ReaderOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option that reads some fields of messages only. */
@Command
final class FieldSettings {
  @Option(
      names = "--fields",
      paramLabel = "PATHS",
      converter = FieldSettings.PathsConverter.class,
      description =
          "Of messages in transposed chunks read only the fields on these paths of field numbers,"
              + " such as 1,3.2: field 1, and field 2 of the messages in field 3. A path that ends"
              + " with .0 tells only that a field exists. Other fields are not decompressed. Records"
              + " of other chunks are read completely.")
  private FieldProjection fields = FieldProjection.all();

  /** Parses paths of fields. */
  static final class PathsConverter implements ITypeConverter<FieldProjection> {
    @Override
    public FieldProjection convert(String text) {
      try {
        return FieldProjection.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** {@code options} with these fields. */
  ReaderOptions on(ReaderOptions options) {
    return options.withFieldProjection(fields);
  }
}
