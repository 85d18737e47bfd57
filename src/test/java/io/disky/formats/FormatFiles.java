package io.disky.formats;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A file in another format that another program wrote.
 *
 * @param name its name in the resources
 * @param digest SHA-256 of the records, as {@code disky digest} computes it
 */
public record FormatFiles(String name, String writer, long records, long bytes, String digest) {
  /** The path of a file of the resources. */
  public static Path path(String name) {
    URL url = Objects.requireNonNull(FormatFiles.class.getResource("/formats/" + name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All files whose names match {@code pattern}, a regular expression. */
  public static List<FormatFiles> matching(String pattern) {
    try (Stream<String> lines = Files.lines(path("manifest.tsv"))) {
      return lines
          .map(line -> line.split("\t", -1))
          .filter(cells -> cells[0].matches(pattern))
          .map(cells ->
              new FormatFiles(
                  cells[0], cells[1], Long.parseLong(cells[2]), Long.parseLong(cells[3]), cells[4]))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public Path location() {
    return path(name);
  }

  @Override
  public String toString() {
    return name;
  }
}
