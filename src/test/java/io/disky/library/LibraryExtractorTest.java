package io.disky.library;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that the extraction writes, trusts, replaces and refuses. */
class LibraryExtractorTest {

  private static final byte[] CONTENT = "the native library".getBytes(UTF_8);

  /** CRC-32, CRC-32C and size of {@link #CONTENT}. */
  private static final String NAME = "libdisky_capi-4b3c25781298db6600000012.so";

  private static final String OWNER = "0123456789abcdef-0000000000000001";
  private static final String OTHER_OWNER = "0123456789abcdef-0000000000000002";

  private static final NativePlatform LINUX = new NativePlatform("Linux", "amd64");

  private final LibraryPermissions permissions = new LibraryPermissions(new NativeHost().userId());
  private final LibraryExtractor extractor = new LibraryExtractor(LINUX, permissions, CONTENT);

  @TempDir private Path directory;

  @Test
  void writesFileNamedByItsChecksums() throws IOException {
    Path file = extractor.extractInto(directory, OWNER);

    assertThat(file).hasFileName(NAME).hasParentRaw(directory).hasBinaryContent(CONTENT);
    assertThat(entries()).containsExactly(file);
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void fileIsForItsOwnerAlone() throws IOException {
    Path file = extractor.extractInto(directory, OWNER);

    assertThat(permissionsOf(file)).isEqualTo("rwx------");
  }

  @Test
  void usesIntactFileAsItIs() throws IOException {
    Object key = key(extractor.extractInto(directory, OWNER));

    assertThat(key(extractor.extractInto(directory, OWNER))).isEqualTo(key);
  }

  @Test
  void extractsOnAnInterruptedThread() throws IOException {
    Thread.currentThread().interrupt();
    try {
      extractor.extractInto(directory, OWNER);
      assertThat(extractor.extractInto(directory, OWNER)).hasBinaryContent(CONTENT);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "the native", "THE NATIVE LIBRARY", "the native library, and more"})
  void replacesFileWithOtherContent(String content) throws IOException {
    Path file = Files.writeString(directory.resolve(NAME), content);
    // Held open, so that the system cannot use its key again.
    try (var _ = Files.newInputStream(file)) {
      Object key = key(file);

      assertThat(extractor.extractInto(directory, OWNER)).isEqualTo(file).hasBinaryContent(CONTENT);
      assertThat(key(file)).as("replaced, not written in place").isNotEqualTo(key);
    }
    assertThat(entries()).containsExactly(file);
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void replacesFileThatOthersMayWrite() throws IOException {
    Path file = extractor.extractInto(directory, OWNER);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxrwxrwx"));

    extractor.extractInto(directory, OWNER);

    assertThat(permissionsOf(file)).isEqualTo("rwx------");
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void replacesSymbolicLinkAndNotItsTarget(@TempDir Path elsewhere) throws IOException {
    Path target = Files.write(elsewhere.resolve("target"), CONTENT);
    Object key = key(target);
    Path file = Files.createSymbolicLink(directory.resolve(NAME), target);

    assertThat(extractor.extractInto(directory, OWNER)).isEqualTo(file);

    assertThat(file).isRegularFile().hasBinaryContent(CONTENT);
    assertThat(Files.isSymbolicLink(file)).isFalse();
    assertThat(key(target)).isEqualTo(key);
  }

  @Test
  void failsWhenTheNameIsTakenByDirectory() throws IOException {
    Path file = Files.createDirectory(directory.resolve(NAME));
    Files.createFile(file.resolve("child"));

    assertThatThrownBy(() -> extractor.extractInto(directory, OWNER))
        .isInstanceOf(IOException.class);

    assertThat(entries()).containsExactly(file);
  }

  @Test
  void copiesHaveNamesOfTheirOwn() throws IOException {
    Path file = extractor.extractInto(directory, OWNER);
    Path first = extractor.copyInto(directory, OWNER);
    Path second = extractor.copyInto(directory, OTHER_OWNER);

    assertThat(List.of(first, second)).allSatisfy(it -> assertThat(it).hasBinaryContent(CONTENT));
    assertThat(new HashSet<>(List.of(file, first, second))).hasSize(3);
    assertThat(first.getFileName().toString()).startsWith("libdisky_capi-").endsWith(".so");
  }

  @Test
  void versionsDoNotMeet() throws IOException {
    byte[] other = "another version".getBytes(UTF_8);
    Path file = extractor.extractInto(directory, OWNER);
    Path otherFile = new LibraryExtractor(LINUX, permissions, other).extractInto(directory, OWNER);

    assertThat(file).hasBinaryContent(CONTENT);
    assertThat(otherFile).isNotEqualTo(file).hasBinaryContent(other);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void threadsRace(boolean tampered) throws Exception {
    byte[] large = new byte[1 << 20];
    Arrays.fill(large, (byte) 7);
    int threads = 8;
    CyclicBarrier start = new CyclicBarrier(threads);
    LibraryExtractor racing = new LibraryExtractor(LINUX, permissions, large);
    if (tampered) {
      Files.writeString(racing.extractInto(directory, OWNER), "tampered");
    }

    List<Future<Path>> files = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int i = 0; i < threads; i++) {
        files.add(
            executor.submit(() -> {
              start.await();
              Path file = racing.extractInto(directory, use(racing).owner());
              assertThat(file).hasBinaryContent(large);
              return file;
            }));
      }
    }

    assertThat(entries()).hasSize(1);
    for (Future<Path> file : files) {
      assertThat(file.get()).isEqualTo(entries().getFirst());
    }
  }

  @Test
  void directoryIsAccepted() throws IOException {
    permissions.checkDirectory(directory);
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void refusesLinkToDirectory(@TempDir Path elsewhere) throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), elsewhere);

    assertThatThrownBy(() -> permissions.checkDirectory(link))
        .hasMessageContaining("symbolic link");
  }

  @Test
  void refusesFileAsDirectory() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(() -> permissions.checkDirectory(file))
        .hasMessageContaining("not a directory");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwx---", "rwx-w----", "rwx----w-", "rwxrwxrwx"})
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void refusesDirectoryThatOthersMayWrite(String mode) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));

    assertThatThrownBy(() -> permissions.checkDirectory(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("other users may write it (" + mode + ")");
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void refusesDirectoryAndFileOfAnotherUser() throws IOException {
    int user = new NativeHost().userId().orElseThrow();
    LibraryPermissions other = new LibraryPermissions(OptionalInt.of(user + 1));
    Path file = extractor.extractInto(directory, OWNER);
    String message = "belongs to user %d, not to user %d".formatted(user, user + 1);

    assertThatThrownBy(() -> other.checkDirectory(directory)).hasMessageContaining(message);
    assertThatThrownBy(() -> other.checkFile(file)).hasMessageContaining(message);
  }

  private LibraryUse use(LibraryExtractor racing) {
    LibraryUse use = LibraryUse.begin(directory, LINUX, racing.hash());
    assertThat(use.isVisible()).isTrue();
    return use;
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(entry -> !entry.toString().endsWith(".use")).toList();
    }
  }

  private static Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  private static String permissionsOf(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
