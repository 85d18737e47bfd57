package io.disky.bench;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A build of the library: this one, or that of an earlier revision in another checkout.
 *
 * @param revision the revision
 * @param classPath the class path; the measuring code is always that of this revision
 * @param libraries the directory of the native library
 * @param limits the program that measures in Rust; that of an earlier revision contains its engine
 */
record Build(String revision, String classPath, String libraries, String limits) {
  static Build current() {
    return new Build(
        System.getProperty("disky.bench.revision"),
        System.getProperty("java.class.path"),
        System.getProperty("io.disky.library.dir"),
        System.getProperty("disky.bench.limits"));
  }

  /** The earlier revision to compare with; {@code null} if the caller has given none. */
  static @Nullable Build earlier() {
    String checkout = System.getProperty("disky.bench.base", "");
    if (checkout.isEmpty()) {
      return null;
    }
    Path target = Path.of(checkout, "target");
    return new Build(
        System.getProperty("disky.bench.base.revision"),
        System.getProperty("disky.bench.base.classpath"),
        target.resolve("library").toString(),
        target.resolve("cargo/release/disky-limits").toString());
  }
}
