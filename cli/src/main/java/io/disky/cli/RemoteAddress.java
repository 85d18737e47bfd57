package io.disky.cli;

import io.disky.files.FileFailures;
import io.disky.http.HttpAddress;
import io.disky.remote.RemoteStores;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * The address of a remote file, or a pattern for the addresses of several.
 *
 * @param name the address as messages show it, without a password or a signature
 * @param uri the address
 * @param pattern the last element of the address if it is a pattern, and {@code *} if it is empty;
 *     otherwise {@code null}
 */
record RemoteAddress(String name, URI uri, @Nullable String pattern) {
  private static final String WILDCARDS = "*?[{";

  /** Characters that people write in keys and patterns, but that a URI must encode. */
  private static final String ENCODED = " \"<>\\^`{|}[]?";

  /** Returns whether {@code text} is an address rather than the path of a file. */
  static boolean is(String text) {
    return RemoteStores.isAddress(text);
  }

  /**
   * Parses an address.
   *
   * @throws IllegalArgumentException if it is not valid; the message does not contain the address,
   *     which may contain something secret
   */
  static RemoteAddress parse(String text) {
    String scheme = text.substring(0, text.indexOf(':'));
    boolean isHttp = scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https");
    URI uri = uri(isHttp ? text : encoded(text));
    String last = text.substring(text.lastIndexOf('/') + 1);
    boolean inServer = text.indexOf('/', text.indexOf("://") + 3) < 0;
    // In an address of HTTP the other wildcards have meanings of their own.
    boolean matches = isHttp ? last.indexOf('*') >= 0 : last.isEmpty() || hasWildcard(last);
    String pattern = inServer || !matches ? null : last.isEmpty() ? "*" : last;
    return new RemoteAddress(isHttp ? HttpAddress.of(uri).name() : named(text), uri, pattern);
  }

  /** The address of a file that a store has listed. */
  static RemoteAddress of(URI uri) {
    return new RemoteAddress(uri.toString(), uri, null);
  }

  private static URI uri(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the address contains a character that must be encoded, such as %25 for %");
    }
  }

  /** {@code message} without the passwords and signatures of addresses of HTTP in it. */
  static String withoutSecrets(String message) {
    return message
        .replaceAll("(?i)(https?://)[^\\s/'?]*@", "$1")
        .replaceAll("(?i)(https?://[^\\s'?]*)\\?[^\\s']*", "$1");
  }

  private static String named(String text) {
    int begin = text.indexOf("://") + 3;
    int slash = text.indexOf('/', begin);
    int at = text.lastIndexOf('@', slash < 0 ? text.length() : slash);
    return at < begin ? text : text.substring(0, begin) + text.substring(at + 1);
  }

  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          if (ENCODED.indexOf(c) < 0) {
            encoded.appendCodePoint(c);
            return;
          }
          for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
            encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
          }
        });
    return encoded.toString();
  }

  private static boolean hasWildcard(String text) {
    return text.chars().anyMatch(c -> WILDCARDS.indexOf(c) >= 0);
  }

  /** Returns whether this stands for the files whose addresses begin with it and a name. */
  boolean isDirectory() {
    return pattern != null && name.endsWith("/");
  }

  /** The beginning of the addresses of all files that match this pattern. */
  URI prefix() {
    String text = uri.toString();
    int end = text.lastIndexOf('/') + 1;
    while (end < text.length() && !isWildcard(text, end)) {
      end++;
    }
    return uri(text.substring(0, end));
  }

  private static boolean isWildcard(String encoded, int at) {
    return encoded.charAt(at) == '*'
        || encoded.startsWith("%3F", at)
        || encoded.startsWith("%5B", at)
        || encoded.startsWith("%7B", at)
        || encoded.startsWith("%5C", at);
  }

  /**
   * The addresses among {@code listed} that match this pattern, ordered by the number at the end of
   * their names. Hidden files match only a pattern that begins with a dot.
   *
   * @throws NoSuchFileException if none matches
   */
  List<URI> matches(List<URI> listed) throws IOException {
    PathMatcher matcher = matcher();
    List<URI> matches =
        listed.stream()
            .filter(address -> matches(address, matcher))
            .sorted(Comparator.comparing(address -> NumberedFiles.number(last(address))))
            .toList();
    if (matches.isEmpty()) {
      throw FileFailures.noSuchFile(name, "no file matches this pattern");
    }
    return matches;
  }

  private PathMatcher matcher() throws NoSuchFileException {
    try {
      return FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    } catch (PatternSyntaxException e) {
      throw FileFailures.noSuchFile(name, "not a valid pattern: " + e.getDescription());
    }
  }

  private boolean matches(URI address, PathMatcher matcher) {
    String last = last(address);
    boolean isHere = directory(address).equals(directory(uri));
    boolean isHidden = last.startsWith(".") && !String.valueOf(pattern).startsWith(".");
    try {
      return isHere && !last.isEmpty() && !isHidden && matcher.matches(Path.of(last));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static String directory(URI address) {
    return address.getPath().substring(0, address.getPath().lastIndexOf('/') + 1);
  }

  private static String last(URI address) {
    return address.getPath().substring(address.getPath().lastIndexOf('/') + 1);
  }
}
