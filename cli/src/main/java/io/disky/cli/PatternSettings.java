package io.disky.cli;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that decide which records contain a pattern. */
@Command
final class PatternSettings {
  @ArgGroup private @Nullable Kind kind;

  /** What a pattern is. */
  static final class Kind {
    @Option(
        names = {"-F", "--fixed"},
        description = "PATTERN is text, not a regular expression: records that contain its bytes.")
    private boolean fixed;

    @Option(names = "--hex", description = "PATTERN is bytes, two hexadecimal digits each.")
    private boolean hex;

    private Kind() {}
  }

  @Option(
      names = {"-i", "--ignore-case"},
      description = "Upper and lower case are the same; not with --hex.")
  private boolean ignoreCase;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** Finds the records that contain {@code pattern}. */
  RecordMatcher matcher(String pattern) {
    boolean hex = kind != null && kind.hex;
    boolean fixed = kind != null && kind.fixed;
    if (hex) {
      return RecordMatcher.bytes(bytes(pattern));
    }
    if (fixed && !ignoreCase) {
      return RecordMatcher.bytes(pattern.getBytes(StandardCharsets.UTF_8));
    }
    int flags = ignoreCase ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : 0;
    try {
      return RecordMatcher.regex(Pattern.compile(pattern, fixed ? flags | Pattern.LITERAL : flags));
    } catch (PatternSyntaxException e) {
      throw usage(
          "'" + pattern + "' is not a regular expression: " + e.getDescription() + "; -F for text");
    }
  }

  private byte[] bytes(String pattern) {
    if (ignoreCase) {
      throw usage("--hex and --ignore-case cannot be combined");
    }
    try {
      return HexFormat.of().parseHex(pattern.replace(" ", ""));
    } catch (IllegalArgumentException e) {
      throw usage("'" + pattern + "' is not hexadecimal: two digits are a byte");
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
