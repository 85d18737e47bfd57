package io.disky.misuse;

import io.disky.RecordWriter;
import io.disky.RemoteTarget;
import io.disky.WriterOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The output of a writer, which the user changes while the writer is open. */
@SuppressWarnings("MustBeClosedChecker") // other code closes the arenas, sometimes too early
final class WriterOutput {
  private final Round round;
  private @Nullable HostileSink sink;
  private @Nullable HostileUpload upload;
  private @Nullable MemorySegment segment;
  private @Nullable Arena arena;
  private @Nullable Path path;
  private volatile boolean gone;

  private WriterOutput(Round round) {
    this.round = round;
  }

  /** A writer and its output. */
  record Opened(RecordWriter writer, WriterOutput output) {}

  /** Opens a writer to memory, a channel, a stream, a path or an upload. */
  static Opened open(Round round, WriterOptions options) throws IOException {
    WriterOutput output = new WriterOutput(round);
    RecordWriter writer =
        switch (options.atomicCreation() ? 7 : round.dice().below(10)) {
          case 0, 1, 2 -> RecordWriter.open(output.hostile().stream(), options);
          case 3, 4 -> RecordWriter.open(output.hostile().channel(), options);
          case 5, 6 -> RecordWriter.open(output.memory(), options);
          case 7 -> RecordWriter.open(output.newPath(), options);
          default -> RecordWriter.open(output.remote(), options);
        };
    return new Opened(writer, output);
  }

  private HostileSink hostile() {
    HostileSink made = new HostileSink(round);
    sink = made;
    return made;
  }

  private RemoteTarget remote() {
    HostileUpload made = new HostileUpload(round);
    upload = made;
    return RemoteTarget.of(made).with(HostileRemoteFile.options(round.dice()));
  }

  private MemorySegment memory() {
    Dice dice = round.dice();
    int size = dice.oneIn(4) ? 64 + dice.below(3_000) : 200_000;
    MemorySegment made;
    if (dice.oneIn(2)) {
      made = MemorySegment.ofArray(new byte[size]);
    } else {
      Arena opened = dice.oneIn(3) ? Arena.ofConfined() : Arena.ofShared();
      arena = opened;
      made = opened.allocate(size);
    }
    segment = made;
    return made;
  }

  private Path newPath() {
    Path made = round.workshop().newPath();
    path = made;
    return made;
  }

  /** Closes the memory, if the user owns it. */
  void takeAway() {
    if (arena != null && arena.scope().isAlive()) {
      gone = true;
      round.attempt("close of an arena that is written to", Allowed.STATES, arena::close);
    }
  }

  /** How often user code did not return normally. */
  long interruptions() {
    return sink == null ? upload == null ? 0 : upload.interruptions() : sink.interruptions();
  }

  /** Returns whether the output can be read and contains exactly the written bytes. */
  boolean isHonest() {
    return !gone && (sink == null || !sink.hasLied()) && (upload == null || !upload.hasLied());
  }

  /** The written bytes; {@code null} if the output does not exist. */
  byte @Nullable [] bytes(long size) throws IOException {
    if (sink != null) {
      return sink.bytes();
    }
    if (upload != null) {
      return upload.bytes();
    }
    if (segment != null) {
      if (!segment.isAccessibleBy(Thread.currentThread()) || !segment.scope().isAlive()) {
        return null;
      }
      byte[] all = segment.toArray(ValueLayout.JAVA_BYTE);
      // After the written bytes there are zeros, which are not a chunk.
      return size < 0 ? all : Arrays.copyOf(all, (int) size);
    }
    return path != null && Files.exists(path) ? Files.readAllBytes(path) : null;
  }

  /** Releases resources of the user after the writer is closed. */
  void end() throws IOException {
    if (sink != null && !sink.isClosed()) {
      round.violate("the writer is closed and its output is not", null);
    }
    if (upload != null) {
      upload.end();
    }
    if (arena != null && arena.scope().isAlive()) {
      round.attempt("close of an arena that was written to", Allowed.STATES, arena::close);
    }
    if (path != null) {
      Files.deleteIfExists(path);
    }
  }
}
