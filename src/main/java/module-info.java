import org.jspecify.annotations.NullMarked;

/**
 * Reads and writes Disky and Riegeli record files, record for record as memory segments that are
 * never copied into the Java heap. The package {@link io.disky} is the manual.
 */
@NullMarked
module io.disky {
  requires static transitive org.jspecify;

  exports io.disky;
}
