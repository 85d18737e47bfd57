package io.disky.oracle;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Reads a complete record file in the simplest way and trusts nothing: it checks every hash, every
 * block header and every size.
 *
 * <p>Reads simple chunks without compression and with zstd in both dialects. Skips padding,
 * metadata and further signatures. Keeps the file in memory, so it is meant for files up to some
 * 100 MB. Immutable after reading, so any thread may use it.
 */
public final class OracleReader {
  private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

  private final byte[] file;
  private final List<byte[]> records = new ArrayList<>();
  private final List<Chunk> chunks = new ArrayList<>();

  /**
   * The properties of a chunk.
   *
   * @param begin position of its first byte, or of the block header right before it
   * @param end position after its fill bytes
   * @param type its type byte, see {@link ChunkTypes}
   * @param records number of records in it
   * @param dataSize size of its stored data in bytes, without block headers
   * @param decodedSize sum of the sizes of its records in bytes; for a metadata chunk, the value in
   *     its header
   * @param compression compression type byte of a simple chunk, -1 for other chunks
   * @param dialect dialect of a zstd chunk, empty for other chunks
   */
  public record Chunk(
      long begin,
      long end,
      int type,
      long records,
      long dataSize,
      long decodedSize,
      int compression,
      Optional<ZstdDialect> dialect) {

    /** Number of bytes in the file, block headers and padding included. */
    public long size() {
      return end - begin;
    }
  }

  private record Header(
      long begin,
      long end,
      int type,
      long records,
      long dataSize,
      long dataHash,
      long decodedSize) {

    Chunk toChunk(int compression, Optional<ZstdDialect> dialect) {
      return new Chunk(begin, end, type, records, dataSize, decodedSize, compression, dialect);
    }
  }

  private OracleReader(byte[] file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @param path the file
   * @return its records and chunks
   * @throws IOException if the file cannot be read
   * @throws OracleException if its content is invalid, or has a feature that the oracle does not
   *     read
   */
  public static OracleReader read(Path path) throws IOException {
    return parse(Files.readAllBytes(path));
  }

  /**
   * Reads the content of a file. A file of 0 bytes contains no records.
   *
   * @param file the content; must not change during the call
   * @return its records and chunks
   * @throws OracleException if it is invalid, or has a feature that the oracle does not read
   */
  public static OracleReader parse(byte[] file) {
    OracleReader reader = new OracleReader(file);
    long position = 0;
    while (position < file.length) {
      position = reader.readChunk(position);
    }
    return reader;
  }

  /** The records in the order of the file. */
  public List<byte[]> records() {
    return Collections.unmodifiableList(records);
  }

  /** The chunks in the order of the file, those without records included. */
  public List<Chunk> chunks() {
    return Collections.unmodifiableList(chunks);
  }

  private long readChunk(long begin) {
    Header header = readHeader(begin);
    checkBlockHeaders(header);
    if (begin == 0 && header.type != ChunkTypes.SIGNATURE) {
      throw new OracleException(0, "the first chunk is not a signature");
    }
    chunks.add(decode(header, readData(header)));
    return header.end;
  }

  private Header readHeader(long begin) {
    byte[] bytes = chunkBytes(begin, begin, BlockLayout.CHUNK_HEADER_SIZE);
    ByteBuffer fields = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (fields.getLong(0) != HighwayHash.hash(bytes, 8, bytes.length - 8)) {
      throw new OracleException(begin, "hash of the chunk header does not match");
    }
    long dataSize = fields.getLong(8);
    int type = bytes[24] & 0xff;
    long records = fields.getLong(24) >>> 8;
    long end = chunkEnd(begin, dataSize, records);
    return new Header(begin, end, type, records, dataSize, fields.getLong(16), fields.getLong(32));
  }

  private long chunkEnd(long begin, long dataSize, long records) {
    if (dataSize < 0 || dataSize > file.length) {
      throw new OracleException(
          begin, "data of " + Long.toUnsignedString(dataSize) + " bytes is more than the file has");
    }
    long end = BlockLayout.chunkEnd(begin, dataSize, records);
    if (end > file.length) {
      throw new OracleException(
          begin, "the chunk ends at " + end + ", but the file ends at " + file.length);
    }
    return end;
  }

  private void checkBlockHeaders(Header chunk) {
    long blocksBefore = Math.ceilDiv(chunk.begin, (long) BlockLayout.BLOCK_SIZE);
    long block = blocksBefore * BlockLayout.BLOCK_SIZE;
    for (; block < chunk.end; block += BlockLayout.BLOCK_SIZE) {
      checkBlockHeader(block, chunk);
    }
  }

  private void checkBlockHeader(long block, Header chunk) {
    int at = (int) block;
    ByteBuffer fields = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (fields.getLong(at) != HighwayHash.hash(file, at + 8, 16)) {
      throw new OracleException(block, "hash of the block header does not match");
    }
    checkDistance(block, "previous chunk", fields.getLong(at + 8), block - chunk.begin);
    checkDistance(block, "next chunk", fields.getLong(at + 16), chunk.end - block);
  }

  private static void checkDistance(long block, String name, long actual, long expected) {
    if (actual != expected) {
      String problem = "block header's distance to the %s is %s instead of %d";
      throw new OracleException(
          block, problem.formatted(name, Long.toUnsignedString(actual), expected));
    }
  }

  private byte[] readData(Header header) {
    long begin = BlockLayout.advance(header.begin, BlockLayout.CHUNK_HEADER_SIZE);
    byte[] data = chunkBytes(header.begin, begin, (int) header.dataSize);
    if (header.dataHash != HighwayHash.hash(data)) {
      throw new OracleException(header.begin, "hash of the chunk data does not match");
    }
    return data;
  }

  /** Copies bytes of a chunk without block headers. */
  private byte[] chunkBytes(long chunk, long begin, int size) {
    byte[] bytes = new byte[size];
    long position = begin;
    int done = 0;
    while (done < size) {
      if (position % BlockLayout.BLOCK_SIZE == 0) {
        position += BlockLayout.BLOCK_HEADER_SIZE;
      }
      long inBlock = BlockLayout.BLOCK_SIZE - position % BlockLayout.BLOCK_SIZE;
      int run = (int) Math.min(size - done, inBlock);
      if (position + run > file.length) {
        throw new OracleException(chunk, "the file ends inside the chunk");
      }
      System.arraycopy(file, (int) position, bytes, done, run);
      position += run;
      done += run;
    }
    return bytes;
  }

  private Chunk decode(Header header, byte[] data) {
    switch (header.type) {
      case ChunkTypes.SIGNATURE -> {
        requireZero(header, "data size", header.dataSize);
        requireZero(header, "record count", header.records);
        requireZero(header, "decoded size", header.decodedSize);
      }
      case ChunkTypes.PADDING -> {
        requireZero(header, "record count", header.records);
        requireZero(header, "decoded size", header.decodedSize);
      }
      case ChunkTypes.METADATA -> requireZero(header, "record count", header.records);
      case ChunkTypes.SIMPLE -> {
        return decodeSimple(header, data);
      }
      default ->
          throw new OracleException(
              header.begin,
              "chunk type " + ChunkTypes.display(header.type) + " is not supported by the oracle");
    }
    return header.toChunk(-1, Optional.empty());
  }

  private static void requireZero(Header header, String name, long value) {
    if (value != 0) {
      throw new OracleException(
          header.begin,
          "%s of a chunk of type %s is not 0 but %s"
              .formatted(name, ChunkTypes.display(header.type), Long.toUnsignedString(value)));
    }
  }

  private Chunk decodeSimple(Header header, byte[] data) {
    if (data.length == 0) {
      throw new OracleException(header.begin, "a chunk of records without data");
    }
    int compression = data[0] & 0xff;
    VarintCursor cursor = new VarintCursor(header.begin, data, 1);
    long sizesSize = cursor.next();
    int sizesBegin = cursor.position();
    if (sizesSize < 0 || sizesSize > data.length - sizesBegin) {
      throw new OracleException(
          header.begin,
          "sizes of " + Long.toUnsignedString(sizesSize) + " bytes do not fit in the chunk's data");
    }
    int valuesBegin = sizesBegin + (int) sizesSize;
    byte[] sizes = Arrays.copyOfRange(data, sizesBegin, valuesBegin);
    byte[] values = Arrays.copyOfRange(data, valuesBegin, data.length);
    if (compression == ChunkTypes.NONE) {
      addRecords(header, sizes, values);
      return header.toChunk(compression, Optional.empty());
    }
    if (compression != ChunkTypes.ZSTD) {
      String name = ChunkTypes.display(compression);
      throw new OracleException(
          header.begin, "compression type " + name + " is not supported by the oracle");
    }
    ZstdDialect dialect = hasZstdMagic(values) ? ZstdDialect.DISKY : ZstdDialect.RIEGELI;
    switch (dialect) {
      case DISKY -> addRecords(header, sizes, decompress(header, values, header.decodedSize));
      case RIEGELI ->
          addRecords(header, decompressPrefixed(header, sizes), decompressPrefixed(header, values));
    }
    return header.toChunk(compression, Optional.of(dialect));
  }

  private static boolean hasZstdMagic(byte[] bytes) {
    int length = ZSTD_MAGIC.length;
    return bytes.length >= length && Arrays.equals(bytes, 0, length, ZSTD_MAGIC, 0, length);
  }

  private static byte[] decompressPrefixed(Header header, byte[] bytes) {
    VarintCursor cursor = new VarintCursor(header.begin, bytes, 0);
    long size = cursor.next();
    if (size == 0 && cursor.position() == bytes.length) {
      return new byte[0];
    }
    byte[] frame = Arrays.copyOfRange(bytes, cursor.position(), bytes.length);
    return decompress(header, frame, size);
  }

  private static byte[] decompress(Header header, byte[] frame, long size) {
    if (!hasZstdMagic(frame)) {
      throw new OracleException(header.begin, "no zstd frame in compressed data");
    }
    if (frameSize(frame) != frame.length) {
      throw new OracleException(header.begin, "not exactly one complete zstd frame");
    }
    if (size < 0 || size > Integer.MAX_VALUE - 16) {
      throw new OracleException(
          header.begin, Long.toUnsignedString(size) + " bytes are more than the oracle decodes");
    }
    byte[] content = decompressAtMost(header, frame, (int) size + 1);
    if (content.length != size) {
      throw new OracleException(
          header.begin, "the zstd frame does not decode to the " + size + " bytes promised");
    }
    return content;
  }

  /** Size of the first frame in bytes; -1 if it is not complete. */
  private static long frameSize(byte[] bytes) {
    try {
      return Zstd.findFrameCompressedSize(bytes);
    } catch (ZstdException e) {
      return -1;
    }
  }

  private static byte[] decompressAtMost(Header header, byte[] frame, int limit) {
    try (InputStream in = new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(frame))) {
      return in.readNBytes(limit);
    } catch (IOException e) {
      throw new OracleException(header.begin, "the zstd frame does not decode", e);
    }
  }

  private void addRecords(Header header, byte[] sizes, byte[] values) {
    if (values.length != header.decodedSize) {
      throw new OracleException(
          header.begin,
          "%d bytes of values where the chunk header says %s"
              .formatted(values.length, Long.toUnsignedString(header.decodedSize)));
    }
    VarintCursor cursor = new VarintCursor(header.begin, sizes, 0);
    int at = 0;
    for (long i = 0; i < header.records; i++) {
      long size = cursor.next();
      if (size < 0 || size > values.length - at) {
        throw new OracleException(header.begin, "record sizes add up to more than the values");
      }
      records.add(Arrays.copyOfRange(values, at, at + (int) size));
      at += (int) size;
    }
    if (cursor.position() != sizes.length) {
      throw new OracleException(header.begin, "more record sizes than records");
    }
    if (at != values.length) {
      throw new OracleException(header.begin, "record sizes add up to less than the values");
    }
  }

  /**
   * Reads varints of at most 10 bytes and at most 64 bits; also those that are longer than
   * necessary.
   */
  private static final class VarintCursor {
    private static final int MAX_BYTES = 10;

    private final long chunk;
    private final byte[] bytes;
    private int at;

    VarintCursor(long chunk, byte[] bytes, int at) {
      this.chunk = chunk;
      this.bytes = bytes;
      this.at = at;
    }

    int position() {
      return at;
    }

    long next() {
      long value = 0;
      for (int i = 0; i < MAX_BYTES; i++) {
        if (at == bytes.length) {
          throw new OracleException(chunk, "a varint is cut off");
        }
        int group = bytes[at++] & 0xff;
        if (i == MAX_BYTES - 1 && group > 1) {
          break;
        }
        value |= (long) (group & 0x7f) << (7 * i);
        if (group < 0x80) {
          return value;
        }
      }
      throw new OracleException(chunk, "a varint does not fit in 64 bits");
    }
  }
}
