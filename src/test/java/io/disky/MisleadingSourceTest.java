package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.disky.CorruptFileException.Damage;
import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.engine.ReaderSettings;
import io.disky.transfer.SeekableChannelSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import org.junit.jupiter.api.Test;

/** Code of the user's that says other things than are so: what comes out names who it was. */
class MisleadingSourceTest {
  /** A channel that says that it has another number of bytes. */
  private static class Channel implements SeekableByteChannel {
    private final byte[] bytes;
    private final long stated;
    private long position;

    Channel(byte[] bytes, long stated) {
      this.bytes = bytes;
      this.stated = stated;
    }

    @Override
    public int read(ByteBuffer target) {
      if (position >= bytes.length) {
        return -1;
      }
      int size = (int) Math.min(target.remaining(), bytes.length - position);
      target.put(bytes, (int) position, size);
      position += size;
      return size;
    }

    @Override
    public int write(ByteBuffer source) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
      position = newPosition;
      return this;
    }

    @Override
    public long size() {
      return stated;
    }

    @Override
    public SeekableByteChannel truncate(long size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static byte[] numbers() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    WriterOptions options = WriterOptions.defaults().withChunkSize(100);
    try (RecordWriter writer = RecordWriter.open(bytes, options)) {
      for (byte i = 0; i < 100; i++) {
        writer.write(new byte[] {i, i, i, i, i, i, i, i});
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void aChannelWithLessThanNothing() throws IOException {
    SeekableByteChannel channel = new Channel(numbers(), -1);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> RecordReader.open(channel))
        .withMessageContaining("the channel states that it has -1 bytes");
  }

  /** As a file that somebody shortens between opening and searching. */
  @Test
  void aChannelWithLessThanItSays() throws IOException {
    byte[] bytes = numbers();
    try (RecordReader reader = RecordReader.open(new Channel(bytes, bytes.length + 1_000))) {
      // The search ends behind all that there is.
      assertThatExceptionOfType(CorruptFileException.class)
          .isThrownBy(() -> reader.search(MisleadingSourceTest::before))
          .satisfies(e -> assertThat(e.damage()).isEqualTo(Damage.TRUNCATED))
          .withMessageContaining("shorter than when it was opened");
    }
  }

  /** Whoever lists the chunks of one goes on until its end, and would never come to that. */
  @Test
  void chunksAreNotListedBeyondTheEnd() throws Exception {
    byte[] bytes = numbers();
    long stated = bytes.length + 1_000L;
    ReaderSettings options =
        new ReaderSettings(
            1 << 20,
            Long.MAX_VALUE,
            Long.MAX_VALUE,
            false,
            true,
            false,
            false,
            0,
            Long.MAX_VALUE,
            null);
    SeekableChannelSource source = new SeekableChannelSource(new Channel(bytes, stated));
    NativeReader reader = NativeReader.open("channel", source, options);
    try {
      assertThat(reader.chunks(0, stated, 1_000).next()).isEqualTo(bytes.length);
      assertThatExceptionOfType(EngineException.class)
          .isThrownBy(() -> reader.chunks(bytes.length, stated, 1))
          .withMessageContaining("the file ends here")
          .satisfies(e -> assertThat(e.position()).isEqualTo(bytes.length));
    } finally {
      reader.close();
    }
  }

  private static int before(MemorySegment record) {
    return record.get(ValueLayout.JAVA_BYTE, 0) < 0 ? 1 : -1;
  }

  /** Otherwise it would write less than it was given, or give more than was asked for. */
  @Test
  void aChannelThatMovesTheLimitOfItsBuffer() throws IOException {
    byte[] bytes = numbers();
    SeekableByteChannel reading =
        new Channel(bytes, bytes.length) {
          @Override
          public int read(ByteBuffer target) {
            target.limit(target.limit() - 1);
            return super.read(target);
          }
        };
    try (RecordReader reader = RecordReader.open(reading)) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(reader::nextBatch)
          .withMessageContaining("changed the limit of its buffer");
    }
    SeekableByteChannel writing =
        new Channel(bytes, bytes.length) {
          @Override
          public int write(ByteBuffer source) {
            source.limit(source.position() + 1).position(source.limit());
            return 1;
          }
        };
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> RecordWriter.open(writing))
        .withMessageContaining("changed the limit of its buffer");
  }

  /** What metadata that are none throw is thrown by streams, too, and is another thing then. */
  @Test
  void metadataAreNotBlamedForTheirStream() throws IOException {
    IllegalArgumentException own = new IllegalArgumentException("of the stream");
    try (RecordReader reader =
        RecordReader.open(
            new InputStream() {
              @Override
              public int read() {
                throw own;
              }

              @Override
              public int read(byte[] target, int offset, int length) {
                throw own;
              }
            })) {
      assertThatIllegalArgumentException().isThrownBy(reader::metadata).isSameAs(own);
    }
  }

  /** A target whose {@code open} returns nothing is named, and the writer can still be asked. */
  @Test
  void aTargetThatOpensNothing() throws IOException {
    MemoryShards memory = new MemoryShards("shard");
    ShardTarget target =
        new ShardTarget() {
          @Override
          public String name() {
            return "target";
          }

          @Override
          public String name(long number) {
            return "shard_" + number;
          }

          @Override
          public RecordWriter open(long number, WriterOptions options) throws IOException {
            return number == 0 ? memory.open(number, options) : null;
          }
        };
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults().withNumShards(1).withParallelism(0);
    assertThatExceptionOfType(ShardException.class)
        .isThrownBy(() -> MultiThreadedWriter.open(target, options.withNumShards(2)))
        .withMessageContaining("shard_1")
        .withMessageContaining("returned null, not a writer");
    memory.clear();
    MultiThreadedWriter writer = MultiThreadedWriter.open(target, options.withMaxBytesPerWriter(1));
    writer.write(new byte[10]);
    assertThatExceptionOfType(ShardException.class)
        .isThrownBy(writer::flush)
        .withMessageContaining("returned null, not a writer");
    assertThat(writer.shards()).hasSize(1);
    assertThatExceptionOfType(ShardException.class).isThrownBy(writer::close);
  }
}
