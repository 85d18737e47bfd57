package io.disky.library;

import io.disky.library.NativeLoadFailure.Attempt;
import java.io.IOException;
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

  /** The name of glibc. A library that needs this name does not work with musl. */
  private static final String GLIBC = "libc.so.6";

  /** How often a library is extracted again that another JVM has deleted as old meanwhile. */
  private static final int ATTEMPTS = 3;

  private final NativeHost host;
  private final List<Attempt> attempts = new ArrayList<>();
  private boolean forbiddenExecution;
  private @Nullable LibraryUse use;

  NativeLoader(NativeHost host) {
    this.host = host;
  }

  /**
   * A library that was loaded.
   *
   * @param use what keeps its file from being deleted; null if nothing was extracted
   */
  record Loaded(Path file, @Nullable LibraryUse use) {}

  /**
   * Loads the library and checks its ABI version.
   *
   * @param abiVersion the version that the bindings need
   * @return the file that was named or extracted, and the use of its directory
   * @throws NativeLoadFailure if the library cannot be loaded
   * @throws IllegalCallerException if native access is denied
   */
  Loaded load(int abiVersion) throws NativeLoadFailure {
    checkProcessor();
    try {
      String named = host.property(NativeLibrary.PATH_PROPERTY);
      Path file = named == null ? loadPacked() : loadNamed(named);
      checkAbi(file, abiVersion);
      return new Loaded(file, use);
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
    byte[] content = host.isMusl() ? packedForMusl() : packedLibrary(host.platform());
    if (content == null) {
      NativePlatform platform = host.isMusl() ? host.platform().onMusl() : host.platform();
      throw failure(
          "libraries for these platforms are packed: %s; %s"
              .formatted(packedPlatforms(), isPublished(platform) ? addJar(platform) : BUILD));
    }
    return loadFromPlaces(content);
  }

  private byte @Nullable [] packedForMusl() throws NativeLoadFailure {
    NativePlatform platform = host.platform();
    byte[] content = packedLibrary(platform.onMusl());
    // This one was made for musl if it was built on such a machine.
    if (content == null) {
      content = packedLibrary(platform);
    }
    if (content != null && ElfFile.neededLibraries(content).contains(GLIBC)) {
      // The dynamic linker might accept such a library all the same, and the process would crash
      // later.
      attempts.add(
          new Attempt(
              "resource " + platform.resourceName(), new IOException("this JVM runs on musl")));
      throw failure("the packed library needs glibc: " + addJar(platform.onMusl()));
    }
    return content;
  }

  /** Returns the packed library of a platform; null, and a failed attempt, if there is none. */
  private byte @Nullable [] packedLibrary(NativePlatform platform) {
    String place = "resource " + platform.resourceName();
    try {
      byte[] content = host.resource(platform.resourceName());
      if (content == null) {
        attempts.add(new Attempt(place, new IOException("the resource does not exist")));
      }
      return content;
    } catch (IOException e) {
      attempts.add(new Attempt(place, e));
      return null;
    }
  }

  private static boolean isPublished(NativePlatform platform) {
    for (NativePlatform published : NativePlatform.PUBLISHED) {
      if (published.classifier().equals(platform.classifier())) {
        return true;
      }
    }
    return false;
  }

  private static String addJar(NativePlatform platform) {
    return "add the jar of io.disky:disky with the classifier natives-"
        + platform.classifier()
        + " to the class path or the module path, or "
        + BUILD;
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
    LibraryUse begun = LibraryUse.begin(directory, host.platform(), extractor.hash());
    boolean isLoaded = false;
    try {
      Path file = loadFrom(directory, extractor, begun.owner());
      isLoaded = true;
      use = begun;
      new LibraryCache(directory, host.platform()).prune(file, begun);
      return file;
    } finally {
      if (!isLoaded) {
        begun.end();
      }
    }
  }

  private Path loadFrom(Path directory, LibraryExtractor extractor, String owner)
      throws IOException {
    for (int attempt = 1; true; attempt++) {
      Path file = extractor.extractInto(directory, owner);
      try {
        loadExtracted(file);
        return file;
      } catch (UnsatisfiedLinkError e) {
        if (isInOtherClassLoader(e)) {
          loadCopy(extractor.copyInto(directory, owner));
          return file;
        }
        if (attempt == ATTEMPTS || Files.exists(file)) {
          throw e;
        }
      }
    }
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
}
