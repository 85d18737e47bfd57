/*
 * Reads record files, writes one and reads it again, all by the C interface. Prints for each file the number of its
 * records, their size in bytes and a hash of them, so that the outputs of different platforms can be compared.
 *
 *   files SCRATCH-FILE FILE...
 *
 * SCRATCH-FILE must not exist; it is not removed. The exit status is 0 if nothing failed.
 */

#include "disky.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS = 20000, RECORD_SIZE = 37 };

/* The memory for one chunk. */
struct memory {
  uint64_t *ends;
  uint64_t ends_capacity;
  uint8_t *data;
  uint64_t data_capacity;
};

struct summary {
  uint64_t records;
  uint64_t bytes;
  uint64_t hash;
};

static void fail(const char *call, const char *path, const disky_error *error) {
  fprintf(stderr, "%s of %s: status %d, error %d of the operating system: %.*s\n", call, path, error->status,
          error->os_error, (int)error->message_size, (const char *)error->message);
  exit(1);
}

static void require(int condition, const char *what) {
  if (!condition) {
    fprintf(stderr, "not true: %s\n", what);
    exit(1);
  }
}

static void *allocate(uint64_t count, uint64_t size) {
  void *memory = calloc(count > 0 ? count : 1, size);
  require(memory != NULL, "there is memory");
  return memory;
}

static void enlarge(struct memory *memory, const disky_batch *needed) {
  free(memory->ends);
  free(memory->data);
  memory->ends_capacity = needed->records;
  memory->data_capacity = needed->data_size;
  memory->ends = allocate(memory->ends_capacity, sizeof(uint64_t));
  memory->data = allocate(memory->data_capacity, 1);
}

/* FNV-1a, of the bytes of the records and of where they end in the file. */
static void add(struct summary *summary, const uint8_t *data, const uint64_t *ends, uint64_t records) {
  uint64_t at = 0;
  for (uint64_t i = 0; i < records; i++) {
    for (; at < ends[i]; at++) {
      summary->hash = (summary->hash ^ data[at]) * 0x100000001b3u;
    }
    summary->hash = (summary->hash ^ 0x100) * 0x100000001b3u;
  }
  summary->records += records;
  summary->bytes += at;
}

static struct summary read_file(const char *path) {
  disky_reader_options options = {0};
  disky_reader *reader = NULL;
  disky_error error = {0};
  uint64_t file_size = 0;
  if (disky_reader_open((const uint8_t *)path, strlen(path), &options, &reader, &file_size, &error) < 0) {
    fail("disky_reader_open", path, &error);
  }
  struct memory memory = {0};
  struct summary summary = {0, 0, 0xcbf29ce484222325u};
  disky_batch batch = {0};
  enlarge(&memory, &batch);
  for (;;) {
    disky_status status = disky_reader_next(reader, memory.ends, memory.ends_capacity, memory.data,
                                            memory.data_capacity, &batch, &error);
    if (status == DISKY_END) {
      break;
    } else if (status == DISKY_NEED_MEMORY) {
      enlarge(&memory, &batch);
    } else if (status == DISKY_OK) {
      add(&summary, memory.data + batch.data_offset, memory.ends, batch.records);
    } else {
      fail("disky_reader_next", path, &error);
    }
  }
  require(disky_reader_free(reader) == DISKY_OK, "disky_reader_free succeeds");
  free(memory.ends);
  free(memory.data);
  return summary;
}

static void make_records(uint8_t *data, uint64_t *ends) {
  for (uint64_t i = 0; i < RECORDS; i++) {
    for (uint64_t j = 0; j < RECORD_SIZE; j++) {
      data[i * RECORD_SIZE + j] = (uint8_t)(i / (j + 1));
    }
    ends[i] = (i + 1) * RECORD_SIZE;
  }
}

static disky_writer *open_writer(const char *path, const disky_writer_options *options, disky_error *error) {
  disky_writer *writer = NULL;
  disky_writer_open((const uint8_t *)path, strlen(path), options, NULL, 0, &writer, error);
  return writer;
}

/* Another writer and another file of the same name are refused while the file is written, and afterwards. */
static struct summary write_file(const char *path) {
  uint8_t *data = allocate(RECORDS * RECORD_SIZE, 1);
  uint64_t *ends = allocate(RECORDS, sizeof(uint64_t));
  make_records(data, ends);
  disky_writer_options options = {0};
  options.compression = DISKY_COMPRESSION_ZSTD;
  disky_error error = {0};
  disky_writer *writer = open_writer(path, &options, &error);
  if (writer == NULL) {
    fail("disky_writer_open", path, &error);
  }
  if (disky_writer_write(writer, data, RECORDS * RECORD_SIZE, ends, RECORDS, &error) < 0) {
    fail("disky_writer_write", path, &error);
  }
  require(read_file(path).records == RECORDS, "a file can be read while it is written");
  options.open_mode = DISKY_OPEN_APPEND;
  require(open_writer(path, &options, &error) == NULL && error.status == DISKY_LOCKED, "a second writer is refused");
  if (disky_writer_sync(writer, &error) < 0 || disky_writer_finish(writer, &error) < 0) {
    fail("disky_writer_finish", path, &error);
  }
  require(disky_writer_free(writer) == DISKY_OK, "disky_writer_free succeeds");
  options.open_mode = DISKY_OPEN_CREATE_NEW;
  require(open_writer(path, &options, &error) == NULL && error.status == DISKY_IO, "an existing file is not created");
  struct summary summary = {0, 0, 0xcbf29ce484222325u};
  add(&summary, data, ends, RECORDS);
  free(data);
  free(ends);
  return summary;
}

static void check_missing_file(void) {
  const char *path = "a file that does not exist";
  disky_reader_options options = {0};
  disky_reader *reader = NULL;
  disky_error error = {0};
  uint64_t file_size = 0;
  disky_status status =
      disky_reader_open((const uint8_t *)path, strlen(path), &options, &reader, &file_size, &error);
  /* ENOENT and ERROR_FILE_NOT_FOUND are both 2. */
  require(status == DISKY_IO && error.os_error == 2, "a missing file is an error of the operating system");
}

static void print(const char *name, struct summary summary) {
  printf("%s\t%llu\t%llu\t%016llx\n", name, (unsigned long long)summary.records, (unsigned long long)summary.bytes,
         (unsigned long long)summary.hash);
}

int main(int count, char **arguments) {
  require(count >= 2, "there is an argument");
  require(disky_abi_version() == DISKY_ABI_VERSION, "the library fits the header");
  check_missing_file();
  struct summary written = write_file(arguments[1]);
  struct summary read = read_file(arguments[1]);
  require(read.records == written.records && read.bytes == written.bytes && read.hash == written.hash,
          "the records that were written are read");
  print("written", read);
  for (int i = 2; i < count; i++) {
    print(arguments[i], read_file(arguments[i]));
  }
  return 0;
}
