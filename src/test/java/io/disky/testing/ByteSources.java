package io.disky.testing;

import io.disky.ReaderOptions;
import io.disky.RecordReader;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Everything that records can be read from. */
public enum ByteSources {
  PATH {
    @Override
    public RecordReader open(Path file, ReaderOptions options) throws IOException {
      return RecordReader.open(file, options);
    }
  },

  HEAP_SEGMENT {
    @Override
    public RecordReader open(Path file, ReaderOptions options) throws IOException {
      return RecordReader.open(MemorySegment.ofArray(Files.readAllBytes(file)), options);
    }
  },

  NATIVE_SEGMENT {
    @Override
    public RecordReader open(Path file, ReaderOptions options) throws IOException {
      byte[] bytes = Files.readAllBytes(file);
      MemorySegment segment = Arena.ofAuto().allocate(bytes.length + 1L);
      MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 1, bytes.length);
      return RecordReader.open(segment.asSlice(1).asReadOnly(), options);
    }
  },

  MAPPED_SEGMENT {
    @Override
    public RecordReader open(Path file, ReaderOptions options) throws IOException {
      try (FileChannel channel = FileChannel.open(file)) {
        MemorySegment mapped = channel.map(MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
        return RecordReader.open(mapped, options);
      }
    }
  },

  SEEKABLE_CHANNEL {
    @Override
    public RecordReader open(Path file, ReaderOptions options) throws IOException {
      FileChannel channel = FileChannel.open(file);
      channel.position(Math.min(77, channel.size()));
      return RecordReader.open((SeekableByteChannel) channel, options);
    }
  },

  REMOTE {
    @Override
    public RecordReader open(Path file, ReaderOptions options) throws IOException {
      return RecordReader.open(MemoryRemoteFile.of(file), options);
    }
  },

  /** Each request reads less than the reader wants. */
  SHORT_REMOTE {
    @Override
    public RecordReader open(Path file, ReaderOptions options) throws IOException {
      return RecordReader.open(MemoryRemoteFile.of(file).withShortAnswers(70_001), options);
    }
  },

  CHANNEL {
    @Override
    public RecordReader open(Path file, ReaderOptions options) throws IOException {
      return RecordReader.open((ReadableByteChannel) FileChannel.open(file), options);
    }
  },

  TRICKLING_CHANNEL {
    @Override
    public RecordReader open(Path file, ReaderOptions options) throws IOException {
      return RecordReader.open(new TricklingChannel(FileChannel.open(file)), options);
    }
  },

  STREAM {
    @Override
    public RecordReader open(Path file, ReaderOptions options) throws IOException {
      return RecordReader.open(Files.newInputStream(file), options);
    }
  },

  TRICKLING_STREAM {
    @Override
    public RecordReader open(Path file, ReaderOptions options) throws IOException {
      InputStream bytes = new ByteArrayInputStream(Files.readAllBytes(file));
      return RecordReader.open(new TricklingStream(bytes), options);
    }
  };

  /** Reads what is in {@code file}, brought in this way. */
  public abstract RecordReader open(Path file, ReaderOptions options) throws IOException;

  public boolean isStream() {
    return compareTo(CHANNEL) >= 0;
  }

  public boolean trickles() {
    return this == TRICKLING_CHANNEL || this == TRICKLING_STREAM;
  }

  /** Gives a byte at a time. */
  static final class TricklingStream extends FilterInputStream {
    TricklingStream(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return super.read(bytes, offset, Math.min(1, length));
    }
  }

  /** Gives a byte at a time, and now and then none. */
  private static final class TricklingChannel implements ReadableByteChannel {
    private final ReadableByteChannel channel;
    private int calls;

    TricklingChannel(FileChannel file) {
      channel = Channels.newChannel(Channels.newInputStream(file));
    }

    @Override
    public int read(ByteBuffer space) throws IOException {
      if (++calls % 3 == 0) {
        return 0;
      }
      int limit = space.limit();
      space.limit(Math.min(limit, space.position() + 1));
      int read = channel.read(space);
      space.limit(limit);
      return read;
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
