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
 *   <li>the jar, extracted into the directory {@code disky-<user>} below {@code java.io.tmpdir}, if
 *       the cache directory is missing, cannot be written, or forbids execution.
 * </ol>
 *
 * <p>The jar is that of this class, or a jar that contains nothing but the library of this platform
 * (classifier {@code natives-<platform>}).
 *
 * <p>A directory keeps the libraries that living JVMs use, and at least the {@value
 * LibraryCache#KEPT} that were used last; others are deleted after a library was loaded.
 *
 * <p>A missing directory is created with mode 0700. A directory that is a symbolic link, belongs to
 * another user, or can be written by others is refused. The properties are read once, at the first
 * call.
 *
 * <p>All methods are safe for use by any thread.
 */
public final class NativeLibrary {

  /** System property: path of a library file to load. Nothing is extracted. */
  public static final String PATH_PROPERTY = "io.disky.library.path";

  /** System property: directory to extract the library into, in place of the default ones. */
  public static final String DIRECTORY_PROPERTY = "io.disky.library.dir";

  /** Version of the C interface from which the bindings were generated. */
  static final int EXPECTED_ABI_VERSION = 3;

  private static final StackRoom LOADING = new StackRoom();

  private static volatile @Nullable Path file;

  // This reference keeps the file locked, and so in the cache, until the class loader is collected.
  @SuppressWarnings("UnusedVariable")
  private static @Nullable LibraryUse use;

  private static @Nullable NativeLoadFailure failure;

  private NativeLibrary() {}

  /**
   * Loads the native library, unless an earlier call did. The outcome is final: after a failure
   * every call throws, each time a new object with the same message and cause. The API calls this
   * before it opens anything, so this also checks that the stack has room for opening.
   *
   * @throws StackOverflowError if the stack has no room
   * @throws UnsatisfiedLinkError if the library cannot be loaded; the message states the platform,
   *     the files that were tried, the reasons of the failures, and the remedy
   * @throws IllegalCallerException if the JVM denies native access; the message names the flag that
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
   * this is the original file; that class loader has loaded a private copy of it.
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

  // This object is kept and never thrown: each call throws a new exception.
  @SuppressWarnings("StaticAssignmentOfThrowable")
  private static void tryLoading(NativeHost host) {
    try {
      NativeLoader.Loaded loaded = new NativeLoader(host).load(EXPECTED_ABI_VERSION);
      use = loaded.use();
      file = loaded.file();
    } catch (NativeLoadFailure e) {
      failure = e;
    } catch (IllegalCallerException e) {
      failure = NativeLoadFailure.accessDenied(host.module(), e);
    }
  }
}
