package io.disky.spark.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** The paths among the options of a query. */
public final class FileOptions {
  /** The option for one path: {@code load(path)} and {@code save(path)} set it. */
  public static final String PATH = "path";

  /** The option for several paths, as a JSON array: {@code load(path, path)} sets it. */
  public static final String PATHS = "paths";

  private FileOptions() {}

  /** Whether {@code option} holds paths. Case does not matter. */
  static boolean isPath(String option) {
    return option.equalsIgnoreCase(PATH) || option.equalsIgnoreCase(PATHS);
  }

  /**
   * The paths of a query, which may be patterns. A comma is part of a path.
   *
   * @throws IllegalArgumentException if there are none, or {@code paths} is not a JSON array
   */
  public static List<String> paths(CaseInsensitiveStringMap options) {
    List<String> paths = new ArrayList<>();
    String several = options.get(PATHS);
    if (several != null) {
      paths.addAll(parse(several));
    }
    String one = options.get(PATH);
    if (one != null) {
      paths.add(one);
    }
    if (paths.isEmpty()) {
      throw new IllegalArgumentException(
          "disky: no path was given; name a file, a directory or a pattern: .load(\"path\")");
    }
    return paths;
  }

  /** The paths as text, for the name of a table. */
  public static String text(CaseInsensitiveStringMap options) {
    return options.getOrDefault(PATH, options.getOrDefault(PATHS, ""));
  }

  private static List<String> parse(String several) {
    try {
      return List.of(new ObjectMapper().readValue(several, String[].class));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "disky: option paths = " + several + ": not a JSON array of strings, as [\"a\", \"b\"]",
          e);
    }
  }
}
