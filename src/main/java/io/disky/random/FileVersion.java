package io.disky.random;

import io.disky.fetching.FetchedFile;
import io.disky.files.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What tells a version of a file from others, apart from its size. A saved index of another version
 * is not used.
 *
 * @param path the file; {@code null} if it is remote
 * @param number a number that is likely to change with the contents: the time of the last change in
 *     nanoseconds, or a hash of the version that a store states
 * @param weak whether the contents may differ although the number and the size are the same: then
 *     no saved index is used
 */
record FileVersion(@Nullable Path path, long number, boolean weak) {
  /** The largest part of the last chunk that is hashed, in bytes. */
  private static final int SAMPLE = 64;

  /** The current version of a file. */
  static FileVersion of(Path path) {
    return new FileVersion(path, lastChange(path), false);
  }

  /** The version of a remote file. */
  static FileVersion of(FetchedFile file) {
    return new FileVersion(null, hash(file.version()), file.isWeak());
  }

  /** The first 8 bytes of the SHA-256 of a text in UTF-8. */
  static long hash(String text) {
    return Sha256.first(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The time of the last change in nanoseconds; 0 if it cannot be read: then the file cannot be
   * opened either.
   */
  private static long lastChange(Path file) {
    try {
      return Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
    } catch (IOException _) {
      return 0;
    }
  }

  /**
   * The SHA-256 of the first bytes of the last chunk. They contain the header of the chunk, and so
   * the hash of its data: a user who may read the index, but not the file, learns nothing about the
   * data. Empty for a remote file, whose version is enough.
   *
   * @param begin where the last chunk begins; -1 if there is none
   * @param size size of the file in bytes
   */
  byte[] hashOfChunk(long begin, long size) throws IOException {
    Path file = path;
    if (begin < 0 || file == null) {
      return new byte[0];
    }
    // This is not a FileChannel, because a FileChannel fails on an interrupted thread.
    try (InputStream bytes = Files.newInputStream(file)) {
      bytes.skipNBytes(begin);
      return Sha256.digest().digest(bytes.readNBytes((int) Math.min(SAMPLE, size - begin)));
    }
  }
}
