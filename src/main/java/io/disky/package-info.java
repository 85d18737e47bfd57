/**
 * Reads and writes Disky and Riegeli record files. This page is the manual.
 *
 * <h2>Records, chunks, files</h2>
 *
 * A <em>record</em> is a sequence of bytes, empty ones included. A file holds records in
 * <em>chunks</em>, each of which is hashed and, if the writer so chose, compressed. The chunk is
 * the unit of everything: what is decoded at a time, what is lost if a byte of it is damaged, what
 * a {@link io.disky.RecordBatch} holds.
 *
 * <h2>Writing</h2>
 *
 * {@snippet :
 * WriterOptions options = WriterOptions.defaults().withCompression(Compression.zstd(9));
 * try (RecordWriter writer = RecordWriter.open(path, options)) {
 *   writer.write(bytes);                        // byte[], ByteBuffer, MemorySegment, CharSequence
 *   writer.write(batch);                        // all records of a RecordBatch
 *   writer.write(64, slot -> encodeInto(slot)); // built in place: returns its size
 *   writer.flush(FlushMode.SYNC);               // outlives a power cut
 * }
 * }
 *
 * What to choose in {@link io.disky.WriterOptions}:
 *
 * <ul>
 *   <li>{@link io.disky.OpenMode}: an existing file is refused by default. One whose end a crash
 *       has torn is continued {@linkplain io.disky.WriterOptions#withRepair with a repair} only.
 *   <li>{@linkplain io.disky.WriterOptions#withAtomicCreation Atomic creation}: the file appears
 *       when it is complete, or not at all. {@link io.disky.RecordWriter#writeAtomically} does the
 *       same and discards the file if the code that writes it throws.
 *   <li>{@link io.disky.Compression}: zstd at level 3 by default. Uncompressed files are read
 *       several times faster from memory, and slower from most disks.
 *   <li>{@link io.disky.Dialect}: who is to read the file. Readers of this library do not care.
 *       With {@link io.disky.Dialect#RIEGELI} there are also brotli and snappy, transposed chunks,
 *       which are small if records are protocol buffer messages, {@linkplain
 *       io.disky.RecordsMetadata file metadata}, and padding, so that files can be concatenated.
 *   <li>{@link io.disky.Container}: {@link io.disky.Container#ARRAY_RECORD} for files that Google's
 *       {@code array_record}, and so Grain, opens. Its chunks are groups of one number of records;
 *       it cannot be flushed inside a group, nor continued.
 *   <li>The chunk size: 1 MiB by default. Larger ones compress better; smaller ones cost less
 *       memory, and less when damaged.
 * </ul>
 *
 * <h2>Reading</h2>
 *
 * {@snippet :
 * try (RecordReader reader = RecordReader.open(path)) {
 *   for (MemorySegment record : reader) {       // each valid until the next one
 *     total += record.get(ValueLayout.JAVA_INT_UNALIGNED, 0); // throws if it has no 4 bytes
 *   }
 * }
 * }
 *
 * <table>
 * <caption>Ways to read</caption>
 * <tr><th>Way</th><th>A record lives until</th><th>For</th></tr>
 * <tr><td>{@link io.disky.RecordReader#iterator() iteration}, {@link io.disky.RecordReader#stream()},
 *     {@link io.disky.RecordReader#visit visit}</td><td>the next one</td><td>most code</td></tr>
 * <tr><td>{@link io.disky.RecordReader#visitBatches visitBatches}</td><td>the visitor returns</td>
 *     <td>loops without an object per record</td></tr>
 * <tr><td>{@link io.disky.RecordReader#nextBatch() nextBatch()}</td><td>the batch is closed</td>
 *     <td>queues to other threads</td></tr>
 * <tr><td>{@link io.disky.RecordReader#nextBatch(java.lang.foreign.Arena) nextBatch(arena)}</td>
 *     <td>the arena is closed</td><td>records that are kept</td></tr>
 * <tr><td>{@link io.disky.RecordReader#batches() batches()}</td><td>the batch is closed</td>
 *     <td>parallel streams</td></tr>
 * </table>
 *
 * <p>Records begin at any address, so layouts over them must be unaligned: {@link
 * java.lang.foreign.ValueLayout#JAVA_INT_UNALIGNED}, not {@code JAVA_INT}. To keep a record on the
 * heap, copy it: {@code record.toArray(ValueLayout.JAVA_BYTE)}. To parse it with code that takes
 * buffers: {@code record.asByteBuffer()}, which lives as long as the record and copies nothing.
 *
 * <p>A record that is handed out by itself is a segment of its own size: to read past its end is an
 * {@link java.lang.IndexOutOfBoundsException}. In {@link io.disky.RecordBatch#data()} all records
 * of a batch lie one after the other: there compare what you read with {@link
 * io.disky.RecordBatch#length}.
 *
 * <p>Every kind of file is read the same way. The index at the end of an ArrayRecord is no records;
 * where it contradicts the file, the records are read all the same, and the log says so. {@link
 * io.disky.RecordReader#metadata()} tells what a file says of itself, {@link
 * io.disky.RecordReader#describe()} what it is.
 *
 * <p>Readers and writers take more than paths: memory segments, channels and streams, too, and
 * paths of any file system.
 *
 * <h2>Going anywhere</h2>
 *
 * <ul>
 *   <li>A {@link io.disky.RecordPosition} finds its record again ({@link
 *       io.disky.RecordReader#seek}); {@link io.disky.RecordReader#search} finds one in a sorted
 *       file.
 *   <li>{@link io.disky.ReaderOptions#withRange} reads a part of a file: adjoining ranges give each
 *       record once, wherever they begin. So a file is divided among machines.
 *   <li>{@link io.disky.RandomAccessReader} has records by number, for any number of threads, of
 *       one file or of many as one sequence.
 * </ul>
 *
 * <h2>Many shards, many threads</h2>
 *
 * {@link io.disky.MultiThreadedWriter} spreads records over shards, {@link
 * io.disky.MultiThreadedReader} reads shards, in order, in turns, or shuffled for ever ({@link
 * io.disky.Shards}); both are for any number of threads at once. For a single file, {@link
 * io.disky.ReaderOptions#withParallelism} and {@link io.disky.WriterOptions#withParallelism} let
 * others decode ahead and encode behind.
 *
 * <h2>What cannot happen</h2>
 *
 * <ul>
 *   <li>A record, batch or slot that is used after its end throws an {@link
 *       java.lang.IllegalStateException}; it never reads memory that was freed or used again, and
 *       never crashes the JVM.
 *   <li>Every byte of a record has passed the hash of its chunk. Nothing is skipped in silence.
 *   <li>A hostile file costs memory and time in proportion to its size, up to {@link
 *       io.disky.ReaderOptions#maxChunkSize()}.
 *   <li>What was flushed with {@link io.disky.FlushMode#SYNC} is on the disk.
 * </ul>
 *
 * <h2>Failures</h2>
 *
 * Damage is a {@link io.disky.CorruptFileException}: which file, where, what, and how many records
 * were read before. A type of chunk or compression that this version does not know is an {@link
 * io.disky.UnsupportedFormatException}; a chunk beyond the limit a {@link
 * io.disky.ChunkTooLargeException}. Where the operating system fails, the exceptions are those of
 * {@link java.nio.file}. All of these are {@link java.io.IOException}s; iterators and streams wrap
 * them in {@link java.io.UncheckedIOException}.
 *
 * <p>With {@link io.disky.CorruptionStrategy#RECOVER} a reader goes on behind damage: every record
 * of every intact chunk is delivered, and {@link io.disky.RecordReader#skippedRegions()} tells what
 * was skipped. {@link io.disky.RecordReader#verify()} checks a file without decoding it.
 *
 * <h2>Threads</h2>
 *
 * What is called MultiThreaded, {@link io.disky.RandomAccessReader}, {@link
 * io.disky.SharedRecordWriter} and {@link io.disky.RotatingRecordWriter} are for any thread. A
 * {@link io.disky.RecordReader} or {@link io.disky.RecordWriter} belongs to the thread that first
 * reads or writes with it, a batch to the thread that first touches its records; another thread
 * gets a {@link java.lang.WrongThreadException}. So a batch can cross a queue untouched, and {@link
 * io.disky.RecordReader#batches()} can feed a parallel stream. Options, descriptions and exceptions
 * are immutable.
 *
 * <h2>The native library</h2>
 *
 * The first reader or writer loads it from the jar. The JVM wants native access to be allowed:
 * {@code --enable-native-access=ALL-UNNAMED} on the class path, {@code
 * --enable-native-access=io.disky} on the module path. The system property {@code
 * io.disky.library.dir} names another directory to extract the library to, {@code
 * io.disky.library.path} a library to load instead. If it cannot be loaded, the {@link
 * java.lang.UnsatisfiedLinkError} says for which platform, what was tried, why it failed, and what
 * to do.
 *
 * <p>Warnings go to the {@link java.lang.System.Logger} {@code io.disky}.
 */
package io.disky;
