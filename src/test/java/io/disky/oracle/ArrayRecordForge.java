package io.disky.oracle;

import java.util.ArrayList;
import java.util.List;

/**
 * Builds the bytes of an ArrayRecord: chunks of records, a footer that lists the chunks, and a
 * postscript that states the position of the footer. Footer and postscript can be correct or wrong.
 *
 * <p>Source: {@code layout.proto} of google/array_record. Not thread-safe.
 */
public final class ArrayRecordForge {
  private static final long MAGIC = 0x71930e704fdae05eL;

  /** Tags of the fields 1 to 3 as varints, and of field 1 as bytes. */
  private static final int[] VARINT_TAGS = {1 << 3, 2 << 3, 3 << 3};

  private static final byte BYTES_TAG = 1 << 3 | 2;

  private final RecordFileForge forge = RecordFileForge.withSignature();
  private final List<Entry> entries = new ArrayList<>();

  /** The entry for a chunk in a footer. {@code chunkBegin} and {@code decodedSize} are in bytes. */
  public record Entry(long chunkBegin, long decodedSize, long records) {}

  /** Adds a chunk. */
  public ArrayRecordForge group(List<byte[]> records) {
    entries.add(new Entry(forge.position(), SimpleChunkData.totalSize(records), records.size()));
    forge.simpleChunk(records);
    return this;
  }

  /** Correct entries for the chunks so far. */
  public List<Entry> entries() {
    return List.copyOf(entries);
  }

  /** The position of the next chunk. */
  public long position() {
    return forge.position();
  }

  /** The complete file with a correct index. */
  public byte[] bytes() {
    return withFooter(entries);
  }

  /** The complete file with a footer that lists these chunks. */
  public byte[] withFooter(List<Entry> listed) {
    long records = listed.stream().mapToLong(Entry::records).sum();
    return withFooter(1, listed.size(), records, listed);
  }

  /** The complete file with a footer that contains these values. */
  public byte[] withFooter(long version, long chunks, long records, List<Entry> listed) {
    long position = forge.position();
    byte[] totals = message(version, chunks, records);
    List<byte[]> footer = new ArrayList<>();
    footer.add(
        SimpleChunkData.concatenate(List.of(new byte[] {BYTES_TAG, (byte) totals.length}, totals)));
    for (Entry entry : listed) {
      footer.add(message(entry.chunkBegin, entry.decodedSize, entry.records));
    }
    forge.simpleChunk(footer);
    return withPostscript(position);
  }

  /** The complete file with a postscript that states this position of the footer. */
  public byte[] withPostscript(long footerBegin) {
    forge.padToBlockEnd();
    forge.simpleChunk(message(footerBegin, MAGIC));
    return forge.padToBlockEnd().bytes();
  }

  private static byte[] message(long... values) {
    List<byte[]> parts = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      parts.add(new byte[] {(byte) VARINT_TAGS[i]});
      parts.add(SimpleChunkData.varint(values[i]));
    }
    return SimpleChunkData.concatenate(parts);
  }
}
