package io.disky.library;

import org.jspecify.annotations.Nullable;

/**
 * The name of a file in a directory into which libraries are extracted.
 *
 * @param kind the purpose of the file
 * @param hash 24 hexadecimal digits: the checksums and the size of the library
 * @param owner the {@link LibraryUse} that made the file; empty for a library itself, which all
 *     JVMs share
 */
record LibraryFileName(Kind kind, String hash, String owner) {

  static final int HASH_LENGTH = 24;
  static final int OWNER_LENGTH = 33;

  private static final String USE_SUFFIX = ".use";

  /** The purposes of files. */
  enum Kind {
    /** A library that any JVM of the user may load. It is complete. */
    LIBRARY,
    /** A library for one class loader. */
    COPY,
    /** A library that is being written. */
    TEMPORARY,
    /** An empty file that its owner keeps locked while it uses the library. */
    USE
  }

  static LibraryFileName library(String hash) {
    return new LibraryFileName(Kind.LIBRARY, hash, "");
  }

  /** Returns the name as the file system has it. */
  String onPlatform(NativePlatform platform) {
    String library = platform.libraryFileName(hash);
    return switch (kind) {
      case LIBRARY -> library;
      case COPY -> platform.libraryFileName(hash + "-" + owner);
      case TEMPORARY -> "." + library + "." + owner;
      case USE -> "." + library + "." + owner + USE_SUFFIX;
    };
  }

  /** Returns what the name of a file means; null if the file is not one of these. */
  static @Nullable LibraryFileName parse(NativePlatform platform, String name) {
    String plain = platform.libraryFileName();
    int stem = plain.lastIndexOf('.') + 1; // with a hyphen in place of the dot
    boolean hidden = name.startsWith(".");
    int hashBegin = hidden ? stem + 1 : stem;
    int hashEnd = hashBegin + HASH_LENGTH;
    if (name.length() <= hashEnd) {
      return null;
    }
    int ownerBegin =
        hidden ? hashEnd + plain.length() - stem + 2 : hashEnd + 1; // after a dot or a hyphen
    String hash = name.substring(hashBegin, hashEnd);
    String owner =
        name.length() < ownerBegin + OWNER_LENGTH
            ? ""
            : name.substring(ownerBegin, ownerBegin + OWNER_LENGTH);
    for (Kind kind : Kind.values()) {
      LibraryFileName candidate = new LibraryFileName(kind, hash, owner);
      if (isHexadecimal(hash) && candidate.onPlatform(platform).equals(name)) {
        return candidate;
      }
    }
    return null;
  }

  private static boolean isHexadecimal(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.digit(text.charAt(i), 16) < 0) {
        return false;
      }
    }
    return true;
  }
}
