package io.disky.loader;

import io.disky.collation.ArrowField;
import io.disky.collation.ColumnLayout;
import io.disky.collation.ColumnLayout.Column;
import io.disky.collation.NativeBuffers;
import io.disky.loading.FilledBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Fields of the records of a batch as columns: {@link LoadedBatch#columns(StructLayout)}. A column
 * has the values of one field of all records, one directly after the other, in the byte order of
 * the processor, and is aligned to 64 bytes. The columns are in memory of the batch or of an arena:
 * they are valid as long as that is, and for the same threads.
 */
public final class Columns {
  private final ColumnLayout layout;
  private final int rows;
  private final MemorySegment memory;

  // The batch that the memory belongs to; null if it belongs to an arena.
  private final @Nullable FilledBatch batch;

  Columns(ColumnLayout layout, int rows, MemorySegment memory, @Nullable FilledBatch batch) {
    this.layout = layout;
    this.rows = rows;
    this.memory = memory;
    this.batch = batch;
  }

  /** Number of records. */
  public int rowCount() {
    return rows;
  }

  /** The names of the columns, in the order of the fields in a record. */
  public List<String> names() {
    return layout.columns().stream().map(Column::name).toList();
  }

  /**
   * The values of a column. If the field is a sequence, those of the first record come first, then
   * those of the second one, and so on.
   *
   * @throws IllegalArgumentException if there is no column of this name
   */
  public MemorySegment column(String name) {
    Objects.requireNonNull(name, "name");
    List<Column> columns = layout.columns();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(name)) {
        return memory.asSlice(layout.begins(rows)[i], columns.get(i).size() * rows);
      }
    }
    throw new IllegalArgumentException("no column is named " + name + ", there are " + names());
  }

  /**
   * {@link #column} as a direct buffer in the byte order of the processor.
   *
   * @throws IllegalArgumentException if there is no column of this name
   * @throws IllegalStateException if the column has more than 2<sup>31</sup> - 1 bytes
   */
  public ByteBuffer buffer(String name) {
    return NativeBuffers.of(column(name));
  }

  /**
   * Exports the columns through the Arrow C Data Interface, without copying them: as an array of
   * structs, with a child for each column. A sequence becomes a list of fixed size; a boolean
   * becomes an unsigned byte. The rules of {@link LoadedBatch#exportArrow(MemorySegment,
   * MemorySegment)} apply: the batch cannot be closed until the consumer has released the array.
   *
   * @param array memory for {@code struct ArrowArray}, 80 bytes
   * @param schema memory for {@code struct ArrowSchema}, 72 bytes
   * @throws IllegalArgumentException if {@code array} or {@code schema} is not suitable memory
   * @throws IllegalStateException if the batch is closed, or if the columns are in an arena of the
   *     caller, which this library cannot keep open
   * @throws WrongThreadException if the batch belongs to another thread
   */
  public void exportArrow(MemorySegment array, MemorySegment schema) {
    Objects.requireNonNull(array, "array");
    Objects.requireNonNull(schema, "schema");
    if (batch == null) {
      throw new IllegalStateException(
          "columns in an arena cannot be exported, because the arena could be closed before their"
              + " consumer releases them: use columns(layout) without an arena");
    }
    batch.export(ArrowField.struct(layout, rows, memory.address()), array, schema);
  }

  @Override
  public String toString() {
    return "Columns[names=" + names() + ", rowCount=" + rows + "]";
  }
}
