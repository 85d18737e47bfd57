package io.disky;

import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * How a writer compresses chunks. Immutable.
 *
 * <p>The text form, {@link #toString()} and {@link #parse(String)}, is {@code none}, {@code zstd},
 * {@code zstd:LEVEL}, {@code brotli}, {@code brotli:QUALITY} or {@code snappy}; after zstd and
 * brotli {@code ,window_log:N} may follow. Names and ranges are those of Riegeli's {@code
 * record_writer_options.md}, where {@code none} is {@code uncompressed}.
 */
public final class Compression {
  /** The fastest zstd level. */
  public static final int MIN_ZSTD_LEVEL = -131_072;

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

  /** The logarithm of the smallest window, for zstd and brotli: 1 KiB. */
  public static final int MIN_WINDOW_LOG = 10;

  /** The logarithm of zstd's largest window: 2 GiB. */
  public static final int MAX_ZSTD_WINDOW_LOG = 31;

  /**
   * The logarithm of brotli's largest window: 1 GiB. Above 24 (16 MiB) the streams have the form of
   * brotli's large-window extension, which Google's Riegeli reads, and not every brotli decoder.
   */
  public static final int MAX_BROTLI_WINDOW_LOG = 30;

  /** How a chunk is compressed. */
  public enum Codec {
    /** Not compressed. */
    NONE,
    /** zstd. */
    ZSTD,
    /** Brotli. */
    BROTLI,
    /** Snappy. */
    SNAPPY,
    /** A compression of a chunk that this version does not know; no {@link Compression} has it. */
    UNKNOWN;

    /** The name in the text form of a {@link Compression}, for example {@code zstd}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String WINDOW_LOG = "window_log";
  private static final int NO_WINDOW_LOG = 0;

  private final Codec codec;
  private final int level;
  private final int windowLog;

  private Compression(Codec codec, int level, int windowLog) {
    this.codec = codec;
    this.level = level;
    this.windowLog = windowLog;
  }

  /** No compression. */
  public static Compression none() {
    return new Compression(Codec.NONE, 0, NO_WINDOW_LOG);
  }

  /** zstd at level {@value #DEFAULT_ZSTD_LEVEL}. */
  public static Compression zstd() {
    return zstd(DEFAULT_ZSTD_LEVEL);
  }

  /**
   * zstd at a level.
   *
   * @param level {@value #MIN_ZSTD_LEVEL} (fast) to {@value #MAX_ZSTD_LEVEL} (small); 0 is the
   *     default, {@value #DEFAULT_ZSTD_LEVEL}
   * @throws IllegalArgumentException if {@code level} is outside that range
   */
  public static Compression zstd(int level) {
    check("zstd level", level, MIN_ZSTD_LEVEL, MAX_ZSTD_LEVEL);
    return new Compression(Codec.ZSTD, level == 0 ? DEFAULT_ZSTD_LEVEL : level, NO_WINDOW_LOG);
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
   * @throws IllegalArgumentException if {@code quality} is outside that range
   */
  public static Compression brotli(int quality) {
    check("brotli quality", quality, MIN_BROTLI_QUALITY, MAX_BROTLI_QUALITY);
    return new Compression(Codec.BROTLI, quality, NO_WINDOW_LOG);
  }

  /** snappy, for {@link Dialect#RIEGELI} only: upstream disky cannot read it. */
  public static Compression snappy() {
    return new Compression(Codec.SNAPPY, 0, NO_WINDOW_LOG);
  }

  /**
   * This compression with another window: how far back the codec looks for repetitions. A larger
   * window finds more of them and takes more memory, in the reader as well. By default zstd chooses
   * a window by its level and by the size of the data, and brotli takes 22, which is 4 MiB.
   *
   * <p>zstd readers other than this library's may refuse windows above 128 MiB, which is 27.
   *
   * @param log binary logarithm of the window's size in bytes: {@value #MIN_WINDOW_LOG} to {@value
   *     #MAX_ZSTD_WINDOW_LOG} for zstd, to {@value #MAX_BROTLI_WINDOW_LOG} for brotli
   * @throws IllegalArgumentException if {@code log} is outside that range, or this compression is
   *     none or snappy, whose window cannot be chosen
   */
  public Compression withWindowLog(int log) {
    switch (codec) {
      case NONE, SNAPPY, UNKNOWN ->
          throw new IllegalArgumentException(
              this + " compression has no " + WINDOW_LOG + "; zstd and brotli have");
      case ZSTD -> check("zstd " + WINDOW_LOG, log, MIN_WINDOW_LOG, MAX_ZSTD_WINDOW_LOG);
      case BROTLI -> check("brotli " + WINDOW_LOG, log, MIN_WINDOW_LOG, MAX_BROTLI_WINDOW_LOG);
    }
    return new Compression(codec, level, log);
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
   * @throws IllegalArgumentException if {@code text} is not a text form, or its level, quality or
   *     window is outside its range
   */
  public static Compression parse(String text) {
    int comma = text.indexOf(',');
    if (comma < 0) {
      return parseCodec(text, text);
    }
    Compression compression = parseCodec(text, text.substring(0, comma));
    String option = text.substring(comma + 1);
    if (!option.startsWith(WINDOW_LOG + ":")) {
      throw unknown(text);
    }
    return compression.withWindowLog(parseNumber(text, option, WINDOW_LOG));
  }

  /** Parses the part of {@code text} that names the codec. */
  private static Compression parseCodec(String text, String part) {
    return switch (part) {
      case "none" -> none();
      case "zstd" -> zstd();
      case "brotli" -> brotli();
      case "snappy" -> snappy();
      default -> {
        if (part.startsWith("zstd:")) {
          yield zstd(parseNumber(text, part, "level"));
        }
        if (part.startsWith("brotli:")) {
          yield brotli(parseNumber(text, part, "quality"));
        }
        throw unknown(text);
      }
    };
  }

  /** Parses the number after the colon in {@code part}. */
  private static int parseNumber(String text, String part, String what) {
    try {
      return Integer.parseInt(part.substring(part.indexOf(':') + 1));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the " + what + " in compression '" + text + "' is not a number in range", e);
    }
  }

  private static IllegalArgumentException unknown(String text) {
    return new IllegalArgumentException(
        "unknown compression '"
            + text
            + "': expected none, zstd, zstd:LEVEL, brotli, brotli:QUALITY or snappy; zstd and"
            + " brotli may have ,window_log:N");
  }

  Codec codec() {
    return codec;
  }

  int level() {
    return level;
  }

  /** The binary logarithm of the window's size in bytes, if it was chosen. */
  public OptionalInt windowLog() {
    return windowLog == NO_WINDOW_LOG ? OptionalInt.empty() : OptionalInt.of(windowLog);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Compression that
        && codec == that.codec
        && level == that.level
        && windowLog == that.windowLog;
  }

  @Override
  public int hashCode() {
    return Objects.hash(codec, level, windowLog);
  }

  /** The text form, with its level or quality and its window, if it has one. */
  @Override
  public String toString() {
    return windowLog == NO_WINDOW_LOG
        ? codecText()
        : codecText() + "," + WINDOW_LOG + ":" + windowLog;
  }

  private String codecText() {
    boolean hasLevel = codec == Codec.ZSTD || codec == Codec.BROTLI;
    return hasLevel ? codec + ":" + level : codec.toString();
  }
}
