package io.disky.spark.write;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file never takes the name of another one. */
class LocalRenamingTest {
  @TempDir Path directory;

  private interface Renaming {
    boolean rename(Path from, Path to) throws IOException;
  }

  private void check(Renaming renaming) throws IOException {
    Path from = Files.writeString(directory.resolve("from"), "new", UTF_8);
    Path taken = Files.writeString(directory.resolve("taken"), "old", UTF_8);
    assertThat(renaming.rename(from, taken)).isFalse();
    assertThat(taken).hasContent("old");
    assertThat(from).hasContent("new");
    Path free = directory.resolve("free");
    assertThat(renaming.rename(from, free)).isTrue();
    assertThat(free).hasContent("new");
    assertThat(from).doesNotExist();
    assertThatThrownBy(() -> renaming.rename(from, directory.resolve("nothing")))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(directory.resolve("nothing")).doesNotExist();
  }

  @Test
  void byTwoNames() throws IOException {
    check(LocalRenaming::rename);
  }

  @Test
  void byReservation() throws IOException {
    check(LocalRenaming::renameOverReservation);
  }
}
