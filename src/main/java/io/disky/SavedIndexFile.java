package io.disky;

import io.disky.ChunkIndex.Chunk;
import io.disky.internal.QuotedText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The index of a file, saved in another file: itself a record file, so that its bytes are hashed.
 * docs/saved-index.md says what is in it.
 */
final class SavedIndexFile {
  private static final Logger LOGGER = System.getLogger("io.disky");

  /** "diskyidx", as a little-endian number. */
  private static final long MAGIC = 0x7864_6979_6b73_6964L;

  private static final int VERSION = 2;
  private static final int FIXED = 80;

  /** The first record of version 1 had 72 bytes, and up to 64 of the file. */
  private static final int LEAST_HEADER = 72;

  private static final int MOST_HEADER = 136;
  private static final int SAMPLE = 64;
  private static final int CHUNKS_PER_RECORD = 4096;
  private static final int MOST_VARINT_BYTES = 9;
  private static final int MOST_LISTING = CHUNKS_PER_RECORD * 2 * MOST_VARINT_BYTES;

  // So small that a reader with a low limit on chunks can use it, too.
  private static final int INDEX_CHUNK_SIZE = 128 << 10;

  // What an index has beside its list, and around it.
  private static final long LEAST_LIMIT = 1 << 10;
  private static final long LEAST_FILE = 1 << 20;
  private static final int CHUNK_HEADER = 40;

  private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final SavedIndexPlace place;
  private final long changed;
  private final ReaderOptions limits;

  private SavedIndexFile(Path file, SavedIndexPlace place, long changed, ReaderOptions limits) {
    this.file = file;
    this.place = place;
    this.changed = changed;
    this.limits = limits;
  }

  /** The saved index of {@code file} as it is now: call it before the file is opened. */
  static SavedIndexFile of(Path file, RandomAccessOptions options) {
    SavedIndexPlace place = SavedIndexPlace.of(file, options.indexDirectory().orElse(null));
    return new SavedIndexFile(file, place, lastChange(file), options.readerOptions());
  }

  /**
   * Whether a record file can be an index whose first chunk has this many records, of this many
   * bytes together.
   */
  static boolean mayBeFirstChunk(long records, long bytes) {
    if (records == 1) {
      return bytes >= LEAST_HEADER && bytes <= MOST_HEADER;
    }
    // Version 1 had lists in this chunk, all but the last of 4096 chunks of the file.
    long fullLists = Math.max(0, records - 2);
    return records > 1
        && records <= WriterOptions.DEFAULT_CHUNK_SIZE / (2 * CHUNKS_PER_RECORD) + 2
        && bytes >= LEAST_HEADER + fullLists * 2 * CHUNKS_PER_RECORD
        && bytes <= MOST_HEADER + (records - 1) * MOST_LISTING
        && bytes <= WriterOptions.DEFAULT_CHUNK_SIZE;
  }

  /** Whether the record file at {@code path} begins as an index does, of any version. */
  static boolean isIndex(Path path) {
    ReaderOptions small =
        ReaderOptions.defaults().withMaxChunkSize(2L * WriterOptions.DEFAULT_CHUNK_SIZE);
    try (RecordReader reader = RecordReader.open(path, small)) {
      Iterator<MemorySegment> records = reader.iterator();
      return records.hasNext() && isHeader(records.next());
    } catch (IOException | UncheckedIOException e) {
      return false; // who opens it as data learns what is wrong
    }
  }

  private static boolean isHeader(MemorySegment record) {
    return record.byteSize() >= LEAST_HEADER
        && record.byteSize() <= MOST_HEADER
        && record.get(LITTLE_ENDIAN_LONG, 0) == MAGIC;
  }

  /** In nanoseconds; 0 if it is not to be had: then the file cannot be opened either. */
  private static long lastChange(Path file) {
    try {
      return Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
    } catch (IOException _) {
      return 0;
    }
  }

  Path path() {
    return place.path();
  }

  /**
   * The index; {@code null} if there is none that can be used for a file of this size. Whatever
   * fails, the file itself can do without.
   */
  @Nullable ChunkIndex load(long fileSize) {
    try (RecordReader reader = RecordReader.open(path(), indexLimits(fileSize))) {
      return load(reader, fileSize);
    } catch (NoSuchFileException _) {
      return null;
    } catch (Throwable e) {
      LOGGER.log(
          Level.WARNING,
          "{0}: this saved index is not used; the chunk headers of {1} are: {2}",
          QuotedText.name(path()),
          QuotedText.name(file),
          reason(e));
      return null;
    }
  }

  private static Object reason(Throwable failure) {
    return switch (failure) {
      case Unusable e -> String.valueOf(e.getMessage());
      case UncheckedIOException e -> reason(Objects.requireNonNull(e.getCause()));
      default -> failure;
    };
  }

  private ChunkIndex load(RecordReader reader, long fileSize) throws IOException {
    if (reader.fileSize() > Math.max(LEAST_FILE, fileSize)) {
      throw new Unusable("it is larger than one of this file can be");
    }
    Iterator<MemorySegment> records = reader.iterator();
    if (!records.hasNext()) {
      throw new Unusable("it is empty");
    }
    Header header = new Header(records.next());
    header.check(fileSize);
    ChunkIndex.Builder builder = new ChunkIndex.Builder();
    while (records.hasNext()) {
      addChunks(builder, records.next(), header);
    }
    builder.addSizes(header.decodedSize, header.largest);
    return header.checked(builder.build(fileSize));
  }

  /** The limits for reading an index: those for the file, and what a file of this size can need. */
  private ReaderOptions indexLimits(long fileSize) {
    long list = fileSize / CHUNK_HEADER * 2 * MOST_VARINT_BYTES;
    return ReaderOptions.defaults()
        .withMaxChunkSize(Math.min(limits.maxChunkSize(), LEAST_LIMIT + list))
        .withMaxRecordSize(Math.min(limits.maxRecordSize(), MOST_LISTING))
        .withMaxRecordsPerChunk(limits.maxRecordsPerChunk());
  }

  /** Why a saved index is not used. */
  private static final class Unusable extends IOException {
    private static final long serialVersionUID = 1;

    Unusable(String message) {
      super(message);
    }
  }

  /** The first record. */
  private final class Header {
    private final long version;
    private final long fileSize;
    private final long changed;
    private final long chunks;
    private final long records;
    private final long decodedSize;
    private final long largest;
    private final long lastBegin;
    private final byte[] lastHash;

    Header(MemorySegment record) throws Unusable {
      if (!isHeader(record)) {
        throw new Unusable("it is no index");
      }
      ByteBuffer bytes = ByteBuffer.wrap(record.toArray(ValueLayout.JAVA_BYTE));
      bytes.order(ByteOrder.LITTLE_ENDIAN).position(Long.BYTES);
      version = bytes.getLong();
      if (version != VERSION) {
        throw new Unusable("it has version " + version + ", and this library knows " + VERSION);
      }
      if (bytes.limit() < FIXED) {
        throw new Unusable("its first record is too short");
      }
      fileSize = bytes.getLong();
      changed = bytes.getLong();
      chunks = bytes.getLong();
      records = bytes.getLong();
      decodedSize = bytes.getLong();
      largest = bytes.getLong();
      lastBegin = bytes.getLong();
      bytes.getLong(); // of which file: only who saves another one asks
      lastHash = new byte[bytes.remaining()];
      bytes.get(lastHash);
    }

    void check(long size) throws IOException {
      if (fileSize != size) {
        throw new Unusable("it is of a file of " + fileSize + " bytes, and this one has " + size);
      }
      if (changed != SavedIndexFile.this.changed) {
        throw new Unusable("the file was changed after it was saved");
      }
      boolean possible =
          chunks >= 0
              && chunks <= size / CHUNK_HEADER
              && decodedSize >= 0
              && largest >= 0
              && (chunks == 0 ? lastBegin == -1 : lastBegin >= 0 && lastBegin < size);
      if (!possible) {
        throw new Unusable("its numbers cannot be");
      }
      if (!MessageDigest.isEqual(lastHash, hashAt(lastBegin, size))) {
        throw new Unusable("the last chunk is another one");
      }
    }

    ChunkIndex checked(ChunkIndex index) throws Unusable {
      boolean same =
          index.chunks() == chunks
              && index.records() == records
              && (chunks == 0 || index.chunk(chunks - 1).begin() == lastBegin);
      if (!same) {
        throw new Unusable("it lists other chunks than it says");
      }
      return index;
    }
  }

  private static void addChunks(ChunkIndex.Builder builder, MemorySegment record, Header header)
      throws Unusable {
    Varints varints = new Varints(record);
    long begin = varints.next();
    while (true) {
      boolean added =
          builder.chunks() < header.chunks
              && begin < header.fileSize
              && builder.add(begin, varints.next(), 0);
      if (!added) {
        throw new Unusable("it lists chunks that cannot be");
      }
      if (!varints.hasNext()) {
        return;
      }
      begin += varints.next();
    }
  }

  /** Numbers of 7 bits a byte, the lowest first; the highest bit says that more follow. */
  private static final class Varints {
    private final MemorySegment record;
    private long position;

    Varints(MemorySegment record) {
      this.record = record;
    }

    boolean hasNext() {
      return position < record.byteSize();
    }

    long next() throws Unusable {
      long value = 0;
      for (int i = 0; i < MOST_VARINT_BYTES && hasNext(); i++) {
        byte next = record.get(ValueLayout.JAVA_BYTE, position++);
        value |= (next & 0x7fL) << (7 * i);
        if (next >= 0) {
          return value;
        }
      }
      throw new Unusable("a number in it does not end");
    }
  }

  /**
   * The SHA-256 of the first bytes of the last chunk, with its header, which has the hash of its
   * data: whoever may read an index learns none of the data.
   */
  private byte[] hashAt(long begin, long size) throws IOException {
    if (begin < 0) {
      return new byte[0];
    }
    // Not a FileChannel: that fails on a thread that is interrupted.
    try (InputStream bytes = Files.newInputStream(file)) {
      bytes.skipNBytes(begin);
      return Sha256.digest().digest(bytes.readNBytes((int) Math.min(SAMPLE, size - begin)));
    }
  }

  /** Saves {@code index}, in the place of the one that is there. */
  void save(ChunkIndex index) throws IOException {
    byte[] header = header(index);
    place.replace(
        unfinished -> {
          WriterOptions overwrite =
              WriterOptions.defaults()
                  .withOpenMode(OpenMode.OVERWRITE)
                  .withChunkSize(INDEX_CHUNK_SIZE);
          try (RecordWriter writer = RecordWriter.open(unfinished, overwrite)) {
            writer.write(header);
            writer.flush(); // a chunk by itself, so that an index is told from data at little cost
            for (long i = 0; i < index.chunks(); i += CHUNKS_PER_RECORD) {
              writer.write(chunks(index, i, Math.min(i + CHUNKS_PER_RECORD, index.chunks())));
            }
          }
        },
        this::isOfAnotherFile);
  }

  /** Whether the index at {@code path} says that it is of another file of the same name. */
  private boolean isOfAnotherFile(Path path) {
    try (RecordReader reader = RecordReader.open(path)) {
      MemorySegment record = reader.iterator().next();
      return record.get(LITTLE_ENDIAN_LONG, 8) == VERSION
          && record.byteSize() >= FIXED
          && record.get(LITTLE_ENDIAN_LONG, 72) != place.fileHash();
    } catch (IOException | java.io.UncheckedIOException | NoSuchElementException e) {
      return false;
    }
  }

  private byte[] header(ChunkIndex index) throws IOException {
    long last = index.chunks() == 0 ? -1 : index.chunk(index.chunks() - 1).begin();
    byte[] hash = hashAt(last, index.end());
    return ByteBuffer.allocate(FIXED + hash.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(MAGIC)
        .putLong(VERSION)
        .putLong(index.end())
        .putLong(changed)
        .putLong(index.chunks())
        .putLong(index.records())
        .putLong(index.decodedSize())
        .putLong(index.largestDecodedSize())
        .putLong(last)
        .putLong(place.fileHash())
        .put(hash)
        .array();
  }

  private static ByteBuffer chunks(ChunkIndex index, long from, long to) {
    ByteBuffer bytes = ByteBuffer.allocate((int) (to - from) * 2 * MOST_VARINT_BYTES);
    long before = 0;
    for (long i = from; i < to; i++) {
      Chunk chunk = index.chunk(i);
      putVarint(bytes, chunk.begin() - before);
      putVarint(bytes, chunk.records());
      before = chunk.begin();
    }
    return bytes.flip();
  }

  private static void putVarint(ByteBuffer bytes, long value) {
    long rest = value;
    while (rest > 0x7f) {
      bytes.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    bytes.put((byte) rest);
  }
}
