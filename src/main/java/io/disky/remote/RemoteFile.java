package io.disky.remote;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A file whose bytes are read by requests that take their time, such as an object of a store. The
 * library makes requests ahead, several at a time, and repeats those that fail, so an
 * implementation does none of this. Thread-safe: any thread makes requests, also while others are
 * not complete.
 *
 * <p><b>Versions.</b> Each answer states which version of the file its bytes are from: an entity
 * tag, a generation, or another text that differs whenever the contents differ. The first answer
 * decides which version is read. If the file is replaced during reading, reading fails; records of
 * two versions are never mixed, unless the version is weak.
 *
 * <p>The library cannot check a version. If the store has no text that differs whenever the
 * contents differ, answers must be {@linkplain RemoteRange#weak() weak} (an empty version is): the
 * library then logs a warning to {@code io.disky}, and uses neither a {@link RemoteCache} nor a
 * saved index. While such a file is read, only a replacement that changes the version or the size
 * is noticed; after another one, a reader may return records of both versions. If a version is the
 * same for different contents and not marked as weak, so can a cache and a saved index, also later.
 *
 * <p><b>Memory.</b> A request writes to its target only, and not after its future is complete. The
 * target is native memory that any thread can use; it stays valid until the future is complete,
 * also if the future was cancelled or the reader was closed. After that each access to the target
 * throws an {@link IllegalStateException}, so a request that goes on too long changes no memory
 * that is in use again. A future that is cancelled is complete at once, unless its class overrides
 * {@link CompletableFuture#cancel}.
 *
 * <p><b>Threads.</b> Methods should return before the bytes are there. If they wait for the bytes
 * instead, reading is correct, but one request is made after the other. Any thread can call the
 * methods: threads that read, that close a reader, or whose call ends before all bytes that it
 * announced were read; the thread that completes another future of the same file; virtual threads
 * of the library if there is a {@link RemoteCache}; and threads of the JDK's common pool if a
 * request is repeated or hedged.
 *
 * <p><b>Readers.</b> The methods of this file, the methods of its exceptions, and {@code cancel} of
 * its futures, with all actions that this runs, must not use a reader or loader of the file: each
 * call throws an {@link IllegalStateException}. Closing is allowed for an {@link
 * io.disky.RecordReader} in its own thread and for an {@link io.disky.MultiThreadedReader}; a
 * {@link io.disky.RandomAccessReader} and a {@link io.disky.loader.DataLoader} refuse it with the
 * same exception, because closing waits for the threads that read. An action that the thread runs
 * which completes a future can close readers and loaders: closing cancels all requests and does not
 * wait for answers. Such an action must not read: it would wait for an answer, perhaps for one of
 * its own thread.
 */
public interface RemoteFile {
  /**
   * The name of the file in messages: its address, without anything secret, such as credentials or
   * the signature of a signed address.
   */
  String name();

  /**
   * The key by which a {@link RemoteCache} keeps bytes of this file, together with the version: two
   * files with the same key and version have the same bytes. It is not shown, and is stored as a
   * hash. The default is {@link #name()}; a file whose name leaves out a part of its address, such
   * as a signature, returns a key that contains this part.
   */
  default String cacheKey() {
    return name();
  }

  /**
   * Reads bytes from {@code position} on.
   *
   * @param position offset in the file in bytes, at least 0 and less than the size of the file that
   *     an earlier answer stated
   * @param target memory for the bytes, at least 1; fewer may be read, but at least 1
   * @param version the version that must be read; empty if any version may be read. If the file has
   *     another version, the future fails with a {@link RemoteFileChangedException}
   * @return completes when the bytes are in {@code target}, or fails: with a {@link
   *     RemoteRequestException} that states whether the same request may succeed later, or with
   *     another exception, after which the request is not repeated. The library cancels the future
   *     if it no longer needs the bytes
   */
  CompletableFuture<RemoteRange> read(
      long position, MemorySegment target, Optional<String> version);

  /**
   * Reads the last bytes of the file, whatever its size is. A reader begins with this request.
   *
   * @param target memory for the bytes; if the file is smaller, the complete file is read. If the
   *     store cannot read an end without the size, fewer bytes may be read, also 0
   * @return as {@link #read} returns it; the position is that of the first byte that was read
   */
  CompletableFuture<RemoteRange> readEnd(MemorySegment target);
}
