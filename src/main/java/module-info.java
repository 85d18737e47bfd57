import org.jspecify.annotations.NullMarked;

/**
 * Reads and writes Disky and Riegeli record files, and hands out each record as a memory segment,
 * without copying it into the Java heap. The documentation of the package {@link io.disky} is the
 * manual.
 */
@NullMarked
@SuppressWarnings("module") // a build has the natives of some platforms, or of none
module io.disky {
  requires transitive java.net.http;
  requires static jdk.jfr;
  requires static transitive org.jspecify;

  exports io.disky;
  exports io.disky.formats;
  exports io.disky.loader;
  exports io.disky.remote;

  // The jars that contain nothing but the native library of a platform.
  exports io.disky.library to
      io.disky.natives.linux_aarch_64,
      io.disky.natives.linux_x86_64_musl,
      io.disky.natives.linux_x86_64,
      io.disky.natives.osx_aarch_64,
      io.disky.natives.osx_x86_64,
      io.disky.natives.windows_x86_64;

  // The modules of object stores.
  exports io.disky.http to
      io.disky.gcs,
      io.disky.s3;
  exports io.disky.objects to
      io.disky.gcs,
      io.disky.s3;

  uses io.disky.library.PackedNatives;
  uses io.disky.remote.RemoteStore;
}
