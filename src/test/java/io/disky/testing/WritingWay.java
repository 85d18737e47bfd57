package io.disky.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.disky.RecordWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** The ways to write a record, each through another part of the interface. */
public enum WritingWay {
  ARRAY {
    @Override
    public void write(RecordWriter writer, byte[] record) throws IOException {
      writer.write(record);
    }
  },

  RANGE {
    @Override
    public void write(RecordWriter writer, byte[] record) throws IOException {
      byte[] array = new byte[record.length + 20];
      System.arraycopy(record, 0, array, 7, record.length);
      writer.write(array, 7, record.length);
    }
  },

  HEAP_BUFFER {
    @Override
    public void write(RecordWriter writer, byte[] record) throws IOException {
      writer.write(surrounded(ByteBuffer.allocate(record.length + 20), record));
    }
  },

  DIRECT_BUFFER {
    @Override
    public void write(RecordWriter writer, byte[] record) throws IOException {
      writer.write(surrounded(ByteBuffer.allocateDirect(record.length + 20), record));
    }
  },

  READ_ONLY_BUFFER {
    @Override
    public void write(RecordWriter writer, byte[] record) throws IOException {
      writer.write(ByteBuffer.wrap(record).asReadOnlyBuffer());
    }
  },

  HEAP_SEGMENT {
    @Override
    public void write(RecordWriter writer, byte[] record) throws IOException {
      writer.write(MemorySegment.ofArray(record));
    }
  },

  /** Of an array whose elements are no bytes. */
  SEGMENT_OF_LONGS {
    @Override
    public void write(RecordWriter writer, byte[] record) throws IOException {
      MemorySegment longs = MemorySegment.ofArray(new long[record.length / Long.BYTES + 2]);
      MemorySegment.copy(record, 0, longs, JAVA_BYTE, 3, record.length);
      writer.write(longs.asSlice(3, record.length));
    }
  },

  NATIVE_SEGMENT {
    @Override
    public void write(RecordWriter writer, byte[] record) throws IOException {
      try (Arena arena = Arena.ofConfined()) {
        writer.write(arena.allocateFrom(JAVA_BYTE, record));
      }
    }
  },

  IN_PLACE {
    @Override
    public void write(RecordWriter writer, byte[] record) throws IOException {
      writer.write(record.length, slot -> fill(slot, record));
    }
  },

  IN_PLACE_WITH_ROOM {
    @Override
    public void write(RecordWriter writer, byte[] record) throws IOException {
      writer.write(record.length + 3000L, slot -> fill(slot, record));
    }
  };

  public abstract void write(RecordWriter writer, byte[] record) throws IOException;

  private static ByteBuffer surrounded(ByteBuffer buffer, byte[] record) {
    return buffer.position(13).put(record).flip().position(13);
  }

  private static long fill(MemorySegment slot, byte[] record) {
    MemorySegment.copy(record, 0, slot, JAVA_BYTE, 0, record.length);
    return record.length;
  }
}
