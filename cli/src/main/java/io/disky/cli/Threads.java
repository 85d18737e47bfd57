package io.disky.cli;

import io.disky.WriterOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The option for the number of threads that a command starts in addition to its first thread. */
@Command
final class Threads {
  /** The bound of all options that have a parallelism. */
  private static final int MAX = WriterOptions.MAX_PARALLELISM;

  @Option(
      names = {"-j", "--threads"},
      paramLabel = "N",
      converter = Threads.Converter.class,
      description =
          "Divide the work among N threads, 0 to 1024 (default: the number of processors). With 0"
              + " the first thread of the command does all work. The result does not depend on N.")
  private int count = Math.min(Runtime.getRuntime().availableProcessors(), MAX);

  /** The number of threads; 0 if the first thread of the command does all work. */
  int count() {
    return count;
  }

  /** Number of threads that decode for a reader in addition to the thread of the command. */
  int countForReading() {
    return Math.max(count - 1, 0);
  }

  /** Parses the number. */
  static final class Converter implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        int count = Integer.parseInt(text);
        if (count >= 0 && count <= MAX) {
          return count;
        }
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'" + text + "' is not a number of threads");
      }
      throw new TypeConversionException(text + " threads are outside 0 to " + MAX);
    }
  }
}
