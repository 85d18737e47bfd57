package io.disky.library;

import io.disky.threads.StackRoom;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The native library of disky. Call {@link #ensureLoaded()} before the first use of any class of
 * the generated bindings, which look their symbols up when they are initialised.
 *
 * <p>The library comes, in this order, from
 *
 * <ol>
 *   <li>the file that the system property {@value #PATH_PROPERTY} names;
 *   <li>the jar, extracted into the directory that the system property {@value #DIRECTORY_PROPERTY}
 *       names;
 *   <li>the jar, extracted into the user's cache directory: {@code $XDG_CACHE_HOME/disky} or {@code
 *       ~/.cache/disky}; on macOS {@code ~/Library/Caches/disky}; on Windows {@code
 *       %LOCALAPPDATA%\disky};
 *   <li>the jar, extracted into the directory {@code disky-<user>} below {@code java.io.tmpdir},
 *       when the one before is missing, cannot be written, or forbids execution.
 * </ol>
 *
 * <p>A directory is created with mode 0700 where it is missing. One that is a symbolic link,
 * belongs to another user, or can be written by others is refused. The properties are read once, at
 * the first call.
 *
 * <p>All methods are safe for use by any thread.
 */
public final class NativeLibrary {

  /** System property: path of a library file to load as it is, without extracting anything. */
  public static final String PATH_PROPERTY = "io.disky.library.path";

  /** System property: directory to extract the library into, in place of the default ones. */
  public static final String DIRECTORY_PROPERTY = "io.disky.library.dir";

  /** Version of the C interface from which the bindings were generated. */
  static final int EXPECTED_ABI_VERSION = 1;

  private static final StackRoom LOADING = new StackRoom();

  private static volatile @Nullable Path file;
  private static @Nullable NativeLoadFailure failure;

  private NativeLibrary() {}

  /**
   * Loads the native library, unless an earlier call did. The outcome is final: after a failure
   * every call throws, each time a new object with the same message and cause. To be called before
   * anything is opened, and therefore checks that there is room on the stack for that, too.
   *
   * @throws StackOverflowError there is not
   * @throws UnsatisfiedLinkError the library cannot be loaded; the message says on which platform,
   *     what was tried, why that failed, and what to do
   * @throws IllegalCallerException the JVM denies native access; the message names the flag that
   *     grants it
   */
  public static void ensureLoaded() {
    StackRoom.require();
    if (file == null) {
      load();
    }
  }

  /**
   * Returns the file that the library was loaded from, if it was loaded. In a second class loader
   * that is the file of which a private copy was loaded.
   */
  public static Optional<Path> file() {
    return Optional.ofNullable(file);
  }

  private static synchronized void load() {
    LOADING.check();
    if (file == null && failure == null) {
      tryLoading(new NativeHost());
    }
    if (failure != null) {
      failure.raise();
    }
  }

  // Kept, never thrown itself: each call raises a new one.
  @SuppressWarnings("StaticAssignmentOfThrowable")
  private static void tryLoading(NativeHost host) {
    try {
      file = new NativeLoader(host).load(EXPECTED_ABI_VERSION);
    } catch (NativeLoadFailure e) {
      failure = e;
    } catch (IllegalCallerException e) {
      failure = NativeLoadFailure.accessDenied(host.module(), e);
    }
  }
}
