package io.disky.fetching;

import java.util.ArrayList;
import java.util.List;

/**
 * Ranges of a file that one reader, or one call, will read soon. Several announcements may have the
 * same bytes, which are then requested once. Thread-safe.
 */
public final class Announcement {
  private final FetchedFile file;

  // The lock of the requests guards these fields.
  private final List<Block> blocks = new ArrayList<>();
  private boolean withdrawn;

  /** An announcement without ranges. */
  public Announcement(FetchedFile file) {
    this.file = file;
  }

  /**
   * Announces further ranges. Requests for them begin as the memory allows it; ranges that are
   * close to each other are read by one request. Bytes that are read are kept until a source reads
   * them, and then dropped. Announced bytes that no source reads are dropped when the sources have
   * read further. Does nothing after {@link #withdraw}.
   *
   * @param ranges ascending, not overlapping; parts after the end of the file are left out
   */
  public void add(List<ByteRange> ranges) {
    Requests requests = file.requests();
    requests.lock.lock();
    try {
      file.checkOpen();
      if (withdrawn) {
        return;
      }
      blocks.removeIf(block -> block.state == Block.State.DROPPED);
      file.announced()
          .add(ranges, file.tailBegin(), 0, file.settings(), this)
          .forEach(requests::addAnnounced);
    } finally {
      requests.lock.unlock();
    }
    requests.pump(null);
  }

  /** A block has announced bytes. The caller has the lock. */
  void joins(Block block) {
    if (blocks.isEmpty() || !blocks.getLast().equals(block)) {
      blocks.add(block);
    }
  }

  /**
   * No source will read the rest of the ranges. Cancels requests whose bytes nobody else has
   * announced or is reading, and drops such bytes. Any thread may call this, also after the file
   * was closed.
   */
  public void withdraw() {
    Requests requests = file.requests();
    List<Runnable> later = new ArrayList<>();
    requests.lock.lock();
    try {
      withdrawn = true;
      for (Block block : blocks) {
        // A block that a reader is using at this moment is dropped when the reader leaves it.
        if (block.withdraw(this) && block.users == 0) {
          file.announced().remove(block);
          requests.drop(block, later);
        }
      }
      blocks.clear();
    } finally {
      requests.lock.unlock();
    }
    later.forEach(Runnable::run);
    if (!later.isEmpty()) {
      requests.pump(null);
    }
  }
}
