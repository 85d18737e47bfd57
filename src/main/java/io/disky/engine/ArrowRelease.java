package io.disky.engine;

import io.disky.ffi.disky_h;
import io.disky.threads.StackRoom;

/**
 * The addresses of the native functions that release structures of the Arrow C Data Interface.
 *
 * @param array of the function for {@code struct ArrowArray}
 * @param schema of the function for {@code struct ArrowSchema}
 */
public record ArrowRelease(long array, long schema) {
  private static final StackRoom LINKING = new StackRoom();

  /** The functions of the library, which is loaded if it was not before. */
  public static ArrowRelease functions() {
    Engine.ensureLoaded();
    LINKING.check();
    ArrowRelease functions =
        new ArrowRelease(
            disky_h.disky_arrow_release_array$address().address(),
            disky_h.disky_arrow_release_schema$address().address());
    LINKING.used();
    return functions;
  }
}
