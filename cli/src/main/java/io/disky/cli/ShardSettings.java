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
          "Distribute the records over N files (shards), 1 to 65536, in the directory OUT, which is"
              + " created if it does not exist. The shard and the order of a record are not"
              + " specified.")
  private @Nullable Integer shards;

  @Option(
      names = "--max-shard-size",
      paramLabel = "SIZE",
      converter = ShardSettings.SizeConverter.class,
      description =
          "With --shards: when the records in a shard take SIZE before compression, begin another"
              + " shard (default: 10 billion bytes).")
  private @Nullable Long maxShardSize;

  @Option(
      names = "--prefix",
      paramLabel = "NAME",
      description =
          "With --shards: call the shards NAME_0, NAME_1 and so on (default: shard). --append and"
              + " --force handle existing shards of this NAME; other files are not changed.")
  private @Nullable String prefix;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /**
   * Returns whether {@code --shards} is given.
   *
   * @throws ParameterException if other options of shards are given without it
   */
  boolean areAskedFor() {
    if (shards == null && (maxShardSize != null || prefix != null)) {
      throw new ParameterException(
          command.commandLine(), "--max-shard-size and --prefix need --shards");
    }
    return shards != null;
  }

  /** The options of the writer, with defaults for those that are not given. */
  MultiThreadedWriterOptions options() {
    return DEFAULTS
        .withNumShards(shards == null ? DEFAULTS.numShards() : shards)
        .withMaxBytesPerWriter(maxShardSize == null ? DEFAULTS.maxBytesPerWriter() : maxShardSize)
        .withPrefix(prefix == null ? DEFAULTS.prefix() : prefix);
  }

  /** Parses the number of shards. */
  static final class NumberConverter implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        return DEFAULTS.withNumShards(Integer.parseInt(text)).numShards();
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'" + text + "' is not a number of shards");
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Parses the largest size of a shard. */
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
