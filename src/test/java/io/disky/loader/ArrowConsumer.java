package io.disky.loader;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A consumer of the Arrow C Data Interface, written from its specification: it owns the two
 * structures, reads through addresses, moves structures and calls {@code release}.
 */
record ArrowConsumer(MemorySegment array, MemorySegment schema) {
  private static final long ARRAY_RELEASE = 64;
  private static final long SCHEMA_RELEASE = 56;

  private static final MethodHandle RELEASE =
      Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(ADDRESS));

  /** Structures without contents. */
  static ArrowConsumer allocate(Arena arena) {
    return new ArrowConsumer(arena.allocate(80, 8), arena.allocate(72, 8));
  }

  long length() {
    return array.get(JAVA_LONG, 0);
  }

  long nullCount() {
    return array.get(JAVA_LONG, 8);
  }

  long offset() {
    return array.get(JAVA_LONG, 16);
  }

  long bufferCount() {
    return array.get(JAVA_LONG, 24);
  }

  long childCount() {
    return array.get(JAVA_LONG, 32);
  }

  /** The address of a buffer. */
  long buffer(int index) {
    return pointers(array, 40, bufferCount()).getAtIndex(JAVA_LONG, index);
  }

  /** The memory of a buffer. */
  MemorySegment buffer(int index, long size) {
    return MemorySegment.ofAddress(buffer(index)).reinterpret(size);
  }

  String format() {
    return text(schema.get(JAVA_LONG, 0));
  }

  String name() {
    return text(schema.get(JAVA_LONG, 8));
  }

  long flags() {
    return schema.get(JAVA_LONG, 24);
  }

  private static String text(long address) {
    return MemorySegment.ofAddress(address).reinterpret(1000).getString(0);
  }

  ArrowConsumer child(int index) {
    return new ArrowConsumer(
        MemorySegment.ofAddress(pointers(array, 48, childCount()).getAtIndex(JAVA_LONG, index))
            .reinterpret(80),
        MemorySegment.ofAddress(
                pointers(schema, 40, schema.get(JAVA_LONG, 32)).getAtIndex(JAVA_LONG, index))
            .reinterpret(72));
  }

  private static MemorySegment pointers(MemorySegment structure, long at, long count) {
    return MemorySegment.ofAddress(structure.get(JAVA_LONG, at)).reinterpret(8 * count);
  }

  /** Moves both structures, as the specification says: bytes are copied, the originals end. */
  ArrowConsumer move(Arena arena) {
    ArrowConsumer moved = allocate(arena);
    moved.array.copyFrom(array);
    array.set(JAVA_LONG, ARRAY_RELEASE, 0);
    moved.schema.copyFrom(schema);
    schema.set(JAVA_LONG, SCHEMA_RELEASE, 0);
    return moved;
  }

  boolean isArrayReleased() {
    return array.get(JAVA_LONG, ARRAY_RELEASE) == 0;
  }

  boolean isSchemaReleased() {
    return schema.get(JAVA_LONG, SCHEMA_RELEASE) == 0;
  }

  void releaseArray() {
    release(array, ARRAY_RELEASE);
  }

  void releaseSchema() {
    release(schema, SCHEMA_RELEASE);
  }

  private static void release(MemorySegment structure, long at) {
    try {
      RELEASE.invokeExact(MemorySegment.ofAddress(structure.get(JAVA_LONG, at)), structure);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
