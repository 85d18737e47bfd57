package io.disky.remote;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;

/**
 * A remote file that is being written. It appears in the store only by {@link #complete()}, with
 * all its bytes; if it is aborted, nothing of it remains. One thread at a time uses it.
 */
public interface RemoteUpload {
  /** The name of the file in messages: its address, without anything secret. */
  String name();

  /**
   * Sizes of the parts in bytes: each part except the last one has this size. The store decides it:
   * at least its minimum, and large enough for the largest file that it can take. 1 byte to 5 GiB;
   * the writer holds complete parts in memory.
   *
   * @param part number of the part, from 0 on
   */
  long partSize(int part);

  /**
   * The largest number of parts that may be on their way at the same time; 1 if the store takes the
   * parts one after the other. The writer reads it once, and may send fewer.
   */
  default int maxParts() {
    return Integer.MAX_VALUE;
  }

  /**
   * Sends a part of the file. Several parts may be on their way at the same time; their numbers
   * decide their order in the file.
   *
   * @param part number of the part, from 0 on, without gaps
   * @param bytes at least 1 byte of native memory that any thread can read; valid until the future
   *     is complete, and not used after that
   * @return completes when the store has the part; fails as the futures of {@link RemoteFile#read}
   *     do. A part that failed may be sent again. The library does not cancel the future
   */
  CompletableFuture<Void> send(int part, MemorySegment bytes);

  /**
   * Makes the file appear, with the parts that were sent. Called when all of them are complete;
   * called again after a {@link RemoteRequestException} that says so. If an earlier call has made
   * the file appear although its answer was lost, this completes normally.
   *
   * @return completes when the file is in the store; fails with a {@link
   *     java.nio.file.FileAlreadyExistsException} if the file must be new and is not
   */
  CompletableFuture<Void> complete();

  /**
   * Removes all parts from the store. Called instead of {@link #complete()} or after it failed,
   * when no part is on its way any more; called again after a {@link RemoteRequestException} that
   * says so.
   *
   * @return completes when no part is left, also if there was none
   */
  CompletableFuture<Void> abort();
}
