package io.disky.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A file as the command line names it.
 *
 * @param name the name as given; {@code -} is standard input or output
 * @param path the name as a path
 */
record FileArgument(String name, Path path) {
  static final FileArgument STANDARD = of("-");

  static FileArgument of(String name) {
    return new FileArgument(name, Path.of(name));
  }

  boolean isStandard() {
    return name.equals("-");
  }

  @Override
  public String toString() {
    return name;
  }

  /** Reads the argument. */
  static final class Converter implements ITypeConverter<FileArgument> {
    @Override
    public FileArgument convert(String name) {
      if (name.isEmpty()) {
        throw new TypeConversionException("the name of a file is empty");
      }
      try {
        return of(name);
      } catch (InvalidPathException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
