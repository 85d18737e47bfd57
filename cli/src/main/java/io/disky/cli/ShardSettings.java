package io.disky.cli;

import io.disky.MultiThreadedWriterOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The options of a command that can write shards instead of a file. */
@Command
final class ShardSettings {
  private static final MultiThreadedWriterOptions DEFAULTS = MultiThreadedWriterOptions.defaults();

  @Option(
      names = "--shards",
      paramLabel = "N",
      converter = ShardSettings.NumberConverter.class,
      description =
          "Spread the records over N files, 1 to 65536, in the directory OUT, which is created if it"
              + " is missing. In which of them a record is, and in which order, is not promised.")
  private @Nullable Integer shards;

  @Option(
      names = "--max-shard-size",
      paramLabel = "SIZE",
      converter = ShardSettings.SizeConverter.class,
      description =
          "With --shards: when the records in a file take SIZE before compression, go on in a new one"
              + " (default: 10 billion bytes).")
  private @Nullable Long maxShardSize;

  @Option(
      names = "--prefix",
      paramLabel = "NAME",
      description =
          "With --shards: call the files NAME_0, NAME_1 and so on (default: shard). Which numbers"
              + " there are already is for --append and --force to care about, no other file is"
              + " touched.")
  private @Nullable String prefix;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /**
   * Says whether shards are asked for.
   *
   * @throws ParameterException if not, but for how they are to be
   */
  boolean areAskedFor() {
    if (shards == null && (maxShardSize != null || prefix != null)) {
      throw new ParameterException(
          command.commandLine(), "--max-shard-size and --prefix are for --shards");
    }
    return shards != null;
  }

  /** How shards are to be written, as far as these options say. */
  MultiThreadedWriterOptions options() {
    return DEFAULTS
        .withNumShards(shards == null ? DEFAULTS.numShards() : shards)
        .withMaxBytesPerWriter(maxShardSize == null ? DEFAULTS.maxBytesPerWriter() : maxShardSize)
        .withPrefix(prefix == null ? DEFAULTS.prefix() : prefix);
  }

  /** Reads how many shards there are to be. */
  static final class NumberConverter implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        return DEFAULTS.withNumShards(Integer.parseInt(text)).numShards();
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'" + text + "' is no number of shards");
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Reads when a shard is full. */
  static final class SizeConverter implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        return DEFAULTS.withMaxBytesPerWriter(ByteSize.parse(text)).maxBytesPerWriter();
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
