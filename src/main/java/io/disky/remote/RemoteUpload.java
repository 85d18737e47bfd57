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
   * at least its minimum, and large enough for the largest file that it can take.
   *
   * @param part number of the part, from 0 on
   */
  long partSize(int part);

  /**
   * Sends a part of the file. Several parts may be on their way at the same time; their numbers
   * decide their order in the file.
   *
   * @param part number of the part, from 0 on, without gaps
   * @param bytes native memory that any thread can use; valid until the future is complete
   * @return completes when the store has the part; fails as the futures of {@link RemoteFile#read}
   *     do. A part that failed may be sent again
   */
  CompletableFuture<Void> send(int part, MemorySegment bytes);

  /**
   * Makes the file appear, with the parts that were sent. Called when all of them are complete.
   *
   * @return completes when the file is in the store; fails with a {@link
   *     java.nio.file.FileAlreadyExistsException} if the file must be new and is not
   */
  CompletableFuture<Void> complete();

  /**
   * Removes all parts from the store. Called once, instead of {@link #complete()} or after it
   * failed.
   */
  CompletableFuture<Void> abort();
}
