package io.disky.shards;

/**
 * A shard of a writer: its number, its name, and how much is in it. One thread at a time writes to
 * it; any thread may call the public methods.
 */
public final class NumberedShard {
  private final long number;
  private final String name;
  private final WritableShard shard;
  private volatile long records;
  private volatile long recordBytes;
  private volatile boolean finished;

  NumberedShard(long number, String name, WritableShard shard) {
    this.number = number;
    this.name = name;
    this.shard = shard;
  }

  public long number() {
    return number;
  }

  /** The name of the shard in messages. */
  public String name() {
    return name;
  }

  public WritableShard shard() {
    return shard;
  }

  /** Number of records that were written so far. */
  public long records() {
    return records;
  }

  /** Size of the records that were written so far, before compression, in bytes. */
  public long recordBytes() {
    return recordBytes;
  }

  /** Whether the shard was closed, and is complete. */
  public boolean isFinished() {
    return finished;
  }

  /** Takes over the counts of the shard after a chunk was written. */
  void count() {
    records = shard.records();
    recordBytes = shard.recordBytes();
  }

  void finish() {
    finished = true;
  }
}
