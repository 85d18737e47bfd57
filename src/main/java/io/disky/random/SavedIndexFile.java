package io.disky.random;

import io.disky.engine.ReaderSettings;
import io.disky.files.QuotedText;
import io.disky.random.IndexRecordFiles.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The index of a file, saved in another file. That is a record file itself, so that its bytes are
 * hashed. docs/saved-index.md describes its contents.
 */
public final class SavedIndexFile {
  // The size is small, so that a reader with a low limit on chunks can use the index, too.
  private static final int INDEX_CHUNK_SIZE = 128 << 10;

  // Room for the parts of an index other than its lists.
  private static final long LEAST_LIMIT = 1 << 10;
  private static final long LEAST_FILE = 1 << 20;
  private static final int CHUNK_HEADER_SIZE = 40;

  /** These limits allow the first chunk of an index of any version. */
  private static final Limits FIRST_CHUNK = new Limits(2 << 20, 2 << 20, 2 << 20);

  private final FileLocation file;
  private final FileVersion version;
  private final @Nullable SavedIndexLocation location;
  private final ReaderSettings limits;
  private final IndexRecordFiles files;

  /**
   * The saved index of a version of a file.
   *
   * @param directory where indexes are saved; {@code null} for the directory of the file
   * @param limits the limits for reading the file
   */
  SavedIndexFile(
      FileLocation file,
      FileVersion version,
      @Nullable Path directory,
      ReaderSettings limits,
      IndexRecordFiles files) {
    this.file = file;
    this.version = version;
    this.location = SavedIndexLocation.of(file, directory);
    this.limits = limits;
    this.files = files;
  }

  /**
   * Whether the file at {@code path} is a saved index of any version.
   *
   * @param begin the beginning of that file
   */
  public static boolean isIndex(Path path, FileBegin begin, IndexRecordFiles files) {
    if (!begin.mayBeIndex()) {
      return false;
    }
    try (IndexRecordFiles.Records records = files.open(path, FIRST_CHUNK)) {
      MemorySegment first = records.next();
      return first != null && SavedIndexHeader.isHeader(first);
    } catch (IOException e) {
      return false; // Opening the file as data throws the exception that names the damage.
    }
  }

  private boolean isIndex(Path path) {
    try {
      return Files.isRegularFile(path) && isIndex(path, FileBegin.of(path), files);
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the index can be saved: an index of a remote file needs a directory and a version. */
  boolean canBeSaved() {
    return location != null && !version.weak();
  }

  /** Where the index is saved. */
  Path path() {
    return location().path();
  }

  private SavedIndexLocation location() {
    SavedIndexLocation known = location;
    if (known == null) {
      throw new UnsupportedOperationException(
          file.origin()
              + ": the index of a remote file is saved to a local directory: choose one with"
              + " RandomAccessOptions.withIndexDirectory");
    }
    return known;
  }

  /**
   * The index; {@code null} if no saved index can be used for a file of this size. Failures are
   * logged and not thrown, because the file can be read without a saved index.
   */
  @Nullable ChunkIndex load(long fileSize) {
    if (version.weak()) {
      return null; // A warning was logged when the file was opened.
    }
    if (file instanceof FileLocation.Remote remote && remote.index() != null) {
      SavedIndexSource given = remote.index();
      ChunkIndex index = load(given.name(), fileSize, () -> given.open(indexLimits(fileSize)));
      if (index != null) {
        return index;
      }
    }
    return location == null
        ? null
        : load(path().toString(), fileSize, () -> files.open(path(), indexLimits(fileSize)));
  }

  /** Opens a saved index. */
  private interface Opening {
    IndexRecordFiles.Records open() throws IOException;
  }

  private @Nullable ChunkIndex load(String name, long fileSize, Opening opening) {
    try (IndexRecordFiles.Records records = opening.open()) {
      return load(records, fileSize);
    } catch (NoSuchFileException _) {
      return null;
    } catch (Throwable e) {
      System.getLogger("io.disky")
          .log(
              Level.WARNING,
              "{0}: this saved index is not used, but the chunk headers of {1}: {2}",
              QuotedText.name(name),
              file.origin(),
              reason(e));
      return null;
    }
  }

  /** The reason without the exceptions that only wrap it. */
  private static Object reason(Throwable failure) {
    return switch (failure) {
      case UnusableIndexException e -> String.valueOf(e.getMessage());
      case UncheckedIOException e -> reason(Objects.requireNonNull(e.getCause()));
      default -> failure;
    };
  }

  private ChunkIndex load(IndexRecordFiles.Records records, long fileSize) throws IOException {
    if (records.fileSize() > Math.max(LEAST_FILE, fileSize)) {
      throw new UnusableIndexException("it is larger than an index of this file can be");
    }
    MemorySegment first = records.next();
    if (first == null) {
      throw new UnusableIndexException("it is empty");
    }
    SavedIndexHeader header = SavedIndexHeader.decode(first);
    check(header, fileSize);
    ChunkIndex.Builder builder = new ChunkIndex.Builder();
    for (MemorySegment list = records.next(); list != null; list = records.next()) {
      ChunkList.decode(list, header, builder);
    }
    builder.addSizes(header.decodedSize(), header.largestDecodedSize());
    ChunkIndex index = builder.build(fileSize);
    check(header, index);
    return index;
  }

  /** The limits for reading the file, or lower ones if those suffice for a file of this size. */
  private Limits indexLimits(long fileSize) {
    long lists = ChunkList.largest(fileSize / CHUNK_HEADER_SIZE);
    return new Limits(
        Math.min(limits.maxChunkSize(), LEAST_LIMIT + lists),
        Math.min(limits.maxRecordSize(), ChunkList.LARGEST),
        limits.maxRecordsPerChunk());
  }

  private void check(SavedIndexHeader header, long size) throws IOException {
    if (header.fileSize() != size) {
      throw new UnusableIndexException(
          "it belongs to a file of " + header.fileSize() + " bytes; this one has " + size);
    }
    if (header.lastChange() != version.number()) {
      throw new UnusableIndexException(otherVersion(header));
    }
    long lastBegin = header.lastBegin();
    boolean possible =
        header.chunks() >= 0
            && header.chunks() <= size / CHUNK_HEADER_SIZE
            && header.decodedSize() >= 0
            && header.largestDecodedSize() >= 0
            && (header.chunks() == 0 ? lastBegin == -1 : lastBegin >= 0 && lastBegin < size);
    if (!possible) {
      throw new UnusableIndexException("its numbers are impossible");
    }
    if (!MessageDigest.isEqual(header.lastHash(), version.hashOfChunk(lastBegin, size))) {
      throw new UnusableIndexException("the last chunk of the file is different");
    }
  }

  /** Why an index with another version cannot be used. Only an index of a local file has a hash. */
  private String otherVersion(SavedIndexHeader header) {
    boolean ofLocal = header.lastHash().length > 0;
    boolean isRemote = file instanceof FileLocation.Remote;
    if (header.chunks() == 0 || ofLocal != isRemote) {
      return "the file was changed after it was saved";
    }
    return isRemote
        ? "it was saved for a local file, and that of a remote file must be saved by a reader of the"
            + " remote file (RandomAccessOptions.withIndexDirectory, RandomAccessReader.saveIndex)"
        : "it was saved for a remote file, and that of a local file must be saved by a reader of the"
            + " local file (RandomAccessReader.saveIndex)";
  }

  private static void check(SavedIndexHeader header, ChunkIndex index)
      throws UnusableIndexException {
    boolean same =
        index.chunks() == header.chunks()
            && index.records() == header.records()
            && SavedIndexHeader.lastBegin(index) == header.lastBegin();
    if (!same) {
      throw new UnusableIndexException("its lists contradict its header");
    }
  }

  /** Saves {@code index}, and so replaces the index that was saved before. */
  void save(ChunkIndex index) throws IOException {
    SavedIndexLocation target = location();
    if (version.weak()) {
      throw new UnsupportedOperationException(
          file.origin()
              + ": the store states no version of the file that differs whenever the contents"
              + " differ, so an index cannot be saved: it could belong to other contents");
    }
    byte[] lastHash = version.hashOfChunk(SavedIndexHeader.lastBegin(index), index.end());
    SavedIndexHeader header =
        new SavedIndexHeader(index, version.number(), target.fileHash(), lastHash);
    target.replace(
        // The header has a chunk by itself, so that recognising an index costs little.
        unfinished ->
            files.write(unfinished, INDEX_CHUNK_SIZE, header.encode(), ChunkList.encode(index)),
        () -> checkReplaceable(target));
  }

  /** Checks that nothing but an index of the same file would be replaced. */
  private void checkReplaceable(SavedIndexLocation target) throws IOException {
    Path path = target.path();
    if (!Files.exists(path) || (Files.isRegularFile(path) && Files.size(path) == 0)) {
      return;
    }
    if (!isIndex(path)) {
      throw target.inTheWay("exists already, and is not a saved index");
    }
    if (target.shared() && isOfAnotherFile(target)) {
      throw target.inTheWay("is the saved index of another file with the same name");
    }
  }

  private boolean isOfAnotherFile(SavedIndexLocation target) {
    try (IndexRecordFiles.Records records = files.open(target.path(), FIRST_CHUNK)) {
      MemorySegment first = records.next();
      return first != null && SavedIndexHeader.decode(first).fileHash() != target.fileHash();
    } catch (IOException e) {
      return false;
    }
  }
}
