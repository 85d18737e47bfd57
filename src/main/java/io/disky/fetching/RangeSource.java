package io.disky.fetching;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A file that requests read. {@code io.disky.remote.RemoteFile} has the contract. */
public interface RangeSource {
  /** The bytes that a request has read: {@code io.disky.remote.RemoteRange}. */
  record Range(long position, long length, long fileSize, String version) {}

  String name();

  CompletableFuture<Range> read(long position, MemorySegment target, Optional<String> version);

  CompletableFuture<Range> readEnd(MemorySegment target);
}
