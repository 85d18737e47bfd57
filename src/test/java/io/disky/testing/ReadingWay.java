package io.disky.testing;

import io.disky.RecordBatch;
import io.disky.RecordReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/** The ways to read all records of a file, each through another part of the interface. */
public enum ReadingWay {
  ITERATION {
    @Override
    void readChecked(RecordReader reader, Consumer<byte[]> sink) {
      for (MemorySegment record : reader) {
        sink.accept(copy(record));
      }
    }
  },

  NEXT_ALONE {
    @Override
    void readChecked(RecordReader reader, Consumer<byte[]> sink) {
      Iterator<MemorySegment> records = reader.iterator();
      while (true) {
        MemorySegment record;
        try {
          record = records.next();
        } catch (NoSuchElementException _) {
          return;
        }
        sink.accept(copy(record));
      }
    }
  },

  NEXT {
    @Override
    void readChecked(RecordReader reader, Consumer<byte[]> sink) throws IOException {
      for (MemorySegment record = reader.next(); record != null; record = reader.next()) {
        sink.accept(copy(record));
      }
    }
  },

  NEXT_BATCH {
    @Override
    void readChecked(RecordReader reader, Consumer<byte[]> sink) throws IOException {
      RecordBatch next;
      while ((next = reader.nextBatch()) != null) {
        try (RecordBatch batch = next) {
          batch.forEach(record -> sink.accept(copy(record)));
        }
      }
    }
  },

  NEXT_BATCH_OFFSETS {
    @Override
    void readChecked(RecordReader reader, Consumer<byte[]> sink) throws IOException {
      RecordBatch next;
      while ((next = reader.nextBatch()) != null) {
        try (RecordBatch batch = next) {
          MemorySegment data = batch.data();
          for (int i = 0; i < batch.recordCount(); i++) {
            sink.accept(copy(data.asSlice(batch.offset(i), batch.length(i))));
          }
        }
      }
    }
  },

  NEXT_BATCH_IN_ARENA {
    @Override
    void readChecked(RecordReader reader, Consumer<byte[]> sink) throws IOException {
      try (Arena arena = Arena.ofConfined()) {
        List<RecordBatch> batches = new ArrayList<>();
        try {
          RecordBatch batch;
          while ((batch = reader.nextBatch(arena)) != null) {
            batches.add(batch);
          }
        } finally {
          batches.forEach(batch -> batch.forEach(record -> sink.accept(copy(record))));
        }
      }
    }
  },

  STREAM {
    @Override
    void readChecked(RecordReader reader, Consumer<byte[]> sink) {
      reader.stream().map(ReadingWay::copy).forEachOrdered(sink);
    }
  },

  BATCHES {
    @Override
    void readChecked(RecordReader reader, Consumer<byte[]> sink) {
      reader
          .batches()
          .forEachOrdered(next -> {
            try (RecordBatch batch = next) {
              batch.stream().map(ReadingWay::copy).forEachOrdered(sink);
            }
          });
    }
  },

  PARALLEL_BATCHES {
    @Override
    void readChecked(RecordReader reader, Consumer<byte[]> sink) {
      ConcurrentSkipListMap<Long, List<byte[]>> chunks = new ConcurrentSkipListMap<>();
      try {
        reader
            .batches()
            .parallel()
            .forEach(next -> {
              try (RecordBatch batch = next) {
                List<byte[]> records = batch.stream().map(ReadingWay::copy).toList();
                if (chunks.put(batch.chunkBegin(), records) != null) {
                  throw new AssertionError("a chunk was handed out twice: " + batch);
                }
              }
            });
      } finally {
        chunks.values().forEach(records -> records.forEach(sink));
      }
    }
  },

  VISIT {
    @Override
    void readChecked(RecordReader reader, Consumer<byte[]> sink) throws IOException {
      reader.visit(record -> sink.accept(copy(record)));
    }
  };

  /** May throw an {@link UncheckedIOException} for an {@link IOException}. */
  abstract void readChecked(RecordReader reader, Consumer<byte[]> sink) throws IOException;

  /**
   * Hands all records to {@code sink}, in the order of the file.
   *
   * @throws IOException what reading throws, after the records before it were handed over
   */
  public void read(RecordReader reader, Consumer<byte[]> sink) throws IOException {
    try {
      readChecked(reader, sink);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** All records of a file. */
  public List<byte[]> read(Path file) throws IOException {
    List<byte[]> records = new ArrayList<>();
    try (RecordReader reader = RecordReader.open(file)) {
      read(reader, records::add);
    }
    return records;
  }

  /**
   * Says whether all records before a failure are handed over: those that other threads hold when
   * one of them meets it may be lost.
   */
  public boolean isOrdered() {
    return this != PARALLEL_BATCHES;
  }

  private static byte[] copy(MemorySegment record) {
    return record.toArray(ValueLayout.JAVA_BYTE);
  }
}
