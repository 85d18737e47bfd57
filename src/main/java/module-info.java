import org.jspecify.annotations.NullMarked;

/**
 * Reads and writes Disky and Riegeli record files, and hands out each record as a memory segment,
 * without copying it into the Java heap. The documentation of the package {@link io.disky} is the
 * manual.
 */
@NullMarked
module io.disky {
  requires static jdk.jfr;
  requires static transitive org.jspecify;

  exports io.disky;
  exports io.disky.formats;
  exports io.disky.loader;
}
