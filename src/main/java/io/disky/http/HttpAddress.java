package io.disky.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The address of a file, which may contain a password or a signature. */
public final class HttpAddress {
  /** The address to request: without a user and a fragment. */
  private final URI target;

  private final String name;
  private final @Nullable String userInfo;

  private HttpAddress(URI target, String name, @Nullable String userInfo) {
    this.target = target;
    this.name = name;
    this.userInfo = userInfo;
  }

  /**
   * Checks an address.
   *
   * @throws IllegalArgumentException if it is not the address of a file on a server of HTTP; the
   *     message does not contain the address, which may contain something secret
   */
  public static HttpAddress of(URI address) {
    String scheme = address.getScheme() == null ? "" : lower(address.getScheme());
    if (!isHttp(scheme) || address.getHost() == null) {
      throw new IllegalArgumentException(
          "an address of HTTP begins with http:// or https:// and the name of a server");
    }
    URI target = target(address, scheme);
    String origin = scheme + "://" + address.getRawAuthority().replaceFirst("^.*@", "");
    return new HttpAddress(target, origin + target.getRawPath(), address.getUserInfo());
  }

  private static URI target(URI address, String scheme) {
    String path = address.getRawPath().isEmpty() ? "/" : address.getRawPath();
    String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
    String authority = address.getRawAuthority().replaceFirst("^.*@", "");
    try {
      return new URI(scheme + "://" + authority + path + query);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("an address of HTTP cannot be understood");
    }
  }

  static boolean isHttp(String scheme) {
    return scheme.equals("http") || scheme.equals("https");
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** The address without user, query and fragment, for messages. */
  public String name() {
    return name;
  }

  URI target() {
    return target;
  }

  /** The complete address, which must not be shown: files differ if it differs. */
  public String key() {
    return target.toString();
  }

  /** The header of the user in the address. */
  Optional<String> authorization() {
    return Optional.ofNullable(userInfo)
        .map(user ->
            "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)));
  }

  /** Whether {@code text} contains a part of the address that must not be shown. */
  boolean hasSecretOf(String text) {
    String query = target.getRawQuery();
    return (query != null && !query.isEmpty() && text.contains(query))
        || (userInfo != null && !userInfo.isEmpty() && text.contains(userInfo));
  }

  /** Whether both addresses are of the same server, so that headers are for both. */
  static boolean isSameOrigin(URI first, URI second) {
    return lower(first.getScheme()).equals(lower(second.getScheme()))
        && lower(first.getHost()).equals(lower(second.getHost()))
        && port(first) == port(second);
  }

  private static int port(URI address) {
    if (address.getPort() >= 0) {
      return address.getPort();
    }
    return lower(address.getScheme()).equals("https") ? 443 : 80;
  }
}
