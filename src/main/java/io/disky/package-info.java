/**
 * Reads and writes Disky and Riegeli record files. This page is the manual.
 *
 * <h2>Records, chunks, files</h2>
 *
 * A <em>record</em> is a sequence of bytes; it may be empty. A file stores records in
 * <em>chunks</em>. Each chunk has hashes and, if the writer chose so, is compressed. The chunk is
 * the unit of work: a reader decodes one chunk at a time, a damaged byte costs the records of one
 * chunk, and a {@link io.disky.RecordBatch} contains the records of one chunk.
 *
 * <h2>Writing</h2>
 *
 * {@snippet :
 * WriterOptions options = WriterOptions.defaults().withCompression(Compression.zstd(9));
 * try (RecordWriter writer = RecordWriter.open(path, options)) {
 *   writer.write(bytes);                        // byte[], ByteBuffer, MemorySegment, CharSequence
 *   writer.write(batch);                        // all records of a RecordBatch
 *   writer.write(64, slot -> encodeInto(slot)); // builds a record in place, returns its size
 *   writer.flush(FlushMode.SYNC);               // the records survive a power cut
 * }
 * }
 *
 * The most important choices in {@link io.disky.WriterOptions}:
 *
 * <ul>
 *   <li>{@link io.disky.OpenMode}: by default the writer refuses an existing file. It continues a
 *       file whose end a crash has torn only {@linkplain io.disky.WriterOptions#withRepair with a
 *       repair}.
 *   <li>{@linkplain io.disky.WriterOptions#withAtomicCreation Atomic creation}: the file gets its
 *       name only when it is complete. {@link io.disky.RecordWriter#writeAtomically} does the same,
 *       and discards the file if the code that writes it throws.
 *   <li>{@link io.disky.Compression}: zstd at level 3 by default. Reading uncompressed files is
 *       several times faster if they are in memory, and slower from most disks.
 *   <li>{@link io.disky.Dialect}: the layout of compressed chunks, which depends on the programs
 *       that will read the file. Readers of this library accept both dialects. Only {@link
 *       io.disky.Dialect#RIEGELI} has brotli and snappy; transposed chunks, which are small if
 *       records are protocol buffer messages; {@linkplain io.disky.RecordsMetadata file metadata};
 *       and padding, with which files can be concatenated.
 *   <li>{@link io.disky.Container}: {@link io.disky.Container#ARRAY_RECORD} for a file with an
 *       index at its end, which Google's {@code array_record} and Grain open. Its chunks are groups
 *       with a fixed number of records. The writer cannot flush inside a group, and cannot continue
 *       such a file.
 *   <li>The chunk size: 1 MiB by default. Larger chunks compress better; smaller chunks need less
 *       memory, and damage costs fewer records.
 * </ul>
 *
 * <h2>Reading</h2>
 *
 * {@snippet :
 * try (RecordReader reader = RecordReader.open(path)) {
 *   for (MemorySegment record : reader) {       // each record is valid until the next one
 *     total += record.get(ValueLayout.JAVA_INT_UNALIGNED, 0); // throws if it has fewer than 4 bytes
 *   }
 * }
 * }
 *
 * <table>
 * <caption>Ways to read</caption>
 * <tr><th>Method</th><th>A record is valid until</th><th>Use it for</th></tr>
 * <tr><td>{@link io.disky.RecordReader#iterator() iteration}, {@link io.disky.RecordReader#stream()},
 *     {@link io.disky.RecordReader#visit visit}</td><td>the next record</td><td>most code</td></tr>
 * <tr><td>{@link io.disky.RecordReader#visitBatches visitBatches}</td><td>the visitor returns</td>
 *     <td>loops without an object per record</td></tr>
 * <tr><td>{@link io.disky.RecordReader#nextBatch() nextBatch()}</td><td>the batch is closed</td>
 *     <td>handing batches to other threads</td></tr>
 * <tr><td>{@link io.disky.RecordReader#nextBatch(java.lang.foreign.Arena) nextBatch(arena)}</td>
 *     <td>the arena is closed</td><td>records that are kept</td></tr>
 * <tr><td>{@link io.disky.RecordReader#batches() batches()}</td><td>the batch is closed</td>
 *     <td>parallel streams</td></tr>
 * </table>
 *
 * <p>A record can begin at any address, so use unaligned layouts: {@link
 * java.lang.foreign.ValueLayout#JAVA_INT_UNALIGNED}, not {@code JAVA_INT}. A layout of your own
 * ({@code withOrder}, for example) belongs in a {@code static final} field: with a layout that is
 * not a constant, a loop is many times slower. To keep a record on the heap, copy it: {@code
 * record.toArray(ValueLayout.JAVA_BYTE)}. To parse a record with code that accepts buffers, use
 * {@code record.asByteBuffer()}, which copies nothing and is valid as long as the record.
 *
 * <p>A method that returns a single record returns a segment of the record's own size; reading past
 * its end throws an {@link java.lang.IndexOutOfBoundsException}. In {@link
 * io.disky.RecordBatch#data()} all records of a batch lie one after the other, so check {@link
 * io.disky.RecordBatch#length} before you read a field there.
 *
 * <p>A reader reads every kind of file in the same way. The index at the end of an ArrayRecord is
 * not returned as records. If the index contradicts the file, the reader still returns the records
 * and logs a warning. {@link io.disky.RecordReader#metadata()} returns the description that the
 * writer of a file stored in it. {@link io.disky.RecordReader#describe()} returns the properties of
 * the file: its container, its chunks and their sizes.
 *
 * <p>Readers and writers accept paths of any file system, memory segments, channels and streams.
 *
 * <h2>Finding records</h2>
 *
 * <ul>
 *   <li>A {@link io.disky.RecordPosition} finds its record again ({@link
 *       io.disky.RecordReader#seek}); {@link io.disky.RecordReader#search} finds one in a sorted
 *       file.
 *   <li>{@link io.disky.ReaderOptions#withRange} reads a part of a file. Adjoining ranges return
 *       each record exactly once, at whatever byte they begin, so several machines can share a
 *       file.
 *   <li>{@link io.disky.RandomAccessReader} returns records by number, to any number of threads,
 *       from one file or from several files as one sequence.
 * </ul>
 *
 * <h2>Many shards, many threads</h2>
 *
 * A <em>shard</em> is one of several files that together contain a data set. {@link
 * io.disky.MultiThreadedWriter} distributes records over shards. {@link
 * io.disky.MultiThreadedReader} reads shards one after the other, in turns, or shuffled for ever
 * ({@link io.disky.Shards}). Any number of threads can use both at the same time. For a single
 * file, {@link io.disky.ReaderOptions#withParallelism} lets other threads decode chunks in advance,
 * and {@link io.disky.WriterOptions#withParallelism} lets other threads encode them.
 *
 * <h2>Guarantees</h2>
 *
 * <ul>
 *   <li>Using a record, batch or slot after its end throws an {@link
 *       java.lang.IllegalStateException}. It never reads memory that was freed or used again, and
 *       never crashes the JVM.
 *   <li>Every byte of a record has been checked with the hash of its chunk. A reader reports
 *       everything that it skips.
 *   <li>The memory and time that a hostile file costs are proportional to its size. Memory is
 *       limited by {@link io.disky.ReaderOptions#maxChunkSize()}.
 *   <li>Records that were flushed with {@link io.disky.FlushMode#SYNC} are on the disk.
 * </ul>
 *
 * <h2>Failures</h2>
 *
 * <ul>
 *   <li>{@link io.disky.CorruptFileException}: the file is damaged. The exception states the file,
 *       the position, the kind of damage, and the number of records read before it.
 *   <li>{@link io.disky.UnsupportedFormatException}: this version does not know the type or the
 *       compression of a chunk.
 *   <li>{@link io.disky.ChunkTooLargeException}: a chunk exceeds a limit of the reader.
 *   <li>Exceptions of {@link java.nio.file}: the operating system reported a failure.
 * </ul>
 *
 * All of these are {@link java.io.IOException}s; iterators and streams wrap them in {@link
 * java.io.UncheckedIOException}.
 *
 * <p>With {@link io.disky.CorruptionStrategy#RECOVER} a reader goes on after damage. It returns
 * every record of every intact chunk that it can place, and {@link
 * io.disky.RecordReader#skippedRegions()} lists the regions that it skipped. {@link
 * io.disky.RecordReader#verify()} checks a file without decoding it.
 *
 * <h2>Threads</h2>
 *
 * Any thread may use {@link io.disky.MultiThreadedReader}, {@link io.disky.MultiThreadedWriter},
 * {@link io.disky.RandomAccessReader}, {@link io.disky.SharedRecordWriter} and {@link
 * io.disky.RotatingRecordWriter}. A {@link io.disky.RecordReader} or {@link io.disky.RecordWriter}
 * belongs to the first thread that reads or writes with it, and a batch to the first thread that
 * accesses its records; any other thread gets a {@link java.lang.WrongThreadException}. So one
 * thread can read a batch and pass it to another thread through a queue, and {@link
 * io.disky.RecordReader#batches()} can be a parallel stream. Options, descriptions and exceptions
 * are immutable.
 *
 * <h2>The native library</h2>
 *
 * The first reader or writer loads the native library from the jar, or from a jar that contains
 * only the library of this platform. The JVM requires permission for native access: {@code
 * --enable-native-access=ALL-UNNAMED} on the class path, {@code --enable-native-access=io.disky} on
 * the module path. The system property {@code io.disky.library.dir} names another directory to
 * extract the library to; {@code io.disky.library.path} names a library file to load instead. If
 * the library cannot be loaded, the message of the {@link java.lang.UnsatisfiedLinkError} states
 * the platform, the files that were tried, the reason of the failure, and the remedy.
 *
 * <p>Warnings go to the {@link java.lang.System.Logger} {@code io.disky}.
 */
package io.disky;
