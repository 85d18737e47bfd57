package io.disky;

/** A shard and its writer. Used by one thread at a time; what was written may be asked by any. */
final class OpenShard {
  private final long number;
  private final String name;
  private final RecordWriter writer;
  private volatile long records;
  private volatile long recordBytes;
  private volatile boolean finished;

  OpenShard(long number, String name, RecordWriter writer) {
    this.number = number;
    this.name = name;
    this.writer = writer;
  }

  String name() {
    return name;
  }

  RecordWriter writer() {
    return writer;
  }

  long records() {
    return records;
  }

  long recordBytes() {
    return recordBytes;
  }

  void count() {
    records = writer.recordCount();
    recordBytes = writer.recordBytes();
  }

  void finish() {
    finished = true;
  }

  WrittenShard describe() {
    return new WrittenShard(number, name, writer.path(), records, recordBytes, finished);
  }
}
