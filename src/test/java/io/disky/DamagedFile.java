package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.disky.CorruptFileException.Damage;
import io.disky.oracle.BlockLayout;
import io.disky.oracle.ChunkTypes;
import io.disky.oracle.FileDamage;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.RecordFileForge;
import io.disky.oracle.SimpleChunkData;
import io.disky.oracle.ZstdDialect;
import io.disky.oracle.ZstdFrames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A file with one thing wrong behind three good records, and what a reader is to say of it. */
final class DamagedFile {
  private static final int BLOCK = 1 << 16;
  private static final int BLOCK_HEADER = 24;
  private static final byte[] RECORD = "record".getBytes(UTF_8);
  private static final byte[] SIZE = SimpleChunkData.sizes(RECORD.length);
  private static final byte[] FRAME = ZstdFrames.compress(RECORD, 3);
  private static final byte[] LARGE = SampleRecords.random(200_000);

  /** More than any file here justifies, but less than a reader allows by default. */
  private static final long LARGE_CLAIM = 500L << 20;

  private final String name;
  private final byte[] content;
  private final @Nullable Damage damage;
  private final long position;

  private DamagedFile(String name, byte[] content, @Nullable Damage damage, long position) {
    this.name = name;
    this.content = content;
    this.damage = damage;
    this.position = position;
  }

  /** The records before what is wrong. */
  static List<byte[]> recordsBefore() {
    return List.of("first".getBytes(UTF_8), new byte[0], "third".getBytes(UTF_8));
  }

  private static RecordFileForge intact() {
    return RecordFileForge.withSignature()
        .simpleChunk(recordsBefore().subList(0, 2))
        .zstdChunk(ZstdDialect.DISKY, recordsBefore().subList(2, 3));
  }

  /** What is in the file. */
  byte[] content() {
    return content.clone();
  }

  /** What is damaged; {@code null} if the file is of a kind that is not supported. */
  @Nullable Damage damage() {
    return damage;
  }

  /** Where, as an offset in bytes. */
  long position() {
    return position;
  }

  @Override
  public String toString() {
    return name;
  }

  /** Damage of every kind. */
  static List<DamagedFile> damaged() {
    List<DamagedFile> files = new ArrayList<>();
    addChunkHeaders(files);
    addExtents(files);
    addBlockHeaders(files);
    addData(files);
    addRecordSizes(files);
    addSizesOfSizes(files);
    addFrames(files);
    addPrefixes(files);
    addTails(files);
    addSignatures(files);
    return files;
  }

  /** Valid files with chunks of other kinds. */
  static List<DamagedFile> unsupported() {
    List<DamagedFile> files = new ArrayList<>();
    for (int type : new int[] {0, 'R', 'x', 0xff}) {
      files.add(with("chunk type " + type, null, ForgedChunk.of(type, RECORD, 1, 6)));
    }
    files.add(with("transposed", null, ForgedChunk.of(ChunkTypes.TRANSPOSED, RECORD, 1, 6)));
    for (int type : new int[] {ChunkTypes.BROTLI, ChunkTypes.SNAPPY, 1, 'Z', 0xff}) {
      files.add(
          with(
              "compression type " + type,
              null,
              ForgedChunk.simple(SimpleChunkData.of(type, SIZE, RECORD), 1, RECORD.length)));
    }
    return files;
  }

  /** Chunks that state sizes beyond every limit; with the damage that shows without a limit. */
  static List<DamagedFile> huge() {
    List<DamagedFile> files = new ArrayList<>();
    for (int bits : new int[] {31, 40, 60, 62}) {
      addHuge(files, "2^" + bits, 1L << bits);
    }
    for (long records : new long[] {1L << 40, (1L << 56) - 1}) {
      files.add(
          with(
              records + " records, none",
              Damage.RECORD_SIZES,
              plain(RECORD).withRecords(records).withoutPadding()));
      for (ZstdDialect dialect : ZstdDialect.values()) {
        files.add(
            with(
                records + " records, zstd " + dialect,
                Damage.RECORD_SIZES,
                zstd(dialect).withRecords(records).withoutPadding()));
      }
    }
    return files;
  }

  /** Chunks that state sizes beyond what a limit can be. */
  static List<DamagedFile> beyond() {
    List<DamagedFile> files = new ArrayList<>();
    addHuge(files, "2^63", Long.MIN_VALUE);
    addHuge(files, "2^64 - 1", -1);
    return files;
  }

  private static void addHuge(List<DamagedFile> files, String name, long size) {
    files.add(
        with(name + " decoded, none", Damage.RECORD_SIZES, plain(RECORD).withDecodedSize(size)));
    files.add(
        with(
            name + " decoded, zstd",
            Damage.COMPRESSED_DATA,
            zstd(ZstdDialect.DISKY).withDecodedSize(size)));
    files.add(
        with(
            name + " decoded, also by the frame",
            Damage.COMPRESSED_DATA,
            disky(SIZE, ZstdFrames.stored(size, RECORD)).withDecodedSize(size)));
    files.add(
        with(
            name + " decoded, the frame does not say",
            Damage.COMPRESSED_DATA,
            disky(SIZE, ZstdFrames.compressWithoutContentSize(RECORD)).withDecodedSize(size)));
    byte[] values = SimpleChunkData.prefixed(size, ZstdFrames.stored(size, RECORD));
    files.add(
        with(
            name + " decoded, also by frame and prefix",
            Damage.COMPRESSED_DATA,
            riegeli(SimpleChunkData.prefixed(SIZE, 3), values).withDecodedSize(size)));
  }

  // Chunk headers

  private static void addChunkHeaders(List<DamagedFile> files) {
    files.add(with("header hash", Damage.CHUNK_HEADER, plain(RECORD).withWrongHeaderHash()));
    files.add(
        with(
            "header hash of padding",
            Damage.CHUNK_HEADER,
            ForgedChunk.of(ChunkTypes.PADDING, new byte[99], 0, 0).withWrongHeaderHash()));
    byte[] none = new byte[0];
    files.add(
        with(
            "padding with records",
            Damage.CHUNK_HEADER,
            ForgedChunk.of(ChunkTypes.PADDING, new byte[9], 1, 0)));
    files.add(
        with(
            "padding with decoded bytes",
            Damage.CHUNK_HEADER,
            ForgedChunk.of(ChunkTypes.PADDING, new byte[9], 0, 1)));
    files.add(
        with(
            "metadata with records",
            Damage.CHUNK_HEADER,
            ForgedChunk.of(ChunkTypes.METADATA, RECORD, 1, 6)));
    files.add(
        with(
            "signature with data",
            Damage.CHUNK_HEADER,
            ForgedChunk.of(ChunkTypes.SIGNATURE, RECORD, 0, 0)));
    files.add(
        with(
            "signature with records",
            Damage.CHUNK_HEADER,
            ForgedChunk.of(ChunkTypes.SIGNATURE, none, 1, 0)));
    for (long size : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, -1, -40, -64}) {
      files.add(
          with(
              "data of " + Long.toUnsignedString(size) + " bytes",
              Damage.CHUNK_HEADER,
              plain(RECORD).withDeclaredDataSize(size)));
    }
  }

  private static void addExtents(List<DamagedFile> files) {
    for (int bits : new int[] {31, 32, 40, 60, 62}) {
      files.add(
          with(
              "data of 2^" + bits + " bytes",
              Damage.TRUNCATED,
              plain(RECORD).withDeclaredDataSize(1L << bits)));
    }
    ForgedChunk chunk = plain(RECORD);
    int size = chunk.data().length;
    files.add(last("data beyond the end", Damage.TRUNCATED, chunk.withDeclaredDataSize(size + 1L)));
    files.add(with("data of a byte more", Damage.DATA_HASH, chunk.withDeclaredDataSize(size + 1L)));
    files.add(with("data of a byte less", Damage.DATA_HASH, chunk.withDeclaredDataSize(size - 1L)));
    files.add(with("data of no bytes", Damage.RECORD_SIZES, chunkWithoutData(1)));
    files.add(with("data of no bytes, no records", Damage.RECORD_SIZES, chunkWithoutData(0)));
  }

  private static ForgedChunk chunkWithoutData(long records) {
    return ForgedChunk.simple(new byte[0], records, 0);
  }

  // Block headers

  private static void addBlockHeaders(List<DamagedFile> files) {
    List<byte[]> large = List.of(LARGE);
    addBlockHeaders(files, "none", intact(), ForgedChunk.simple(large));
    addBlockHeaders(files, "zstd", intact(), ForgedChunk.zstd(ZstdDialect.DISKY, 3, large));
    addBlockHeaders(
        files, "padding", intact(), ForgedChunk.of(ChunkTypes.PADDING, LARGE.clone(), 0, 0));
    addBlockHeaders(
        files, "in the chunk header", intact().padTo(BLOCK - 20), ForgedChunk.simple(large));
    addBlockHeaders(files, "before the chunk", intact().padTo(BLOCK), ForgedChunk.simple(large));
  }

  private static void addBlockHeaders(
      List<DamagedFile> files, String where, RecordFileForge forge, ForgedChunk chunk) {
    long begin = forge.position();
    byte[] file = forge.chunk(chunk).simpleChunk(RECORD).bytes();
    for (int block : new int[] {BLOCK, 3 * BLOCK}) {
      for (int i : new int[] {0, 7, 8, 16, BLOCK_HEADER - 1}) {
        files.add(block(where + ", byte " + i, FileDamage.flip(file, block + (long) i, 1), block));
      }
      files.add(
          block(
              where + ", zeros", FileDamage.overwrite(file, block, new byte[BLOCK_HEADER]), block));
      long before = block - begin;
      long after = forgedEnd(begin, chunk) - block;
      long[][] distances = {
        {before + 1, after}, {before, after - 1}, {0, 0}, {-1, -1}, {after, before}
      };
      for (long[] distance : distances) {
        files.add(
            block(
                where + ", distances " + distance[0] + " and " + distance[1],
                FileDamage.replaceBlockHeader(file, block, distance[0], distance[1]),
                block));
      }
    }
  }

  private static long forgedEnd(long begin, ForgedChunk chunk) {
    return BlockLayout.chunkEnd(begin, chunk.data().length, chunk.records());
  }

  private static DamagedFile block(String name, byte[] content, int block) {
    return new DamagedFile(
        "block header at " + block + " " + name, content, Damage.BLOCK_HEADER, block);
  }

  // Chunk data

  private static void addData(List<DamagedFile> files) {
    List<ForgedChunk> chunks =
        List.of(
            plain(RECORD),
            zstd(ZstdDialect.DISKY),
            zstd(ZstdDialect.RIEGELI),
            ForgedChunk.simple(List.of(LARGE)),
            ForgedChunk.of(ChunkTypes.METADATA, RECORD, 0, 6),
            ForgedChunk.of(ChunkTypes.PADDING, new byte[300_000], 0, 0),
            ForgedChunk.simple(SimpleChunkData.of('?', SIZE, RECORD), 1, 6));
    for (ForgedChunk chunk : chunks) {
      String name = "data hash of " + (char) chunk.type() + " " + chunk.data()[0];
      files.add(with(name, Damage.DATA_HASH, chunk.withWrongDataHash()));
    }
  }

  // Record sizes

  private static void addRecordSizes(List<DamagedFile> files) {
    long[][] sizes = {
      {},
      {5},
      {7},
      {0},
      {6, 1},
      {3, 2},
      {3, 4},
      {0, 0},
      {-1},
      {-1, 7},
      {Long.MIN_VALUE, 6},
      {Long.MIN_VALUE, Long.MIN_VALUE, 6},
      {1L << 60},
      {7, -1},
      {1L << 32, 6},
      {Integer.MIN_VALUE},
      {127, 127, 127, 127, 127, 127, 127, 127},
      {6, 0, 0, 0, 0, 0, 0, 0, 1},
      {1, 1, 1, 1, 1, 1, 1, 1},
      {6, 127, 127, 127, 127, 127, 127, 127, 127, 127}
    };
    for (long[] each : sizes) {
      addSizes(files, "sizes " + Arrays.toString(each), SimpleChunkData.sizes(each), each.length);
    }
    byte[] two = SimpleChunkData.sizes(2, 4);
    addSizes(files, "fewer records than sizes", two, 1);
    addSizes(files, "more records than sizes", two, 3);
    addSizes(files, "no records but sizes", two, 0);
    addSizes(files, "sizes cut off", new byte[] {2, (byte) 0x84}, 2);
    addSizes(files, "size of 11 bytes", SimpleChunkData.varint(6, 11), 1);
    byte[] tooLarge = SimpleChunkData.varint(6, 10);
    tooLarge[9] = 2;
    addSizes(files, "size of more than 64 bits", tooLarge, 1);
    long claimed = LARGE_CLAIM / 10;
    files.add(
        with(
            claimed + " records, none",
            Damage.RECORD_SIZES,
            plain(RECORD).withRecords(claimed).withoutPadding()));
    for (ZstdDialect dialect : ZstdDialect.values()) {
      files.add(
          with(
              claimed + " records, " + dialect,
              Damage.RECORD_SIZES,
              zstd(dialect).withRecords(claimed).withoutPadding()));
    }
    files.add(with("decoded size, none", Damage.RECORD_SIZES, plain(RECORD).withDecodedSize(5)));
    files.add(
        with(
            "large decoded size", Damage.RECORD_SIZES, plain(RECORD).withDecodedSize(LARGE_CLAIM)));
  }

  /** The same sizes in each layout, of records that take 6 bytes. */
  private static void addSizes(List<DamagedFile> files, String name, byte[] sizes, long records) {
    List<ForgedChunk> chunks =
        List.of(
            ForgedChunk.simple(SimpleChunkData.of(ChunkTypes.NONE, sizes, RECORD), records, 6),
            disky(sizes, FRAME).withRecords(records),
            riegeli(SimpleChunkData.prefixed(sizes, 3), SimpleChunkData.prefixed(RECORD, 3))
                .withRecords(records));
    List<String> layouts = List.of("none", "DISKY", "RIEGELI");
    for (int i = 0; i < chunks.size(); i++) {
      files.add(with(name + ", " + layouts.get(i), Damage.RECORD_SIZES, chunks.get(i)));
    }
  }

  private static void addSizesOfSizes(List<DamagedFile> files) {
    long[] sizes = {3, 9, 100, 1L << 31, 1L << 60, Long.MIN_VALUE, Long.MAX_VALUE, -1};
    for (int type : new int[] {ChunkTypes.NONE, ChunkTypes.ZSTD}) {
      for (long size : sizes) {
        byte[] data = SimpleChunkData.of(type, SimpleChunkData.varint(size), SIZE, new byte[] {1});
        files.add(
            with(
                "sizes of " + size + " bytes, type " + type,
                Damage.RECORD_SIZES,
                ForgedChunk.simple(data, 1, 1)));
      }
      byte[] cutOff = {(byte) type, (byte) 0x80, (byte) 0x80};
      files.add(
          with(
              "sizes' size cut off, " + type,
              Damage.RECORD_SIZES,
              ForgedChunk.simple(cutOff, 1, 0)));
      byte[] typeAlone = {(byte) type};
      files.add(
          with("type alone, " + type, Damage.RECORD_SIZES, ForgedChunk.simple(typeAlone, 0, 0)));
      byte[] tooLong = SimpleChunkData.of(type, SimpleChunkData.varint(1, 11), SIZE, RECORD);
      files.add(
          with(
              "sizes' size of 11 bytes, " + type,
              Damage.RECORD_SIZES,
              ForgedChunk.simple(tooLong, 1, 6)));
    }
  }

  // Compressed data

  private static void addFrames(List<DamagedFile> files) {
    byte[] seven = "records".getBytes(UTF_8);
    byte[] checksum = ZstdFrames.compressWithChecksum(RECORD);
    addFrame(files, "says 7 bytes", ZstdFrames.stored(7, RECORD));
    addFrame(files, "says 2^60 bytes", ZstdFrames.stored(1L << 60, RECORD));
    addFrame(files, "says 6 bytes, has 7", ZstdFrames.stored(6, seven));
    addFrame(files, "has 7 bytes", ZstdFrames.compress(seven, 3));
    addFrame(files, "has 7 bytes unsaid", ZstdFrames.compressWithoutContentSize(seven));
    addFrame(files, "has 5 bytes unsaid", ZstdFrames.compressWithoutContentSize(new byte[5]));
    addFrame(
        files,
        "has 300,000 bytes unsaid",
        ZstdFrames.compressWithoutContentSize(new byte[300_000]));
    addFrame(files, "cut off", FileDamage.truncate(FRAME, FRAME.length - 1L));
    addFrame(files, "cut off in its header", FileDamage.truncate(FRAME, 5));
    addFrame(files, "magic alone", FileDamage.truncate(FRAME, 4));
    addFrame(files, "followed by a byte", FileDamage.concatenate(FRAME, new byte[1]));
    addFrame(
        files,
        "two frames",
        FileDamage.concatenate(
            ZstdFrames.compress("rec".getBytes(UTF_8), 3),
            ZstdFrames.compress("ord".getBytes(UTF_8), 3)));
    addFrame(
        files,
        "empty frame behind it",
        FileDamage.concatenate(FRAME, ZstdFrames.compress(new byte[0], 3)));
    addFrame(
        files,
        "skippable frame behind it",
        FileDamage.concatenate(FRAME, ZstdFrames.skippable(RECORD)));
    addFrame(files, "wrong checksum", FileDamage.flip(checksum, checksum.length - 1L));
    addFrame(files, "reserved bits", FileDamage.flip(FRAME, 4, 0x08));
    addFrame(files, "unknown dictionary", FileDamage.flip(FRAME, 4, 0x03));
    files.add(
        with(
            "frame, 500 MiB stated by the header",
            Damage.COMPRESSED_DATA,
            disky(SIZE, ZstdFrames.compressWithoutContentSize(RECORD))
                .withDecodedSize(LARGE_CLAIM)));
    files.add(
        with(
            "frame, 500 MiB stated by frame and header",
            Damage.COMPRESSED_DATA,
            disky(SIZE, ZstdFrames.stored(LARGE_CLAIM, RECORD)).withDecodedSize(LARGE_CLAIM)));
    addNoFrames(files);
  }

  /** Values that neither dialect knows. */
  private static void addNoFrames(List<DamagedFile> files) {
    files.add(
        with(
            "skippable frame first",
            Damage.COMPRESSED_DATA,
            disky(SIZE, FileDamage.concatenate(ZstdFrames.skippable(RECORD), FRAME))));
    files.add(with("no frame", Damage.COMPRESSED_DATA, disky(SIZE, RECORD)));
    files.add(with("no bytes", Damage.COMPRESSED_DATA, disky(SIZE, new byte[0])));
    files.add(
        with(
            "legacy frame",
            Damage.COMPRESSED_DATA,
            disky(SIZE, new byte[] {0x27, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 0, 0, 0})));
    files.add(with("garbage", Damage.COMPRESSED_DATA, disky(SIZE, SampleRecords.random(100))));
  }

  /** A frame of a record of 6 bytes in each place where one may be. */
  private static void addFrame(List<DamagedFile> files, String name, byte[] frame) {
    byte[] sizes = SimpleChunkData.prefixed(SIZE, 3);
    files.add(with("frame " + name + ", DISKY", Damage.COMPRESSED_DATA, disky(SIZE, frame)));
    files.add(
        with(
            "frame " + name + ", RIEGELI",
            Damage.COMPRESSED_DATA,
            riegeli(sizes, SimpleChunkData.prefixed(RECORD.length, frame))));
    byte[] six = SimpleChunkData.sizes(1, 1, 1, 1, 1, 1);
    byte[] values = SimpleChunkData.prefixed(six, 3);
    files.add(
        with(
            "frame " + name + ", sizes",
            Damage.COMPRESSED_DATA,
            riegeli(SimpleChunkData.prefixed(six.length, frame), values).withRecords(6)));
  }

  /** Of the dialect RIEGELI: what is stated before the frames. */
  private static void addPrefixes(List<DamagedFile> files) {
    byte[] sizes = SimpleChunkData.prefixed(SIZE, 3);
    byte[] values = SimpleChunkData.prefixed(RECORD, 3);
    byte[] sizesFrame = ZstdFrames.compress(SIZE, 3);
    for (long size : new long[] {0, 2, 100, LARGE_CLAIM, 1L << 60, -1}) {
      ForgedChunk chunk = riegeli(SimpleChunkData.prefixed(size, sizesFrame), values);
      files.add(with("sizes' prefix " + size, Damage.COMPRESSED_DATA, chunk));
    }
    files.add(
        with(
            "500 MiB of sizes",
            Damage.COMPRESSED_DATA,
            riegeli(
                    SimpleChunkData.prefixed(
                        LARGE_CLAIM / 10, ZstdFrames.stored(LARGE_CLAIM / 10, SIZE)),
                    values)
                .withRecords(LARGE_CLAIM / 10)
                .withoutPadding()));
    for (long size : new long[] {0, 5, 7, LARGE_CLAIM, 1L << 60, -1}) {
      files.add(
          with(
              "values' prefix " + size,
              Damage.RECORD_SIZES,
              riegeli(sizes, SimpleChunkData.prefixed(size, FRAME))));
    }
    files.add(with("no sizes", Damage.COMPRESSED_DATA, riegeli(new byte[0], values)));
    files.add(
        with(
            "sizes without a frame",
            Damage.COMPRESSED_DATA,
            riegeli(SimpleChunkData.varint(SIZE.length), values)));
    files.add(
        with(
            "values without a frame",
            Damage.COMPRESSED_DATA,
            riegeli(sizes, SimpleChunkData.varint(RECORD.length))));
  }

  // What follows the last chunk

  private static void addTails(List<DamagedFile> files) {
    for (int size : new int[] {1, 24, 39}) {
      files.add(tail("zeros", new byte[size], Damage.TRUNCATED));
      files.add(tail("junk", SampleRecords.random(size), Damage.TRUNCATED));
    }
    for (int size : new int[] {40, 41, 1000, 70_000}) {
      files.add(tail("zeros", new byte[size], Damage.CHUNK_HEADER));
      files.add(tail("junk", SampleRecords.random(size), Damage.CHUNK_HEADER));
    }
    byte[] cut = FileDamage.truncate(RecordFileForge.withSignature().bytes(), 10);
    files.add(tail("part of a signature", cut, Damage.TRUNCATED));
  }

  private static DamagedFile tail(String name, byte[] tail, Damage damage) {
    RecordFileForge forge = intact();
    long position = forge.position();
    return new DamagedFile(
        tail.length + " bytes of " + name, forge.raw(tail).bytes(), damage, position);
  }

  private static void addSignatures(List<DamagedFile> files) {
    byte[] other = intact().bytes();
    files.add(tail("another file", other, Damage.MISPLACED_SIGNATURE));
    files.add(
        tail(
            "a file without records",
            RecordFileForge.withSignature().bytes(),
            Damage.MISPLACED_SIGNATURE));
    IntStream.of(
            BLOCK - 64, BLOCK - 63, BLOCK - 41, BLOCK - 24, BLOCK - 10, BLOCK + 25, BLOCK + 100)
        .mapToObj(position ->
            new DamagedFile(
                "another file at " + position,
                intact().padTo(position).raw(other).bytes(),
                Damage.MISPLACED_SIGNATURE,
                position))
        .forEach(files::add);
  }

  // Files of one damaged chunk

  private static DamagedFile with(String name, @Nullable Damage damage, ForgedChunk chunk) {
    RecordFileForge forge = intact();
    long position = forge.position();
    return new DamagedFile(name, forge.chunk(chunk).simpleChunk(RECORD).bytes(), damage, position);
  }

  private static DamagedFile last(String name, Damage damage, ForgedChunk chunk) {
    RecordFileForge forge = intact();
    long position = forge.position();
    return new DamagedFile(name, forge.chunk(chunk).bytes(), damage, position);
  }

  private static ForgedChunk plain(byte[] record) {
    return ForgedChunk.simple(List.of(record));
  }

  private static ForgedChunk zstd(ZstdDialect dialect) {
    return ForgedChunk.zstd(dialect, 3, List.of(RECORD));
  }

  /** A record of 6 bytes in the dialect DISKY. */
  private static ForgedChunk disky(byte[] sizes, byte[] values) {
    return ForgedChunk.simple(SimpleChunkData.of(ChunkTypes.ZSTD, sizes, values), 1, RECORD.length);
  }

  /** A record of 6 bytes in the dialect RIEGELI; the buffers come with their prefixes. */
  private static ForgedChunk riegeli(byte[] sizes, byte[] values) {
    return disky(sizes, values);
  }
}
