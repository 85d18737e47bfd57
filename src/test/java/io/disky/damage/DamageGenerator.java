package io.disky.damage;

import io.disky.ChunkType;
import io.disky.oracle.BlockLayout;
import io.disky.testing.SampleRecords;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;

/** Damages copies of a file in ways that depend on a seed alone. */
public final class DamageGenerator {
  /** What is damaged, and how. */
  public enum Kind {
    SIGNATURE,
    BLOCK_HEADER,
    BLOCK_HEADERS_IN_A_ROW,
    ALL_BLOCK_HEADERS,
    CHUNK_HEADER,
    DATA,
    HEADER_AND_DATA_OF_NEIGHBOURS,
    DATA_AND_ALL_BLOCK_HEADERS,
    METADATA,
    PADDING,
    FOOTER,
    POSTSCRIPT,
    POSTSCRIPT_AND_CHUNK,
    FOOTER_AND_CHUNK,
    FOOTER_AND_JUNK_BEHIND,
    SIGNATURE_AND_POSTSCRIPT,
    ZEROS_BEHIND,
    JUNK_BEHIND,
    TORN_AT_STRUCTURE,
    TORN_ANYWHERE,
    ZEROS_OVER,
    JUNK_OVER,
    SECTOR_OVER,
    SEVERAL
  }

  private static final List<Kind> PARTS_OF_SEVERAL =
      List.of(
          Kind.SIGNATURE,
          Kind.BLOCK_HEADER,
          Kind.BLOCK_HEADERS_IN_A_ROW,
          Kind.CHUNK_HEADER,
          Kind.DATA,
          Kind.METADATA,
          Kind.PADDING,
          Kind.FOOTER,
          Kind.POSTSCRIPT,
          Kind.ZEROS_OVER,
          Kind.JUNK_OVER,
          Kind.JUNK_BEHIND);

  private final IntactFile original;
  private final Random random;
  private byte[] file;

  private DamageGenerator(IntactFile original, long seed) {
    this.original = original;
    this.random = new Random(seed);
    this.file = original.bytes().clone();
  }

  /** A copy with that damage; the same as before if the file has nothing of the kind. */
  public static byte[] damage(IntactFile original, Kind kind, long seed) {
    DamageGenerator generator = new DamageGenerator(original, seed);
    generator.apply(kind);
    return generator.file;
  }

  private void apply(Kind kind) {
    switch (kind) {
      case SIGNATURE -> flip(0, 64);
      case BLOCK_HEADER -> blockHeaders(1);
      case BLOCK_HEADERS_IN_A_ROW -> blockHeaders(2 + random.nextInt(3));
      case ALL_BLOCK_HEADERS -> original.blocks().forEach(this::blockHeader);
      case CHUNK_HEADER -> header(any());
      case DATA -> data(any());
      case HEADER_AND_DATA_OF_NEIGHBOURS -> neighbours();
      case DATA_AND_ALL_BLOCK_HEADERS -> {
        data(any());
        apply(Kind.ALL_BLOCK_HEADERS);
      }
      case METADATA -> headerOrDataOf(ChunkType.METADATA);
      case PADDING -> headerOrDataOf(ChunkType.PADDING);
      case FOOTER -> headerOrDataOf(ChunkType.FOOTER);
      case POSTSCRIPT -> headerOrDataOf(ChunkType.POSTSCRIPT);
      case POSTSCRIPT_AND_CHUNK -> indexAndChunk(ChunkType.POSTSCRIPT);
      case FOOTER_AND_CHUNK -> indexAndChunk(ChunkType.FOOTER);
      case FOOTER_AND_JUNK_BEHIND -> {
        apply(Kind.FOOTER);
        apply(Kind.JUNK_BEHIND);
      }
      case SIGNATURE_AND_POSTSCRIPT -> {
        apply(Kind.SIGNATURE);
        apply(Kind.POSTSCRIPT);
      }
      case ZEROS_BEHIND -> append(new byte[1 + random.nextInt(150_000)]);
      case JUNK_BEHIND -> append(SampleRecords.random(random, 1 + random.nextInt(30_000)));
      case TORN_AT_STRUCTURE -> tear(structure());
      case TORN_ANYWHERE -> tear(random.nextInt(file.length));
      case ZEROS_OVER -> overwrite(new byte[1 + random.nextInt(100_000)], random.nextInt(size()));
      case JUNK_OVER ->
          overwrite(
              SampleRecords.random(random, 1 + random.nextInt(30_000)), random.nextInt(size()));
      case SECTOR_OVER -> {
        byte[] sector = new byte[512];
        Arrays.fill(sector, (byte) 0xff);
        overwrite(sector, random.nextInt(size()) / 512 * 512);
      }
      case SEVERAL -> {
        for (int i = 2 + random.nextInt(4); i > 0; i--) {
          apply(PARTS_OF_SEVERAL.get(random.nextInt(PARTS_OF_SEVERAL.size())));
        }
      }
    }
  }

  private int size() {
    return original.bytes().length;
  }

  /** Changes a byte of the payload between two positions, if there is any. */
  private void flip(int begin, int end) {
    if (begin < end) {
      int at = begin + random.nextInt(end - begin);
      boolean inBlockHeader = at >= 64 && at % BlockLayout.BLOCK_SIZE < 24;
      // Behind the block header, where the chunk goes on; 40 bytes reach further.
      file[inBlockHeader ? Math.min(at - at % BlockLayout.BLOCK_SIZE + 24, end - 1) : at] ^=
          (byte) (1 + random.nextInt(255));
    }
  }

  private void blockHeader(int block) {
    int at = Math.min(block + random.nextInt(24), size() - 1);
    file[at] ^= (byte) (1 + random.nextInt(255));
  }

  private void blockHeaders(int count) {
    List<Integer> blocks = original.blocks();
    if (!blocks.isEmpty()) {
      int first = random.nextInt(blocks.size());
      blocks.subList(first, Math.min(first + count, blocks.size())).forEach(this::blockHeader);
    }
  }

  /** The index of a chunk; not of the file signature, if there are others. */
  private int any() {
    int chunks = original.chunks().size();
    return chunks == 1 ? 0 : 1 + random.nextInt(chunks - 1);
  }

  private void header(int chunk) {
    IntactFile.Chunk damaged = original.chunks().get(chunk);
    flip(damaged.begin(), damaged.headerEnd());
  }

  private void data(int chunk) {
    IntactFile.Chunk damaged = original.chunks().get(chunk);
    flip(damaged.headerEnd(), damaged.dataEnd());
  }

  private void neighbours() {
    int chunk = any();
    data(chunk);
    header(Math.min(chunk + 1, original.chunks().size() - 1));
  }

  private void headerOrDataOf(ChunkType type) {
    damageOneOf(chunk -> chunk.type() == type);
  }

  private void indexAndChunk(ChunkType type) {
    headerOrDataOf(type);
    if (original.chunks().stream().anyMatch(chunk -> chunk.type() == type)) {
      damageOneOf(IntactFile.Chunk::hasRecords);
    }
  }

  private void damageOneOf(Predicate<IntactFile.Chunk> which) {
    List<IntactFile.Chunk> chunks = original.chunks().stream().filter(which).toList();
    if (!chunks.isEmpty()) {
      int chunk = original.chunks().indexOf(chunks.get(random.nextInt(chunks.size())));
      if (random.nextBoolean()) {
        header(chunk);
      } else {
        data(chunk);
      }
    }
  }

  private void append(byte[] tail) {
    int length = file.length;
    file = Arrays.copyOf(file, length + tail.length);
    System.arraycopy(tail, 0, file, length, tail.length);
  }

  private void tear(int length) {
    file = Arrays.copyOf(file, Math.min(length, file.length));
  }

  /**
   * Somewhere in a header, at the beginning or end of a chunk or of its data, in a block header.
   */
  private int structure() {
    IntactFile.Chunk chunk = original.chunks().get(any());
    List<Integer> blocks = original.blocks();
    return switch (random.nextInt(5)) {
      case 0 -> chunk.begin();
      case 1 -> chunk.begin() + 1 + random.nextInt(39);
      case 2 -> chunk.headerEnd();
      case 3 -> chunk.dataEnd() - 1;
      default ->
          blocks.isEmpty()
              ? chunk.end()
              : blocks.get(random.nextInt(blocks.size())) + random.nextInt(30);
    };
  }

  private void overwrite(byte[] bytes, int at) {
    System.arraycopy(bytes, 0, file, at, Math.min(bytes.length, file.length - at));
  }
}
