package io.disky.bench;

import org.jspecify.annotations.Nullable;

/**
 * A program that is measured.
 *
 * @param name what tables call it
 * @param role what it is to us
 * @param language what runs it
 * @param work the name that it knows its work by
 * @param source the work that writes what it reads; {@code null} if it reads no file
 * @param threads how many threads it uses
 */
record Contestant(
    String name, Role role, Language language, String work, @Nullable String source, int threads) {
  /** What a contestant is to us. */
  enum Role {
    LIMIT,
    OURS,
    PEER
  }

  /** What runs a contestant. */
  enum Language {
    JAVA,
    NATIVE,
    PYTHON
  }

  static Contestant ours(String name, Language language, String work, @Nullable String source) {
    return new Contestant(name, Role.OURS, language, work, source, 1);
  }

  /** {@code name} is that of the same work in one thread. */
  static Contestant parallel(String name, String work, @Nullable String source, int threads) {
    return new Contestant(
        Contestants.withThreads(name, threads), Role.OURS, Language.JAVA, work, source, threads);
  }

  static Contestant limit(String name, String work, int threads) {
    return new Contestant(name, Role.LIMIT, Language.NATIVE, work, Contestants.DISKY_FILE, threads);
  }

  static Contestant peer(String name, Language language, String work, @Nullable String source) {
    return new Contestant(name, Role.PEER, language, work, source, 1);
  }
}
