package io.disky;

import io.disky.files.FileFailures;
import io.disky.files.QuotedText;
import io.disky.remote.RemoteFile;
import io.disky.shards.ShardEvents;
import io.disky.shards.ShuffledShards;
import io.disky.threads.StackRoom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A list of shards, and the orders in which to read them. Immutable.
 *
 * <p>A file is a shard of a directory if its name is the prefix, an underscore, and decimal digits:
 * {@code shard_0}, {@code shard_10}. Shards are in the order of these numbers, whatever their
 * number of digits. Shards with the same number, {@code shard_1} and {@code shard_01}, are in the
 * order of their names. A {@link DerivedFile}, such as a saved index that was renamed, is left out;
 * the logger {@code io.disky} reports it.
 */
public final class Shards {
  /** How many shards {@link #toString()} names. */
  private static final int MAX_NAMED = 10;

  private final List<Shard> shards;

  /** A shard that is a file. */
  record FileShard(Path path) implements Shard {
    @Override
    public String name() {
      return path.toString();
    }

    @Override
    public RecordReader open(ReaderOptions options) throws IOException {
      return RecordReader.open(path, options);
    }

    @Override
    public String toString() {
      return QuotedText.name(path);
    }
  }

  /** A shard in memory. */
  record MemoryShard(String name, MemorySegment contents) implements Shard {
    @Override
    public RecordReader open(ReaderOptions options) throws IOException {
      return RecordReader.open(contents, options);
    }

    @Override
    public String toString() {
      return QuotedText.name(name);
    }
  }

  /** A shard that is a remote file. */
  record RemoteShard(RemoteFile file, String name) implements Shard {
    RemoteShard(RemoteFile file) {
      this(file, RemoteOpenings.name(file));
    }

    @Override
    public RecordReader open(ReaderOptions options) throws IOException {
      return RecordReader.open(file, options);
    }

    @Override
    public String toString() {
      return QuotedText.name(name);
    }
  }

  private Shards(List<Shard> shards) {
    if (shards.isEmpty()) {
      throw new IllegalArgumentException("no shards were given");
    }
    this.shards = shards;
  }

  /**
   * The shards of {@code directory} that are called {@code shard_0}, {@code shard_1} and so on, as
   * {@link MultiThreadedWriter#open(Path)} names them, in numeric order.
   *
   * @throws NoSuchFileException if the directory does not exist, or contains no such shard; the
   *     message names the directory and the prefix
   * @throws IOException if the directory cannot be read
   */
  public static Shards inDirectory(Path directory) throws IOException {
    return inDirectory(directory, MultiThreadedWriterOptions.DEFAULT_PREFIX);
  }

  /**
   * The shards of {@code directory}, in numeric order.
   *
   * @throws NoSuchFileException if the directory does not exist, or contains no shard; the message
   *     names the directory and the prefix
   * @throws IOException if the directory cannot be read
   */
  public static Shards inDirectory(Path directory, String prefix) throws IOException {
    return expand(List.of(directory), prefix);
  }

  /**
   * The shards of several directories: all shards of the first directory in numeric order, then
   * those of the next.
   *
   * @throws NoSuchFileException if a directory does not exist, or has no shard; the message names
   *     the directory and the prefix
   * @throws IOException if a directory cannot be read
   * @throws IllegalArgumentException if {@code directories} is empty
   */
  public static Shards expand(List<Path> directories, String prefix) throws IOException {
    List<Shard> shards = new ArrayList<>();
    for (Path directory : directories) {
      for (Path file : filesIn(directory, prefix)) {
        shards.add(Shard.of(file));
      }
    }
    return new Shards(List.copyOf(shards));
  }

  /**
   * These files, in this order. They need not exist until they are opened.
   *
   * @throws IllegalArgumentException if {@code files} is empty
   */
  public static Shards of(List<Path> files) {
    return new Shards(files.stream().map(Shard::of).toList());
  }

  /**
   * These remote files, in this order. No request is made until they are opened.
   *
   * @throws IllegalArgumentException if {@code files} is empty
   * @throws IllegalStateException if a file returns no name
   */
  public static Shards ofRemote(List<? extends RemoteFile> files) {
    return new Shards(files.stream().map(Shard::of).toList());
  }

  /**
   * These shards, in this order.
   *
   * @throws IllegalArgumentException if {@code shards} is empty
   */
  public static Shards from(Collection<? extends Shard> shards) {
    return new Shards(List.copyOf(shards));
  }

  private static List<Path> filesIn(Path directory, String prefix) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw FileFailures.noSuchFile(
          directory.toString(), "not a directory, so it has no shards named " + form(prefix));
    }
    List<Path> found = FileFailures.quoting(() -> numbered(directory, prefix));
    if (found.isEmpty()) {
      throw FileFailures.noSuchFile(
          directory.toString(), "no shard in this directory is named " + form(prefix));
    }
    return found;
  }

  private static List<Path> numbered(Path directory, String prefix) throws IOException {
    StackRoom.require(); // The JDK would leave the directory open.
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> isNumbered(file, prefix) && !Files.isDirectory(file))
          .filter(Shards::mayBeData)
          .sorted(byNumber(prefix))
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static boolean mayBeData(Path file) {
    Optional<DerivedFile> derived = DerivedFile.of(file);
    derived.ifPresent(kind ->
        System.getLogger("io.disky")
            .log(
                Level.WARNING,
                "{0}: this shard is left out: it is {1}, not data",
                QuotedText.name(file),
                kind));
    return derived.isEmpty();
  }

  private static String form(String prefix) {
    return "\"" + QuotedText.message(prefix) + "_\" and a number";
  }

  private static boolean isNumbered(Path file, String prefix) {
    String name = name(file);
    int digits = prefix.length() + 1;
    return name.length() > digits
        && name.startsWith(prefix)
        && name.charAt(prefix.length()) == '_'
        && name.chars().skip(digits).allMatch(c -> c >= '0' && c <= '9');
  }

  /** Numbers have any length: without leading zeros, the longer number is the larger one. */
  static Comparator<Path> byNumber(String prefix) {
    return Comparator.comparingInt((Path file) -> number(file, prefix).length())
        .thenComparing(file -> number(file, prefix))
        .thenComparing(Shards::name);
  }

  private static String number(Path file, String prefix) {
    String digits = name(file).substring(prefix.length() + 1);
    int zeros = 0;
    while (zeros < digits.length() && digits.charAt(zeros) == '0') {
      zeros++;
    }
    return digits.substring(zeros);
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** The events of the package {@code shards}, passed on to {@code listener}. */
  static ShardEvents events(@Nullable ShardListener listener) {
    return listener == null
        ? ShardEvents.NONE
        : new ShardEvents() {
          @Override
          public void opened(String shard) {
            listener.opened(shard);
          }

          @Override
          public void finished(String shard, long records) {
            listener.finished(shard, records);
          }

          @Override
          public void failed(String shard, IOException failure) {
            listener.failed(shard, failure);
          }
        };
  }

  /** The shards, in order; never empty. */
  public List<Shard> list() {
    return shards;
  }

  /** Each shard once, in order. */
  public ShardSource inOrder() {
    Iterator<Shard> rest = shards.iterator();
    return new ShardSource() {
      @Override
      public @Nullable Shard next() {
        return rest.hasNext() ? rest.next() : null;
      }

      @Override
      public String toString() {
        return "ShardSource[" + named() + " in order]";
      }
    };
  }

  /**
   * The shards over and over, without end. Each epoch has every shard once, in an order of its own.
   * The orders depend only on {@code seed}, on every platform. If several shards are open at once,
   * the last records of an epoch mix with the first records of the next.
   *
   * <p>A shard that was read to its end without a record is empty. If all shards are empty, the
   * reader fails with an {@link IOException} that names the first of them.
   */
  public ShardSource shuffledForever(long seed) {
    ShuffledShards<Shard> shuffled = new ShuffledShards<>(shards, new Random(seed), Shard::name);
    return new ShardSource() {
      @Override
      public Shard next() throws IOException {
        return shuffled.next();
      }

      @Override
      public void finished(Shard shard, long records) {
        shuffled.finished(shard, records);
      }

      @Override
      public String toString() {
        return "ShardSource[" + named() + ", shuffled forever with seed " + seed + "]";
      }
    };
  }

  /** Up to 10 names, and the number of the other shards. */
  private String named() {
    String names =
        shards.stream()
            .limit(MAX_NAMED)
            .map(Shard::name)
            .map(QuotedText::name)
            .collect(Collectors.joining(", "));
    int more = shards.size() - MAX_NAMED;
    return more > 0 ? names + " and " + more + " more" : names;
  }

  /** The names of the first 10 shards, and the number of the others. */
  @Override
  public String toString() {
    return "Shards[" + named() + "]";
  }
}
