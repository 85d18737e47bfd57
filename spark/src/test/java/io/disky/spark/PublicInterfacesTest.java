package io.disky.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.spark.requirements.Requirements;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The classes refer to no internal part of Spark, which changes with each release. */
class PublicInterfacesTest {
  private static final Pattern INTERNAL =
      Pattern.compile("org[/.]apache[/.]spark[/.]sql[/.](?:execution|catalyst|internal)[/.\\w$]*");

  private static final int JAVA_17 = 61;

  /** Signatures of the connector interfaces name this class. */
  private static final Set<String> ALLOWED = Set.of("org/apache/spark/sql/catalyst/InternalRow");

  private static List<Path> classes() throws IOException, URISyntaxException {
    Path root =
        Path.of(DiskyDataSource.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(root.resolve("io/disky/spark"))) {
      return files
          .filter(file -> file.toString().endsWith(".class") && !file.toString().contains("Test"))
          .toList();
    }
  }

  @Test
  void noClassRefersToInternals() throws Exception {
    List<Path> classes = new ArrayList<>(classes());
    assertThat(classes).hasSizeGreaterThan(40);
    Set<String> references = new TreeSet<>();
    for (Path file : classes) {
      if (isOfTests(file)) {
        continue;
      }
      Matcher matcher =
          INTERNAL.matcher(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      while (matcher.find()) {
        if (!ALLOWED.contains(matcher.group())) {
          references.add(file.getFileName() + " -> " + matcher.group());
        }
      }
    }
    assertThat(references).isEmpty();
  }

  /** JDK 17 and 21 load these classes, and then say what is missing. */
  @Test
  void theEntryIsForTheOldestJdkOfSpark() throws IOException {
    for (Class<?> type : List.of(DiskyDataSource.class, Requirements.class)) {
      try (DataInputStream bytes =
          new DataInputStream(
              Objects.requireNonNull(type.getResourceAsStream(type.getSimpleName() + ".class")))) {
        bytes.skipBytes(6);
        assertThat(bytes.readUnsignedShort()).as("%s", type).isEqualTo(JAVA_17);
      }
    }
  }

  /** Tests may be in the same directory when they are run without Maven. */
  private static boolean isOfTests(Path file) {
    String path = file.toString();
    return path.contains("/testing/") || path.contains("/benchmark/") || path.contains("Frames");
  }
}
