package io.disky.library;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;

/**
 * Why the native library could not be loaded, kept so that every later call can report it again. It
 * is thrown inside this package only; users see what {@link #raise()} throws.
 */
final class NativeLoadFailure extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean accessDenied;

  private NativeLoadFailure(String message, Throwable cause, boolean accessDenied) {
    super(message, cause);
    this.accessDenied = accessDenied;
  }

  /**
   * One attempt to load the library.
   *
   * @param place the actual or intended place of the library
   * @param cause why the library did not load from this place
   */
  record Attempt(String place, Throwable cause) {}

  /**
   * Describes a failure after one or more attempts.
   *
   * @param attempts the attempts, in order; the cause of the first becomes the cause, the causes of
   *     the others are suppressed
   * @param remedy what the user can do
   */
  static NativeLoadFailure of(NativePlatform platform, List<Attempt> attempts, String remedy) {
    StringBuilder message =
        new StringBuilder("disky cannot load its native library\n  platform: ").append(platform);
    for (Attempt attempt : attempts) {
      message.append("\n  tried: ").append(attempt.place());
      message.append("\n    failed: ").append(reason(attempt.cause()));
    }
    message.append("\n  remedy: ").append(remedy);
    NativeLoadFailure failure =
        new NativeLoadFailure(message.toString(), attempts.getFirst().cause(), false);
    attempts.stream().skip(1).map(Attempt::cause).forEach(failure::addSuppressed);
    return failure;
  }

  /**
   * Describes that the JVM denies native access.
   *
   * @param module the module of this package, named or not
   */
  static NativeLoadFailure accessDenied(Module module, IllegalCallerException cause) {
    String place =
        module.isNamed() ? "on the module path as " + module.getName() : "on the class path";
    String flag = module.isNamed() ? module.getName() : "ALL-UNNAMED";
    String message =
        """
        disky needs native access, which this JVM denies to it
          here: disky is %s; start java with --enable-native-access=%s
          disky on the class path: --enable-native-access=ALL-UNNAMED
          disky on the module path: --enable-native-access=io.disky
          an application started by java -jar: instead of the flag, its jar's manifest may say
            Enable-Native-Access: ALL-UNNAMED\
        """
            .formatted(place, flag);
    return new NativeLoadFailure(message, cause, true);
  }

  /**
   * Throws the failure, as a new object with the stack of this call.
   *
   * @throws IllegalCallerException if native access is denied
   * @throws UnsatisfiedLinkError if the library cannot be loaded for any other reason
   */
  void raise() {
    if (accessDenied) {
      throw new IllegalCallerException(getMessage(), getCause());
    }
    UnsatisfiedLinkError error = new UnsatisfiedLinkError(getMessage());
    error.initCause(getCause());
    for (Throwable suppressed : getSuppressed()) {
      error.addSuppressed(suppressed);
    }
    throw error;
  }

  /**
   * The exceptions of java.nio.file express the reason by their class; their message is only a
   * path.
   */
  private static String reason(Throwable cause) {
    return switch (cause) {
      case AccessDeniedException e -> "no permission for " + e.getFile();
      case NoSuchFileException e -> "no such file: " + e.getFile();
      case UnsatisfiedLinkError e -> String.valueOf(e.getMessage());
      default ->
          cause.getClass() == IOException.class
              ? String.valueOf(cause.getMessage())
              : cause.toString();
    };
  }
}
