package io.disky.collation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Writes the structures of the Arrow C Data Interface for an {@link ArrowField}, and everything
 * that they point to except the values, into one block of memory. The block begins with two
 * counters: the numbers of structures for arrays, and for schemas, that are not released yet.
 */
final class ArrowStructures {
  /** Size of {@code struct ArrowArray} in bytes. */
  static final long ARRAY_SIZE = 80;

  /** Size of {@code struct ArrowSchema} in bytes. */
  static final long SCHEMA_SIZE = 72;

  /** Where the counters are, in bytes. */
  static final long ARRAYS = 0;

  static final long SCHEMAS = Long.BYTES;

  /** Where the structures of the field are (not those of its children), in bytes. */
  static final long ROOT_ARRAY = 2 * Long.BYTES;

  static final long ROOT_SCHEMA = ROOT_ARRAY + ARRAY_SIZE;

  private final MemorySegment memory;
  private final long releaseArray;
  private final long releaseSchema;
  private long used = ROOT_SCHEMA + SCHEMA_SIZE;
  private long fields;

  private ArrowStructures(MemorySegment memory, long releaseArray, long releaseSchema) {
    this.memory = memory;
    this.releaseArray = releaseArray;
    this.releaseSchema = releaseSchema;
  }

  /** The memory that {@link #write} needs for {@code field}, in bytes. */
  static long size(ArrowField field) {
    return ROOT_ARRAY + sizeOf(field);
  }

  private static long sizeOf(ArrowField field) {
    long pointers = field.buffers().length + 2L * field.children().size();
    long size = ARRAY_SIZE + SCHEMA_SIZE + pointers * Long.BYTES;
    size += textSize(field.format()) + textSize(field.name());
    for (ArrowField child : field.children()) {
      size += sizeOf(child);
    }
    return size;
  }

  /** Size of a text with its end, rounded up to longs. */
  private static long textSize(String text) {
    return (text.getBytes(UTF_8).length + 1L + Long.BYTES - 1) & -Long.BYTES;
  }

  /**
   * Writes the structures.
   *
   * @param memory of {@link #size} bytes
   * @param releaseArray the address of the function that releases arrays
   * @param releaseSchema the address of the function that releases schemas
   */
  static void write(ArrowField field, MemorySegment memory, long releaseArray, long releaseSchema) {
    ArrowStructures writing = new ArrowStructures(memory, releaseArray, releaseSchema);
    writing.field(field, ROOT_ARRAY, ROOT_SCHEMA);
    writing.set(ARRAYS, writing.fields);
    writing.set(SCHEMAS, writing.fields);
  }

  private void field(ArrowField field, long array, long schema) {
    fields++;
    List<ArrowField> children = field.children();
    long buffers = take((long) field.buffers().length * Long.BYTES);
    long arrays = take((long) children.size() * Long.BYTES);
    long schemas = take((long) children.size() * Long.BYTES);
    for (int i = 0; i < field.buffers().length; i++) {
      set(buffers + (long) i * Long.BYTES, field.buffers()[i]);
    }
    for (int i = 0; i < children.size(); i++) {
      long childArray = take(ARRAY_SIZE);
      long childSchema = take(SCHEMA_SIZE);
      set(arrays + (long) i * Long.BYTES, address(childArray));
      set(schemas + (long) i * Long.BYTES, address(childSchema));
      field(children.get(i), childArray, childSchema);
    }
    array(field, array, address(buffers), children.isEmpty() ? 0 : address(arrays));
    schema(field, schema, children.isEmpty() ? 0 : address(schemas));
  }

  private void array(ArrowField field, long at, long buffers, long children) {
    long nullCount = 0;
    long offset = 0;
    long dictionary = 0;
    setAll(
        at,
        field.length(),
        nullCount,
        offset,
        field.buffers().length,
        field.children().size(),
        buffers,
        children,
        dictionary,
        releaseArray,
        address(ARRAYS));
  }

  private void schema(ArrowField field, long at, long children) {
    long metadata = 0;
    long flags = 0; // not nullable
    long dictionary = 0;
    setAll(
        at,
        text(field.format()),
        text(field.name()),
        metadata,
        flags,
        field.children().size(),
        children,
        dictionary,
        releaseSchema,
        address(SCHEMAS));
  }

  /** The address of a copy of {@code text}, with a zero after it. */
  private long text(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    long at = take(textSize(text));
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, at, bytes.length);
    memory.set(ValueLayout.JAVA_BYTE, at + bytes.length, (byte) 0);
    return address(at);
  }

  private void setAll(long at, long... values) {
    for (int i = 0; i < values.length; i++) {
      set(at + (long) i * Long.BYTES, values[i]);
    }
  }

  private void set(long at, long value) {
    memory.set(ValueLayout.JAVA_LONG, at, value);
  }

  private long take(long size) {
    long at = used;
    used += size;
    return at;
  }

  private long address(long at) {
    return memory.address() + at;
  }
}
