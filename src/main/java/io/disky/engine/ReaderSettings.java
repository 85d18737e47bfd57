package io.disky.engine;

import io.disky.ffi.disky_h;
import io.disky.ffi.disky_reader_options;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How to read.
 *
 * @param maxChunkSize the largest chunk that is decoded, in bytes
 * @param maxRecordSize the largest record that is returned, in bytes
 * @param maxRecordsPerChunk the largest number of records of a chunk that is decoded
 * @param recover whether reading goes on after damage, instead of failing there
 * @param scan whether recovery searches for chunks that nothing else places
 * @param follow whether to follow a file that grows
 * @param randomAccess whether chunks are read in no particular order
 * @param rangeBegin where the first chunk may begin, in bytes
 * @param rangeEnd chunks begin before this position, in bytes; {@code Long.MAX_VALUE} for no bound
 * @param projection the paths of the fields to read; {@code null} for complete records
 */
public record ReaderSettings(
    long maxChunkSize,
    long maxRecordSize,
    long maxRecordsPerChunk,
    boolean recover,
    boolean scan,
    boolean follow,
    boolean randomAccess,
    long rangeBegin,
    long rangeEnd,
    @Nullable List<List<Integer>> projection) {

  MemorySegment allocate(Arena arena) {
    MemorySegment options = disky_reader_options.allocate(arena);
    disky_reader_options.max_chunk_size(options, maxChunkSize);
    disky_reader_options.max_record_size(options, maxRecordSize);
    disky_reader_options.max_records_per_chunk(options, maxRecordsPerChunk);
    disky_reader_options.corruption_strategy(
        options, recover ? disky_h.DISKY_CORRUPTION_RECOVER() : disky_h.DISKY_CORRUPTION_ERROR());
    disky_reader_options.without_scan(options, scan ? 0 : 1);
    disky_reader_options.follow(options, follow ? 1 : 0);
    disky_reader_options.random_access(options, randomAccess ? 1 : 0);
    // For the engine an end of 0 means no end. The range from 1 to 1 is empty like the range from 0
    // to 0.
    disky_reader_options.range_begin(options, rangeEnd == 0 ? 1 : rangeBegin);
    disky_reader_options.range_end(options, rangeEnd == 0 ? 1 : endOfRange());
    List<List<Integer>> fields = projection;
    if (fields != null) {
      int[] numbers = numbers(fields);
      // A pointer that is not null, even to no numbers.
      MemorySegment memory = arena.allocate(ValueLayout.JAVA_INT, Math.max(1, numbers.length));
      MemorySegment.copy(numbers, 0, memory, ValueLayout.JAVA_INT, 0, numbers.length);
      disky_reader_options.projection(options, memory);
      disky_reader_options.projection_size(options, numbers.length);
    }
    return options;
  }

  /** The length of each path, and the path. */
  private static int[] numbers(List<List<Integer>> paths) {
    return paths.stream()
        .flatMapToInt(path ->
            IntStream.concat(IntStream.of(path.size()), path.stream().mapToInt(Integer::intValue)))
        .toArray();
  }

  private long endOfRange() {
    return rangeEnd == Long.MAX_VALUE ? 0 : rangeEnd;
  }
}
