/*
 * disky: reads and writes Disky and Riegeli record files.
 *
 * Generated from disky-capi by cbindgen; do not edit.
 *
 * Rules for every function:
 * - It returns a status: DISKY_OK, another non-negative one that its description names, or a negative one
 *   for a failure. Outputs are written only where the description says so, and on DISKY_OK.
 * - It never unwinds or aborts into the caller. A null or misaligned pointer where one is needed is
 *   DISKY_INVALID_ARGUMENT.
 * - `error` may be null; otherwise it is filled whenever the status is negative, and else not touched.
 * - Memory that is handed in is used during the call alone; the library never keeps a pointer to it.
 *   Nothing that the library hands out is to be freed but readers, writers and encoders, each with its own function.
 * - A reader, writer or encoder may be used from any thread, by one thread at a time. A call that finds it in use
 *   by another answers DISKY_BUSY and does nothing.
 * - Paths are the bytes that the operating system knows the file by, not terminated.
 */


#ifndef DISKY_H
#define DISKY_H

#include <stdint.h>

// The version of this ABI. It changes whenever a program built for the old one would misbehave.
#define DISKY_ABI_VERSION 1

// Compressed simple chunks as upstream disky lays them out.
#define DISKY_DIALECT_DISKY 0

// Compressed simple chunks as Google's Riegeli lays them out.
#define DISKY_DIALECT_RIEGELI 1

// Bytes of message that a disky_error holds.
#define DISKY_ERROR_MESSAGE_SIZE 488

// Of disky_reader_find_chunk: the last chunk that begins at a position or before it.
#define DISKY_NEAREST_AT_OR_BEFORE 0

// Of disky_reader_find_chunk: the first chunk that begins at a position or after it.
#define DISKY_NEAREST_AT_OR_AFTER 1

// Of disky_reader_find_chunk: the last chunk that holds records of the user, in the range, and begins
// before a position. With DISKY_CORRUPTION_RECOVER this chunk can be read, and
// disky_reader_skipped_region returns the regions skipped between it and the position. A caller that
// goes back from chunk to chunk in this way reads each part of the file once.
#define DISKY_NEAREST_RECORDS_BEFORE 2

// No part of an ArrayRecord's index.
#define DISKY_PART_NONE 0

// The footer of an ArrayRecord, which lists its chunks; holds no records of the user.
#define DISKY_PART_FOOTER 1

// The postscript of an ArrayRecord, which tells where the footer is; holds no records of the user.
#define DISKY_PART_POSTSCRIPT 2

// How many buckets a disky_sizes has.
#define DISKY_SIZE_BUCKETS 65

// Damage is a failure.
#define DISKY_CORRUPTION_ERROR 0

// Damage is skipped, and reading goes on behind it: disky_reader_skipped_region tells what was
// skipped.
#define DISKY_CORRUPTION_RECOVER 1

// Create the file; fail if it exists.
#define DISKY_OPEN_CREATE_NEW 0

// Create the file, or discard what it holds.
#define DISKY_OPEN_OVERWRITE 1

// Create the file, or continue it after its last record; fail if it is not intact, unless it can be
// repaired and that is wanted.
#define DISKY_OPEN_APPEND 2

// Riegeli/records: chunks one after the other.
#define DISKY_CONTAINER_RECORDS 0

// ArrayRecord: chunks of one number of records, and an index of them at the end. With
// DISKY_DIALECT_RIEGELI and not with DISKY_OPEN_APPEND.
#define DISKY_CONTAINER_ARRAY_RECORD 1

// No compression.
#define DISKY_COMPRESSION_NONE 0

// Compression with zstd.
#define DISKY_COMPRESSION_ZSTD 1

// Compression with brotli. With DISKY_DIALECT_RIEGELI only.
#define DISKY_COMPRESSION_BROTLI 2

// Compression with snappy. With DISKY_DIALECT_RIEGELI only.
#define DISKY_COMPRESSION_SNAPPY 3

// Encodes chunks, one at a time.
typedef struct disky_encoder disky_encoder;

// Reads the records of a file in order, a chunk at a time.
typedef struct disky_reader disky_reader;

// Writes records to a file, a chunk at a time.
typedef struct disky_writer disky_writer;

// What a call came to: one of the DISKY_ constants below. Negative ones are failures.
typedef int32_t disky_status;

// How to write.
typedef struct disky_writer_options {
  // A DISKY_OPEN_ constant.
  uint32_t open_mode;
  // A DISKY_COMPRESSION_ constant.
  uint32_t compression;
  // For DISKY_COMPRESSION_ZSTD -131072 to 22, where 0 means the default, 3; for
  // DISKY_COMPRESSION_BROTLI the quality, 0 to 11; otherwise ignored.
  int32_t compression_level;
  // A DISKY_DIALECT_ constant.
  uint32_t dialect;
  // The binary logarithm of the size in bytes of the window that compression looks back: 10 to
  // 31 for DISKY_COMPRESSION_ZSTD, 10 to 30 for DISKY_COMPRESSION_BROTLI, otherwise ignored.
  // 0 means the default.
  int32_t window_log;
  // A DISKY_CONTAINER_ constant.
  uint32_t container;
  // With DISKY_CONTAINER_ARRAY_RECORD, how many records make a chunk; only the last one may have
  // fewer. 0 means the default, 1.
  uint32_t group_size;
  // 1 if chunks are transposed, otherwise 0. With DISKY_DIALECT_RIEGELI only.
  uint32_t transpose;
  // The size in bytes that the caller's chunks have, at most 1 GiB; what a bucket's size is
  // relative to. 0 means the default, 1 MiB.
  uint64_t chunk_size;
  // How large a bucket of a transposed chunk is, relative to the chunk size: 0.0, which is a
  // bucket for each field, to 1.0. Ignored unless chunks are transposed.
  double bucket_fraction;
  // A file that is continued is first padded to a multiple of so many bytes, at most 1 GiB; 0 or
  // 1 for none. More with DISKY_DIALECT_RIEGELI only.
  uint64_t initial_padding;
  // At each flush and at its end the file is padded to a multiple of so many bytes, at most
  // 1 GiB; 0 or 1 for none. More with DISKY_DIALECT_RIEGELI only. With
  // DISKY_CONTAINER_ARRAY_RECORD it is 0, 1 or 65536, and each chunk is padded.
  uint64_t final_padding;
  // 1 if with DISKY_OPEN_APPEND a torn tail is cut off, 0 if it is an error.
  uint32_t repair;
  // 1 if the file has a temporary name until disky_writer_finish, and is removed by
  // disky_writer_free without it; otherwise 0. Not with DISKY_OPEN_APPEND.
  uint32_t atomic_creation;
  // 1 if with DISKY_DIALECT_DISKY chunks are put where upstream disky's own reader takes them:
  // it rejects some valid files. A chunk may then become two, and chunks without records may lie
  // between. 0 if each chunk follows the one before. Ignored with DISKY_DIALECT_RIEGELI.
  uint32_t upstream_compatibility;
} disky_writer_options;

// The account of a failure. The caller allocates it; nothing in it is to be freed.
typedef struct disky_error {
  // The status that the call returned.
  int32_t status;
  // The operating system's error code for DISKY_IO, or 0 where there is none.
  int32_t os_error;
  // Byte position in the file; UINT64_MAX where there is none.
  uint64_t position;
  // For DISKY_TOO_LARGE the size that the file states, otherwise 0: bytes, or records of a chunk
  // where their number is what exceeds its limit.
  uint64_t size;
  // For DISKY_TOO_LARGE the limit, in the same unit, otherwise 0.
  uint64_t limit;
  // Bytes of `message` in use.
  uint32_t message_size;
  // 1 if the message was longer than what is in `message`, otherwise 0.
  uint32_t truncated;
  // What happened, in English, UTF-8, not terminated; without position and file name.
  uint8_t message[DISKY_ERROR_MESSAGE_SIZE];
} disky_error;

// How to read.
typedef struct disky_reader_options {
  // The largest chunk that is decoded, in bytes: its records and 8 for each, and likewise its
  // encoded data. 0 means the default, 1 GiB.
  uint64_t max_chunk_size;
  // The largest record that is returned, in bytes. 0 means the default, no limit but that on
  // chunks.
  uint64_t max_record_size;
  // The most records of a chunk that is decoded. 0 means the default, no limit but that on
  // chunks.
  uint64_t max_records_per_chunk;
  // A DISKY_CORRUPTION_ constant.
  uint32_t corruption_strategy;
  // With DISKY_CORRUPTION_RECOVER, 1 if chunks that only a search finds are to be left out, else
  // 0.
  uint32_t without_scan;
  // 1 if disky_reader_next is to follow a file that grows, else 0. Not with
  // DISKY_CORRUPTION_RECOVER.
  uint32_t tail;
  // 1 if chunks will be asked for here and there, so that nothing is to be read ahead, else 0.
  uint32_t random_access;
  // The chunks that begin in range_begin..range_end are read, positions in bytes. Readers of
  // adjoining ranges read each chunk exactly once, wherever the ranges begin.
  uint64_t range_begin;
  // The end of the range; 0 means that of the file.
  uint64_t range_end;
} disky_reader_options;

// Where disky_reader_next put the records of a chunk, or how much memory it needs.
typedef struct disky_batch {
  // Position of the chunk in the file, in bytes.
  uint64_t chunk_begin;
  // Position just past the chunk and its padding, in bytes; where the next chunk may begin.
  uint64_t chunk_end;
  // Number of records, at least 1.
  uint64_t records;
  // Where the records begin in `data`, in bytes.
  uint64_t data_offset;
  // Size of all records in bytes.
  uint64_t data_size;
  // How many notices disky_reader_notice has to tell.
  uint64_t notices;
  // How many regions disky_reader_skipped_region has to tell.
  uint64_t skipped_regions;
  // 1 if only a search has found the chunk, so that it is likely but not proven to be part of
  // this file; else 0. Never 1 but with DISKY_CORRUPTION_RECOVER.
  uint32_t scanned;
  // Always 0.
  uint32_t reserved;
} disky_batch;

// Where a chunk lies, and how much is in it.
typedef struct disky_extent {
  // Position of the chunk in bytes.
  uint64_t begin;
  // Position just past the chunk in bytes; of disky_reader_index, where it ends or before.
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
  // Position just past the chunk and its padding, in bytes.
  uint64_t end;
  // Number of records.
  uint64_t records;
  // Size of its encoded data in bytes.
  uint64_t data_size;
  // Sum of its record sizes in bytes.
  uint64_t decoded_data_size;
  // The byte that denotes its type, `r` for example.
  uint32_t chunk_type;
  // The byte that denotes its compression, `z` for example; UINT32_MAX if chunks of its type
  // have none.
  uint32_t compression_type;
  // DISKY_DIALECT_DISKY, DISKY_DIALECT_RIEGELI, or UINT32_MAX if the chunk shows none.
  uint32_t dialect;
  // What of an ArrayRecord it is, a DISKY_PART_ constant.
  uint32_t part;
} disky_chunk;

// A distribution of sizes in bytes.
typedef struct disky_sizes {
  // How many there are.
  uint64_t count;
  // The smallest one, 0 if there is none.
  uint64_t smallest;
  // The largest one, 0 if there is none.
  uint64_t largest;
  // The sum of their sizes.
  uint64_t total;
  // How many there are of 0 bytes, of 1, of 2 to 3, of 4 to 7, and so on: bucket `i` has those of
  // less than 2 to the power of `i` that no bucket before it has.
  uint64_t buckets[DISKY_SIZE_BUCKETS];
} disky_sizes;

// Something that a caller should know though reading goes on.
typedef struct disky_notice {
  // The byte position in the file that it is about.
  uint64_t position;
  // Bytes of `message` in use.
  uint32_t message_size;
  // 1 if the message was longer than what is in `message`, otherwise 0.
  uint32_t truncated;
  // What was found and what is done about it, in English, UTF-8, not terminated; without
  // position and file name.
  uint8_t message[DISKY_ERROR_MESSAGE_SIZE];
} disky_notice;

// Which bytes a reader needs.
typedef struct disky_need {
  // Position of the first one.
  uint64_t offset;
  // How many are needed before the call gets any further, at least 1.
  uint64_t size;
  // How many are likely to be of use, at least `size`.
  uint64_t welcome;
} disky_need;

// A part of the file that was skipped.
typedef struct disky_skipped_region {
  // Position of its first byte.
  uint64_t begin;
  // Position just past its last byte.
  uint64_t end;
  // 1 if `end` is known from a search alone, else 0.
  uint32_t scanned;
  // Always 0.
  uint32_t reserved;
  // What is wrong there, as the failure that DISKY_CORRUPTION_ERROR would give.
  struct disky_error reason;
} disky_skipped_region;

// What was cut off the end of a file.
typedef struct disky_repair {
  // Size of the file in bytes before.
  uint64_t size_before;
  // Size of the file in bytes after: the end of its last whole chunk, or 0 if not even the file
  // signature was whole.
  uint64_t size_after;
  // Bytes of `message` in use.
  uint32_t message_size;
  // 1 if the message was longer than what is in `message`, otherwise 0.
  uint32_t truncated;
  // What was wrong from `size_after` on, in English, UTF-8, not terminated; without file name.
  uint8_t message[DISKY_ERROR_MESSAGE_SIZE];
} disky_repair;

// Done.
#define DISKY_OK 0

// There is nothing more to read.
#define DISKY_END 1

// More memory is needed; the call says how much and changed nothing.
#define DISKY_NEED_MEMORY 2

// There is nothing more to read for now, of a file that grows.
#define DISKY_NOT_YET 3

// A reader without a file needs bytes: disky_reader_need says which, and after
// disky_reader_supply the same call is to be made again. No output is written.
#define DISKY_NEED_BYTES 4

// The operating system failed a request; `os_error` has its code where there is one.
#define DISKY_IO -1

// Another writer has the file open.
#define DISKY_LOCKED -2

// Memory could not be allocated.
#define DISKY_OUT_OF_MEMORY -3

// An argument is null, misaligned or outside its range.
#define DISKY_INVALID_ARGUMENT -4

// Another thread is using the reader or writer.
#define DISKY_BUSY -5

// A defect of this library; the reader or writer can only be freed.
#define DISKY_INTERNAL -6

// The file does not start with the file signature.
#define DISKY_NOT_A_RECORD_FILE -20

// The file ends inside a structure.
#define DISKY_TRUNCATED -21

// A block header is damaged, or disagrees with the chunk that it interrupts.
#define DISKY_BLOCK_HEADER -22

// A chunk header is damaged, or states impossible sizes.
#define DISKY_CHUNK_HEADER -23

// The data of a chunk do not match their hash.
#define DISKY_DATA_HASH -24

// The record sizes in a chunk disagree with its header.
#define DISKY_RECORD_SIZES -25

// Compressed data do not decompress to what was stated.
#define DISKY_COMPRESSED_DATA -26

// A file signature lies where no concatenated file can begin.
#define DISKY_MISPLACED_SIGNATURE -27

// A transposed chunk contradicts itself or its header.
#define DISKY_TRANSPOSED_DATA -28

// The chunk type is not known to this version.
#define DISKY_UNSUPPORTED_CHUNK_TYPE -40

// The compression type is not known to this version.
#define DISKY_UNSUPPORTED_COMPRESSION -41

// A chunk exceeds the limit of the reader; `size` and `limit` say by how much.
#define DISKY_TOO_LARGE -42

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Returns DISKY_ABI_VERSION as this library was built; a caller compares it with its own before
// any other call.
uint32_t disky_abi_version(void);

// Makes an encoder for writers with these `options`, and stores it in `encoder`. What they say of
// opening a file is not looked at.
//
// Options that do not go together are DISKY_INVALID_ARGUMENT.
//
// # Safety
//
// `options`, `encoder` and `error` point to what their types say.
disky_status disky_encoder_open(const struct disky_writer_options *options,
                                struct disky_encoder **encoder,
                                struct disky_error *error);

// Encodes a chunk of records, which lie one after the other in `data`, each up to its end in `ends`.
// The encoder keeps it until disky_writer_write_encoded has written it, or another one is encoded.
// No records, no chunk.
//
// # Safety
//
// `data` has `data_size` bytes and `ends` has `ends_size` values that nobody writes during the
// call; `encoder` is alive; `error` points to what its type says.
disky_status disky_encoder_encode(struct disky_encoder *encoder,
                                  const uint8_t *data,
                                  uint64_t data_size,
                                  const uint64_t *ends,
                                  uint64_t ends_size,
                                  struct disky_error *error);

// Writes the chunk that `encoder` holds, as disky_writer_write would write its records: the file is
// the same. `data` are the same bytes as when it was encoded; what is not compressed is written from
// there. No chunk, nothing is written. Afterwards the encoder holds none.
//
// An encoder with other options, or data of another size, is DISKY_INVALID_ARGUMENT, and nothing is
// written. A failure to write lasts: every later call repeats it; the encoder keeps its chunk.
//
// # Safety
//
// `data` has `data_size` bytes that nobody writes during the call; `writer` and `encoder` are
// alive; `error` points to what its type says.
disky_status disky_writer_write_encoded(struct disky_writer *writer,
                                        struct disky_encoder *encoder,
                                        const uint8_t *data,
                                        uint64_t data_size,
                                        struct disky_error *error);

// Frees the encoder, which is not used again, and the chunk that it may hold. Null is fine.
// DISKY_BUSY: a call is using the encoder, and nothing was freed.
//
// # Safety
//
// `encoder` is null or alive.
disky_status disky_encoder_free(struct disky_encoder *encoder);

// Opens the file at `path` for reading and stores the reader in `reader`. Nothing of the contents
// is read yet; what is appended from now on is seen only with `tail`.
//
// # Safety
//
// `path` has `path_size` bytes; `options`, `reader` and `error` point to what their types say.
disky_status disky_reader_open(const uint8_t *path,
                               uint64_t path_size,
                               const struct disky_reader_options *options,
                               struct disky_reader **reader,
                               struct disky_error *error);

// Stores in `shared` a new reader of the same open file, at its beginning, with the same limits and
// DISKY_CORRUPTION_ERROR. The two are used and freed independently, by different threads if so
// wanted. Of a reader without a file it is DISKY_INVALID_ARGUMENT.
//
// # Safety
//
// `reader` is alive; `shared` and `error` point to what their types say.
disky_status disky_reader_share(struct disky_reader *reader,
                                struct disky_reader **shared,
                                struct disky_error *error);

// Stores the size of the file in bytes, as it was when the reader was opened, in `size`; UINT64_MAX
// if it is not known.
//
// # Safety
//
// `reader` is alive; `size` and `error` point to what their types say.
disky_status disky_reader_file_size(struct disky_reader *reader,
                                    uint64_t *size,
                                    struct disky_error *error);

// Closes the file and frees the reader, which is not used again. Null is fine. DISKY_BUSY: a call
// is using the reader, and nothing was freed.
//
// # Safety
//
// `reader` is null or alive.
disky_status disky_reader_free(struct disky_reader *reader);

// Decodes the next chunk that has records: to `ends` where each record ends, relative to the first
// one's begin, and to `data` their bytes. `batch` says where; `ends_capacity` counts values,
// `data_capacity` bytes. `ends` and `data` do not overlap.
//
// DISKY_OK: done. DISKY_NEED_MEMORY: nothing was decoded; `batch` is written, and its `records`
// and `data_size` are the capacities to call again with. DISKY_END: there are no more records;
// `batch` is written, and only its `chunk_end`, `notices` and `skipped_regions` mean anything. DISKY_NOT_YET:
// with `tail`, there is no other whole chunk for now; `batch` is as for DISKY_END, and the call may
// be made again, some milliseconds later at least. After a failure the same call fails in the same
// way.
//
// With `tail`, if no chunk follows the damage, the first 10 calls return DISKY_NOT_YET and later ones
// fail, because a file system may show the new size of a file before its new contents. If the file
// has become shorter than the part already read, the call returns DISKY_TRUNCATED. It returns
// DISKY_END only after the postscript of an ArrayRecord.
//
// # Safety
//
// `ends` and `data` have the capacities stated, all of it initialised; `reader` is alive; `batch`
// and `error` point to what their types say.
disky_status disky_reader_next(struct disky_reader *reader,
                               uint64_t *ends,
                               uint64_t ends_capacity,
                               uint8_t *data,
                               uint64_t data_capacity,
                               struct disky_batch *batch,
                               struct disky_error *error);

// Goes past the next chunk that has records, as if disky_reader_next had decoded it, if it is the
// one at `chunk_begin`. For a caller that has its records already: its data are not looked at.
//
// DISKY_OK: done; `batch` tells of the chunk. DISKY_END: the next chunk with records, if there is
// one, is another one, and still the next; `batch` is as disky_reader_next writes it at the end.
// Skipped regions and notices are told as by disky_reader_next.
//
// # Safety
//
// `reader` is alive; `batch` and `error` point to what their types say.
disky_status disky_reader_skip(struct disky_reader *reader,
                               uint64_t chunk_begin,
                               struct disky_batch *batch,
                               struct disky_error *error);

// Checks every hash from the current position on, without decoding anything.
//
// DISKY_OK: there are skipped regions or notices to be asked for; then the call is to be made
// again. DISKY_END: the end of the file is reached; there may be some to be asked for, too.
//
// # Safety
//
// `reader` is alive; `error` points to what its type says.
disky_status disky_reader_verify(struct disky_reader *reader, struct disky_error *error);

// Moves to the chunk at `chunk_begin`: its records are read next. Nothing is read yet.
//
// If `chunk_end` is not 0, this is a disky_extent of disky_reader_chunks or disky_reader_index: the
// chunk is then read with as few requests as its size allows, and taken for one of records without
// a look at it.
//
// DISKY_INVALID_ARGUMENT: no chunk can begin there, or it is outside the range of the reader, whose
// position then stays the same.
//
// # Safety
//
// `reader` is alive; `error` points to what its type says.
disky_status disky_reader_seek(struct disky_reader *reader,
                               uint64_t chunk_begin,
                               uint64_t chunk_end,
                               struct disky_error *error);

// Finds the chunk, of any type unless `nearest` says otherwise, that is nearest to `position`;
// `nearest` is a DISKY_NEAREST_ constant. The block headers tell where to look, so that a few small
// reads do. The position of the reader does not change.
//
// DISKY_OK: `extent` is written. DISKY_END: there is none on that side.
//
// # Safety
//
// `reader` is alive; `extent` and `error` point to what their types say.
disky_status disky_reader_find_chunk(struct disky_reader *reader,
                                     uint64_t position,
                                     uint32_t nearest,
                                     struct disky_extent *extent,
                                     struct disky_error *error);

// Lists the chunks that hold records of the user and begin in `position`..`limit`, from chunk
// headers, to `extents`, which has room for `capacity`. `count` is how many were listed, and `next`
// where to go on: a caller that repeats the call there, until `next` is at least `limit` or the size
// of the file, gets all of them. `position` is 0, a `next`, or where a chunk begins. The position of the reader does not
// change.
//
// Damage is a failure, also with DISKY_CORRUPTION_RECOVER; the call first returns the chunks that it
// has listed before the damage.
//
// # Safety
//
// `extents` has the capacity stated, all of it initialised; `reader` is alive; `count`, `next` and
// `error` point to what their types say.
disky_status disky_reader_chunks(struct disky_reader *reader,
                                 uint64_t position,
                                 uint64_t limit,
                                 struct disky_extent *extents,
                                 uint64_t capacity,
                                 uint64_t *count,
                                 uint64_t *next,
                                 struct disky_error *error);

// Tells the chunks that the footer of an ArrayRecord lists, in `extents`, which has room for
// `capacity`, and in `count` how many there are. Only the first and the last one are known to be
// there: a caller that reads a chunk compares its number of records with the listed one.
//
// DISKY_OK: done. DISKY_NEED_MEMORY: only `count` is written, which is more than the capacity.
// DISKY_END: there is no footer that can be used.
//
// # Safety
//
// `extents` has the capacity stated, all of it initialised; `reader` is alive; `count` and `error`
// point to what their types say.
disky_status disky_reader_index(struct disky_reader *reader,
                                struct disky_extent *extents,
                                uint64_t capacity,
                                uint64_t *count,
                                struct disky_error *error);

// Describes the chunk that begins at `position`, of any type, from its header and its first bytes.
// The first chunk begins at 0, each other one at the end of the one before; asked for in this
// order, the parts of an ArrayRecord are known even where its postscript is lost. The position of
// the reader does not change.
//
// DISKY_OK: `chunk` is written. DISKY_END: `position` is the end of the file.
//
// # Safety
//
// `reader` is alive; `chunk` and `error` point to what their types say.
disky_status disky_reader_chunk_at(struct disky_reader *reader,
                                   uint64_t position,
                                   struct disky_chunk *chunk,
                                   struct disky_error *error);

// Stores how large the records of the whole file are in `sizes`. Of simple chunks only the record
// sizes are read, and their data hashes are not checked. Records of chunks above the limit, or of a
// compression that is not known, are left out. The position of the reader does not change.
//
// # Safety
//
// `reader` is alive; `sizes` and `error` point to what their types say.
disky_status disky_reader_record_sizes(struct disky_reader *reader,
                                       struct disky_sizes *sizes,
                                       struct disky_error *error);

// Counts the records of the whole file, from chunk headers alone, into `records`. The position of
// the reader does not change.
//
// # Safety
//
// `reader` is alive; `records` and `error` point to what their types say.
disky_status disky_reader_count(struct disky_reader *reader,
                                uint64_t *records,
                                struct disky_error *error);

// Reads the file metadata, a serialized RecordsMetadata message, into `metadata`, which has room
// for `metadata_capacity` bytes, and stores their size in bytes in `metadata_size`. The position of
// the reader does not change.
//
// DISKY_OK: done. DISKY_NEED_MEMORY: `metadata_size` is written and more than the capacity;
// `metadata` is not. DISKY_END: the file has none. DISKY_TOO_LARGE: they exceed 64 MiB, or the
// limit of the reader.
//
// # Safety
//
// `metadata` has the capacity stated, all of it initialised; `reader` is alive; `metadata_size` and
// `error` point to what their types say.
disky_status disky_reader_metadata(struct disky_reader *reader,
                                   uint8_t *metadata,
                                   uint64_t metadata_capacity,
                                   uint64_t *metadata_size,
                                   struct disky_error *error);

// Tells what is to be known of the file though reading goes on: what any call on this reader has
// noticed and was not told yet, the oldest first.
//
// DISKY_OK: `notice` is written. DISKY_END: there is none.
//
// # Safety
//
// `reader` is alive; `notice` and `error` point to what their types say.
disky_status disky_reader_notice(struct disky_reader *reader,
                                 struct disky_notice *notice,
                                 struct disky_error *error);

// Opens a reader without a file, to which the caller brings `source_size` bytes; UINT64_MAX if it
// is not known how many these are, as in a stream. Any call on the reader may be
// DISKY_NEED_BYTES. Bytes of a stream are needed in order, and so nothing can be asked for that
// lies before the reader's position: that is DISKY_IO. Those of a known size are needed in any
// order, and again; they are the same each time.
//
// The reader keeps a copy of what a call needs until it has got it: at most twice
// `max_chunk_size` and 16 MiB, beyond which it is DISKY_TOO_LARGE. With DISKY_CORRUPTION_RECOVER
// that is what of a stream may lie behind the first damage, and how large a damaged part of
// another source may be. Not with `tail`.
//
// # Safety
//
// `options`, `reader` and `error` point to what their types say.
disky_status disky_reader_open_pulled(uint64_t source_size,
                                      const struct disky_reader_options *options,
                                      struct disky_reader **reader,
                                      struct disky_error *error);

// Says which bytes the call needs that was DISKY_NEED_BYTES.
//
// DISKY_OK: `need` is written. DISKY_END: they were supplied.
//
// # Safety
//
// `reader` is alive; `need` and `error` point to what their types say.
disky_status disky_reader_need(struct disky_reader *reader,
                               struct disky_need *need,
                               struct disky_error *error);

// Copies `size` bytes, those at `offset` of the source, into the reader; fewer than it needs, or
// more. `at_end` is 1 if none follow, else 0. Where bytes do not belong there it is
// DISKY_INVALID_ARGUMENT.
//
// # Safety
//
// `bytes` has `size` bytes that nobody writes during the call; `reader` is alive; `error` points to
// what its type says.
disky_status disky_reader_supply(struct disky_reader *reader,
                                 uint64_t offset,
                                 const uint8_t *bytes,
                                 uint64_t size,
                                 uint32_t at_end,
                                 struct disky_error *error);

// Tells the next part of the file that was skipped, in file order, each once. After each batch
// these are those that begin before its end, at the end of the file all others.
//
// DISKY_OK: `region` is written. DISKY_END: there is no other one so far.
//
// # Safety
//
// `reader` is alive; `region` and `error` point to what their types say.
disky_status disky_reader_skipped_region(struct disky_reader *reader,
                                         struct disky_skipped_region *region,
                                         struct disky_error *error);

// Opens the file at `path` for writing, locks it against other writers, and stores the writer in
// `writer`. A new file gets `metadata`, a serialized RecordsMetadata message; none if that is null.
// With DISKY_DIALECT_RIEGELI only.
//
// Options that do not go together are DISKY_INVALID_ARGUMENT, and nothing is done to the file.
//
// # Safety
//
// `path` has `path_size` bytes and `metadata`, unless null, `metadata_size`; `options`, `writer` and
// `error` point to what their types say.
disky_status disky_writer_open(const uint8_t *path,
                               uint64_t path_size,
                               const struct disky_writer_options *options,
                               const uint8_t *metadata,
                               uint64_t metadata_size,
                               struct disky_writer **writer,
                               struct disky_error *error);

// Stores the size of the file so far, in bytes, in `size`.
//
// # Safety
//
// `writer` is alive; `size` and `error` point to what their types say.
disky_status disky_writer_file_size(struct disky_writer *writer,
                                    uint64_t *size,
                                    struct disky_error *error);

// Stores the temporary name that a file with `atomic_creation` has until it is finished, as an
// absolute path of `*path_size` bytes without a zero byte at the end, in `path`.
//
// DISKY_OK: `path` and `path_size` are written. DISKY_NEED_MEMORY: only `path_size` is written,
// because the path takes more than `capacity` bytes. DISKY_END: the file has its own name already,
// and nothing is written.
//
// # Safety
//
// `path` has `capacity` bytes that nobody else uses during the call; `writer` is alive; `path_size`
// and `error` point to what their types say.
disky_status disky_writer_temporary_path(struct disky_writer *writer,
                                         uint8_t *path,
                                         uint64_t capacity,
                                         uint64_t *path_size,
                                         struct disky_error *error);

// Closes the file, unlocks it, and frees the writer, which is not used again. Null is fine. A file that
// is created atomically and was not finished is removed.
// DISKY_BUSY: a call is using the writer, and nothing was freed.
//
// # Safety
//
// `writer` is null or alive.
disky_status disky_writer_free(struct disky_writer *writer);

// Writes one chunk of records, which lie one after the other in `data`, each up to its end in
// `ends`; with `upstream_compatibility` they may become two. They are in the file when this
// returns, so that others can read them. No records, no chunk. With DISKY_CONTAINER_ARRAY_RECORD every chunk but the last has as many records as a
// group; another one is DISKY_INVALID_ARGUMENT and is not written.
//
// A failure to write lasts: every later call repeats it.
//
// # Safety
//
// `data` has `data_size` bytes and `ends` has `ends_size` values that nobody writes during the
// call; `writer` is alive; `error` points to what its type says.
disky_status disky_writer_write(struct disky_writer *writer,
                                const uint8_t *data,
                                uint64_t data_size,
                                const uint64_t *ends,
                                uint64_t ends_size,
                                struct disky_error *error);

// Writes the padding that the options ask for at a flush; every chunk is in the file already.
//
// # Safety
//
// `writer` is alive; `error` points to what its type says.
disky_status disky_writer_flush(struct disky_writer *writer, struct disky_error *error);

// Ends the file: writes padding if the options ask for it, and the index of an ArrayRecord; with
// `atomic_creation` puts it on the disk and gives it its name. After this the writer can only be
// freed. Without it a file has all its chunks but not these, or none at all with `atomic_creation`.
//
// # Safety
//
// `writer` is alive; `error` points to what its type says.
disky_status disky_writer_finish(struct disky_writer *writer, struct disky_error *error);

// Flushes, and returns when every chunk written would outlive a power cut. DISKY_INVALID_ARGUMENT with
// `atomic_creation`.
//
// # Safety
//
// `writer` is alive; `error` points to what its type says.
disky_status disky_writer_sync(struct disky_writer *writer,
                               struct disky_error *error);

// Stores where the records lie that this writer has written last: the position in bytes of their
// chunk in `chunk_begin`, and how many records it has in `num_records`. That may be fewer than
// were given to the call, with `upstream_compatibility`. DISKY_END: it has written none.
//
// # Safety
//
// `writer` is alive; `chunk_begin`, `num_records` and `error` point to what their types say.
disky_status disky_writer_last_chunk(struct disky_writer *writer,
                                     uint64_t *chunk_begin,
                                     uint64_t *num_records,
                                     struct disky_error *error);

// Promises where the first `num_records` records of the next chunk, of `size` bytes together, will
// be: in a chunk at the position in bytes that is stored in `chunk_begin`, in order.
//
// DISKY_END: with `upstream_compatibility` that depends on records that are not known yet. If these
// are written as a chunk, disky_writer_last_chunk tells where the last of them is.
//
// # Safety
//
// `writer` is alive; `chunk_begin` and `error` point to what their types say.
disky_status disky_writer_promise_next_chunk(struct disky_writer *writer,
                                             uint64_t num_records,
                                             uint64_t size,
                                             uint64_t *chunk_begin,
                                             struct disky_error *error);

// Opens a writer without a file, from which the caller takes what is written, and stores it in
// `writer`. `metadata` is as for disky_writer_open. After each call that writes there are bytes for
// disky_writer_take, from the beginning of the file on.
//
// Such a file is always new: with DISKY_OPEN_APPEND, `repair` and `atomic_creation` it is
// DISKY_INVALID_ARGUMENT. disky_writer_sync only writes padding: whoever takes the bytes sees to
// that they last.
//
// # Safety
//
// `metadata` has, unless null, `metadata_size` bytes; `options`, `writer` and `error` point to what
// their types say.
disky_status disky_writer_open_pulled(const struct disky_writer_options *options,
                                      const uint8_t *metadata,
                                      uint64_t metadata_size,
                                      struct disky_writer **writer,
                                      struct disky_error *error);

// Moves the next bytes of a writer without a file to `out`, at most `capacity`, and stores how many
// in `size`; 0 when there are no others so far.
//
// # Safety
//
// `out` has the capacity stated, all of it initialised; `writer` is alive; `size` and `error` point
// to what their types say.
disky_status disky_writer_take(struct disky_writer *writer,
                               uint8_t *out,
                               uint64_t capacity,
                               uint64_t *size,
                               struct disky_error *error);

// Tells what was cut off when the file was opened.
//
// DISKY_OK: `repair` is written. DISKY_END: nothing was.
//
// # Safety
//
// `writer` is alive; `repair` and `error` point to what their types say.
disky_status disky_writer_repair(struct disky_writer *writer,
                                 struct disky_repair *repair,
                                 struct disky_error *error);

// Cuts the file at `path` at the end of its last whole chunk if its tail is torn, and puts that on
// the disk. With `dry_run` 1 instead of 0 it only tells what would be cut.
//
// DISKY_OK: the tail is torn, and `repair` is written. DISKY_END: the file is intact. Where a cut
// would not mend the file the status says what is wrong; an ArrayRecord, which is never cut, is
// DISKY_INVALID_ARGUMENT.
//
// # Safety
//
// `path` has `path_size` bytes; `repair` and `error` point to what their types say.
disky_status disky_repair_file(const uint8_t *path,
                               uint64_t path_size,
                               uint32_t dry_run,
                               struct disky_repair *repair,
                               struct disky_error *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* DISKY_H */
