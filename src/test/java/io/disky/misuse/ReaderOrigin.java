package io.disky.misuse;

import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.misuse.Mischief.Kind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The input of a reader, which the user changes while the reader is open. */
@SuppressWarnings("MustBeClosedChecker") // other code closes the arenas, sometimes too early
final class ReaderOrigin {
  private final Round round;
  private final RecordFile file;
  private final boolean goesBack;
  private @Nullable HostileSource source;
  private @Nullable HostileRemoteFile remote;
  private @Nullable Arena arena;
  private @Nullable VanishingMemory memory;
  private @Nullable Path copy;
  private volatile boolean gone;

  private ReaderOrigin(Round round, RecordFile file, boolean goesBack) {
    this.round = round;
    this.file = file;
    this.goesBack = goesBack;
  }

  /** Opens a reader of {@code file} over memory, a channel, a stream, a path or a remote file. */
  static Opened open(Round round, RecordFile file, ReaderOptions options) throws IOException {
    Dice dice = round.dice();
    int kind =
        options.follow() ? 7 : options.parallelism() > 0 ? 7 + dice.below(2) : dice.below(10);
    ReaderOrigin origin = new ReaderOrigin(round, file, kind < 2 || kind > 3);
    RecordReader reader =
        switch (kind) {
          case 0 -> RecordReader.open(MemorySegment.ofArray(file.bytes()), options);
          case 1 -> RecordReader.open(origin.inArena(), options);
          case 2 -> RecordReader.open(origin.hostile().stream(), options);
          case 3 -> RecordReader.open(origin.hostile().channel(), options);
          case 4, 5 -> RecordReader.open(origin.hostile().seekable(), options);
          case 6 ->
              round.mischief().knows(Kind.MAPPED)
                  ? RecordReader.open(origin.mapped(), options)
                  : RecordReader.open(origin.inArena(), options);
          case 7 -> RecordReader.open(origin.path(), options);
          default ->
              RecordReader.open(
                  origin.remote(), options.withRemote(HostileRemoteFile.options(dice)));
        };
    return new Opened(reader, origin);
  }

  /** A reader and its input. */
  record Opened(RecordReader reader, ReaderOrigin origin) {}

  private MemorySegment inArena() {
    Arena opened = round.dice().oneIn(2) ? Arena.ofShared() : Arena.ofConfined();
    arena = opened;
    byte[] bytes = file.bytes();
    return opened.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
  }

  private HostileSource hostile() {
    HostileSource made = new HostileSource(round, file.bytes());
    source = made;
    return made;
  }

  private HostileRemoteFile remote() {
    HostileRemoteFile made = new HostileRemoteFile(round, file.name(), file.bytes());
    remote = made;
    return made;
  }

  private MemorySegment mapped() throws IOException {
    VanishingMemory made = VanishingMemory.of(round, file.bytes());
    memory = made;
    return made.segment();
  }

  private Path path() throws IOException {
    if (file.isIntact()) {
      return file.path();
    }
    Path made = round.workshop().newPath();
    copy = made;
    return Files.write(made, file.bytes());
  }

  /** Closes the memory or truncates the file, if the user owns it. */
  void takeAway() {
    if (arena != null && arena.scope().isAlive()) {
      gone = true;
      round.attempt("close of an arena that is read", Allowed.STATES, arena::close);
    }
    if (memory != null && round.mischief().does(Kind.MAPPED)) {
      gone = true;
      memory.vanish();
    }
  }

  /** Returns whether the input delivered all bytes correctly, and still can. */
  boolean isHonest() {
    return !gone && (source == null || !source.hasLied()) && (remote == null || !remote.hasLied());
  }

  boolean goesBack() {
    return goesBack;
  }

  /** Checks that the reader has closed its input, and releases resources of the user. */
  void end() throws IOException {
    if (source != null && !source.isClosed()) {
      round.violate("the reader is closed and its input is not", null);
    }
    if (remote != null) {
      remote.end();
    }
    if (arena != null && arena.scope().isAlive()) {
      round.attempt("close of an arena that was read", Allowed.STATES, arena::close);
    }
    if (memory != null) {
      memory.close();
    }
    if (copy != null) {
      Files.deleteIfExists(copy);
    }
  }
}
