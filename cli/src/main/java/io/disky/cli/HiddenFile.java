package io.disky.cli;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A file under a hidden name until it is complete. Until then an earlier file of its name stays
 * unchanged.
 *
 * @param place the path that the file gets
 * @param path the path that it has
 */
record HiddenFile(Path place, Path path) implements UnfinishedOutput {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Creates an empty file next to {@code place}. */
  static HiddenFile create(Path place) throws IOException {
    String random = HexFormat.of().toHexDigits(RANDOM.nextLong());
    Path path = place.resolveSibling(".disky." + random + ".tmp");
    return new HiddenFile(place, Files.createFile(path));
  }

  /** Gives the file its name. */
  void publish(boolean replace) throws IOException {
    if (replace) {
      Files.move(path, place, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } else {
      Files.move(path, place);
    }
  }

  @Override
  public String remove() throws IOException {
    return Files.deleteIfExists(path)
        ? QuotedText.name(place) + ": not written, because it is incomplete"
        : "";
  }
}
