package io.disky.damage;

import io.disky.oracle.BlockLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is left of a file after damage, by the bytes that differ from the undamaged one. Chunks are
 * known by their index in it.
 */
public final class SurvivingChunks {
  private final IntactFile original;
  private final List<IntactFile.Chunk> chunks;
  private final byte[] bytes;

  public SurvivingChunks(IntactFile original, byte[] bytes) {
    this.original = original;
    this.chunks = original.chunks();
    this.bytes = bytes;
  }

  /** Says whether header and data of a chunk are as they were; block headers do not count. */
  public boolean isIntact(int chunk) {
    return isHeaderIntact(chunk)
        && isPayloadIntact(chunks.get(chunk).headerEnd(), chunks.get(chunk).dataEnd());
  }

  private boolean isHeaderIntact(int chunk) {
    if (chunk == 0) {
      return isSame(0, 64);
    }
    return isPayloadIntact(chunks.get(chunk).begin(), chunks.get(chunk).headerEnd());
  }

  private boolean isPayloadIntact(int begin, int end) {
    int at = begin;
    while (at < end) {
      if (at % BlockLayout.BLOCK_SIZE == 0) {
        at += BlockLayout.BLOCK_HEADER_SIZE;
      }
      int blockEnd = (at / BlockLayout.BLOCK_SIZE + 1) * BlockLayout.BLOCK_SIZE;
      int runEnd = Math.min(end, blockEnd);
      if (!isSame(at, runEnd)) {
        return false;
      }
      at = runEnd;
    }
    return true;
  }

  private boolean isSame(int begin, int end) {
    return end <= bytes.length && Arrays.equals(bytes, begin, end, original.bytes(), begin, end);
  }

  boolean isBlockHeaderIntact(int block) {
    int end = block + BlockLayout.BLOCK_HEADER_SIZE;
    return end <= original.bytes().length && isSame(block, end);
  }

  /** The damaged block headers from {@code begin} to {@code end} that are still in the file. */
  public List<Integer> damagedBlockHeaders(int begin, int end) {
    return blocks(begin, end).stream().filter(block -> !isBlockHeaderIntact(block)).toList();
  }

  private List<Integer> blocks(int begin, int end) {
    int last = Math.min(end, bytes.length);
    return original.blocks().stream().filter(block -> begin <= block && block < last).toList();
  }

  /** The intact chunks, by index. */
  public List<Integer> intactChunks() {
    List<Integer> intact = new ArrayList<>();
    for (int i = 0; i < chunks.size(); i++) {
      if (isIntact(i)) {
        intact.add(i);
      }
    }
    return intact;
  }

  /**
   * The intact chunks that the rules of {@code docs/recovery.md} surely place, by index. Those that
   * are only intact may come back or not.
   */
  public List<Integer> placedChunks() {
    List<Integer> placed = new ArrayList<>();
    int i = 0;
    while (i < chunks.size() && chunks.get(i).begin() < bytes.length) {
      if (isIntact(i)) {
        placed.add(i++);
      } else if (i == 0 || isEndKnown(i)) {
        i++;
      } else {
        int stated = chunkOfNextBlockHeader(i);
        if (stated > i && isFoundByASearch(i, stated)) {
          i++;
        } else {
          i = Math.max(i + 1, stated);
        }
      }
    }
    return placed;
  }

  /** Says whether a damaged chunk tells by itself where the next one begins. */
  private boolean isEndKnown(int chunk) {
    IntactFile.Chunk damaged = chunks.get(chunk);
    if (!isHeaderIntact(chunk) || damaged.dataEnd() > bytes.length) {
      return false;
    }
    List<Integer> blocks = blocks(damaged.begin(), damaged.end());
    if (blocks.isEmpty()) {
      return chunk + 1 < chunks.size()
          ? isHeaderIntact(chunk + 1)
          : bytes.length == original.bytes().length;
    }
    return blocks.stream().anyMatch(this::isBlockHeaderIntact);
  }

  /** The chunk over the next intact block header; the number of chunks if there is none left. */
  private int chunkOfNextBlockHeader(int chunk) {
    OptionalInt block =
        blocks(chunks.get(chunk).begin(), bytes.length).stream()
            .filter(this::isBlockHeaderIntact)
            .mapToInt(Integer::intValue)
            .findFirst();
    int i = chunk;
    while (i < chunks.size() && (block.isEmpty() || chunks.get(i).end() <= block.getAsInt())) {
      i++;
    }
    return i;
  }

  /** Says whether chunk headers lead, without a hole, to the place where the search ends. */
  private boolean isFoundByASearch(int damaged, int stated) {
    int first = damaged + 1;
    while (first < stated && !isHeaderIntact(first)) {
      first++;
    }
    boolean hasHole = false;
    for (int i = first; i < stated; i++) {
      hasHole |= !isHeaderIntact(i);
    }
    boolean endIsExact = stated < chunks.size() || bytes.length == original.bytes().length;
    return !hasHole && endIsExact && !original.hasEmbeddedFiles();
  }

  /**
   * Where reading stops at the first damage.
   *
   * @param chunk the first damaged chunk; the number of chunks for what follows these
   * @param positions of its damage, one of which is to be named
   */
  public record FirstDamage(int chunk, List<Integer> positions) {}

  /** Where reading stops; empty if nothing that is read is damaged. */
  public Optional<FirstDamage> firstDamage() {
    if (bytes.length > 0 && !isIntact(0)) {
      int mismatch = Arrays.mismatch(bytes, original.bytes());
      return Optional.of(new FirstDamage(0, List.of(mismatch < bytes.length ? mismatch : 0)));
    }
    for (int i = 1; i < chunks.size() && chunks.get(i).begin() < bytes.length; i++) {
      List<Integer> positions = new ArrayList<>();
      if (!isIntact(i)) {
        positions.add(chunks.get(i).begin());
      }
      damagedBlockHeaders(chunks.get(i).begin(), chunks.get(i).dataEnd()).stream()
          .limit(1)
          .forEach(positions::add);
      if (!positions.isEmpty()) {
        return Optional.of(new FirstDamage(i, positions));
      }
    }
    return bytes.length > original.end()
        ? Optional.of(new FirstDamage(chunks.size(), List.of(original.end())))
        : Optional.empty();
  }
}
