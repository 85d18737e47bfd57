package io.disky.library;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * The requests of this package to the JVM and the operating system. Everything that depends on the
 * machine is here, so that tests can replace it.
 */
class NativeHost {

  NativePlatform platform() {
    return NativePlatform.current();
  }

  /** Returns the value of a system property; null if it is not set or blank. */
  @Nullable String property(String name) {
    return nullIfBlank(System.getProperty(name));
  }

  /** Returns the value of an environment variable; null if it is not set or blank. */
  @Nullable String environment(String name) {
    return nullIfBlank(System.getenv(name));
  }

  /**
   * Reads a resource by its absolute name. It is in the jar of this class, or in a jar that
   * contains nothing but the library of a platform.
   *
   * @return null if the resource does not exist
   */
  byte @Nullable [] resource(String name) throws IOException {
    Path jar = jar();
    byte[] packed = jar == null ? null : entry(jar, name.substring(1));
    if (packed != null) {
      return packed;
    }
    // The class, in a module, finds resources of its module only; the class loader finds all.
    ClassLoader loader = NativeHost.class.getClassLoader();
    try (InputStream in = loader == null ? null : loader.getResourceAsStream(name.substring(1))) {
      return in == null ? resourceOfModule(name) : in.readAllBytes();
    }
  }

  /**
   * Reads a resource of the modules of natives, each of which may have a class loader of its own.
   */
  private static byte @Nullable [] resourceOfModule(String name) throws IOException {
    ModuleLayer layer = NativeHost.class.getModule().getLayer();
    if (layer == null) {
      return null;
    }
    for (PackedNatives natives : ServiceLoader.load(layer, PackedNatives.class)) {
      try (InputStream in = natives.getClass().getModule().getResourceAsStream(name)) {
        if (in != null) {
          return in.readAllBytes();
        }
      }
    }
    return null;
  }

  /**
   * The jar that contains this class; null if the class was loaded from elsewhere. In a JVM that
   * has just started, an entry of a jar is read in a fraction of the time of a resource.
   */
  private static @Nullable Path jar() {
    CodeSource source = NativeHost.class.getProtectionDomain().getCodeSource();
    URL location = source == null ? null : source.getLocation();
    if (location == null || !location.getProtocol().equals("file")) {
      return null;
    }
    try {
      Path path = Path.of(location.toURI());
      return Files.isRegularFile(path) ? path : null;
    } catch (URISyntaxException | IllegalArgumentException _) {
      return null;
    }
  }

  private static byte @Nullable [] entry(Path jar, String name) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      ZipEntry entry = file.getEntry(name);
      if (entry == null) {
        return null;
      }
      try (InputStream in = file.getInputStream(entry)) {
        byte[] content = new byte[Math.toIntExact(entry.getSize())];
        if (in.readNBytes(content, 0, content.length) < content.length) {
          throw new EOFException(name + " is incomplete in " + jar);
        }
        return content;
      }
    }
  }

  /**
   * Returns the id of the user who owns files that this process creates; empty on Windows, which
   * has no such ids.
   *
   * @throws IllegalCallerException if native access is denied
   */
  OptionalInt userId() {
    // Not the property user.name: it can be set to anything, and is "?" for a user without an entry
    // in the user database.
    return platform().isWindows() ? OptionalInt.empty() : OptionalInt.of(effectiveUserId());
  }

  /** Whether the processor is of 64 bits and little-endian, as the native library requires. */
  boolean hasSupportedProcessor() {
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
        && ValueLayout.ADDRESS.byteSize() == Long.BYTES;
  }

  /** Whether the JVM runs on the musl C library, with which libraries for glibc do not work. */
  boolean isMusl() {
    if (!platform().isLinux()) {
      return false;
    }
    try {
      // A machine with glibc may also have musl installed, so this checks which library the process
      // has mapped.
      return mapsMusl(Files.readString(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1));
    } catch (IOException _) {
      return hasMuslLinker(Path.of("/lib"));
    }
  }

  /**
   * Loads a library into the class loader of this package.
   *
   * @throws UnsatisfiedLinkError if the dynamic linker refused the file, or another class loader
   *     has loaded it
   * @throws IllegalCallerException if native access is denied
   */
  @SuppressWarnings("restricted")
  void load(Path file) {
    System.load(file.toString());
  }

  /** Returns the symbols of the libraries loaded by this package's class loader. */
  SymbolLookup symbols() {
    return SymbolLookup.loaderLookup();
  }

  /** Returns the module that needs native access. */
  Module module() {
    return NativeHost.class.getModule();
  }

  static boolean mapsMusl(String maps) {
    return maps.contains("/ld-musl-") || maps.contains("/libc.musl-");
  }

  static boolean hasMuslLinker(Path directory) {
    try (DirectoryStream<Path> linkers = Files.newDirectoryStream(directory, "ld-musl-*.so.1")) {
      return linkers.iterator().hasNext();
    } catch (IOException _) {
      return false;
    }
  }

  @SuppressWarnings("restricted")
  private static int effectiveUserId() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> function = linker.defaultLookup().find("geteuid");
    if (function.isEmpty()) {
      throw new UnsupportedOperationException("no geteuid in the C library");
    }
    MethodHandle geteuid =
        linker.downcallHandle(function.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT));
    try {
      return (int) geteuid.invokeExact();
    } catch (Error | RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("geteuid cannot fail", e);
    }
  }

  private static @Nullable String nullIfBlank(@Nullable String value) {
    return value == null || value.isBlank() ? null : value;
  }
}
