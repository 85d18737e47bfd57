package io.disky.spark.files;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.GlobFilter;
import org.jspecify.annotations.Nullable;

/** Which files of a directory a query reads, by their names and times. */
public final class FileSelection {
  private final boolean recursive;
  private final @Nullable GlobFilter glob;
  private final @Nullable Pattern shardNames;
  private final @Nullable Instant modifiedAfter;
  private final @Nullable Instant modifiedBefore;

  private FileSelection(OptionReader options, ZoneId sessionZone) {
    this.recursive = options.flag("recursiveFileLookup", false);
    this.glob = options.parsed("pathGlobFilter", "a pattern, as *.disky", FileSelection::glob);
    this.shardNames =
        options.parsed(
            "prefix",
            "the prefix of the names of shards, as shard for shard_0, shard_1 and so on",
            FileSelection::shardNames);
    ZoneId named = options.parsed("timeZone", "the name of a time zone", FileSelection::zone);
    ZoneId zone = named == null ? sessionZone : named;
    this.modifiedAfter = time(options, "modifiedAfter", zone);
    this.modifiedBefore = time(options, "modifiedBefore", zone);
  }

  /**
   * The selection that the options {@code recursiveFileLookup}, {@code pathGlobFilter}, {@code
   * prefix}, {@code modifiedAfter}, {@code modifiedBefore} and {@code timeZone} make.
   *
   * @param sessionZone the time zone of times that name none, without the option {@code timeZone}
   * @throws IllegalArgumentException if an option has a value that is not allowed
   */
  public static FileSelection of(OptionReader options, ZoneId sessionZone) {
    return new FileSelection(options, sessionZone);
  }

  private static GlobFilter glob(String pattern) {
    try {
      return new GlobFilter(pattern);
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Pattern shardNames(String prefix) {
    if (prefix.isEmpty() || prefix.indexOf('/') >= 0) {
      throw new IllegalArgumentException("not a prefix of a file name");
    }
    return Pattern.compile(Pattern.quote(prefix) + "_[0-9]+");
  }

  private static ZoneId zone(String name) {
    try {
      return ZoneId.of(name, ZoneId.SHORT_IDS);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static @Nullable Instant time(OptionReader options, String option, ZoneId zone) {
    return options.parsed(
        option, "a time, as 2026-01-31T23:59:59 or 2026-01-31", text -> time(text, zone));
  }

  private static Instant time(String text, ZoneId zone) {
    String iso = text.strip().replaceFirst("(?<=^\\d{4}-\\d{2}-\\d{2})\\s+", "T");
    try {
      if (iso.indexOf('T') < 0) {
        return LocalDate.parse(iso).atStartOfDay(zone).toInstant();
      }
      TemporalAccessor parsed =
          DateTimeFormatter.ISO_DATE_TIME.parseBest(iso, ZonedDateTime::from, LocalDateTime::from);
      return parsed instanceof ZonedDateTime zoned
          ? zoned.toInstant()
          : LocalDateTime.from(parsed).atZone(zone).toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Whether all directories below a path are read, not only those of partition columns. */
  public boolean isRecursive() {
    return recursive;
  }

  /**
   * Whether the names of files and directories begin with {@code _} or {@code .}: markers such as
   * {@code _SUCCESS}, and files that are being written. {@code _date=1} is a directory of a
   * partition column.
   */
  public static boolean isHidden(String name) {
    return name.startsWith(".")
        || (name.startsWith("_") && !name.contains("="))
        || name.endsWith("._COPYING_");
  }

  /** Whether the query reads this file. */
  boolean selects(FileStatus file) {
    Instant modified = Instant.ofEpochMilli(file.getModificationTime());
    return (glob == null || glob.accept(file.getPath()))
        && (shardNames == null || shardNames.matcher(file.getPath().getName()).matches())
        && (modifiedAfter == null || modified.isAfter(modifiedAfter))
        && (modifiedBefore == null || modified.isBefore(modifiedBefore));
  }
}
