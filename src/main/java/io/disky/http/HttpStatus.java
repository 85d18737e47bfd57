package io.disky.http;

/** What the status of an answer means. */
public final class HttpStatus {
  private static final int LAST_OF_THE_STANDARD = 505;

  private HttpStatus() {}

  /**
   * Whether the same request may succeed later: after 408, 425, 429, 500, 502, 503, 504, and after
   * the numbers above 505, by which proxies report that a server is not there.
   */
  public static boolean isPassing(int status) {
    return switch (status) {
      case 408, 425, 429, 500, 502, 503, 504 -> true;
      default -> status > LAST_OF_THE_STANDARD;
    };
  }
}
