package io.disky;

import java.util.Objects;

/**
 * How a writer compresses chunks. Immutable.
 *
 * <p>The text form, {@link #toString()} and {@link #parse(String)}, is {@code none}, {@code zstd},
 * {@code zstd:LEVEL}, {@code brotli}, {@code brotli:QUALITY} or {@code snappy}.
 */
public final class Compression {
  /** The fastest zstd level. */
  public static final int MIN_ZSTD_LEVEL = 1;

  /** The zstd level with the smallest output. */
  public static final int MAX_ZSTD_LEVEL = 22;

  /** The zstd level if none is given. */
  public static final int DEFAULT_ZSTD_LEVEL = 3;

  /** The fastest brotli quality. */
  public static final int MIN_BROTLI_QUALITY = 0;

  /** The brotli quality with the smallest output. */
  public static final int MAX_BROTLI_QUALITY = 11;

  /** The brotli quality if none is given. */
  public static final int DEFAULT_BROTLI_QUALITY = 6;

  enum Codec {
    NONE,
    ZSTD,
    BROTLI,
    SNAPPY
  }

  private static final Compression NONE = new Compression(Codec.NONE, 0);
  private static final Compression SNAPPY = new Compression(Codec.SNAPPY, 0);

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
    check("zstd level", level, MIN_ZSTD_LEVEL, MAX_ZSTD_LEVEL);
    return new Compression(Codec.ZSTD, level);
  }

  /**
   * brotli at quality {@value #DEFAULT_BROTLI_QUALITY}, for {@link Dialect#RIEGELI} only: upstream
   * disky cannot read it.
   */
  public static Compression brotli() {
    return brotli(DEFAULT_BROTLI_QUALITY);
  }

  /**
   * brotli at a quality, for {@link Dialect#RIEGELI} only: upstream disky cannot read it.
   *
   * @param quality {@value #MIN_BROTLI_QUALITY} (fast) to {@value #MAX_BROTLI_QUALITY} (small)
   * @throws IllegalArgumentException if there is no such quality
   */
  public static Compression brotli(int quality) {
    check("brotli quality", quality, MIN_BROTLI_QUALITY, MAX_BROTLI_QUALITY);
    return new Compression(Codec.BROTLI, quality);
  }

  /** snappy, for {@link Dialect#RIEGELI} only: upstream disky cannot read it. */
  public static Compression snappy() {
    return SNAPPY;
  }

  private static void check(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " " + value + " is outside " + least + " to " + most);
    }
  }

  /**
   * Parses the text form.
   *
   * @throws IllegalArgumentException if {@code text} is none, or names a level or quality that
   *     there is not
   */
  public static Compression parse(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    if (name.equals("zstd")) {
      return colon < 0 ? zstd() : zstd(parseLevel(text, text.substring(colon + 1)));
    }
    if (name.equals("brotli")) {
      return colon < 0 ? brotli() : brotli(parseLevel(text, text.substring(colon + 1)));
    }
    return switch (text) {
      case "none" -> none();
      case "snappy" -> snappy();
      default ->
          throw new IllegalArgumentException(
              "unknown compression '"
                  + text
                  + "': expected none, zstd, zstd:LEVEL, brotli, brotli:QUALITY or snappy");
    };
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

  /** Says whether upstream disky knows this compression. */
  boolean isUpstreams() {
    return codec == Codec.NONE || codec == Codec.ZSTD;
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

  /** The text form, with the level or quality where there is one. */
  @Override
  public String toString() {
    return switch (codec) {
      case NONE -> "none";
      case ZSTD -> "zstd:" + level;
      case BROTLI -> "brotli:" + level;
      case SNAPPY -> "snappy";
    };
  }
}
