package io.disky;

import io.disky.files.FileFailures;
import io.disky.threads.StackRoom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Names files by a pattern with the placeholders {@code {number}} and {@code {time}}. */
final class PatternNaming implements FileNaming {
  private static final String NUMBER = "{number}";
  private static final String TIME = "{time}";
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{[^{}]*\\}");
  private static final DateTimeFormatter TIME_FORMAT =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Path directory;
  private final String pattern;
  private final Pattern names;

  PatternNaming(Path directory, String pattern) {
    this.directory = directory;
    this.pattern = pattern;
    check(directory, pattern);
    this.names = names(pattern);
  }

  private static void check(Path directory, String pattern) {
    String subject = "the pattern for file names '" + pattern + "' ";
    for (MatchResult found : PLACEHOLDER.matcher(pattern).results().toList()) {
      if (!found.group().equals(NUMBER) && !found.group().equals(TIME)) {
        throw new IllegalArgumentException(
            subject + "contains " + found.group() + "; the placeholders are {number} and {time}");
      }
    }
    if (!pattern.contains(NUMBER)) {
      throw new IllegalArgumentException(
          subject + "does not contain {number}: two files could have the same name");
    }
    Path name = directory.getFileSystem().getPath(pattern);
    if (name.getNameCount() != 1 || name.getRoot() != null) {
      throw new IllegalArgumentException(
          subject + "is not the name of a file; name its directory in the other parameter");
    }
  }

  /** The names that {@code pattern} stands for. More than 18 digits do not fit into a number. */
  private static Pattern names(String pattern) {
    return Pattern.compile(
        Pattern.quote(pattern)
            .replaceFirst(
                Pattern.quote(NUMBER), Matcher.quoteReplacement("\\E(?<number>[0-9]{6,18})\\Q"))
            .replace(NUMBER, "\\E\\k<number>\\Q")
            .replace(TIME, "\\E[0-9]{8}T[0-9]{6}Z\\Q"));
  }

  @Override
  public Path path(long number, Instant opened) {
    return directory.resolve(
        pattern
            .replace(NUMBER, String.format(Locale.ROOT, "%06d", number))
            .replace(TIME, TIME_FORMAT.format(opened)));
  }

  @Override
  public long firstNumber() throws IOException {
    if (!Files.isDirectory(directory)) {
      return 0; // opening the file throws the exception that says why
    }
    return FileFailures.quoting(this::largestNumber) + 1;
  }

  private long largestNumber() throws IOException {
    StackRoom.require(); // The JDK would leave the directory open.
    try (Stream<Path> files = Files.list(directory)) {
      return files.mapToLong(this::number).max().orElse(-1);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The number in the name of {@code file}; -1 if the pattern does not stand for this name. */
  private long number(Path file) {
    Matcher matcher = names.matcher(String.valueOf(file.getFileName()));
    return matcher.matches() ? Long.parseLong(matcher.group("number")) : -1;
  }
}
