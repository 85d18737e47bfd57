package io.disky.damage;

import io.disky.CorruptFileException.Damage;
import io.disky.oracle.BlockLayout;
import io.disky.oracle.ChunkTypes;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.RecordFileForge;
import io.disky.testing.SampleRecords;
import java.util.ArrayList;
import java.util.List;

/** Files whose blocks, chunk headers, hashes or ends are wrong. */
public final class DamagedStructures {
  private static final int BLOCK = BlockLayout.BLOCK_SIZE;
  private static final int BLOCK_HEADER = BlockLayout.BLOCK_HEADER_SIZE;
  private static final byte[] RECORD = new byte[6];
  private static final byte[] LARGE = SampleRecords.random(200_000);

  private final List<DamageCase> files = new ArrayList<>();

  private DamagedStructures() {}

  public static List<DamageCase> all() {
    DamagedStructures structures = new DamagedStructures();
    structures.addChunkHeaders();
    structures.addExtents();
    structures.addBlockHeaders();
    structures.addHashes();
    structures.addTails();
    structures.addConcatenations();
    return structures.files;
  }

  private void add(String name, Damage damage, ForgedChunk chunk) {
    files.add(DamageCase.chunk(name, damage, chunk));
  }

  private static ForgedChunk simple() {
    return ForgedChunk.simple(List.of(RECORD));
  }

  private static ForgedChunk padding(int dataSize) {
    return ForgedChunk.of(ChunkTypes.PADDING, new byte[dataSize], 0, 0);
  }

  private void addChunkHeaders() {
    ForgedChunk metadata = ForgedChunk.of(ChunkTypes.METADATA, RECORD, 0, 6);
    add("header hash", Damage.CHUNK_HEADER, simple().withWrongHeaderHash());
    add("header hash of padding", Damage.CHUNK_HEADER, padding(99).withWrongHeaderHash());
    add("header hash of metadata", Damage.CHUNK_HEADER, metadata.withWrongHeaderHash());
    add("padding with records", Damage.CHUNK_HEADER, padding(9).withRecords(1));
    add("padding with decoded bytes", Damage.CHUNK_HEADER, padding(9).withDecodedSize(1));
    add("metadata with records", Damage.CHUNK_HEADER, metadata.withRecords(1));
    ForgedChunk signature = ForgedChunk.signature();
    add("signature with records", Damage.CHUNK_HEADER, signature.withRecords(1));
    add("signature with decoded bytes", Damage.CHUNK_HEADER, signature.withDecodedSize(1));
    add(
        "signature with data",
        Damage.CHUNK_HEADER,
        ForgedChunk.of(ChunkTypes.SIGNATURE, RECORD, 0, 0));
    for (long size : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, -1, -40, -64}) {
      add(
          "data of " + Long.toUnsignedString(size) + " bytes",
          Damage.CHUNK_HEADER,
          simple().withDeclaredDataSize(size));
    }
  }

  /** A file could be so large, but this one ends before. */
  private void addExtents() {
    for (int bits : new int[] {31, 32, 40, 60, 62}) {
      add(
          "data of 2^" + bits + " bytes",
          Damage.TRUNCATED,
          simple().withDeclaredDataSize(1L << bits));
    }
    long size = simple().data().length;
    add("data of a byte more", Damage.DATA_HASH, simple().withDeclaredDataSize(size + 1));
    add("data of a byte less", Damage.DATA_HASH, simple().withDeclaredDataSize(size - 1));
    RecordFileForge forge = DamageCase.intact();
    long position = forge.position();
    byte[] content = forge.chunk(simple().withDeclaredDataSize(size + 1)).bytes();
    files.add(new DamageCase("data past the end", content, Damage.TRUNCATED, position));
  }

  private void addBlockHeaders() {
    ForgedChunk large = ForgedChunk.simple(List.of(LARGE));
    addBlockHeaders("of a chunk", DamageCase.intact(), large);
    addBlockHeaders("of padding", DamageCase.intact(), padding(LARGE.length));
    addBlockHeaders("in a chunk header", DamageCase.intact().padTo(BLOCK - 20L), large);
    addBlockHeaders("before a chunk", DamageCase.intact().padTo(BLOCK), large);
  }

  private void addBlockHeaders(String where, RecordFileForge forge, ForgedChunk chunk) {
    long begin = forge.position();
    long end = BlockLayout.chunkEnd(begin, chunk.data().length, chunk.records());
    byte[] content = forge.chunk(chunk).simpleChunk(RECORD).bytes();
    for (int block : new int[] {BLOCK, 3 * BLOCK}) {
      String name = "block header at " + block + " " + where + ", ";
      for (int i : new int[] {0, 7, 8, 16, BLOCK_HEADER - 1}) {
        addBlockHeader(name + "byte " + i, FileDamage.flip(content, block + (long) i, 1), block);
      }
      byte[] zeros = new byte[BLOCK_HEADER];
      addBlockHeader(name + "zeros", FileDamage.overwrite(content, block, zeros), block);
      addDistances(name, content, block, block - begin, end - block);
    }
  }

  /** Block headers with valid hashes, but not of this chunk. */
  private void addDistances(String name, byte[] content, int block, long before, long after) {
    long[][] distances = {
      {before + 1, after}, {before, after - 1}, {0, 0}, {-1, -1}, {after, before}
    };
    for (long[] distance : distances) {
      addBlockHeader(
          name + "distances " + distance[0] + " and " + distance[1],
          FileDamage.replaceBlockHeader(content, block, distance[0], distance[1]),
          block);
    }
  }

  private void addBlockHeader(String name, byte[] content, int block) {
    files.add(new DamageCase(name, content, Damage.BLOCK_HEADER, block));
  }

  private void addHashes() {
    List<ForgedChunk> chunks =
        List.of(
            simple(),
            ForgedChunk.simple(List.of(LARGE)),
            padding(300_000),
            ForgedChunk.of(ChunkTypes.METADATA, RECORD, 0, 6));
    for (ForgedChunk chunk : chunks) {
      String name = "data hash, %d bytes, type %c".formatted(chunk.data().length, chunk.type());
      add(name, Damage.DATA_HASH, chunk.withWrongDataHash());
    }
  }

  private void addTails() {
    for (int size : new int[] {1, 24, 39}) {
      addTails(Damage.TRUNCATED, size);
    }
    for (int size : new int[] {40, 41, 1000, 70_000}) {
      addTails(Damage.CHUNK_HEADER, size);
    }
    byte[] signature = RecordFileForge.withSignature().bytes();
    files.add(
        DamageCase.tail(
            "10 bytes of a signature", Damage.TRUNCATED, FileDamage.truncate(signature, 10)));
  }

  private void addTails(Damage damage, int size) {
    files.add(DamageCase.tail(size + " zeros", damage, new byte[size]));
    files.add(DamageCase.tail(size + " bytes of junk", damage, SampleRecords.random(size)));
  }

  /** Files that were put behind each other where no block begins. */
  private void addConcatenations() {
    byte[] other = DamageCase.intact().bytes();
    files.add(DamageCase.tail("another file", Damage.MISPLACED_SIGNATURE, other));
    files.add(
        DamageCase.tail(
            "a file without records",
            Damage.MISPLACED_SIGNATURE,
            RecordFileForge.withSignature().bytes()));
    for (int distance : new int[] {-64, -63, -41, -24, -10, 25, 100}) {
      long position = BLOCK + (long) distance;
      byte[] content = DamageCase.intact().padTo(position).raw(other).bytes();
      files.add(
          new DamageCase(
              "another file at " + position, content, Damage.MISPLACED_SIGNATURE, position));
    }
  }
}
