package io.disky;

import java.util.Objects;

/**
 * How a writer compresses chunks. Immutable.
 *
 * <p>The text form, {@link #toString()} and {@link #parse(String)}, is {@code none}, {@code zstd}
 * or {@code zstd:LEVEL}.
 */
public final class Compression {
  /** The fastest zstd level. */
  public static final int MIN_ZSTD_LEVEL = 1;

  /** The zstd level with the smallest output. */
  public static final int MAX_ZSTD_LEVEL = 22;

  /** The zstd level if none is given. */
  public static final int DEFAULT_ZSTD_LEVEL = 3;

  enum Codec {
    NONE,
    ZSTD
  }

  private static final Compression NONE = new Compression(Codec.NONE, 0);

  private final Codec codec;
  private final int level;

  private Compression(Codec codec, int level) {
    this.codec = codec;
    this.level = level;
  }

  /** No compression. */
  public static Compression none() {
    return NONE;
  }

  /** zstd at level {@value #DEFAULT_ZSTD_LEVEL}. */
  public static Compression zstd() {
    return zstd(DEFAULT_ZSTD_LEVEL);
  }

  /**
   * zstd at a level.
   *
   * @param level {@value #MIN_ZSTD_LEVEL} (fast) to {@value #MAX_ZSTD_LEVEL} (small)
   * @throws IllegalArgumentException if there is no such level
   */
  public static Compression zstd(int level) {
    if (level < MIN_ZSTD_LEVEL || level > MAX_ZSTD_LEVEL) {
      throw new IllegalArgumentException(
          "zstd level " + level + " is outside " + MIN_ZSTD_LEVEL + " to " + MAX_ZSTD_LEVEL);
    }
    return new Compression(Codec.ZSTD, level);
  }

  /**
   * Parses the text form.
   *
   * @throws IllegalArgumentException if {@code text} is none, or names a level that there is not
   */
  public static Compression parse(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    if (name.equals("zstd")) {
      return colon < 0 ? zstd() : zstd(parseLevel(text, text.substring(colon + 1)));
    }
    if (text.equals("none")) {
      return none();
    }
    throw new IllegalArgumentException(
        "unknown compression '" + text + "': expected none, zstd or zstd:LEVEL");
  }

  private static int parseLevel(String text, String level) {
    try {
      return Integer.parseInt(level);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the level in compression '" + text + "' is not a number", e);
    }
  }

  Codec codec() {
    return codec;
  }

  int level() {
    return level;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Compression that && codec == that.codec && level == that.level;
  }

  @Override
  public int hashCode() {
    return Objects.hash(codec, level);
  }

  /** The text form, with the level where there is one. */
  @Override
  public String toString() {
    return switch (codec) {
      case NONE -> "none";
      case ZSTD -> "zstd:" + level;
    };
  }
}
