package io.disky.library;

import io.disky.library.NativeLoadFailure.Attempt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One attempt to load the native library, from the file that the user named or from the jar. */
final class NativeLoader {

  private static final String BUILD =
      "build the library on this machine (cargo build --locked --release -p disky-capi, in the"
          + " sources of disky) and name its file with -D"
          + NativeLibrary.PATH_PROPERTY
          + "=FILE";

  private static final String CHOOSE_DIRECTORY =
      "name a directory that belongs to you alone (mode 0700), on a file system without noexec,"
          + " with -D"
          + NativeLibrary.DIRECTORY_PROPERTY
          + "=DIRECTORY";

  /** The name by which a library states that it needs glibc, not musl. */
  private static final byte[] GLIBC_NAME = "libc.so.6".getBytes(StandardCharsets.US_ASCII);

  private final NativeHost host;
  private final List<Attempt> attempts = new ArrayList<>();
  private boolean forbiddenExecution;

  NativeLoader(NativeHost host) {
    this.host = host;
  }

  /**
   * Loads the library and checks its ABI version.
   *
   * @param abiVersion the version that the bindings need
   * @return the file that was named or extracted
   * @throws NativeLoadFailure if the library cannot be loaded
   * @throws IllegalCallerException if native access is denied
   */
  Path load(int abiVersion) throws NativeLoadFailure {
    checkProcessor();
    try {
      String named = host.property(NativeLibrary.PATH_PROPERTY);
      Path file = named == null ? loadPacked() : loadNamed(named);
      checkAbi(file, abiVersion);
      return file;
    } catch (UnsupportedOperationException e) {
      attempts.add(new Attempt("Java " + Runtime.version(), e));
      throw failure("use a JDK that supports java.lang.foreign on this platform");
    }
  }

  private void checkProcessor() throws NativeLoadFailure {
    if (!host.hasSupportedProcessor()) {
      IOException reason = new IOException("it is not a 64-bit little-endian processor");
      attempts.add(new Attempt("this processor", reason));
      throw failure("use a 64-bit JVM on a little-endian processor, such as x86-64 or aarch64");
    }
  }

  private void checkAbi(Path file, int version) throws NativeLoadFailure {
    try {
      NativeAbi.check(host.symbols(), version);
    } catch (UnsatisfiedLinkError e) {
      attempts.clear();
      attempts.add(new Attempt(file.toString(), e));
      throw failure("use the library that was built together with these Java classes");
    }
  }

  private Path loadNamed(String name) throws NativeLoadFailure {
    try {
      Path file = Path.of(name).toAbsolutePath();
      if (!Files.isRegularFile(file)) {
        throw new NoSuchFileException(file.toString());
      }
      return loadNamed(file);
    } catch (IOException | InvalidPathException | UnsatisfiedLinkError e) {
      attempts.add(new Attempt(name + " (system property " + NativeLibrary.PATH_PROPERTY + ")", e));
      throw failure(remedy(e, "move the library to another one"));
    }
  }

  private Path loadNamed(Path file) throws IOException, NativeLoadFailure {
    try {
      host.load(file);
      return file;
    } catch (UnsatisfiedLinkError e) {
      if (!isInOtherClassLoader(e)) {
        throw e;
      }
      attempts.add(new Attempt(file.toString(), e));
      return loadFromPlaces(Files.readAllBytes(file));
    }
  }

  private Path loadPacked() throws NativeLoadFailure {
    byte[] content = packedLibrary();
    if (host.isMusl() && contains(content, GLIBC_NAME)) {
      // The dynamic linker might accept such a library all the same, and the process would crash
      // later.
      attempts.add(new Attempt(packedPlace(), new IOException("this JVM runs on musl")));
      throw failure("the packed library needs glibc: " + BUILD);
    }
    return loadFromPlaces(content);
  }

  private byte[] packedLibrary() throws NativeLoadFailure {
    try {
      byte[] content = host.resource(host.platform().resourceName());
      if (content != null) {
        return content;
      }
      attempts.add(new Attempt(packedPlace(), new IOException("the resource does not exist")));
    } catch (IOException e) {
      attempts.add(new Attempt(packedPlace(), e));
    }
    throw failure("libraries for these platforms are packed: " + packedPlatforms() + "; " + BUILD);
  }

  private Path loadFromPlaces(byte[] content) throws NativeLoadFailure {
    OptionalInt userId = host.userId();
    LibraryPermissions permissions = new LibraryPermissions(userId);
    LibraryExtractor extractor = new LibraryExtractor(host.platform(), permissions, content);
    UnsatisfiedLinkError refusal = null;
    for (LibraryPlace place : LibraryPlace.of(host, userId)) {
      try {
        return loadFrom(place.open(permissions), extractor);
      } catch (IOException e) {
        attempts.add(new Attempt(place.toString(), e));
      } catch (UnsatisfiedLinkError e) {
        attempts.add(new Attempt(place.toString(), e));
        refusal = e;
      }
    }
    throw failure(remedy(refusal, CHOOSE_DIRECTORY));
  }

  private Path loadFrom(Path directory, LibraryExtractor extractor) throws IOException {
    Path file = extractor.extractInto(directory);
    try {
      loadExtracted(file);
    } catch (UnsatisfiedLinkError e) {
      if (!isInOtherClassLoader(e)) {
        throw e;
      }
      loadCopy(extractor.copyInto(directory));
    }
    return file;
  }

  /** A library file belongs to one class loader; another class loader needs another file. */
  private void loadCopy(Path copy) throws IOException {
    try {
      loadExtracted(copy);
    } finally {
      if (host.platform().isWindows()) {
        copy.toFile().deleteOnExit();
      } else {
        // A loaded library works without its file name, so the file can be deleted now. Even a
        // killed JVM then leaves no file.
        Files.deleteIfExists(copy);
      }
    }
  }

  private void loadExtracted(Path file) {
    try {
      host.load(file);
    } catch (UnsatisfiedLinkError e) {
      // The linker's message is in the user's language, so it is not parsed. On Linux a file of
      // mode 0700 is not executable, even for root, if its file system is mounted noexec.
      forbiddenExecution |= !host.platform().isWindows() && !Files.isExecutable(file);
      throw e;
    }
  }

  /**
   * @param refusal the message of the dynamic linker; null if the linker was not called
   * @param otherPlace how to put the library at another place
   */
  private String remedy(@Nullable Throwable refusal, String otherPlace) {
    String message = refusal == null ? "" : String.valueOf(refusal.getMessage());
    if (forbiddenExecution || saysForbiddenExecution(message)) {
      return "the file system forbids execution (noexec): " + otherPlace;
    }
    if (host.isMusl()) {
      return "this JVM runs on musl, with which a library for glibc does not work: " + BUILD;
    }
    return refusal == null ? otherPlace : BUILD;
  }

  private NativeLoadFailure failure(String remedy) {
    return NativeLoadFailure.of(host.platform(), attempts, remedy);
  }

  private String packedPlace() {
    return "resource " + host.platform().resourceName();
  }

  private String packedPlatforms() {
    String names =
        NativePlatform.PUBLISHED.stream()
            .filter(platform -> isPacked(platform))
            .map(NativePlatform::classifier)
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "none" : names;
  }

  private boolean isPacked(NativePlatform platform) {
    try {
      return host.resource(platform.resourceName()) != null;
    } catch (IOException _) {
      return false;
    }
  }

  /** The JDK reports this only by this text, which it does not translate. */
  private static boolean isInOtherClassLoader(UnsatisfiedLinkError error) {
    return String.valueOf(error.getMessage()).contains("already loaded in another classloader");
  }

  private static boolean saysForbiddenExecution(String message) {
    return message.contains("failed to map segment from shared object")
        || message.contains("Operation not permitted");
  }

  private static boolean contains(byte[] content, byte[] part) {
    // Each byte becomes one character.
    return new String(content, StandardCharsets.ISO_8859_1)
        .contains(new String(part, StandardCharsets.ISO_8859_1));
  }
}
