/*
 * disky: reads and writes Disky and Riegeli record files.
 *
 * Generated from disky-capi by cbindgen; do not edit.
 *
 * Rules for every function:
 * - It returns a status: DISKY_OK, another non-negative one that its description names, or a negative one
 *   for a failure. It writes outputs on DISKY_OK, and otherwise only if its description says so.
 * - It never unwinds or aborts into the caller. A null or misaligned pointer is DISKY_INVALID_ARGUMENT, unless
 *   the description allows null.
 * - `error` may be null. Otherwise it is filled if the status is negative, and not touched if it is not.
 * - The library uses memory of the caller during the call only; it never keeps a pointer to it. The caller
 *   frees only readers, writers and encoders, each with its own function.
 * - A reader, writer or encoder may be used from any thread, by one thread at a time. If another thread is
 *   using it, a call returns DISKY_BUSY and does nothing.
 * - Paths are the bytes by which the operating system knows the file, not terminated.
 */


#ifndef DISKY_H
#define DISKY_H

#include <stdint.h>

// The version of this ABI. It changes whenever a program built for an older version would
// misbehave.
#define DISKY_ABI_VERSION 3

// The layout of compressed simple chunks in upstream disky.
#define DISKY_DIALECT_DISKY 0

// The layout of compressed simple chunks in Google's Riegeli.
#define DISKY_DIALECT_RIEGELI 1

// Size of the message in a disky_error, in bytes.
#define DISKY_ERROR_MESSAGE_SIZE 488

// The largest number that disky_run_length returns.
#define DISKY_RUN 4

// For disky_reader_find_chunk: the last chunk that begins at or before a position.
#define DISKY_NEAREST_AT_OR_BEFORE 0

// For disky_reader_find_chunk: the first chunk that begins at or after a position.
#define DISKY_NEAREST_AT_OR_AFTER 1

// For disky_reader_find_chunk: the last chunk that contains records of the user and begins in the
// range and before a position. With DISKY_CORRUPTION_RECOVER this chunk can be read, and
// disky_reader_skipped_region returns the regions skipped between it and the position. A caller
// that goes back from chunk to chunk in this way reads each part of the file once.
#define DISKY_NEAREST_RECORDS_BEFORE 2

// Not a part of the index of an ArrayRecord.
#define DISKY_PART_NONE 0

// The footer of an ArrayRecord, which lists its chunks; it contains no records of the user.
#define DISKY_PART_FOOTER 1

// The postscript of an ArrayRecord, which states the position of the footer; it contains no
// records of the user.
#define DISKY_PART_POSTSCRIPT 2

// Number of buckets of a disky_sizes.
#define DISKY_SIZE_BUCKETS 65

// Damage is a failure.
#define DISKY_CORRUPTION_ERROR 0

// Damage is skipped, and reading continues after it: disky_reader_skipped_region returns the
// skipped parts of the file.
#define DISKY_CORRUPTION_RECOVER 1

// Create the file; fail if it exists.
#define DISKY_OPEN_CREATE_NEW 0

// Create the file, or discard its contents if it exists.
#define DISKY_OPEN_OVERWRITE 1

// Create the file, or continue it after its last record. Fail if its end is torn, unless `repair`
// is 1 and the file can be repaired.
#define DISKY_OPEN_APPEND 2

// Riegeli/records: a sequence of chunks.
#define DISKY_CONTAINER_RECORDS 0

// ArrayRecord: chunks with the same number of records each, and an index of them at the end.
// Requires DISKY_DIALECT_RIEGELI, and cannot be combined with DISKY_OPEN_APPEND.
#define DISKY_CONTAINER_ARRAY_RECORD 1

// No compression.
#define DISKY_COMPRESSION_NONE 0

// Compression with zstd.
#define DISKY_COMPRESSION_ZSTD 1

// Compression with brotli. Requires DISKY_DIALECT_RIEGELI.
#define DISKY_COMPRESSION_BROTLI 2

// Compression with snappy. Requires DISKY_DIALECT_RIEGELI.
#define DISKY_COMPRESSION_SNAPPY 3

// Encodes chunks, one at a time.
typedef struct disky_encoder disky_encoder;

// Reads the records of a file in order, a chunk at a time.
typedef struct disky_reader disky_reader;

// Writes records to a file, a chunk at a time.
typedef struct disky_writer disky_writer;

// `struct ArrowArray`. The specification of the Arrow C Data Interface defines its fields.
typedef struct disky_arrow_array {
  // Number of values.
  int64_t length;
  // Number of null values.
  int64_t null_count;
  // Index of the first value in the buffers.
  int64_t offset;
  // Number of buffers.
  int64_t n_buffers;
  // Number of children.
  int64_t n_children;
  // The buffers.
  const void **buffers;
  // The children.
  struct disky_arrow_array **children;
  // The values if this is an array of indexes into them, otherwise null.
  struct disky_arrow_array *dictionary;
  // disky_arrow_release_array, or null after the array was released.
  void (*release)(struct disky_arrow_array*);
  // A counter of 64 bits: the number of arrays that were not released.
  void *private_data;
} disky_arrow_array;

// `struct ArrowSchema`. The specification of the Arrow C Data Interface defines its fields.
typedef struct disky_arrow_schema {
  // The type of the values.
  const char *format;
  // The name of the field.
  const char *name;
  // Metadata of the field, or null.
  const char *metadata;
  // Properties of the field.
  int64_t flags;
  // Number of children.
  int64_t n_children;
  // The children.
  struct disky_arrow_schema **children;
  // The type of the values if this is the type of indexes into them, otherwise null.
  struct disky_arrow_schema *dictionary;
  // disky_arrow_release_schema, or null after the schema was released.
  void (*release)(struct disky_arrow_schema*);
  // A counter of 64 bits: the number of schemas that were not released.
  void *private_data;
} disky_arrow_schema;

// The outcome of a call: one of the DISKY_ constants below. Negative ones are failures.
typedef int32_t disky_status;

// How to write.
typedef struct disky_writer_options {
  // A DISKY_OPEN_ constant.
  uint32_t open_mode;
  // A DISKY_COMPRESSION_ constant.
  uint32_t compression;
  // For DISKY_COMPRESSION_ZSTD the level, -131072 to 22, where 0 means the default, 3. For
  // DISKY_COMPRESSION_BROTLI the quality, 0 to 11. Otherwise ignored.
  int32_t compression_level;
  // A DISKY_DIALECT_ constant.
  uint32_t dialect;
  // The binary logarithm of the size of the compression window in bytes: 10 to 31 for
  // DISKY_COMPRESSION_ZSTD, 10 to 30 for DISKY_COMPRESSION_BROTLI, otherwise ignored. 0 means
  // the default.
  int32_t window_log;
  // A DISKY_CONTAINER_ constant.
  uint32_t container;
  // With DISKY_CONTAINER_ARRAY_RECORD, the number of records in a chunk; only the last chunk may
  // have fewer. 0 means the default, 1.
  uint32_t group_size;
  // 1 if chunks are transposed, otherwise 0. Requires DISKY_DIALECT_RIEGELI.
  uint32_t transpose;
  // The size of the caller's chunks in bytes, at most 1 GiB. The size of a bucket is relative to
  // it. 0 means the default, 1 MiB.
  uint64_t chunk_size;
  // The size of a bucket of a transposed chunk, relative to the chunk size: from 0.0, a bucket
  // for each field, to 1.0. Ignored unless chunks are transposed.
  double bucket_fraction;
  // A file that is continued is first padded to a multiple of this number of bytes, at most 1
  // GiB; 0 or 1 for no padding. Padding requires DISKY_DIALECT_RIEGELI.
  uint64_t initial_padding;
  // At each flush and at its end the file is padded to a multiple of this number of bytes, at
  // most 1 GiB; 0 or 1 for no padding. Padding requires DISKY_DIALECT_RIEGELI. With
  // DISKY_CONTAINER_ARRAY_RECORD the value is 0, 1 or 65536, and each chunk is padded.
  uint64_t final_padding;
  // With DISKY_OPEN_APPEND, 1 if a torn tail is cut off, 0 if it is an error.
  uint32_t repair;
  // 1 if the file has a temporary name until disky_writer_finish, and is removed by
  // disky_writer_free if it was not finished; otherwise 0. Cannot be combined with
  // DISKY_OPEN_APPEND.
  uint32_t atomic_creation;
  // 1 if, with DISKY_DIALECT_DISKY, chunks are placed where upstream disky's own reader accepts
  // them: it rejects some valid files. A chunk may then become two, and chunks without records
  // may lie between. 0 if each chunk follows the one before. Ignored with DISKY_DIALECT_RIEGELI.
  uint32_t upstream_compatibility;
} disky_writer_options;

// The description of a failure. The caller allocates it; it refers to no other memory.
typedef struct disky_error {
  // The status that the call returned.
  int32_t status;
  // For DISKY_IO the error code of the operating system, or 0 if there is none.
  int32_t os_error;
  // Position in the file in bytes; UINT64_MAX if the failure has none.
  uint64_t position;
  // For DISKY_TOO_LARGE the size that the file states, otherwise 0: a number of bytes, or of
  // records if a chunk has too many.
  uint64_t size;
  // For DISKY_TOO_LARGE the limit, in the same unit, otherwise 0.
  uint64_t limit;
  // Number of bytes of `message` in use.
  uint32_t message_size;
  // 1 if `message` holds only the beginning of a longer message, otherwise 0.
  uint32_t truncated;
  // The failure in English, UTF-8, not terminated, without position and file name.
  uint8_t message[DISKY_ERROR_MESSAGE_SIZE];
} disky_error;

// How to read.
typedef struct disky_reader_options {
  // The maximum size of a chunk in bytes. It applies to the decoded chunk, which is its records
  // and 8 bytes for each, and to its encoded data. 0 means the default, 1 GiB.
  uint64_t max_chunk_size;
  // The maximum size of a record in bytes. 0 means the default: only the limit on chunks
  // applies.
  uint64_t max_record_size;
  // The maximum number of records in a chunk. 0 means the default: only the limit on chunks
  // applies.
  uint64_t max_records_per_chunk;
  // A DISKY_CORRUPTION_ constant.
  uint32_t corruption_strategy;
  // With DISKY_CORRUPTION_RECOVER, 1 to leave out chunks that only a search finds, otherwise 0.
  uint32_t without_scan;
  // 1 if disky_reader_next follows a file that grows, otherwise 0. Cannot be combined with
  // DISKY_CORRUPTION_RECOVER.
  uint32_t follow;
  // 1 if the caller will request chunks in any order, so that reading ahead does not pay,
  // otherwise 0.
  uint32_t random_access;
  // The reader reads the chunks that begin in range_begin..range_end, file positions in bytes.
  // Readers of adjoining ranges together read each chunk exactly once, even if a range begins in
  // the middle of a chunk.
  uint64_t range_begin;
  // The end of the range; 0 means the end of the file.
  uint64_t range_end;
  // The fields to read of protocol buffer messages in transposed chunks: for each field the length
  // of its path, then the path, the field numbers from the record down. A path includes the field
  // that it leads to. 0 as its last number includes only the existence of the field before it, and
  // an empty path the complete record. Null: complete records. Not null, and without a path:
  // messages become empty. Used only while the reader is opened.
  //
  // The limits apply to the fields that are read. disky_reader_record_sizes ignores the projection;
  // disky_reader_share passes it on.
  const uint32_t *projection;
  // The number of values in `projection`.
  uint64_t projection_size;
} disky_reader_options;

// Where disky_reader_next wrote the records of a chunk, or how much memory it needs.
typedef struct disky_batch {
  // Position of the chunk in the file, in bytes.
  uint64_t chunk_begin;
  // Position just past the chunk and its fill bytes, in bytes; where the next chunk may begin.
  uint64_t chunk_end;
  // Number of records, at least 1.
  uint64_t records;
  // Where the records begin in `data`, in bytes.
  uint64_t data_offset;
  // Size of all records in bytes.
  uint64_t data_size;
  // Number of notices that disky_reader_notice can return now.
  uint64_t notices;
  // Number of regions that disky_reader_skipped_region can return now.
  uint64_t skipped_regions;
  // 1 if only a search has found the chunk, so that it is likely but not certain to be part of
  // this file; otherwise 0. Always 0 without DISKY_CORRUPTION_RECOVER.
  uint32_t scanned;
  // Always 0.
  uint32_t reserved;
} disky_batch;

// Memory for a chunk of a run, and where disky_reader_next_run wrote its records.
typedef struct disky_slot {
  // Memory for the end of each record.
  uint64_t *ends;
  // The number of values in `ends`.
  uint64_t ends_capacity;
  // Memory for the bytes of the records.
  uint8_t *data;
  // The number of bytes in `data`.
  uint64_t data_capacity;
  // Written by the call.
  struct disky_batch batch;
} disky_slot;

// Where a chunk lies, and how many records it contains.
typedef struct disky_extent {
  // Position of the chunk in bytes.
  uint64_t begin;
  // Position just past the chunk in bytes. In an extent from disky_reader_index, the chunk may
  // end before it.
  uint64_t end;
  // Number of records.
  uint64_t records;
  // Sum of its record sizes in bytes.
  uint64_t decoded_data_size;
} disky_extent;

// A chunk, as disky_reader_chunk_at describes it.
typedef struct disky_chunk {
  // Position of the chunk in bytes.
  uint64_t begin;
  // Position just past the chunk and its fill bytes, in bytes.
  uint64_t end;
  // Number of records.
  uint64_t records;
  // Size of its encoded data in bytes.
  uint64_t data_size;
  // Sum of its record sizes in bytes.
  uint64_t decoded_data_size;
  // The byte that denotes its type, for example `r`.
  uint32_t chunk_type;
  // The byte that denotes its compression, for example `z`; UINT32_MAX if chunks of its type
  // have no compression.
  uint32_t compression_type;
  // DISKY_DIALECT_DISKY, DISKY_DIALECT_RIEGELI, or UINT32_MAX if the chunk looks the same in
  // both.
  uint32_t dialect;
  // Which part of an ArrayRecord it is, a DISKY_PART_ constant.
  uint32_t part;
} disky_chunk;

// A distribution of sizes in bytes.
typedef struct disky_sizes {
  // Number of sizes.
  uint64_t count;
  // The smallest size; 0 if there is none.
  uint64_t smallest;
  // The largest size; 0 if there is none.
  uint64_t largest;
  // Sum of the sizes.
  uint64_t total;
  // Number of sizes per bucket: of 0 bytes, of 1, of 2 to 3, of 4 to 7, and so on. Bucket `i`
  // counts the sizes less than 2 to the power of `i` that no bucket before it counts.
  uint64_t buckets[DISKY_SIZE_BUCKETS];
} disky_sizes;

// A contradiction in a file that does not stop reading.
typedef struct disky_notice {
  // Position in the file in bytes to which the notice refers.
  uint64_t position;
  // Number of bytes of `message` in use.
  uint32_t message_size;
  // 1 if `message` holds only the beginning of a longer message, otherwise 0.
  uint32_t truncated;
  // The contradiction and how the reader resolves it: in English, UTF-8, not terminated, without
  // position and file name.
  uint8_t message[DISKY_ERROR_MESSAGE_SIZE];
} disky_notice;

// A chunk of which disky_reader_pick reads records.
typedef struct disky_picked_chunk {
  // Position of the chunk in bytes.
  uint64_t begin;
  // Position just past the chunk in bytes.
  uint64_t end;
  // Number of records in the chunk.
  uint64_t records;
  // How many of its records to read.
  uint64_t picked;
} disky_picked_chunk;

// A record that disky_reader_pick reads.
typedef struct disky_picked_record {
  // The index of the record in its chunk.
  uint64_t index;
  // Written by the call: where the record begins in `memory`, in bytes.
  uint64_t offset;
  // Written by the call: size of the record in bytes.
  uint64_t size;
} disky_picked_record;

// How much disky_reader_pick has read.
typedef struct disky_picked {
  // The number of chunks, from the first one on, whose records were read.
  uint64_t chunks;
  // The number of bytes of `memory`, from the first one on, in which these records lie.
  uint64_t used;
} disky_picked;

// Which bytes a reader needs.
typedef struct disky_need {
  // Position of the first needed byte.
  uint64_t offset;
  // Number of bytes without which the call cannot continue, at least 1.
  uint64_t size;
  // Number of bytes that are likely to be useful, at least `size`.
  uint64_t welcome;
} disky_need;

// A part of the file that was skipped.
typedef struct disky_skipped_region {
  // Position of its first byte.
  uint64_t begin;
  // Position just past its last byte.
  uint64_t end;
  // 1 if only a search for chunks has found `end`, otherwise 0.
  uint32_t scanned;
  // Always 0.
  uint32_t reserved;
  // The damage, as the failure that DISKY_CORRUPTION_ERROR would give.
  struct disky_error reason;
} disky_skipped_region;

// The part that was cut off the end of a file.
typedef struct disky_repair {
  // Size of the file in bytes before.
  uint64_t size_before;
  // Size of the file in bytes after: the end of its last complete chunk, or 0 if the file
  // signature was incomplete.
  uint64_t size_after;
  // Number of bytes of `message` in use.
  uint32_t message_size;
  // 1 if `message` holds only the beginning of a longer message, otherwise 0.
  uint32_t truncated;
  // The damage from `size_after` on, in English, UTF-8, not terminated, without file name.
  uint8_t message[DISKY_ERROR_MESSAGE_SIZE];
} disky_repair;

// The call succeeded.
#define DISKY_OK 0

// There is nothing more to read.
#define DISKY_END 1

// More memory is needed. The call states how much, and changed nothing.
#define DISKY_NEED_MEMORY 2

// A file that grows contains nothing more to read for now.
#define DISKY_NOT_YET 3

// A reader without a file needs bytes. disky_reader_need states which; after disky_reader_supply
// the same call must be made again. No output was written.
#define DISKY_NEED_BYTES 4

// The operating system failed a request; `os_error` is its error code, if there is one.
#define DISKY_IO -1

// Another writer has the file open.
#define DISKY_LOCKED -2

// Memory could not be allocated.
#define DISKY_OUT_OF_MEMORY -3

// An argument is null, misaligned or outside its range.
#define DISKY_INVALID_ARGUMENT -4

// Another thread is using the object.
#define DISKY_BUSY -5

// A defect of this library; the object can only be freed.
#define DISKY_INTERNAL -6

// The file does not start with the file signature.
#define DISKY_NOT_A_RECORD_FILE -20

// The file ends inside a structure.
#define DISKY_TRUNCATED -21

// A block header is damaged, or contradicts the chunk that it interrupts.
#define DISKY_BLOCK_HEADER -22

// A chunk header is damaged, or states impossible sizes.
#define DISKY_CHUNK_HEADER -23

// The data of a chunk do not match their hash.
#define DISKY_DATA_HASH -24

// The record sizes in a chunk contradict its header.
#define DISKY_RECORD_SIZES -25

// Compressed data do not decompress to the stated size.
#define DISKY_COMPRESSED_DATA -26

// A file signature lies where no concatenated file can begin.
#define DISKY_MISPLACED_SIGNATURE -27

// A transposed chunk contradicts itself or its header.
#define DISKY_TRANSPOSED_DATA -28

// This version does not know the chunk type.
#define DISKY_UNSUPPORTED_CHUNK_TYPE -40

// This version does not know the compression type.
#define DISKY_UNSUPPORTED_COMPRESSION -41

// A chunk exceeds a limit of the reader; `size` and `limit` are the two numbers.
#define DISKY_TOO_LARGE -42

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// A library has this symbol if its DISKY_ABI_VERSION is the number in the name, so a caller can
// compare the versions without a call: it looks the name up. Its value is DISKY_ABI_VERSION.
extern const uint32_t disky_abi_3;

// Returns the DISKY_ABI_VERSION of this library. A caller compares it with its own before any
// other call.
uint32_t disky_abi_version(void);

// The `release` callback of a disky_arrow_array: releases its children, sets its `release` to null
// and then subtracts 1 from the counter that `private_data` points to. It frees nothing. The array
// may have been moved, and a child that was moved is not released with its parent. An array that
// was released, or null, is left as it is. Any thread may call this.
//
// # Safety
//
// `array` is null or a valid pointer, and no other thread uses the array during the call. The
// memory to which the fields of the array point stays allocated until the counter is 0.
void disky_arrow_release_array(struct disky_arrow_array *array);

// The `release` callback of a disky_arrow_schema. It does the same as disky_arrow_release_array.
//
// # Safety
//
// `schema` is null or a valid pointer, and no other thread uses the schema during the call. The
// memory to which the fields of the schema point stays allocated until the counter is 0.
void disky_arrow_release_schema(struct disky_arrow_schema *schema);

// Opens an encoder for writers with these `options`, and stores it in `encoder`. Options about
// opening a file have no effect.
//
// DISKY_INVALID_ARGUMENT: the options cannot be combined.
//
// # Safety
//
// `options`, `encoder` and `error` point to valid memory of their types.
disky_status disky_encoder_open(const struct disky_writer_options *options,
                                struct disky_encoder **encoder,
                                struct disky_error *error);

// Encodes a chunk of records. The records lie one after the other in `data`; `ends` has the end of
// each. The encoder keeps the chunk until disky_writer_write_encoded has written it, or until it
// encodes another one. If both are empty, the call succeeds and the encoder keeps no chunk.
//
// # Safety
//
// `data` has `data_size` bytes and `ends` has `ends_size` values that nobody writes during the
// call; `encoder` is alive; `error` points to valid memory of its type.
disky_status disky_encoder_encode(struct disky_encoder *encoder,
                                  const uint8_t *data,
                                  uint64_t data_size,
                                  const uint64_t *ends,
                                  uint64_t ends_size,
                                  struct disky_error *error);

// Writes the chunk that `encoder` keeps; the file is the same as if disky_writer_write had written
// its records. `data` must be the same bytes as those that were encoded: uncompressed values are
// written from there. Afterwards the encoder keeps no chunk. If it keeps none, nothing is written.
//
// DISKY_INVALID_ARGUMENT: the encoder has other options, or `data` has another size; nothing was
// written. After a failure to write, every later call on the writer fails in the same way, and the
// encoder keeps its chunk.
//
// # Safety
//
// `data` has `data_size` bytes that nobody writes during the call; `writer` and `encoder` are
// alive; `error` points to valid memory of its type.
disky_status disky_writer_write_encoded(struct disky_writer *writer,
                                        struct disky_encoder *encoder,
                                        const uint8_t *data,
                                        uint64_t data_size,
                                        struct disky_error *error);

// Frees the encoder, which must not be used again, and the chunk that it keeps. Null is allowed
// and does nothing.
//
// DISKY_BUSY: another call is using the encoder, and nothing was freed.
//
// # Safety
//
// `encoder` is null or alive.
disky_status disky_encoder_free(struct disky_encoder *encoder);

// Opens the file at `path` for reading, and stores the reader in `reader` and the size of the file
// in bytes in `file_size`. Reads none of its contents yet. The reader finds bytes that are appended
// later only with `follow`.
//
// # Safety
//
// `path` has `path_size` bytes; `options`, `reader`, `file_size` and `error` point to valid memory
// of their types; the `projection` of `options` is null or has `projection_size` values.
disky_status disky_reader_open(const uint8_t *path,
                               uint64_t path_size,
                               const struct disky_reader_options *options,
                               struct disky_reader **reader,
                               uint64_t *file_size,
                               struct disky_error *error);

// Stores in `shared` a new reader of the same open file, at its beginning, with the same limits
// and projection, and DISKY_CORRUPTION_ERROR. The two readers are used and freed independently, also by different
// threads. If the caller supplies the bytes of `reader`, it also supplies those of the new reader.
//
// DISKY_INVALID_ARGUMENT: the reader reads a stream.
//
// # Safety
//
// `reader` is alive; `shared` and `error` point to valid memory of their types.
disky_status disky_reader_share(struct disky_reader *reader,
                                struct disky_reader **shared,
                                struct disky_error *error);

// Closes the file and frees the reader, which must not be used again. Null is allowed and does
// nothing.
//
// DISKY_BUSY: another call is using the reader, and nothing was freed.
//
// # Safety
//
// `reader` is null or alive.
disky_status disky_reader_free(struct disky_reader *reader);

// Decodes the next chunk that contains records. Writes the end of each record, relative to the
// beginning of the first one, to `ends`, and the bytes of the records to `data`; `batch` states
// the positions and numbers. `ends_capacity` is the number of values in `ends`, `data_capacity`
// the number of bytes in `data`. The two must not overlap.
//
// DISKY_OK: a chunk was decoded. DISKY_NEED_MEMORY: nothing was decoded; `batch` is written: call
// again with at least `records` as `ends_capacity` and `data_size` as `data_capacity`. DISKY_END:
// there are no more records; `batch` is written, and only its `chunk_end`, `notices` and
// `skipped_regions` have a meaning. DISKY_NOT_YET: with `follow`, the file contains no further
// complete chunk yet; `batch` is as for DISKY_END; call again after at least some milliseconds.
// After a failure the same call fails in the same way.
//
// With `follow`, if no chunk follows the damage, the first 10 calls return DISKY_NOT_YET and later
// ones fail, because a file system may show the new size of a file before its new contents. If the
// file has become shorter than the part already read, the call returns DISKY_TRUNCATED. It returns
// DISKY_END only after the postscript of an ArrayRecord.
//
// # Safety
//
// `ends` and `data` have the stated capacities and are initialised; `reader` is alive; `batch` and
// `error` point to valid memory of their types.
disky_status disky_reader_next(struct disky_reader *reader,
                               uint64_t *ends,
                               uint64_t ends_capacity,
                               uint8_t *data,
                               uint64_t data_capacity,
                               struct disky_batch *batch,
                               struct disky_error *error);

// Decodes the next chunk that contains records into the first slot, as disky_reader_next does, and, if
// possible, the chunks after it into the further slots. Several chunks in one call take less time,
// because they are hashed at the same time. `slots_count` is the number of slots, at least 1; at most
// disky_run_length() of them are used. The pieces of memory must not overlap.
//
// The status is what disky_reader_next returns for the first chunk, and the `batch` of the first slot is
// written in the same way. With DISKY_OK, `chunks` is the number of chunks that were decoded, and the
// `batch` of as many slots is written; notices and skipped regions lie before the first of them.
// With another status, `chunks` is 0.
//
// The call ends before a chunk, other than the first one, that is damaged, that needs more memory than
// its slot has, or that has skipped regions before it. The next call begins with that chunk.
//
// # Safety
//
// `slots` points to `slots_count` slots whose `ends` and `data` have the stated capacities and are
// initialised; `reader` is alive; `chunks` and `error` point to valid memory of their types.
disky_status disky_reader_next_run(struct disky_reader *reader,
                                   struct disky_slot *slots,
                                   uint64_t slots_count,
                                   uint64_t *chunks,
                                   struct disky_error *error);

// Returns how many slots disky_reader_next_run uses at most on this processor, which are as many chunks
// as are hashed in the shortest time per byte: 1 to DISKY_RUN. Always returns the same number. Any thread
// may call it at any time.
uint64_t disky_run_length(void);

// Goes past the next chunk that contains records if it begins at `chunk_begin`, as if
// disky_reader_next had decoded it. The reader does not read the data of the chunk: the caller has
// its records already.
//
// DISKY_OK: `batch` describes the chunk. DISKY_END: there is no further chunk with records, or it
// begins elsewhere and remains the next one; `batch` is as disky_reader_next writes it at the end.
// Skipped regions and notices are as for disky_reader_next.
//
// # Safety
//
// `reader` is alive; `batch` and `error` point to valid memory of their types.
disky_status disky_reader_skip(struct disky_reader *reader,
                               uint64_t chunk_begin,
                               struct disky_batch *batch,
                               struct disky_error *error);

// Checks every hash from the current position on, without decoding records.
//
// DISKY_OK: there are skipped regions or notices to take, or about 64 MiB were checked; call again
// after taking them. DISKY_END: the end of the file is reached; skipped regions and notices may
// remain to be taken then, too.
//
// # Safety
//
// `reader` is alive; `error` points to valid memory of its type.
disky_status disky_reader_verify(struct disky_reader *reader, struct disky_error *error);

// Moves to the chunk at `chunk_begin`, which is then the next one to read. Reads nothing yet.
//
// If `chunk_end` is not 0, the two positions must be those of a disky_extent from
// disky_reader_chunks or disky_reader_index. The reader then reads the chunk with as few requests
// as its size allows, and does not check whether it is part of the index of an ArrayRecord.
// `chunk_end` may also be the end of a later extent, if the chunks up to it are read next.
//
// DISKY_INVALID_ARGUMENT: no chunk can begin there, or the position is outside the range of the
// reader; its position did not change.
//
// # Safety
//
// `reader` is alive; `error` points to valid memory of its type.
disky_status disky_reader_seek(struct disky_reader *reader,
                               uint64_t chunk_begin,
                               uint64_t chunk_end,
                               struct disky_error *error);

// Finds the chunk nearest to `position`. `nearest` is a DISKY_NEAREST_ constant; unless it states
// otherwise, chunks of all types count. Block headers state where chunks begin, so that a few
// small reads suffice. The position of the reader does not change.
//
// DISKY_OK: `extent` is written. DISKY_END: the file has no such chunk.
//
// # Safety
//
// `reader` is alive; `extent` and `error` point to valid memory of their types.
disky_status disky_reader_find_chunk(struct disky_reader *reader,
                                     uint64_t position,
                                     uint32_t nearest,
                                     struct disky_extent *extent,
                                     struct disky_error *error);

// Lists the chunks that contain records of the user and begin in `position`..`limit`, from chunk
// headers alone. Writes them to `extents`, at most `capacity`; their number to `count`; and to
// `next` the position at which to continue. The list is complete if `next` is at least `limit` or
// the size of the file; otherwise repeat the call from `next` on. `position` is 0, a `next`, or
// the beginning of a chunk. The position of the reader does not change.
//
// Damage is a failure, also with DISKY_CORRUPTION_RECOVER; the call first returns the chunks
// before the damage.
//
// # Safety
//
// `extents` has the stated capacity and is initialised; `reader` is alive; `count`, `next` and
// `error` point to valid memory of their types.
disky_status disky_reader_chunks(struct disky_reader *reader,
                                 uint64_t position,
                                 uint64_t limit,
                                 struct disky_extent *extents,
                                 uint64_t capacity,
                                 uint64_t *count,
                                 uint64_t *next,
                                 struct disky_error *error);

// Writes the chunks that the footer of an ArrayRecord lists to `extents`, at most `capacity`, and
// their number to `count`. The reader checks only the first and the last chunk: after reading
// another one, compare its number of records with the listed one.
//
// DISKY_OK: all chunks are written. DISKY_NEED_MEMORY: only `count` is written; it is greater than
// `capacity`. DISKY_END: there is no usable footer.
//
// # Safety
//
// `extents` has the stated capacity and is initialised; `reader` is alive; `count` and `error`
// point to valid memory of their types.
disky_status disky_reader_index(struct disky_reader *reader,
                                struct disky_extent *extents,
                                uint64_t capacity,
                                uint64_t *count,
                                struct disky_error *error);

// Describes the chunk of any type that begins at `position`, from its header and its first bytes.
// The first chunk begins at 0, each other one at the end of the one before. A caller that requests
// them in this order learns the parts of an ArrayRecord even if its postscript is lost. The
// position of the reader does not change.
//
// DISKY_OK: `chunk` is written. DISKY_END: `position` is the end of the file.
//
// # Safety
//
// `reader` is alive; `chunk` and `error` point to valid memory of their types.
disky_status disky_reader_chunk_at(struct disky_reader *reader,
                                   uint64_t position,
                                   struct disky_chunk *chunk,
                                   struct disky_error *error);

// Measures the records of the complete file and stores their sizes in `sizes`. The reader reads only
// the record sizes of simple chunks and does not check their data hashes. The result leaves out
// the records of chunks above a limit or with an unknown compression. The position of the reader
// does not change.
//
// # Safety
//
// `reader` is alive; `sizes` and `error` point to valid memory of their types.
disky_status disky_reader_record_sizes(struct disky_reader *reader,
                                       struct disky_sizes *sizes,
                                       struct disky_error *error);

// Measures as disky_reader_record_sizes does, in steps of about 64 MiB of the file, so that the
// caller can show its progress.
//
// DISKY_OK: a step is done; call again. DISKY_END: the last step is done, and `sizes` has the sizes
// of the records of the complete file; the next call begins anew, as after a failure.
//
// # Safety
//
// `reader` is alive; `sizes` and `error` point to valid memory of their types.
disky_status disky_reader_measure(struct disky_reader *reader,
                                  struct disky_sizes *sizes,
                                  struct disky_error *error);

// Counts the records of the file, or of the reader's range, from chunk headers alone, and stores
// the number in `records`. The position of the reader does not change.
//
// # Safety
//
// `reader` is alive; `records` and `error` point to valid memory of their types.
disky_status disky_reader_count(struct disky_reader *reader,
                                uint64_t *records,
                                struct disky_error *error);

// Reads the file metadata, a serialized RecordsMetadata message, into `metadata`, which has room
// for `metadata_capacity` bytes, and stores its size in bytes in `metadata_size`. The position of
// the reader does not change.
//
// DISKY_OK: both are written. DISKY_NEED_MEMORY: only `metadata_size` is written; it is greater
// than `metadata_capacity`. DISKY_END: the file has no metadata. DISKY_TOO_LARGE: the metadata
// exceed 64 MiB, or the limit of the reader.
//
// # Safety
//
// `metadata` has the stated capacity and is initialised; `reader` is alive; `metadata_size` and
// `error` point to valid memory of their types.
disky_status disky_reader_metadata(struct disky_reader *reader,
                                   uint8_t *metadata,
                                   uint64_t metadata_capacity,
                                   uint64_t *metadata_size,
                                   struct disky_error *error);

// Takes the oldest notice that any call on this reader has left and that was not taken yet.
//
// DISKY_OK: `notice` is written. DISKY_END: there is no further notice.
//
// # Safety
//
// `reader` is alive; `notice` and `error` point to valid memory of their types.
disky_status disky_reader_notice(struct disky_reader *reader,
                                 struct disky_notice *notice,
                                 struct disky_error *error);

// Reads single records of chunks anywhere in the file: several chunks in one call. Checks the
// hashes of each of these chunks, and its sizes. The chunks are as disky_reader_chunks or
// disky_reader_index has listed them. `records` has the indexes of the records of one chunk after
// the other, ascending within each chunk; the call sets their offsets and sizes. Bytes of `memory`
// outside the records are arbitrary afterwards. The position of the reader does not change.
//
// DISKY_OK: `picked` states how many chunks were read. The call stops before the first chunk that it
// cannot read: one that does not fit into `memory`, is not a simple chunk, is not as stated, above a
// limit or damaged, or whose bytes cannot be read. Read that chunk with disky_reader_seek and
// disky_reader_next, which state the reason. An uncompressed chunk takes about its size in the file,
// a compressed one also the size of its records and up to 63 bytes.
//
// If the caller supplies the bytes, it supplies those of all chunks before the call, with
// disky_reader_supply: the call does not return DISKY_NEED_BYTES, but stops before the first chunk
// whose bytes it does not have. The reader does not keep the bytes after the call.
//
// # Safety
//
// `chunks`, `records` and `memory` have the stated sizes and are initialised; `reader` is alive;
// `picked` and `error` point to valid memory of their types.
disky_status disky_reader_pick(struct disky_reader *reader,
                               const struct disky_picked_chunk *chunks,
                               uint64_t chunk_count,
                               struct disky_picked_record *records,
                               uint64_t record_count,
                               uint8_t *memory,
                               uint64_t memory_size,
                               struct disky_picked *picked,
                               struct disky_error *error);

// Opens a reader without a file, to which the caller supplies `source_size` bytes; UINT64_MAX if
// their number is unknown, as in a stream. Any call on the reader may return DISKY_NEED_BYTES. The
// reader needs the bytes of a stream in order; a call that needs earlier ones is DISKY_IO. It
// needs bytes of a known size in any order, and may need them again; they must be the same each
// time.
//
// The reader keeps a copy of the bytes that a call needs until the call is complete: at most twice
// `max_chunk_size` and 16 MiB. A call that needs more is DISKY_TOO_LARGE. With
// DISKY_CORRUPTION_RECOVER this limits the part of a stream after the first damage, and the size
// of a damaged part of another source. `follow` is not allowed.
//
// # Safety
//
// `options`, `reader` and `error` point to valid memory of their types; the `projection` of `options` is
// null or has `projection_size` values.
disky_status disky_reader_open_pulled(uint64_t source_size,
                                      const struct disky_reader_options *options,
                                      struct disky_reader **reader,
                                      struct disky_error *error);

// Stores in `need` the bytes that the last call, which returned DISKY_NEED_BYTES, needs.
//
// DISKY_OK: `need` is written. DISKY_END: the bytes were supplied already.
//
// # Safety
//
// `reader` is alive; `need` and `error` point to valid memory of their types.
disky_status disky_reader_need(struct disky_reader *reader,
                               struct disky_need *need,
                               struct disky_error *error);

// Copies `size` bytes at position `offset` of the source into the reader. They may be fewer or
// more than the reader needs. `at_end` is 1 if no bytes follow them, otherwise 0.
//
// DISKY_INVALID_ARGUMENT: the bytes of a stream do not follow those supplied before, or the bytes
// lie beyond the end of the source.
//
// # Safety
//
// `bytes` has `size` bytes that nobody writes during the call; `reader` is alive; `error` points
// to valid memory of its type.
disky_status disky_reader_supply(struct disky_reader *reader,
                                 uint64_t offset,
                                 const uint8_t *bytes,
                                 uint64_t size,
                                 uint32_t at_end,
                                 struct disky_error *error);

// Takes the first skipped part of the file, in file order; each is returned once. After each batch
// there are the parts that begin before the end of the batch, and at the end of the file all
// remaining ones.
//
// DISKY_OK: `region` is written. DISKY_END: no further region was skipped so far.
//
// # Safety
//
// `reader` is alive; `region` and `error` point to valid memory of their types.
disky_status disky_reader_skipped_region(struct disky_reader *reader,
                                         struct disky_skipped_region *region,
                                         struct disky_error *error);

// States that the stack of this thread has as much room as the caller needs, as the caller has just
// found out.
void disky_stack_prove(void);

// Returns 1 if this thread has called disky_stack_prove when its stack was at least as deep as it is
// now, so that it also has that room now; otherwise 0. Takes some nanoseconds.
uint32_t disky_stack_is_proven(void);

// Opens the file at `path` for writing, locks it against other writers, and stores the writer in
// `writer`. A new file gets `metadata`, a serialized RecordsMetadata message, unless the pointer
// is null. Metadata require DISKY_DIALECT_RIEGELI.
//
// DISKY_INVALID_ARGUMENT: the options cannot be combined; the file was not touched.
//
// # Safety
//
// `path` has `path_size` bytes; `metadata` is null or has `metadata_size` bytes; `options`,
// `writer` and `error` point to valid memory of their types.
disky_status disky_writer_open(const uint8_t *path,
                               uint64_t path_size,
                               const struct disky_writer_options *options,
                               const uint8_t *metadata,
                               uint64_t metadata_size,
                               struct disky_writer **writer,
                               struct disky_error *error);

// Stores the size of the file in bytes in `size`, as it is after disky_writer_flush without padding.
//
// # Safety
//
// `writer` is alive; `size` and `error` point to valid memory of their types.
disky_status disky_writer_file_size(struct disky_writer *writer,
                                    uint64_t *size,
                                    struct disky_error *error);

// Stores in `path` the temporary name that a file with `atomic_creation` has until it is finished:
// an absolute path of `*path_size` bytes, not terminated.
//
// DISKY_OK: `path` and `path_size` are written. DISKY_NEED_MEMORY: only `path_size` is written,
// because the path has more than `capacity` bytes. DISKY_END: the file has its own name already,
// and nothing is written.
//
// # Safety
//
// `path` has `capacity` bytes that nobody else uses during the call; `writer` is alive;
// `path_size` and `error` point to valid memory of their types.
disky_status disky_writer_temporary_path(struct disky_writer *writer,
                                         uint8_t *path,
                                         uint64_t capacity,
                                         uint64_t *path_size,
                                         struct disky_error *error);

// Closes the file, unlocks it, and frees the writer, which must not be used again. Null is allowed
// and does nothing. A file that is created atomically and was not finished is removed.
//
// DISKY_BUSY: another call is using the writer, and nothing was freed.
//
// # Safety
//
// `writer` is null or alive.
disky_status disky_writer_free(struct disky_writer *writer);

// Writes one chunk of records. The records lie one after the other in `data`; `ends` has the end
// of each. With `upstream_compatibility` they may become two chunks. When the call returns, the
// records are in the file, and others can read them; but groups of an ArrayRecord that take up to
// 32 KiB of the file are written together, at the latest by disky_writer_flush, _sync, _finish or
// _free, or when they take 256 KiB. Without records nothing is written.
//
// DISKY_INVALID_ARGUMENT: with DISKY_CONTAINER_ARRAY_RECORD, the chunk does not have as many
// records as a group, or a chunk follows one that has fewer; nothing was written. After a failure
// to write, every later call fails in the same way.
//
// # Safety
//
// `data` has `data_size` bytes and `ends` has `ends_size` values that nobody writes during the
// call; `writer` is alive; `error` points to valid memory of its type.
disky_status disky_writer_write(struct disky_writer *writer,
                                const uint8_t *data,
                                uint64_t data_size,
                                const uint64_t *ends,
                                uint64_t ends_size,
                                struct disky_error *error);

// Writes the groups of an ArrayRecord that are not yet in the file, and the padding that the
// options require at a flush.
//
// # Safety
//
// `writer` is alive; `error` points to valid memory of its type.
disky_status disky_writer_flush(struct disky_writer *writer, struct disky_error *error);

// Ends the file: writes the padding that the options require, and the index of an ArrayRecord.
// With `atomic_creation` it also makes the file durable and gives it its name. After this the
// writer can only be freed. A file that was not finished has all its chunks but neither padding
// nor index; with `atomic_creation` it does not exist.
//
// # Safety
//
// `writer` is alive; `error` points to valid memory of its type.
disky_status disky_writer_finish(struct disky_writer *writer, struct disky_error *error);

// Flushes, and returns after all written chunks are durable: they survive a power failure.
// DISKY_INVALID_ARGUMENT with `atomic_creation`.
//
// # Safety
//
// `writer` is alive; `error` points to valid memory of its type.
disky_status disky_writer_sync(struct disky_writer *writer, struct disky_error *error);

// Stores where the last records lie that this writer has written: the position of their chunk in
// bytes in `chunk_begin`, and the number of records in the chunk in `num_records`. With
// `upstream_compatibility` this may be less than the number of records in the call.
//
// DISKY_END: the writer has written no records.
//
// # Safety
//
// `writer` is alive; `chunk_begin`, `num_records` and `error` point to valid memory of their
// types.
disky_status disky_writer_last_chunk(struct disky_writer *writer,
                                     uint64_t *chunk_begin,
                                     uint64_t *num_records,
                                     struct disky_error *error);

// Stores in `chunk_begin` the position, in bytes, of the chunk that will contain the first
// `num_records` records of the next chunk, of `size` bytes in total.
//
// DISKY_END: with `upstream_compatibility` the position depends on records that are not known yet.
// After writing them as a chunk, disky_writer_last_chunk returns the position of the last ones.
//
// # Safety
//
// `writer` is alive; `chunk_begin` and `error` point to valid memory of their types.
disky_status disky_writer_promise_next_chunk(struct disky_writer *writer,
                                             uint64_t num_records,
                                             uint64_t size,
                                             uint64_t *chunk_begin,
                                             struct disky_error *error);

// Opens a writer without a file, from which the caller takes the written bytes, and stores it in
// `writer`. `metadata` is as for disky_writer_open. After each call that writes, disky_writer_take
// returns the new bytes, from the beginning of the file on.
//
// The file is always new: DISKY_OPEN_APPEND, `repair` and `atomic_creation` are
// DISKY_INVALID_ARGUMENT. disky_writer_sync only writes padding; the caller makes the bytes
// durable.
//
// # Safety
//
// `metadata` is null or has `metadata_size` bytes; `options`, `writer` and `error` point to valid
// memory of their types.
disky_status disky_writer_open_pulled(const struct disky_writer_options *options,
                                      const uint8_t *metadata,
                                      uint64_t metadata_size,
                                      struct disky_writer **writer,
                                      struct disky_error *error);

// Moves the next bytes of a writer without a file to `out`, at most `capacity`, and stores their
// number in `size`; 0 if there are no bytes to take now.
//
// # Safety
//
// `out` has the stated capacity and is initialised; `writer` is alive; `size` and `error` point to
// valid memory of their types.
disky_status disky_writer_take(struct disky_writer *writer,
                               uint8_t *out,
                               uint64_t capacity,
                               uint64_t *size,
                               struct disky_error *error);

// Stores in `repair` the part that was cut off when the file was opened.
//
// DISKY_OK: `repair` is written. DISKY_END: nothing was cut off.
//
// # Safety
//
// `writer` is alive; `repair` and `error` point to valid memory of their types.
disky_status disky_writer_repair(struct disky_writer *writer,
                                 struct disky_repair *repair,
                                 struct disky_error *error);

// Cuts the file at `path` at the end of its last complete chunk if its tail is torn, and makes
// that durable. If `dry_run` is 1 instead of 0, the file is only read, and not locked, and `repair`
// describes the cut; the end of a file that a writer has open can look torn for a moment.
//
// DISKY_OK: the tail is torn, and `repair` is written. DISKY_END: the tail is not torn. The rest
// of the file is not checked.
// DISKY_INVALID_ARGUMENT: the file is an ArrayRecord, which is never cut. If a cut would not
// repair the file, the status states its damage.
//
// # Safety
//
// `path` has `path_size` bytes; `repair` and `error` point to valid memory of their types.
disky_status disky_repair_file(const uint8_t *path,
                               uint64_t path_size,
                               uint32_t dry_run,
                               struct disky_repair *repair,
                               struct disky_error *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* DISKY_H */
