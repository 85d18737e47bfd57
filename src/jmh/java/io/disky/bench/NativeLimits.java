package io.disky.bench;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The bare work natively: the functions of the crate {@code disky-limits}. The system property
 * {@code disky.bench.limits} names the library.
 */
final class NativeLimits {
  private static final SymbolLookup LIBRARY =
      SymbolLookup.libraryLookup(Path.of(System.getProperty("disky.bench.limits")), Arena.global());
  private static final MethodHandle READ = function("read", ADDRESS);
  private static final MethodHandle READ_AND_HASH = function("read_and_hash", ADDRESS);
  private static final MethodHandle RECORDS = function("records", ADDRESS);
  private static final MethodHandle DECOMPRESS = function("decompress", ADDRESS);
  private static final MethodHandle COMPRESS = function("compress", ADDRESS, JAVA_INT);
  private static final MethodHandle WRITE = function("write", ADDRESS, ADDRESS);
  private static final MethodHandle PREPARE =
      handle("prepare", FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final MethodHandle RELEASE = handle("release", FunctionDescriptor.ofVoid(ADDRESS));

  private NativeLimits() {}

  /** A call of a function that yields a number. */
  @FunctionalInterface
  private interface Call {
    long run() throws Throwable;
  }

  /** Reads a file; returns its size in bytes. */
  static long read(MemorySegment path) {
    return checked(() -> (long) READ.invokeExact(path));
  }

  /** Reads and hashes a file; returns its size in bytes. */
  static long readAndHash(MemorySegment path) {
    return checked(() -> (long) READ_AND_HASH.invokeExact(path));
  }

  /** Goes through the records of a file; returns the sum of their sizes and first bytes. */
  static long records(MemorySegment path) {
    return checked(() -> (long) RECORDS.invokeExact(path));
  }

  /** Loads a record file for the methods below; to be released. */
  static MemorySegment prepare(MemorySegment path) {
    try {
      MemorySegment prepared = (MemorySegment) PREPARE.invokeExact(path);
      checked(() -> prepared.address() == 0 ? -1 : 0);
      return prepared;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Decompresses the chunks of a file; returns the bytes that makes. */
  static long decompress(MemorySegment prepared) {
    return checked(() -> (long) DECOMPRESS.invokeExact(prepared));
  }

  /** Compresses the records of the chunks of a file; returns their size in bytes. */
  static long compress(MemorySegment prepared, int level) {
    return checked(() -> (long) COMPRESS.invokeExact(prepared, level));
  }

  /** Copies, hashes and writes the bytes of a file; returns how many. */
  static long write(MemorySegment prepared, MemorySegment path) {
    return checked(() -> (long) WRITE.invokeExact(prepared, path));
  }

  /** Frees what was loaded. */
  static void release(MemorySegment prepared) {
    checked(() -> {
      RELEASE.invokeExact(prepared);
      return 0;
    });
  }

  private static long checked(Call call) {
    long result;
    try {
      result = call.run();
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    if (result < 0) {
      throw new IllegalStateException("failed natively; the standard error says why");
    }
    return result;
  }

  private static MethodHandle function(String name, MemoryLayout... parameters) {
    return handle(name, FunctionDescriptor.of(JAVA_LONG, parameters));
  }

  @SuppressWarnings("restricted")
  private static MethodHandle handle(String name, FunctionDescriptor type) {
    MemorySegment address =
        LIBRARY
            .find("disky_limits_" + name)
            .orElseThrow(() -> new IllegalStateException("the library of limits lacks " + name));
    return Linker.nativeLinker().downcallHandle(address, type);
  }
}
