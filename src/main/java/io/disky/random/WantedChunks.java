package io.disky.random;

import java.util.Arrays;

/**
 * The chunks that have the records with given numbers, in reused arrays. An index counts the
 * chunks. For one thread at a time.
 */
final class WantedChunks {
  private IndexedFile[] files = new IndexedFile[0];
  private long[] chunks = new long[0];
  private long[] firstRecords = new long[0];
  private int[] from = new int[1];
  private int count;

  /**
   * Finds the chunks.
   *
   * @param numbers numbers of records of the sequence, ascending from index 0 on
   * @param wanted how many numbers there are
   */
  void find(IndexedFiles sequence, long[] numbers, int wanted) {
    count = 0;
    int i = 0;
    while (i < wanted) {
      IndexedFile file = sequence.files().get(sequence.file(numbers[i]));
      ChunkIndex index = file.index();
      long before = file.firstRecord();
      long end = before + index.records();
      while (i < wanted && numbers[i] < end) {
        long chunk = index.chunkOf(numbers[i] - before);
        long first = before + index.firstRecord(chunk);
        add(file, chunk, first, i);
        i = after(numbers, wanted, i, first + index.records(chunk));
      }
    }
    from[count] = wanted;
  }

  /** The index of the first number after {@code i} that is at least {@code end}. */
  private static int after(long[] numbers, int wanted, int i, long end) {
    int next = i + 1;
    while (next < wanted && numbers[next] < end) {
      next++;
    }
    return next;
  }

  private void add(IndexedFile file, long chunk, long firstRecord, int first) {
    if (count == files.length) {
      int length = Math.max(16, 2 * count);
      files = Arrays.copyOf(files, length);
      chunks = Arrays.copyOf(chunks, length);
      firstRecords = Arrays.copyOf(firstRecords, length);
      from = Arrays.copyOf(from, length + 1);
    }
    files[count] = file;
    chunks[count] = chunk;
    firstRecords[count] = firstRecord;
    from[count] = first;
    count++;
  }

  /** Number of chunks. */
  int count() {
    return count;
  }

  /** The file of a chunk. */
  IndexedFile file(int index) {
    return files[index];
  }

  /** How many chunks of its file are before a chunk. */
  long number(int index) {
    return chunks[index];
  }

  /** How many chunks of the sequence are before a chunk. */
  long key(int index) {
    return files[index].key(chunks[index]);
  }

  /** How many records of the sequence are before a chunk. */
  long firstRecord(int index) {
    return firstRecords[index];
  }

  /** Where the wanted records of a chunk begin in the array of numbers. */
  int from(int index) {
    return from[index];
  }

  /** Where the wanted records of a chunk end in the array of numbers. */
  int to(int index) {
    return from[index + 1];
  }
}
