package io.disky.fetching;

import io.disky.fetching.Block.State;
import io.disky.files.QuotedText;
import io.disky.memory.NativeMemory;
import io.disky.transfer.ByteSource;
import io.disky.transfer.TransferBuffer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A source of the bytes of a file. */
final class FileReading implements ByteSource {
  // A request for fewer bytes costs the same time.
  private static final long LEAST_LIMIT = 64 << 10;

  private final FetchedFile file;
  private final Requests requests;
  private final ReadAhead readAhead;
  private final TransferBuffer buffer;
  private long counted;
  private volatile boolean closed;

  FileReading(FetchedFile file) {
    this.file = file;
    this.requests = file.requests();
    this.readAhead = new ReadAhead(requests, file.settings());
    this.buffer = new TransferBuffer(file.bufferSize());
  }

  @Override
  public long size() {
    return file.size();
  }

  @Override
  public MemorySegment read(long position, long most) throws IOException {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    if (position >= file.size()) {
      return MemorySegment.NULL;
    }
    MemorySegment bytes =
        position >= file.tailBegin() ? file.tail(position, most) : fetch(position, most);
    file.settings().counters().bytesUsed.add(bytes.byteSize());
    return bytes;
  }

  private void checkOpen() {
    if (isEnded()) {
      throw new IllegalStateException(
          "the reader of " + QuotedText.name(file.name()) + " is closed");
    }
  }

  private boolean isEnded() {
    return closed || requests.isClosed();
  }

  private MemorySegment fetch(long position, long most) throws IOException {
    MemorySegment target = buffer.memory();
    while (true) {
      Block block = use(position, most, target);
      long read = 0;
      try {
        requests.pump(block);
        NativeMemory memory = await(block);
        if (memory != null) {
          long offset = position - block.begin;
          read = Math.min(Math.min(most, target.byteSize()), block.length - offset);
          MemorySegment.copy(memory.segment(), offset, target, 0, read);
        }
      } finally {
        leave(block, position, read);
        requests.pump(null);
      }
      if (read > 0) {
        return target.asSlice(0, read);
      }
    }
  }

  /** The block at {@code position}, as one of its users. */
  private Block use(long position, long most, MemorySegment target) {
    List<Runnable> later = new ArrayList<>();
    Block block;
    requests.lock.lock();
    try {
      checkOpen();
      countBuffer(target, later);
      block = requested(position, later);
      if (block == null) {
        long limit = Math.max(LEAST_LIMIT, file.share() / 2);
        block = readAhead.begin(position, most, limit, file.tailBegin(), later);
      }
      block.users++;
      requests.urge(block);
    } finally {
      requests.lock.unlock();
    }
    later.forEach(Runnable::run);
    return block;
  }

  /**
   * The block with {@code position} that was requested before; {@code null} if there is none. If a
   * request failed before anybody waited for it, it may succeed now, so its block is dropped.
   */
  private @Nullable Block requested(long position, List<Runnable> later) {
    Block announced = file.announced().at(position);
    if (announced != null && hasFailedUnnoticed(announced)) {
      file.announced().remove(announced);
      requests.drop(announced, later);
      announced = null;
    }
    Block ahead = announced == null ? readAhead.at(position) : announced;
    if (ahead != null && hasFailedUnnoticed(ahead)) {
      readAhead.clear(later);
      ahead = null;
    }
    return ahead;
  }

  private static boolean hasFailedUnnoticed(Block block) {
    return block.state == State.FAILED && block.users == 0;
  }

  private void countBuffer(MemorySegment target, List<Runnable> later) {
    if (counted == 0) {
      counted = target.byteSize();
      requests.countBuffer(counted, later);
      file.begun();
    }
  }

  /** The memory of {@code block} when it is read; {@code null} if the block was dropped. */
  private @Nullable NativeMemory await(Block block) throws IOException {
    FetchFailure failure;
    requests.lock.lock();
    try {
      if (!block.isOver()) {
        long begun = file.settings().clock().nanoTime();
        FetchEvents.Span span = FetchEvents.waitFor(file.name(), block);
        try {
          requests.await(block, this::isEnded);
        } finally {
          long waited = file.settings().clock().nanoTime() - begun;
          file.settings().counters().waitNanos.add(waited);
          span.commit();
        }
      }
      checkOpen();
      failure = block.failure;
      if (block.state != State.FAILED || failure == null) {
        return block.memory;
      }
    } finally {
      requests.lock.unlock();
    }
    throw failure.exception(); // which calls the user's code
  }

  private void leave(Block block, long position, long read) {
    List<Runnable> later = new ArrayList<>();
    requests.lock.lock();
    try {
      block.users--;
      if (requests.isClosed()) {
        requests.drop(block, later);
      } else if (block.announced) {
        boolean unneeded = block.isOver() && block.state != State.DONE;
        if (unneeded || block.isReadAfter(position, position + read)) {
          remove(block, later);
        }
      } else if (closed || block.state == State.FAILED) {
        readAhead.clear(later);
        requests.drop(block, later);
      } else if (read > 0) {
        readAhead.advance(position + read, file.readAhead(), file.tailBegin(), later);
      }
    } finally {
      requests.lock.unlock();
    }
    later.forEach(Runnable::run);
  }

  /** An announced block was used: removes it, and those that were left out before it. */
  private void remove(Block block, List<Runnable> later) {
    file.announced().remove(block);
    requests.drop(block, later);
    for (Block leftOut : requests.leftOut(block)) {
      file.announced().remove(leftOut);
      requests.drop(leftOut, later);
    }
  }

  @Override
  public void close() {
    List<Runnable> later = new ArrayList<>();
    requests.lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      readAhead.clear(later);
      if (counted > 0) {
        requests.countBuffer(-counted, later);
        file.ended();
      }
      requests.wake();
    } finally {
      requests.lock.unlock();
    }
    later.forEach(Runnable::run);
    buffer.free();
    file.release();
  }
}
