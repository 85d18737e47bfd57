package io.disky.library;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files of a directory of libraries stay and which are deleted. */
class LibraryCacheTest {

  private static final NativePlatform PLATFORM = NativePlatform.current();
  private static final String DEAD = "fedcba9876543210-0000000000000001";

  private final LibraryPermissions permissions = new LibraryPermissions(new NativeHost().userId());

  /** A use ends when nothing refers to it. */
  private final List<LibraryUse> uses = new ArrayList<>();

  @TempDir private Path directory;

  @Test
  void keepsTheLibrariesThatWereUsedLast() throws IOException {
    List<Path> old = new ArrayList<>();
    for (int version = 0; version < 6; version++) {
      old.add(library("version " + version, version));
    }

    Path used = use("new");

    assertThat(libraries())
        .containsExactlyInAnyOrder(used, old.get(3), old.get(4), old.get(5))
        .hasSize(LibraryCache.KEPT);
  }

  @Test
  void useMakesAnOldLibraryNew() throws IOException {
    Path oldest = library("version 0", 0);
    for (int version = 1; version < 5; version++) {
      library("version " + version, version);
    }

    assertThat(use("version 0")).isEqualTo(oldest);
    for (int version = 5; version < 8; version++) {
      use("version " + version);
    }

    assertThat(libraries()).contains(oldest);
  }

  @Test
  void keepsWhatALivingJvmUses() throws Exception {
    Path used;
    Process process =
        ChildJvm.start(LibraryUseProbe.class, directory, List.of(), "use", "a version");
    try {
      used = Path.of(line(process));
      touch(used, 0);
      for (int version = 1; version < 8; version++) {
        library("version " + version, version);
      }
      use("new");

      assertThat(libraries()).contains(used).hasSize(LibraryCache.KEPT);
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(files(".use")).as("that of the dead JVM and that of this one").hasSize(2);
    for (int version = 9; version < 12; version++) {
      use("version " + version);
    }

    assertThat(libraries()).doesNotContain(used);
    assertThat(files(".use")).as("those of this JVM").hasSize(4);
  }

  @Test
  void keepsWhatAnotherClassLoaderOfThisJvmUses() throws IOException {
    Path used = use("a version");
    for (int version = 1; version < 8; version++) {
      touch(used, 0);
      use("version " + version);
    }

    assertThat(libraries()).contains(used);
  }

  /** A JVM that looked at the files of this one, and closed them, would have ended its locks. */
  @Test
  void looksOfThisJvmLeaveItsUsesVisibleToOthers() throws Exception {
    Path used = use("a version");
    use("another version");
    touch(used, 0);
    for (int version = 1; version < 8; version++) {
      library("version " + version, version);
    }

    Process process =
        ChildJvm.start(LibraryUseProbe.class, directory, List.of(), "use", "version 8");
    try {
      Path other = Path.of(line(process));
      assertThat(libraries()).contains(other, used);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void aJvmThatEndsLeavesTheLibraryAlone() throws Exception {
    Process process =
        ChildJvm.start(LibraryUseProbe.class, directory, List.of(), "end", "a version");
    Path used = Path.of(line(process));
    assertThat(process.waitFor()).isZero();

    try (Stream<Path> entries = Files.list(directory)) {
      assertThat(entries).containsExactly(used);
    }
  }

  /** It was killed after it had written half of the library. */
  @ParameterizedTest
  @EnumSource(names = {"TEMPORARY", "COPY"})
  void deletesWhatAKilledJvmLeft(LibraryFileName.Kind kind) throws Exception {
    Process process =
        ChildJvm.start(
            LibraryUseProbe.class, directory, List.of(), "die", "the library", kind.name());
    Path left = Path.of(line(process));
    assertThat(process.waitFor()).isEqualTo(LibraryUseProbe.DEATH);
    assertThat(left).exists();

    Path used = use("the library");

    assertThat(used).hasContent("the library");
    assertThat(left).doesNotExist();
    assertThat(libraries()).containsExactly(used);
    assertThat(files(".use")).as("that of this JVM").hasSize(1);
  }

  @Test
  void keepsWhatALivingJvmIsWriting() throws Exception {
    LibraryUse other = begin("the library");
    Path temporary =
        Files.createFile(
            directory.resolve(
                new LibraryFileName(
                        LibraryFileName.Kind.TEMPORARY,
                        extractor("the library").hash(),
                        other.owner())
                    .onPlatform(PLATFORM)));

    use("the library");

    assertThat(temporary).exists();
  }

  @Test
  void keepsFilesThatAreNotItsOwn() throws IOException {
    String library = PLATFORM.libraryFileName("0123456789abcdef01234567");
    List<Path> others = new ArrayList<>();
    for (String name :
        List.of(
            "notes",
            ".hidden",
            library + ".orig",
            "." + library + ".1",
            "x" + library,
            PLATFORM.libraryFileName("0123456789abcdef0123456"),
            PLATFORM.libraryFileName("0123456789abcdef0123456g"))) {
      others.add(Files.createFile(directory.resolve(name)));
    }
    Path folder = Files.createDirectory(directory.resolve(library));
    for (int version = 0; version < 6; version++) {
      library("version " + version, version);
    }

    use("new");

    assertThat(others).allSatisfy(file -> assertThat(file).exists());
    assertThat(folder).isDirectory();
  }

  @Test
  void deletesNothingIfItsOwnUseIsNotVisible() throws IOException {
    for (int version = 0; version < 6; version++) {
      library("version " + version, version);
    }
    Path missing = directory.resolve("missing");
    LibraryUse invisible = LibraryUse.begin(missing, PLATFORM, extractor("version 1").hash());
    assertThat(invisible.isVisible()).isFalse();

    new LibraryCache(directory, PLATFORM).prune(library("version 1", 1), invisible);

    assertThat(libraries()).hasSize(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Linux", "Mac OS X", "Windows 11"})
  void namesMeanWhatTheyWereMadeOf(String system) {
    NativePlatform platform = new NativePlatform(system, "amd64");
    String hash = "0123456789abcdef01234567";
    for (LibraryFileName.Kind kind : LibraryFileName.Kind.values()) {
      String owner = kind == LibraryFileName.Kind.LIBRARY ? "" : DEAD;
      LibraryFileName name = new LibraryFileName(kind, hash, owner);
      String text = name.onPlatform(platform);
      assertThat(LibraryFileName.parse(platform, text)).as(text).isEqualTo(name);
      for (int end = 0; end < text.length(); end++) {
        assertThat(LibraryFileName.parse(platform, text.substring(0, end)))
            .satisfiesAnyOf(
                it -> assertThat(it).isNull(),
                it -> assertThat(it.kind()).isEqualTo(LibraryFileName.Kind.TEMPORARY));
      }
    }
  }

  private LibraryExtractor extractor(String content) {
    return new LibraryExtractor(PLATFORM, permissions, content.getBytes(UTF_8));
  }

  private LibraryUse begin(String content) {
    LibraryUse use = LibraryUse.begin(directory, PLATFORM, extractor(content).hash());
    assertThat(use.isVisible()).isTrue();
    uses.add(use);
    return use;
  }

  /** Does what loading does. */
  private Path use(String content) throws IOException {
    LibraryUse use = begin(content);
    Path file = extractor(content).extractInto(directory, use.owner());
    new LibraryCache(directory, PLATFORM).prune(file, use);
    return file;
  }

  /** Puts a library into the directory that was last used at a time. */
  private Path library(String content, int lastUse) throws IOException {
    return touch(extractor(content).extractInto(directory, DEAD), lastUse);
  }

  private static Path touch(Path file, int lastUse) throws IOException {
    return Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000L * (lastUse + 1)));
  }

  private List<Path> libraries() throws IOException {
    return files(PLATFORM.libraryFileName().replaceFirst(".*\\.", ".")).stream()
        .filter(Files::isRegularFile)
        .filter(file -> LibraryFileName.parse(PLATFORM, file.getFileName().toString()) != null)
        .toList();
  }

  private List<Path> files(String suffix) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(file -> file.toString().endsWith(suffix)).toList();
    }
  }

  private static String line(Process process) throws IOException {
    BufferedReader reader = process.inputReader(UTF_8);
    String line = reader.readLine();
    assertThat(line).isNotNull();
    return line;
  }
}
