package io.disky.library;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is loaded from where, and what a failure says. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class NativeLibraryLoaderTest {

  private static final byte[] CONTENT = "the native library".getBytes(UTF_8);
  private static final byte[] GLIBC_CONTENT = ElfForge.needing("libgcc_s.so.1", "libc.so.6");

  private final NativeLibraryStubHost host = new NativeLibraryStubHost();

  @TempDir private Path root;
  private Path cache;
  private Path temporary;

  @BeforeEach
  void setUp() throws IOException {
    host.platform = new NativePlatform("Linux", "amd64");
    host.properties.put("user.home", Files.createDirectory(root.resolve("home")).toString());
    host.properties.put("java.io.tmpdir", Files.createDirectory(root.resolve("tmp")).toString());
    host.pack(CONTENT);
    cache = root.resolve("home/.cache/disky");
    String user = Integer.toUnsignedString(new NativeHost().userId().orElseThrow());
    temporary = root.resolve("tmp/disky-" + user);
  }

  @Test
  void loadsFromTheCache() throws Exception {
    Path file = load();

    assertThat(file).hasParentRaw(cache).hasBinaryContent(CONTENT);
    assertThat(host.loads).containsExactly(file);
    assertThat(temporary).doesNotExist();
  }

  @Test
  void loadsTheNamedFileAndExtractsNothing() throws Exception {
    Path named = Files.write(root.resolve("named.so"), CONTENT);
    host.properties.put(NativeLibrary.PATH_PROPERTY, named.toString());

    assertThat(load()).isEqualTo(named);
    assertThat(host.loads).containsExactly(named);
    assertThat(cache).doesNotExist();
    assertThat(temporary).doesNotExist();
  }

  @Test
  void namedFileIsMissing() {
    host.properties.put(NativeLibrary.PATH_PROPERTY, root.resolve("missing.so").toString());

    assertThatThrownBy(this::load)
        .isInstanceOf(NativeLoadFailure.class)
        .hasCauseInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("tried: " + root.resolve("missing.so"))
        .hasMessageContaining("no such file")
        .hasMessageContaining("system property io.disky.library.path");
  }

  @Test
  void namedFileOfAnotherClassLoaderIsCopied() throws Exception {
    Path named = Files.write(root.resolve("named.so"), CONTENT);
    host.properties.put(NativeLibrary.PATH_PROPERTY, named.toString());
    host.loading = file -> refuse(file.equals(named), alreadyLoaded(file));

    assertThat(load()).hasParentRaw(cache).hasBinaryContent(CONTENT);
  }

  @Test
  void libraryOfAnotherClassLoaderIsCopied() throws Exception {
    host.loading = file -> refuse(host.loads.size() == 1, alreadyLoaded(file));

    Path file = load();

    assertThat(host.loads).hasSize(2).doesNotHaveDuplicates().startsWith(file);
    assertThat(host.loads.getLast()).hasParentRaw(cache).doesNotExist();
    assertThat(entries(cache)).filteredOn(it -> !isUse(it)).containsExactly(file);
  }

  @Test
  void libraryThatAnotherJvmDeletesAsOldIsExtractedAgain() throws Exception {
    host.loading =
        file -> {
          if (host.loads.size() == 1) {
            assertThat(file.toFile().delete()).isTrue();
            throw new UnsatisfiedLinkError("Can't load library: " + file);
          }
        };

    assertThat(load()).hasParentRaw(cache).hasBinaryContent(CONTENT);
    assertThat(host.loads).hasSize(2);
  }

  @Test
  void libraryThatVanishesAlwaysIsAFailure() {
    host.loading =
        file -> {
          assertThat(file.toFile().delete()).isTrue();
          throw new UnsatisfiedLinkError("Can't load library: " + file);
        };

    assertThatThrownBy(this::load).hasMessageContaining("Can't load library: " + cache);
    assertThat(cache).isEmptyDirectory();
  }

  @Test
  void placeThatCannotBeUsedKeepsNoUse() throws Exception {
    host.loading = file -> refuse(file.startsWith(cache), noexec(file));

    load();

    assertThat(entries(cache)).noneMatch(NativeLibraryLoaderTest::isUse);
    assertThat(entries(temporary)).filteredOn(NativeLibraryLoaderTest::isUse).hasSize(1);
  }

  @Test
  void loadsOnAnInterruptedThread() throws Exception {
    Thread.currentThread().interrupt();

    NativeLoader.Loaded loaded = new NativeLoader(host).load(NativeLibrary.EXPECTED_ABI_VERSION);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(loaded.file()).hasBinaryContent(CONTENT);
    assertThat(loaded.use()).isNotNull();
    assertThat(loaded.use().isVisible()).isTrue();
  }

  @Test
  void completeDirectoryThatCannotBeWrittenIsUsed() throws Exception {
    Path file = load();
    for (Path entry : entries(cache)) {
      if (isUse(entry)) {
        Files.delete(entry);
      }
    }
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("r-x------"));
    try {
      assertThat(load()).isEqualTo(file);
    } finally {
      Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void fallsBackWhenTheCacheCannotBeUsed() throws Exception {
    host.properties.put("user.home", root.resolve("missing").toString());

    assertThat(load()).hasParentRaw(temporary);
  }

  @Test
  void fallsBackWhenTheCacheForbidsExecution() throws Exception {
    host.loading = file -> refuse(file.startsWith(cache), noexec(file));

    assertThat(load()).hasParentRaw(temporary);
  }

  @Test
  void tellsEachPlaceThatForbidsExecution() {
    host.loading = file -> refuse(true, noexec(file));

    NativeLoadFailure failure = catchThrowableOfType(NativeLoadFailure.class, this::load);

    assertThat(failure)
        .hasMessageContaining("platform: linux-x86_64 (os.name Linux, os.arch amd64)")
        .hasMessageContaining("tried: " + cache)
        .hasMessageContaining("tried: " + temporary)
        .hasMessageContaining("failed to map segment from shared object")
        .hasMessageContaining("remedy: the file system forbids execution (noexec)")
        .hasMessageContaining("-Dio.disky.library.dir=");
    assertThat(failure.getCause()).isInstanceOf(UnsatisfiedLinkError.class);
    assertThat(failure.getSuppressed()).hasSize(1);
  }

  @Test
  void knowsForbiddenExecutionInAnyLanguage() {
    host.loading =
        file -> {
          assertThat(file.toFile().setExecutable(false)).isTrue();
          throw new UnsatisfiedLinkError(file + ": das geht nicht");
        };

    assertThatThrownBy(this::load).hasMessageContaining("forbids execution (noexec)");
  }

  @Test
  void tellsWhyEachPlaceCannotBeUsed() throws IOException {
    host.properties.remove("user.home");
    Files.delete(root.resolve("tmp"));

    assertThatThrownBy(this::load)
        .hasMessageContaining("tried: system property user.home")
        .hasMessageContaining("failed: not set to an absolute path")
        .hasMessageContaining("failed: " + root.resolve("tmp") + " is not a directory")
        .hasMessageContaining("-Dio.disky.library.dir=");
  }

  @Test
  void chosenDirectoryHasNoSubstitute() throws IOException {
    Path file = Files.createFile(root.resolve("file"));
    host.properties.put(NativeLibrary.DIRECTORY_PROPERTY, file.toString());

    assertThatThrownBy(this::load)
        .hasMessageContaining("tried: " + file + " (system property io.disky.library.dir)")
        .hasMessageContaining("not a directory");
    assertThat(host.loads).isEmpty();
    assertThat(temporary).doesNotExist();
  }

  @Test
  void unknownPlatform() {
    host.platform = new NativePlatform("Plan 9", "sparc");

    assertThatThrownBy(this::load)
        .hasMessageContaining("platform: plan9-sparc (os.name Plan 9, os.arch sparc)")
        .hasMessageContaining("tried: resource /io/disky/native/plan9-sparc/libdisky_capi.so")
        .hasMessageContaining("for these platforms are packed: linux-x86_64; build the library")
        .hasMessageContaining("cargo build")
        .hasMessageContaining("-Dio.disky.library.path=");
  }

  @Test
  void otherProcessorIsRefused() {
    host.supportedProcessor = false;
    host.pack(CONTENT);

    assertThatThrownBy(this::load)
        .hasMessageContaining("it is not a 64-bit little-endian processor")
        .hasMessageContaining("remedy: use a 64-bit JVM on a little-endian processor");
    assertThat(host.loads).isEmpty();
  }

  @Test
  void muslDoesNotGetLibraryForGlibc() {
    host.musl = true;
    host.pack(GLIBC_CONTENT);

    assertThatThrownBy(this::load)
        .hasMessageContaining("this JVM runs on musl")
        .hasMessageContaining("remedy: the packed library needs glibc")
        .hasMessageContaining("classifier natives-linux-x86_64-musl")
        .hasMessageContaining("-Dio.disky.library.path=");
    assertThat(host.loads).isEmpty();
  }

  @Test
  void muslPrefersTheLibraryForMusl() throws Exception {
    host.musl = true;
    host.pack(GLIBC_CONTENT);
    byte[] musl = ElfForge.needing("libc.so");
    host.resources.put("/io/disky/native/linux-x86_64-musl/libdisky_capi.so", musl);

    assertThat(load()).hasBinaryContent(musl);
  }

  @Test
  void glibcIgnoresTheLibraryForMusl() throws Exception {
    byte[] musl = ElfForge.needing("libc.so");
    host.resources.put("/io/disky/native/linux-x86_64-musl/libdisky_capi.so", musl);

    assertThat(load()).hasBinaryContent(CONTENT);
  }

  @Test
  void aTextInTheLibraryIsNotANeed() throws Exception {
    host.musl = true;
    host.pack(ElfForge.withText("libc.so.6"));

    assertThat(load()).hasParentRaw(cache);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void publishedPlatformWhoseJarIsMissing(boolean musl) {
    host.musl = musl;
    host.resources.clear();

    assertThatThrownBy(this::load)
        .hasMessageContaining("for these platforms are packed: none; add the jar")
        .hasMessageContaining(
            "classifier natives-linux-x86_64" + (musl ? "-musl" : "") + " to the class path");
  }

  @Test
  void muslGetsLibraryForMusl() throws Exception {
    host.musl = true;

    assertThat(load()).hasBinaryContent(CONTENT);
  }

  @Test
  void glibcGetsLibraryForGlibc() throws Exception {
    host.pack(GLIBC_CONTENT);

    assertThat(load()).hasBinaryContent(GLIBC_CONTENT);
  }

  @Test
  void otherVersionOfTheInterface() {
    host.abiVersion = 7;

    assertThatThrownBy(this::load)
        .isInstanceOf(NativeLoadFailure.class)
        .hasCauseInstanceOf(UnsatisfiedLinkError.class)
        .hasMessageContaining("tried: " + cache)
        .hasMessageContaining(
            "ABI version is 7, but these Java classes need version "
                + NativeLibrary.EXPECTED_ABI_VERSION);
  }

  @Test
  void versionIsUnsigned() {
    SymbolLookup symbols =
        name ->
            name.equals("disky_abi_version")
                ? Optional.of(NativeLibraryStubHost.returning(-1))
                : Optional.empty();

    assertThatThrownBy(() -> NativeAbi.check(symbols, 1)).hasMessageContaining("4294967295");
  }

  @Test
  void libraryOfSomebodyElse() {
    SymbolLookup none = name -> Optional.empty();

    assertThatThrownBy(() -> NativeAbi.check(none, 1))
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessageContaining("no function disky_abi_version")
        .hasMessageContaining("not the native library of disky");
  }

  @Test
  void failureIsRaisedAnewEachTime() {
    host.loading = file -> refuse(true, noexec(file));
    NativeLoadFailure failure = catchThrowableOfType(NativeLoadFailure.class, this::load);

    UnsatisfiedLinkError first = catchThrowableOfType(UnsatisfiedLinkError.class, failure::raise);
    UnsatisfiedLinkError second = catchThrowableOfType(UnsatisfiedLinkError.class, failure::raise);

    assertThat(first).isNotSameAs(second).hasMessage(second.getMessage());
    assertThat(first.getCause()).isNotNull().isSameAs(second.getCause());
    assertThat(first.getSuppressed()).hasSize(1);
  }

  @Test
  void deniedAccessNamesTheFlagOfTheModule() {
    IllegalCallerException denial = new IllegalCallerException("Illegal native access");
    Module unnamed = new ClassLoader() {}.getUnnamedModule();
    Module named = Object.class.getModule();

    assertThatThrownBy(() -> NativeLoadFailure.accessDenied(unnamed, denial).raise())
        .isInstanceOf(IllegalCallerException.class)
        .hasCause(denial)
        .hasMessageContaining(
            "on the class path; start java with --enable-native-access=ALL-UNNAMED")
        .hasMessageContaining("Enable-Native-Access: ALL-UNNAMED");
    assertThatThrownBy(() -> NativeLoadFailure.accessDenied(named, denial).raise())
        .hasMessageContaining(
            "on the module path as java.base; start java with --enable-native-access=java.base");
  }

  private Path load() throws NativeLoadFailure {
    return new NativeLoader(host).load(NativeLibrary.EXPECTED_ABI_VERSION).file();
  }

  private static boolean isUse(Path file) {
    return file.toString().endsWith(".use");
  }

  private static void refuse(boolean refused, UnsatisfiedLinkError error) {
    if (refused) {
      throw error;
    }
  }

  private static UnsatisfiedLinkError alreadyLoaded(Path file) {
    return new UnsatisfiedLinkError(
        "Native Library " + file + " already loaded in another classloader");
  }

  private static UnsatisfiedLinkError noexec(Path file) {
    return new UnsatisfiedLinkError(file + ": failed to map segment from shared object");
  }

  private static List<Path> entries(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    }
  }
}
