package io.disky.cli;

import io.disky.MultiThreadedWriterOptions;
import io.disky.WriterOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How many threads a command has besides the one that it began with. */
@Command
final class Threads {
  /** The most that any of the uses allows. */
  private static final int MAX =
      Math.min(WriterOptions.MAX_PARALLELISM, MultiThreadedWriterOptions.MAX_WORKER_THREADS);

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Threads.Converter.class,
      description =
          "Share the work among N threads, 0 to 1024 (default: as many as there are processors); 0"
              + " is this one alone. The result does not depend on it.")
  private int count = Math.min(Runtime.getRuntime().availableProcessors(), MAX);

  /** How many there are; 0 if the one that the command began with does it all. */
  int count() {
    return count;
  }

  /** How many threads decode for a reader, in addition to the command's own, which decodes, too. */
  int countForReading() {
    return Math.max(count - 1, 0);
  }

  /** Reads the number. */
  static final class Converter implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        int count = Integer.parseInt(text);
        if (count >= 0 && count <= MAX) {
          return count;
        }
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'" + text + "' is no number of threads");
      }
      throw new TypeConversionException(text + " threads are outside 0 to " + MAX);
    }
  }
}
