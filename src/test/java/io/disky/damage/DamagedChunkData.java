package io.disky.damage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.disky.CorruptFileException.Damage;
import io.disky.oracle.ChunkTypes;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.SimpleChunkData;
import io.disky.oracle.StoredParts;
import io.disky.oracle.TransposedChunkData;
import io.disky.oracle.ZstdDialect;
import io.disky.oracle.ZstdFrames;
import io.disky.testing.SampleRecords;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Files with chunks of valid hashes whose data are wrong. */
public final class DamagedChunkData {
  private static final byte[] RECORD = "record".getBytes(UTF_8);
  private static final byte[] SIZE = SimpleChunkData.sizes(RECORD.length);
  private static final byte[] FRAME = ZstdFrames.compress(RECORD, 3);
  private static final byte[] FRAME_WITHOUT_SIZE = ZstdFrames.compressWithoutContentSize(RECORD);

  /** {@link #SIZE} and {@link #RECORD} as the dialect RIEGELI has them. */
  private static final byte[] PREFIXED_SIZE = SimpleChunkData.prefixed(SIZE, 3);

  private static final byte[] PREFIXED_RECORD = SimpleChunkData.prefixed(RECORD, 3);

  /** A brotli stream of 16 MiB of zeros. */
  private static final byte[] BROTLI_BOMB =
      HexFormat.of().parseHex("cbffff3f002400e2b14072effff8ffff078004401c1680eefddf");

  /** More than any file here justifies, but less than a reader allows by default. */
  private static final long LARGE_CLAIM = 500L << 20;

  private static final long MANY_RECORDS = LARGE_CLAIM / 10;

  private final List<DamageCase> files = new ArrayList<>();

  private DamagedChunkData() {}

  /** Damage of every kind. */
  public static List<DamageCase> damaged() {
    DamagedChunkData data = new DamagedChunkData();
    data.addRecordSizes();
    data.addCounts(MANY_RECORDS);
    data.addExtentsOfSizes();
    data.addFrames();
    data.addClaims();
    data.addPrefixes();
    data.addNoFrames();
    data.addOtherCodecs();
    data.addBombs();
    data.addTransposed();
    data.addTransposedLies();
    return data.files;
  }

  /** Sizes beyond what a reader allows by default; with the damage that shows without a limit. */
  public static List<DamageCase> huge() {
    DamagedChunkData data = new DamagedChunkData();
    for (int bits : new int[] {31, 40, 60, 62}) {
      data.addDecodedSizes("2^" + bits, 1L << bits);
    }
    data.addCounts(1L << 40);
    data.addCounts((1L << 56) - 1);
    return data.files;
  }

  /** Sizes beyond what a limit can be. */
  public static List<DamageCase> beyond() {
    DamagedChunkData data = new DamagedChunkData();
    data.addDecodedSizes("2^63", Long.MIN_VALUE);
    data.addDecodedSizes("2^64 - 1", -1);
    return data.files;
  }

  /** Valid chunks of unknown types and compressions. */
  public static List<DamageCase> unsupported() {
    DamagedChunkData data = new DamagedChunkData();
    for (int type : new int[] {0, 'R', 'x', 0xff}) {
      data.add("chunk type " + type, null, ForgedChunk.of(type, RECORD, 1, 6));
    }
    for (int type : new int[] {1, 'Z', 0xff}) {
      data.add("compression type " + type, null, chunk(type, SIZE, RECORD));
      data.add("transposed, compression type " + type, null, transposed(type, 0));
    }
    return data.files;
  }

  private void add(String name, @Nullable Damage damage, ForgedChunk chunk) {
    files.add(DamageCase.chunk(name, damage, chunk));
  }

  /** A chunk whose header states one record of 6 bytes. */
  private static ForgedChunk chunk(int compression, byte[] sizes, byte[] values) {
    byte[] data = SimpleChunkData.of(compression, sizes, values);
    return ForgedChunk.simple(data, 1, RECORD.length);
  }

  private static ForgedChunk none(byte[] sizes, byte[] values) {
    return chunk(ChunkTypes.NONE, sizes, values);
  }

  private static ForgedChunk zstd(byte[] sizes, byte[] values) {
    return chunk(ChunkTypes.ZSTD, sizes, values);
  }

  /** A transposed chunk whose header states one record of 6 bytes. */
  private static ForgedChunk transposed(int... data) {
    byte[] bytes = new byte[data.length];
    for (int i = 0; i < data.length; i++) {
      bytes[i] = (byte) data[i];
    }
    return ForgedChunk.of(ChunkTypes.TRANSPOSED, bytes, 1, RECORD.length);
  }

  // Sizes of records

  private void addRecordSizes() {
    long[][] sizes = {
      {},
      {0},
      {5},
      {7},
      {6, 1},
      {3, 2},
      {3, 4},
      {0, 0},
      {-1},
      {-1, 7},
      {7, -1},
      {1L << 32, 6},
      {Integer.MIN_VALUE},
      {1L << 60},
      {Long.MIN_VALUE, 6},
      {Long.MIN_VALUE, Long.MIN_VALUE, 6},
      {1, 1, 1, 1, 1, 1, 1, 1},
      {6, 0, 0, 0, 0, 0, 0, 0, 1},
      {127, 127, 127, 127, 127, 127, 127, 127},
      {6, 127, 127, 127, 127, 127, 127, 127, 127, 127}
    };
    for (long[] each : sizes) {
      addSizes("sizes " + Arrays.toString(each), SimpleChunkData.sizes(each), each.length);
    }
    byte[] two = SimpleChunkData.sizes(2, 4);
    addSizes("fewer records than sizes", two, 1);
    addSizes("more records than sizes", two, 3);
    addSizes("no records but sizes", two, 0);
    addSizes("size of 0 behind the last record's", SimpleChunkData.sizes(6, 0), 1);
    addSizes("size behind the last record's", SimpleChunkData.sizes(6, 6), 1);
    addSizes("byte behind the sizes", new byte[] {6, (byte) 0x80}, 1);
    addSizes("sizes cut off", new byte[] {2, (byte) 0x84}, 2);
    addSizes("size of 11 bytes", SimpleChunkData.varint(6, 11), 1);
    byte[] tooLarge = SimpleChunkData.varint(6, 10);
    tooLarge[9] = 2;
    addSizes("size of more than 64 bits", tooLarge, 1);
    add("decoded size less", Damage.RECORD_SIZES, none(SIZE, RECORD).withDecodedSize(5));
    add("decoded size more", Damage.RECORD_SIZES, none(SIZE, RECORD).withDecodedSize(7));
  }

  /** The same sizes in each layout, of records that take 6 bytes together. */
  private void addSizes(String name, byte[] sizes, long records) {
    ForgedChunk none = none(sizes, RECORD);
    ForgedChunk disky = zstd(sizes, FRAME);
    ForgedChunk riegeli = zstd(SimpleChunkData.prefixed(sizes, 3), PREFIXED_RECORD);
    add(name + ", none", Damage.RECORD_SIZES, none.withRecords(records));
    add(name + ", DISKY", Damage.RECORD_SIZES, disky.withRecords(records));
    add(name + ", RIEGELI", Damage.RECORD_SIZES, riegeli.withRecords(records));
  }

  /** So many records, of which the chunk has one. */
  private void addCounts(long records) {
    List<byte[]> one = List.of(RECORD);
    List<ForgedChunk> chunks =
        List.of(
            ForgedChunk.simple(one),
            ForgedChunk.zstd(ZstdDialect.DISKY, 3, one),
            ForgedChunk.zstd(ZstdDialect.RIEGELI, 3, one));
    for (int i = 0; i < chunks.size(); i++) {
      add(
          records + " records, layout " + i,
          Damage.RECORD_SIZES,
          chunks.get(i).withRecords(records).withoutPadding());
    }
  }

  /** How many bytes of data are sizes. */
  private void addExtentsOfSizes() {
    long[] sizes = {3, 9, 100, 1L << 31, 1L << 60, Long.MIN_VALUE, Long.MAX_VALUE, -1};
    for (int type : new int[] {ChunkTypes.NONE, ChunkTypes.ZSTD}) {
      String compression = ", compression " + type;
      for (long size : sizes) {
        byte[] stated = SimpleChunkData.varint(size);
        byte[] data = SimpleChunkData.of(type, stated, SIZE, new byte[] {1});
        addData("sizes of " + size + " bytes" + compression, data, 1);
      }
      byte[] elevenBytes = SimpleChunkData.varint(1, 11);
      byte[] data = SimpleChunkData.of(type, elevenBytes, SIZE, RECORD);
      addData("size of sizes of 11 bytes" + compression, data, RECORD.length);
      addData("size of sizes cut off" + compression, new byte[] {(byte) type, (byte) 0x80}, 0);
      addData("no size of sizes" + compression, new byte[] {(byte) type}, 0);
    }
    addData("no data", new byte[0], 0);
    add("no data, no records", Damage.RECORD_SIZES, ForgedChunk.simple(new byte[0], 0, 0));
  }

  private void addData(String name, byte[] data, long decodedSize) {
    add(name, Damage.RECORD_SIZES, ForgedChunk.simple(data, 1, decodedSize));
  }

  // Frames

  private void addFrames() {
    byte[] seven = "records".getBytes(UTF_8);
    byte[] checksum = ZstdFrames.compressWithChecksum(RECORD);
    addFrame("says 7 bytes", ZstdFrames.stored(7, RECORD));
    addFrame("says 2^60 bytes", ZstdFrames.stored(1L << 60, RECORD));
    addFrame("says 6 bytes, has 7", ZstdFrames.stored(6, seven));
    addFrame("says 6 bytes, has 5", ZstdFrames.stored(6, new byte[5]));
    addFrame("has 7 bytes", ZstdFrames.compress(seven, 3));
    addFrame("has 7 bytes unsaid", ZstdFrames.compressWithoutContentSize(seven));
    addFrame("has 5 bytes unsaid", ZstdFrames.compressWithoutContentSize(new byte[5]));
    addFrame("has a MiB unsaid", ZstdFrames.compressWithoutContentSize(new byte[1 << 20]));
    addFrame("cut off", FileDamage.truncate(FRAME, FRAME.length - 1L));
    addFrame("cut off in its header", FileDamage.truncate(FRAME, 5));
    addFrame("magic alone", FileDamage.truncate(FRAME, 4));
    addFrame("byte behind it", FileDamage.concatenate(FRAME, new byte[1]));
    byte[] empty = ZstdFrames.compress(new byte[0], 3);
    addFrame("empty frame behind it", FileDamage.concatenate(FRAME, empty));
    addFrame("empty frame before it", FileDamage.concatenate(empty, FRAME));
    byte[] skippable = ZstdFrames.skippable(RECORD);
    addFrame("skippable frame behind it", FileDamage.concatenate(FRAME, skippable));
    byte[] half = ZstdFrames.compress(new byte[3], 3);
    addFrame("two frames", FileDamage.concatenate(half, half));
    addFrame("wrong checksum", FileDamage.flip(checksum, checksum.length - 1L));
    addFrame("reserved bit", FileDamage.flip(FRAME, 4, 0x08));
    addFrame("unknown dictionary", FileDamage.flip(FRAME, 4, 0x03));
  }

  /** A frame that is to have 6 bytes, in each place where there is one. */
  private void addFrame(String name, byte[] frame) {
    byte[] prefixed = SimpleChunkData.prefixed(6, frame);
    byte[] values = SimpleChunkData.prefixed(new byte[6], 3);
    add("frame: " + name + ", DISKY", Damage.COMPRESSED_DATA, zstd(SIZE, frame));
    add(
        "frame: " + name + ", values of RIEGELI",
        Damage.COMPRESSED_DATA,
        zstd(PREFIXED_SIZE, prefixed));
    add(
        "frame: " + name + ", sizes of RIEGELI",
        Damage.COMPRESSED_DATA,
        zstd(prefixed, values).withRecords(6));
  }

  /** Hundreds of megabytes, of which the chunk has a few bytes. */
  private void addClaims() {
    long size = LARGE_CLAIM;
    add("claimed by the header", Damage.RECORD_SIZES, none(SIZE, RECORD).withDecodedSize(size));
    addClaim("frame does not say", zstd(SIZE, FRAME_WITHOUT_SIZE).withDecodedSize(size));
    byte[] frame = ZstdFrames.stored(size, RECORD);
    addClaim("by frame and header", zstd(SIZE, frame).withDecodedSize(size));
    byte[] sizes = SimpleChunkData.prefixed(MANY_RECORDS, ZstdFrames.stored(MANY_RECORDS, SIZE));
    addClaim(
        "by the frame of the sizes",
        zstd(sizes, PREFIXED_RECORD).withRecords(MANY_RECORDS).withoutPadding());
  }

  private void addClaim(String name, ForgedChunk chunk) {
    add("claimed, " + name, Damage.COMPRESSED_DATA, chunk);
  }

  private void addDecodedSizes(String name, long size) {
    byte[] frame = ZstdFrames.stored(size, RECORD);
    byte[] prefixed = SimpleChunkData.prefixed(size, frame);
    add(name + " decoded, none", Damage.RECORD_SIZES, none(SIZE, RECORD).withDecodedSize(size));
    addDecodedSize(name, "frame says 6", zstd(SIZE, FRAME), size);
    addDecodedSize(name, "frame does not say", zstd(SIZE, FRAME_WITHOUT_SIZE), size);
    addDecodedSize(name, "frame says so too", zstd(SIZE, frame), size);
    addDecodedSize(name, "frame and prefix say so too", zstd(PREFIXED_SIZE, prefixed), size);
  }

  private void addDecodedSize(String name, String detail, ForgedChunk chunk, long size) {
    add(name + " decoded, " + detail, Damage.COMPRESSED_DATA, chunk.withDecodedSize(size));
  }

  // What is stated before the frames of RIEGELI

  private void addPrefixes() {
    byte[] sizesFrame = ZstdFrames.compress(SIZE, 3);
    for (long size : new long[] {0, 2, 100, LARGE_CLAIM, 1L << 60, -1}) {
      add(
          "prefix " + size + " of the sizes",
          Damage.COMPRESSED_DATA,
          zstd(SimpleChunkData.prefixed(size, sizesFrame), PREFIXED_RECORD));
    }
    for (long size : new long[] {0, 5, 7, LARGE_CLAIM, 1L << 60, -1}) {
      add(
          "prefix " + size + " of the values",
          Damage.RECORD_SIZES,
          zstd(PREFIXED_SIZE, SimpleChunkData.prefixed(size, FRAME)));
    }
    byte[] sixAlone = SimpleChunkData.varint(6);
    byte[] oneAlone = SimpleChunkData.varint(1);
    add("sizes of no bytes", Damage.COMPRESSED_DATA, zstd(new byte[0], PREFIXED_RECORD));
    add("sizes without a frame", Damage.COMPRESSED_DATA, zstd(oneAlone, PREFIXED_RECORD));
    add("values without a frame", Damage.COMPRESSED_DATA, zstd(PREFIXED_SIZE, sixAlone));
  }

  /** Values that are of neither dialect. */
  private void addNoFrames() {
    byte[] skippableFirst = FileDamage.concatenate(ZstdFrames.skippable(RECORD), FRAME);
    byte[] legacy = FileDamage.flip(FRAME, 0, 0x0f);
    add("skippable frame first", Damage.COMPRESSED_DATA, zstd(SIZE, skippableFirst));
    add("frame of an old version", Damage.COMPRESSED_DATA, zstd(SIZE, legacy));
    add("values as they are", Damage.COMPRESSED_DATA, zstd(SIZE, RECORD));
    add("garbage", Damage.COMPRESSED_DATA, zstd(SIZE, SampleRecords.random(100)));
    add("no values", Damage.COMPRESSED_DATA, zstd(SIZE, new byte[0]));
  }

  // Other codecs

  private void addOtherCodecs() {
    byte[] sizes = SimpleChunkData.prefixed(1, RECORD);
    byte[] values = SimpleChunkData.prefixed(RECORD.length, RECORD);
    byte[] claim = SimpleChunkData.prefixed(LARGE_CLAIM, RECORD);
    byte[] many = SimpleChunkData.prefixed(MANY_RECORDS, RECORD);
    for (int type : new int[] {ChunkTypes.BROTLI, ChunkTypes.SNAPPY}) {
      String codec = ", compression " + type;
      add("garbage" + codec, Damage.COMPRESSED_DATA, chunk(type, sizes, values));
      add("no sizes" + codec, Damage.COMPRESSED_DATA, chunk(type, new byte[0], values));
      add("no values" + codec, Damage.COMPRESSED_DATA, chunk(type, sizes, new byte[0]));
      add("prefixes alone" + codec, Damage.COMPRESSED_DATA, chunk(type, SIZE, SIZE));
      add("prefix of more" + codec, Damage.RECORD_SIZES, chunk(type, sizes, claim));
      addClaim("values" + codec, chunk(type, sizes, claim).withDecodedSize(LARGE_CLAIM));
      addClaim(
          "sizes" + codec, chunk(type, many, values).withRecords(MANY_RECORDS).withoutPadding());
    }
  }

  /** A few bytes that inflate to many, of which the chunk states fewer. */
  private void addBombs() {
    byte[] brotliSizes = SimpleChunkData.prefixed(1, StoredParts.brotliStream(SIZE));
    byte[] brotliValues = SimpleChunkData.prefixed(6, BROTLI_BOMB);
    byte[] snappySizes = SimpleChunkData.prefixed(1, StoredParts.snappyBlock(1, SIZE));
    byte[] snappyValues = SimpleChunkData.prefixed(6, StoredParts.snappyBlock(6, RECORD));
    byte[] many = StoredParts.snappyZeros(6, 20_000);
    byte[] claim = StoredParts.snappyZeros(LARGE_CLAIM, 20_000);
    addBomb("brotli values", chunk(ChunkTypes.BROTLI, brotliSizes, brotliValues));
    addBomb("brotli sizes", chunk(ChunkTypes.BROTLI, brotliValues, brotliValues).withRecords(6));
    addBomb("snappy values", snappy(snappySizes, SimpleChunkData.prefixed(6, many)));
    addBomb("snappy sizes", snappy(SimpleChunkData.prefixed(6, many), snappyValues).withRecords(6));
    addBomb("snappy block of more", snappy(snappySizes, SimpleChunkData.prefixed(6, claim)));
    addBomb(
        "snappy block cut off",
        snappy(snappySizes, SimpleChunkData.prefixed(LARGE_CLAIM, claim))
            .withDecodedSize(LARGE_CLAIM));
    int half = 8 << 20;
    byte[] size = SimpleChunkData.sizes(half);
    ForgedChunk large =
        ForgedChunk.simple(
            SimpleChunkData.of(
                ChunkTypes.BROTLI,
                SimpleChunkData.prefixed(size.length, StoredParts.brotliStream(size)),
                SimpleChunkData.prefixed(half, BROTLI_BOMB)),
            1,
            half);
    addBomb("half of the brotli values", large);
  }

  private void addBomb(String name, ForgedChunk chunk) {
    add("bomb: " + name, Damage.COMPRESSED_DATA, chunk);
  }

  private static ForgedChunk snappy(byte[] sizes, byte[] values) {
    return chunk(ChunkTypes.SNAPPY, sizes, values);
  }

  // Transposed chunks

  private void addTransposed() {
    addTransposed("no data");
    addTransposed("no size of the header", 0);
    addTransposed("size of the header cut off", 0, 0x80);
    addTransposed("header larger than the data", 0, 100, 0);
    addTransposed("empty header", 0, 0);
    addTransposed("no number of buffers", 0, 1, 0);
    addTransposed("no states", 0, 3, 0, 0, 0);
    addTransposed("bucket larger than the data", 0, 3, 1, 0, 100);
    addTransposed("2^28 buckets", 0, 5, 0x80, 0x80, 0x80, 0x80, 1);
  }

  /** Machines that run, push or claim without end. */
  private void addTransposedLies() {
    byte[] repeated = new byte[3000];
    Arrays.fill(repeated, (byte) 3);
    long[][] opening = {{TransposedChunkData.END_SUBMESSAGE, 0}};
    addMachine("submessages that only open", opening, repeated, 1000);
    addMachine("submessages that only open, in a MiB", opening, new byte[100_000], 1 << 20);
    long[][] endless = {{TransposedChunkData.END_SUBMESSAGE, 3}, {TransposedChunkData.PASS, 2}};
    addMachine("states that follow themselves", endless, new byte[0], 1 << 20);
    long[][] chain = new long[4000][2];
    for (int i = 0; i < chain.length; i++) {
      chain[i][1] = i + 1 < chain.length ? chain.length + i + 1 : 0;
    }
    addMachine("chain of states without a value", chain, repeated, 10_000);

    byte[] one = TransposedChunkData.ofRecords(List.of(RECORD));
    addTransposed("500 MiB of records", one, 1, LARGE_CLAIM);
    addTransposed("fifty million records", one, MANY_RECORDS, RECORD.length);
    addTransposed("a byte less", one, 1, RECORD.length - 1L);
    addTransposed("a byte more", one, 1, RECORD.length + 1L);
    addTransposed("a record less", one, 0, RECORD.length);
    addTransposed("a record more", one, 2, RECORD.length);

    byte[] bucket = SimpleChunkData.prefixed(8L << 30, ZstdFrames.stored(8L << 30, RECORD));
    byte[] header =
        SimpleChunkData.sizes(1, 1, bucket.length, 8L << 30, 1, TransposedChunkData.PASS, 0, 0);
    byte[] compressed = SimpleChunkData.prefixed(header, 3);
    byte[] size = SimpleChunkData.varint(compressed.length);
    byte[] data =
        SimpleChunkData.concatenate(
            List.of(new byte[] {ChunkTypes.ZSTD}, size, compressed, bucket, new byte[1]));
    // The codec knows how far so few bytes inflate.
    add(
        "transposed: bucket of 8 GiB",
        Damage.COMPRESSED_DATA,
        ForgedChunk.of(ChunkTypes.TRANSPOSED, data, 1, RECORD.length));
  }

  private void addMachine(String name, long[][] states, byte[] transitions, long decodedSize) {
    addTransposed(name, TransposedChunkData.ofMachine(states, transitions), 1, decodedSize);
  }

  private void addTransposed(String name, byte[] data, long records, long decodedSize) {
    add(
        "transposed: " + name,
        Damage.TRANSPOSED_DATA,
        ForgedChunk.of(ChunkTypes.TRANSPOSED, data, records, decodedSize).withoutPadding());
  }

  private void addTransposed(String name, int... data) {
    add("transposed: " + name, Damage.TRANSPOSED_DATA, transposed(data));
  }
}
