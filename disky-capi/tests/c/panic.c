/*
 * Makes a call panic in a native that was built with the feature `panic-test`: the call must return, and the reader must
 * be unusable but can be freed.
 *
 *   panic FILE
 */

#include "disky.h"
#include <stdio.h>
#include <string.h>

disky_status disky_test_panic(disky_reader *reader, disky_error *error);

static int failed(const char *what) {
  fprintf(stderr, "not true: %s\n", what);
  return 1;
}

int main(int count, char **arguments) {
  if (count != 2) {
    return failed("there is one argument");
  }
  const char *path = arguments[1];
  disky_reader_options options = {0};
  disky_reader *reader = NULL;
  disky_error error = {0};
  uint64_t size = 0;
  if (disky_reader_open((const uint8_t *)path, strlen(path), &options, &reader, &size, &error) != DISKY_OK) {
    return failed("the file can be opened");
  }
  if (disky_test_panic(reader, &error) != DISKY_INTERNAL || error.status != DISKY_INTERNAL) {
    return failed("a panic becomes DISKY_INTERNAL");
  }
  if (disky_reader_count(reader, &size, &error) != DISKY_INTERNAL) {
    return failed("the reader is unusable after a panic");
  }
  if (disky_reader_free(reader) != DISKY_OK) {
    return failed("the reader can be freed after a panic");
  }
  puts("a panic did not cross the C interface");
  return 0;
}
