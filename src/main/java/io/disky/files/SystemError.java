package io.disky.files;

import java.io.File;

/**
 * The meaning of an error code of the operating system, for the codes on which an exception
 * depends.
 */
public enum SystemError {
  /** The file, or a directory on the way to it, does not exist. */
  NO_SUCH_FILE,
  /** The process must not use the file in this way. */
  ACCESS_DENIED,
  /** The file exists, but must not exist. */
  ALREADY_EXISTS,
  /** The process or the system has too many open files. */
  TOO_MANY_OPEN_FILES,
  /** Any other failure, or none. */
  OTHER;

  /** The meaning of a code of this operating system. */
  public static SystemError of(int code) {
    return File.separatorChar == '\\' ? ofWindows(code) : ofUnix(code);
  }

  static SystemError ofUnix(int code) {
    return switch (code) {
      // ENOENT
      case 2 -> NO_SUCH_FILE;
      // EACCES
      case 13 -> ACCESS_DENIED;
      // EEXIST
      case 17 -> ALREADY_EXISTS;
      // ENFILE, EMFILE
      case 23, 24 -> TOO_MANY_OPEN_FILES;
      default -> OTHER;
    };
  }

  static SystemError ofWindows(int code) {
    return switch (code) {
      // ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND
      case 2, 3 -> NO_SUCH_FILE;
      // ERROR_TOO_MANY_OPEN_FILES
      case 4 -> TOO_MANY_OPEN_FILES;
      // ERROR_ACCESS_DENIED
      case 5 -> ACCESS_DENIED;
      // ERROR_FILE_EXISTS, ERROR_ALREADY_EXISTS
      case 80, 183 -> ALREADY_EXISTS;
      default -> OTHER;
    };
  }
}
