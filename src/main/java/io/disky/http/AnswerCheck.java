package io.disky.http;

import io.disky.files.FileFailures;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds out the contents of an answer by its status and headers. */
final class AnswerCheck {
  static final String NO_RANGES =
      "the server does not support ranges: it sends the complete file. Only files that fit into the"
          + " first request can be read from it; download the file and read the copy";

  private static final int MOST_TEXT = 200;

  private final String name;
  private final HttpRange range;
  private final int status;
  private final HttpHeaders headers;

  AnswerCheck(String name, HttpRange range, ResponseInfo answer) {
    this.name = name;
    this.range = range;
    this.status = answer.statusCode();
    this.headers = answer.headers();
  }

  /** What an answer contains. */
  sealed interface Content {}

  /**
   * Bytes of the file.
   *
   * @param position offset of the first byte
   * @param length number of bytes; -1 if only the end of the body shows it
   * @param fileSize size of the file in bytes; -1 if it is {@code length}
   */
  record Bytes(long position, long length, long fileSize, HttpVersion version) implements Content {}

  /** The size and the version, but no bytes that are needed. */
  record SizeOnly(long fileSize, HttpVersion version) implements Content {}

  /** Another address. */
  record Redirect(String location) implements Content {}

  record Failure(IOException exception) implements Content {}

  Content content() {
    return switch (status) {
      case 206 -> part();
      case 200 -> complete();
      case 416 -> unsatisfiable();
      case 301, 302, 303, 307, 308 ->
          headers
              .firstValue("Location")
              .<Content>map(Redirect::new)
              .orElseGet(() -> lasting("the server redirects without an address"));
      default -> new Failure(failure());
    };
  }

  private Content part() {
    Optional<String> value = headers.firstValue("Content-Range");
    ContentRange sent = value.map(ContentRange::parse).orElse(null);
    if (sent == null || sent.first() < 0) {
      return lasting(
          value.isEmpty()
              ? "the server does not state which bytes it sends"
              : "the server states its bytes in a way that cannot be understood: "
                  + text(value.get()));
    }
    long length = headers.firstValueAsLong("Content-Length").orElse(sent.length());
    if (length != sent.length() || sent.length() > range.target().byteSize()) {
      return wrong(sent);
    }
    boolean right =
        range.isEnd() ? sent.last() == sent.size() - 1 : sent.first() == range.position();
    Content flaw = flaw();
    if (flaw != null) {
      return flaw;
    }
    return right ? bytes(sent.first(), sent.length(), sent.size()) : wrong(sent);
  }

  private Content bytes(long position, long length, long size) {
    HttpVersion version = version();
    String wanted = range.version().orElse(version.text());
    if (!wanted.equals(version.text())) {
      return new Failure(
          HttpFailure.changed(
              message("the file has " + named(version.text()) + " instead of " + named(wanted))));
    }
    return new Bytes(position, length, size, version);
  }

  private Content wrong(ContentRange sent) {
    return new Failure(
        HttpFailure.passing(
            message(
                "the server sends bytes "
                    + sent.first()
                    + " to "
                    + sent.last()
                    + " instead of \""
                    + range.header()
                    + "\""),
            null));
  }

  /** The complete file, because the server does not know ranges, or this form of them. */
  private Content complete() {
    Content flaw = flaw();
    if (flaw != null) {
      return flaw;
    }
    long length = headers.firstValueAsLong("Content-Length").orElse(-1);
    boolean fits = length <= range.target().byteSize();
    if (range.isEnd() || range.position() == 0) {
      if (length >= 0 && fits) {
        return bytes(0, length, length);
      }
      if (length < 0 && range.isEnd() && isChunked()) {
        return new Bytes(0, -1, -1, version());
      }
    }
    if (range.isEnd() && length >= 0) {
      return new SizeOnly(length, version());
    }
    return lasting(NO_RANGES);
  }

  private boolean isChunked() {
    return headers
        .firstValue("Transfer-Encoding")
        .filter(value -> value.toLowerCase(Locale.ROOT).endsWith("chunked"))
        .isPresent();
  }

  private Content unsatisfiable() {
    ContentRange sent = headers.firstValue("Content-Range").map(ContentRange::parse).orElse(null);
    if (sent == null) {
      return lasting("the server refuses the range (status 416) and does not state the size");
    }
    if (range.isEnd()) {
      return new SizeOnly(sent.size(), version());
    }
    return new Failure(
        HttpFailure.changed(
            message("the file now has only " + sent.size() + " bytes (status 416)")));
  }

  /** Why a body cannot be the bytes of the file; {@code null} if it can. */
  private @Nullable Content flaw() {
    String encoding = headers.firstValue("Content-Encoding").orElse("identity");
    if (!encoding.equalsIgnoreCase("identity")) {
      return lasting(
          "the server compresses the file (Content-Encoding: "
              + text(encoding)
              + ") although the request refuses that");
    }
    String type = headers.firstValue("Content-Type").orElse("");
    return type.toLowerCase(Locale.ROOT).startsWith("multipart/byteranges")
        ? lasting("the server sends several ranges instead of one")
        : null;
  }

  /** The version of the file that the headers state. */
  HttpVersion version() {
    return range
        .version()
        .map(wanted -> HttpVersion.of(headers, wanted))
        .orElseGet(() -> HttpVersion.of(headers));
  }

  private static String named(String version) {
    return version.isEmpty() ? "no version" : "version " + text(version);
  }

  private IOException failure() {
    String answered = "the server answered " + status;
    return switch (status) {
      case 404, 410 -> FileFailures.noSuchFile(name, answered);
      case 401, 403 -> FileFailures.accessDenied(name, answered);
      case 412 ->
          HttpFailure.changed(
              message(
                  "the server no longer has "
                      + named(range.version().orElse(""))
                      + " (status 412)"));
      default ->
          HttpStatus.isPassing(status)
              ? HttpFailure.passing(
                  message(answered),
                  RetryAfter.delay(headers.firstValue("Retry-After").orElse(null)))
              : HttpFailure.lasting(message(answered));
    };
  }

  private Content lasting(String text) {
    return new Failure(HttpFailure.lasting(message(text)));
  }

  private String message(String text) {
    return QuotedText.name(name) + ": " + text;
  }

  /** A text of the server. */
  private static String text(String value) {
    String part = value.length() > MOST_TEXT ? value.substring(0, MOST_TEXT) + "..." : value;
    return QuotedText.message(part);
  }
}
