package io.disky.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories to extract into: which, in what order, and which of them are refused. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class NativeLibraryPlacesTest {

  private final OptionalInt user = new NativeHost().userId();
  private final LibraryPermissions permissions = new LibraryPermissions(user);
  private final NativeLibraryStubHost host = new NativeLibraryStubHost();

  @TempDir private Path root;

  @BeforeEach
  void setUp() throws IOException {
    host.platform = new NativePlatform("Linux", "amd64");
    host.properties.put("user.home", Files.createDirectory(root.resolve("home")).toString());
    host.properties.put("java.io.tmpdir", Files.createDirectory(root.resolve("tmp")).toString());
  }

  @Test
  void cacheThenTemporaryDirectory() throws IOException {
    assertThat(opened())
        .containsExactly(
            root.resolve("home/.cache/disky"),
            root.resolve("tmp/disky-" + Integer.toUnsignedString(user.orElseThrow())));
  }

  @Test
  void cacheOfTheVariable() throws IOException {
    host.environment.put("XDG_CACHE_HOME", root.resolve("caches").toString());

    assertThat(opened().getFirst()).isEqualTo(root.resolve("caches/disky"));
  }

  @Test
  void relativeVariableCountsAsUnset() throws IOException {
    host.environment.put("XDG_CACHE_HOME", "caches");

    assertThat(opened().getFirst()).isEqualTo(root.resolve("home/.cache/disky"));
  }

  @Test
  void cacheOfMac() throws IOException {
    host.platform = new NativePlatform("Mac OS X", "aarch64");

    assertThat(opened().getFirst()).isEqualTo(root.resolve("home/Library/Caches/disky"));
  }

  @Test
  void cacheOfWindows() throws IOException {
    host.platform = new NativePlatform("Windows 11", "amd64");
    assertThat(opened().getFirst()).isEqualTo(root.resolve("home/AppData/Local/disky"));

    host.environment.put("LOCALAPPDATA", root.resolve("local").toString());
    assertThat(opened().getFirst()).isEqualTo(root.resolve("local/disky"));
  }

  @Test
  void chosenDirectoryAndNoOther() throws IOException {
    host.properties.put(NativeLibrary.DIRECTORY_PROPERTY, root.resolve("a/b").toString());

    assertThat(opened()).containsExactly(root.resolve("a/b"));
  }

  @Test
  void createsDirectoriesForTheOwnerAlone() throws IOException {
    opened();

    for (String created : List.of("home/.cache", "home/.cache/disky")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(created))))
          .as(created)
          .isEqualTo("rwx------");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"?", "", "relative/home"})
  void homeThatIsNoPath(String home) {
    host.properties.put("user.home", home);
    LibraryPlace cache = LibraryPlace.of(host, user).getFirst();

    assertThat(cache).hasToString("system property user.home");
    assertThatThrownBy(() -> cache.open(permissions))
        .isInstanceOf(IOException.class)
        .hasMessage("not set to an absolute path");
  }

  @Test
  void homeThatIsNotSet() {
    host.properties.remove("user.home");

    assertThatThrownBy(() -> LibraryPlace.of(host, user).getFirst().open(permissions))
        .hasMessage("not set to an absolute path");
  }

  @Test
  void homeThatDoesNotExistIsNotCreated() {
    Path home = root.resolve("nonexistent");
    host.properties.put("user.home", home.toString());

    assertThatThrownBy(() -> LibraryPlace.of(host, user).getFirst().open(permissions))
        .hasMessage(home + " is not a directory");
    assertThat(home).doesNotExist();
  }

  @Test
  void refusesDirectoryThatAnotherMadeBefore() throws IOException {
    Path planted = root.resolve("tmp/disky-" + Integer.toUnsignedString(user.orElseThrow()));
    Files.createDirectory(planted);
    Files.setPosixFilePermissions(planted, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThatThrownBy(() -> LibraryPlace.of(host, user).getLast().open(permissions))
        .hasMessageContaining("other users may write it");
  }

  @Test
  void refusesSymbolicLink() throws IOException {
    Path link = Files.createSymbolicLink(root.resolve("link"), root.resolve("home"));
    host.properties.put(NativeLibrary.DIRECTORY_PROPERTY, link.toString());

    assertThatThrownBy(() -> LibraryPlace.of(host, user).getFirst().open(permissions))
        .hasMessageContaining("symbolic link");
  }

  private List<Path> opened() throws IOException {
    List<LibraryPlace> places = LibraryPlace.of(host, user);
    for (LibraryPlace place : places) {
      assertThat(place.open(permissions)).isDirectory();
    }
    return places.stream().map(NativeLibraryPlacesTest::directory).toList();
  }

  private static Path directory(LibraryPlace place) {
    String description = place.toString();
    return Path.of(description.substring(0, description.indexOf(" (")));
  }
}
