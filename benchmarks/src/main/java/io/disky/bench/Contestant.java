package io.disky.bench;

import org.jspecify.annotations.Nullable;

/**
 * A program that is measured.
 *
 * @param name its name in tables
 * @param role its role
 * @param language the language of its process
 * @param work the name of its work
 * @param source the work that writes its input file; {@code null} if it reads no file
 * @param threads number of threads
 */
record Contestant(
    String name, Role role, Language language, String work, @Nullable String source, int threads) {
  /** The role of a contestant. */
  enum Role {
    LIMIT,
    OURS,
    /** An earlier revision of the library. */
    BEFORE,
    PEER
  }

  /** The language of the process of a contestant. */
  enum Language {
    JAVA,
    NATIVE,
    PYTHON
  }

  static Contestant ours(String name, Language language, String work, @Nullable String source) {
    return new Contestant(name, Role.OURS, language, work, source, 1);
  }

  /**
   * A contestant of ours with several threads. {@code name} is the name of the same work in one
   * thread.
   */
  static Contestant parallel(String name, String work, @Nullable String source, int threads) {
    return new Contestant(
        Contestants.withThreads(name, threads), Role.OURS, Language.JAVA, work, source, threads);
  }

  /** The same work with an earlier revision of the library. */
  Contestant before() {
    return new Contestant(Contestants.before(name), Role.BEFORE, language, work, source, threads);
  }

  static Contestant limit(String name, String work, int threads) {
    return new Contestant(name, Role.LIMIT, Language.NATIVE, work, Contestants.DISKY_FILE, threads);
  }

  static Contestant peer(String name, Language language, String work, @Nullable String source) {
    return new Contestant(name, Role.PEER, language, work, source, 1);
  }
}
