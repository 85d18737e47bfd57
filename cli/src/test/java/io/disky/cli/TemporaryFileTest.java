package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.disky.DerivedFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Copies of standard streams: nobody else reads them, and no command takes them for data. */
class TemporaryFileTest {
  @TempDir Path directory;

  @Test
  void isKnownAsSuchWhetherItIsEmptyOrNot() throws IOException {
    byte[] records = Files.readAllBytes(RecordTexts.write(directory.resolve("file"), "a", "b"));
    Path path;
    try (TemporaryFile empty = TemporaryFile.create("standard output");
        TemporaryFile full = TemporaryFile.of(new ByteArrayInputStream(records), "-")) {
      path = full.path();
      assertThat(path).isNotEqualTo(empty.path()).hasBinaryContent(records);
      assertThat(DerivedFile.of(empty.path())).contains(DerivedFile.TEMPORARY);
      assertThat(DerivedFile.of(path)).contains(DerivedFile.TEMPORARY);
      assertThat(Files.isHidden(path)).isTrue();
    }
    assertThat(path).doesNotExist();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void isItsOwnersAlone() throws IOException {
    try (TemporaryFile file =
        TemporaryFile.of(new ByteArrayInputStream("secret".getBytes(UTF_8)), "-")) {
      assertThat(Files.getPosixFilePermissions(file.path()))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }
}
