package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Shards of records that say where they belong, and what a reader of them is to see. */
final class ShardFixture {
  private static final int CHUNK_RECORDS = 5;

  private ShardFixture() {}

  /** A record: which shard, which record of it, and some bytes more. */
  record Place(int shard, int number) {
    static Place of(MemorySegment record) {
      int shard = record.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
      int number = record.get(ValueLayout.JAVA_INT_UNALIGNED, 4);
      assertThat(record.mismatch(MemorySegment.ofArray(record(shard, number)))).isEqualTo(-1);
      return new Place(shard, number);
    }
  }

  private static byte[] record(int shard, int number) {
    byte[] record = NumberedRecords.record(1000 * shard + number);
    return ByteBuffer.allocate(8 + record.length)
        .order(java.nio.ByteOrder.nativeOrder())
        .putInt(shard)
        .putInt(number)
        .put(record)
        .array();
  }

  /** Writes a shard of {@code chunks} chunks of 5 records. */
  static Path write(Path directory, int shard, int chunks) throws IOException {
    Path file = directory.resolve("shard_" + shard);
    try (RecordWriter writer = RecordWriter.open(file)) {
      for (int i = 0; i < chunks * CHUNK_RECORDS; i++) {
        writer.write(record(shard, i));
        if (i % CHUNK_RECORDS == CHUNK_RECORDS - 1) {
          writer.flush();
        }
      }
    }
    return file;
  }

  /** Writes shards 0, 1, ... of these numbers of chunks. */
  static Shards writeAll(Path directory, int... chunks) throws IOException {
    List<Path> files = new ArrayList<>();
    for (int shard = 0; shard < chunks.length; shard++) {
      files.add(write(directory, shard, chunks[shard]));
    }
    return Shards.of(files);
  }

  /** The records of a shard. */
  static List<Place> places(int shard, int chunks) {
    return places(shard, 0, chunks);
  }

  /** The records of a shard from one chunk up to another one. */
  static List<Place> places(int shard, int fromChunk, int toChunk) {
    List<Place> places = new ArrayList<>();
    for (int i = fromChunk * CHUNK_RECORDS; i < toChunk * CHUNK_RECORDS; i++) {
      places.add(new Place(shard, i));
    }
    return places;
  }

  /** The records of all shards, those of a shard in order. */
  static List<Place> allPlaces(int... chunks) {
    List<Place> places = new ArrayList<>();
    for (int shard = 0; shard < chunks.length; shard++) {
      places.addAll(places(shard, chunks[shard]));
    }
    return places;
  }

  /** Takes the rest of {@code reader}, batch by batch. */
  static List<Place> takeAll(MultiThreadedReader reader) throws IOException {
    List<Place> places = new ArrayList<>();
    reader.visitBatches(batch -> batch.forEach(record -> places.add(Place.of(record))));
    return places;
  }

  /** Names of living threads that read shards. */
  static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("disky-read-"))
        .toList();
  }

  /** Opens {@code shards}, and takes all their records, batch by batch. */
  static List<Place> read(Shards shards, MultiThreadedReaderOptions options) throws IOException {
    try (MultiThreadedReader reader = MultiThreadedReader.open(shards, options)) {
      return takeAll(reader);
    }
  }

  /** The records of these chunks: pairs of a shard and a chunk. */
  static List<Place> chunks(int... shardAndChunk) {
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < shardAndChunk.length; i += 2) {
      int chunk = shardAndChunk[i + 1];
      places.addAll(places(shardAndChunk[i], chunk, chunk + 1));
    }
    return places;
  }

  /** Cuts {@code file} within its last chunk. */
  static Path truncate(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 10);
    }
    return file;
  }

  /** Opens a shard. */
  interface Opening {
    RecordReader open(ReaderOptions options) throws IOException;
  }

  /** A shard that {@code opening} opens. */
  static Shard shard(String name, Opening opening) {
    return new Shard() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public RecordReader open(ReaderOptions options) throws IOException {
        return opening.open(options);
      }
    };
  }

  /** Waits for {@code latch}; an interrupt is an {@link UncheckedIOException}. */
  static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new UncheckedIOException(new InterruptedIOException());
    }
  }
}
