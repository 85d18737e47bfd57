package io.disky.cli;

import io.disky.SlotWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Locale;

/** Counts the records that another source writes. For one thread. */
final class CountedRecords implements RecordsToWrite {
  private final RecordsToWrite source;
  private long records;
  private long bytes;

  CountedRecords(RecordsToWrite source) {
    this.source = source;
  }

  @Override
  public long size() throws IOException {
    return source.size();
  }

  @Override
  public void writeTo(RecordSink sink, Progress progress) throws IOException {
    source.writeTo(new Counter(sink), progress);
  }

  /** The number of records and the sum of their sizes, as text. */
  String text() {
    return String.format(
        Locale.ROOT, "%,d %s, %,d bytes", records, records == 1 ? "record" : "records", bytes);
  }

  private final class Counter implements RecordSink {
    private final RecordSink sink;

    Counter(RecordSink sink) {
      this.sink = sink;
    }

    @Override
    public void write(byte[] array, int offset, int length) throws IOException {
      sink.write(array, offset, length);
      count(length);
    }

    @Override
    public void write(MemorySegment record) throws IOException {
      sink.write(record);
      count(record.byteSize());
    }

    @Override
    public void write(long maxSize, SlotWriter contents) throws IOException {
      sink.write(
          maxSize,
          slot -> {
            long size = contents.write(slot);
            count(size);
            return size;
          });
    }

    private void count(long size) {
      records++;
      bytes += size;
    }

    @Override
    public boolean holds(Path file) throws IOException {
      return sink.holds(file);
    }
  }
}
