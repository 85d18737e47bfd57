package io.disky.cli;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.disky.files.QuotedText;
import io.disky.formats.SkippedBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A bagz file: the records one after the other, and then the offsets at which they end, 8 bytes
 * each, little-endian. The last offset is also the offset at which the offsets begin. The records
 * have no checksums.
 *
 * @param zstd whether each record is compressed
 * @param maxRecordSize the largest size of a record in bytes, compressed or not
 * @param recovers whether damaged records are skipped
 */
record BagInput(Path path, boolean zstd, int maxRecordSize, boolean recovers)
    implements ConvertedInput {
  private static final int OFFSETS_AT_ONCE = 8192;

  @Override
  public void forEach(Taker taker) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      new Walk(file, taker).run();
    }
  }

  /** Goes through the records. */
  private final class Walk {
    private final FileChannel file;
    private final Taker taker;
    private final ByteBuffer offsets =
        ByteBuffer.allocate(OFFSETS_AT_ONCE * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final BufferedBytes bytes;
    private long recordsEnd;

    // Where the next record begins; if that is not known, the end of the last one that is known.
    private long begin;
    private boolean beginIsKnown = true;

    Walk(FileChannel file, Taker taker) {
      this.file = file;
      this.taker = taker;
      this.bytes = new BufferedBytes(file);
    }

    void run() throws IOException {
      long size = file.size();
      if (size == 0) {
        return;
      }
      recordsEnd = size < Long.BYTES ? -1 : lastOffset(size);
      if (recordsEnd < 0
          || recordsEnd > size - Long.BYTES
          || (size - recordsEnd) % Long.BYTES != 0) {
        damage(
            0,
            size,
            "the last 8 bytes are not the offset at which the records of a bagz file of "
                + size
                + " bytes end");
        return;
      }
      for (long at = recordsEnd; at < size; at += offsets.limit()) {
        offsets.clear().limit((int) Math.min(offsets.capacity(), size - at));
        readFully(file, offsets, at);
        passAll(offsets.flip().asLongBuffer(), at);
      }
    }

    private long lastOffset(long size) throws IOException {
      offsets.clear().limit(Long.BYTES);
      readFully(file, offsets, size - Long.BYTES);
      return offsets.getLong(0);
    }

    private void passAll(LongBuffer ends, long at) throws IOException {
      for (int i = 0; i < ends.limit(); i++) {
        long end = ends.get(i);
        if (end < begin || end > recordsEnd) {
          beginIsKnown = false;
          if (!recovers) {
            throw failure(
                at + (long) i * Long.BYTES,
                "the offset " + end + " is outside " + begin + " to " + recordsEnd);
          }
          continue;
        }
        if (beginIsKnown) {
          pass(end);
        } else {
          damage(begin, end, "the offsets of the records in it are damaged");
        }
        begin = end;
        beginIsKnown = true;
        taker.read(end);
      }
    }

    private void pass(long end) throws IOException {
      if (end - begin > maxRecordSize) {
        throw tooLarge(end - begin);
      }
      byte[] record = bytes.read(begin, (int) (end - begin));
      int offset = bytes.offset();
      int length = (int) (end - begin);
      if (zstd && length > 0) {
        byte[] decompressed = decompressed(record, offset, length, end);
        if (decompressed == null) {
          return;
        }
        record = decompressed;
        offset = 0;
        length = decompressed.length;
      }
      taker.take(MemorySegment.ofArray(record).asSlice(offset, length).asReadOnly());
    }

    /** The decompressed record; null if it is damaged and was skipped. */
    private byte @Nullable [] decompressed(byte[] record, int offset, int length, long end)
        throws IOException {
      byte[] decompressed;
      try (InputStream in =
          new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(record, offset, length))) {
        decompressed = in.readNBytes(maxRecordSize);
        if (in.read() < 0) {
          return decompressed;
        }
      } catch (IOException e) {
        damage(begin, end, "not zstd data: " + e.getMessage());
        return null;
      }
      throw tooLarge(-1);
    }

    private IOException tooLarge(long size) {
      return failure(
          begin,
          (size < 0 ? "a decompressed record" : "a record of " + size + " bytes")
              + " is larger than the limit of "
              + maxRecordSize
              + " bytes (--max-record-size)");
    }

    private void damage(long from, long to, String reason) throws IOException {
      if (!recovers) {
        throw failure(from, reason);
      }
      taker.skipped(FramedInput.text(path, new SkippedBytes(from, to, reason)));
    }

    private IOException failure(long position, String reason) {
      return new IOException(QuotedText.name(path) + ": byte " + position + ": " + reason);
    }
  }

  private static void readFully(FileChannel file, ByteBuffer to, long position) throws IOException {
    while (to.hasRemaining()) {
      if (file.read(to, position + to.position()) < 0) {
        throw new IOException("the file has become shorter while it was read");
      }
    }
  }

  /** Reads neighbouring records with one request for many of them. */
  private static final class BufferedBytes {
    private static final int SIZE = 1 << 18;

    private final FileChannel file;
    private byte[] buffer = new byte[SIZE];
    private long begin;
    private int size;
    private int offset;

    BufferedBytes(FileChannel file) {
      this.file = file;
    }

    /** Reads bytes, which begin at {@link #offset} in the array that is returned. */
    byte[] read(long position, int length) throws IOException {
      if (position < begin || position + length > begin + size) {
        fill(position, length);
      }
      offset = (int) (position - begin);
      return buffer;
    }

    private void fill(long position, int length) throws IOException {
      if (buffer.length < length) {
        buffer = new byte[length];
      }
      int wanted = (int) Math.min(buffer.length, file.size() - position);
      if (wanted < length) {
        throw new IOException("the file has become shorter while it was read");
      }
      size = 0;
      readFully(file, ByteBuffer.wrap(buffer, 0, wanted), position);
      begin = position;
      size = wanted;
    }

    int offset() {
      return offset;
    }
  }
}
