package io.disky.misuse;

import io.disky.Compression;
import io.disky.MultiThreadedReaderOptions;
import io.disky.MultiThreadedWriterOptions;
import io.disky.RandomAccessOptions;
import io.disky.ReaderOptions;
import io.disky.RecordPosition;
import io.disky.Records;
import io.disky.RecordsMetadata;
import io.disky.Shards;
import io.disky.WriterOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Values (options, positions, metadata) built from random arguments. */
final class ValueSubject implements Subject {
  private static final Set<Allowed> PATHS = EnumSet.of(Allowed.STATE, Allowed.IO, Allowed.ARGUMENT);
  private static final List<String> TEXTS =
      List.of(
          "",
          "none",
          "zstd",
          "zstd:3",
          "zstd:-131073",
          "brotli:12",
          "snappy:1",
          "zstd,window_log:",
          "zstd:4,window_log:27",
          "0/0",
          "/",
          "1/",
          "-1/1",
          "9223372036854775807/1",
          "a/b",
          "é",
          "\ud800",
          "\0",
          "a".repeat(300));

  private volatile RecordsMetadata metadata = RecordsMetadata.empty();

  @Override
  public void operate(Round round) {
    switch (round.dice().below(9)) {
      case 0 -> readerOptions(round);
      case 1 -> writerOptions(round);
      case 2 -> shardOptions(round);
      case 3 -> randomAccessOptions(round);
      case 4 -> compression(round);
      case 5 -> position(round);
      case 6, 7 -> metadata(round);
      default -> files(round);
    }
  }

  private static void readerOptions(Round round) {
    long number = round.dice().near(10_000L);
    long other = round.dice().near(10_000L);
    ReaderOptions options = ReaderOptions.defaults();
    round.attempt(
        "reader options of " + number,
        Allowed.ARGUMENTS,
        () -> {
          ReaderOptions changed =
              switch (round.dice().below(8)) {
                case 0 -> options.withMaxChunkSize(number);
                case 1 -> options.withMaxRecordSize(number);
                case 2 -> options.withMaxRecordsPerChunk(number);
                case 3 -> options.withRange(number, other);
                case 4 -> options.withParallelism((int) number);
                case 5 -> options.withReadAhead(number);
                case 6 -> options.withFollowInterval(Duration.ofNanos(number));
                default -> options.withFollowTimeout(Duration.ofNanos(number));
              };
          checkText(round, changed, options);
        });
  }

  private static void checkText(Round round, Object changed, Object before) {
    boolean equal = changed.equals(before);
    if (equal != changed.toString().equals(before.toString())
        || (equal && changed.hashCode() != before.hashCode())) {
      round.violate(changed + " equals " + before + ": " + equal, null);
    }
  }

  private static void writerOptions(Round round) {
    long number = round.dice().near(10_000L);
    WriterOptions options = WriterOptions.defaults();
    round.attempt(
        "writer options of " + number,
        Allowed.ARGUMENTS,
        () -> {
          WriterOptions changed =
              switch (round.dice().below(7)) {
                case 0 -> options.withChunkSize(number);
                case 1 -> options.withGroupSize((int) number);
                case 2 -> options.withBucketFraction(Double.longBitsToDouble(number));
                case 3 -> options.withPadding(number);
                case 4 -> options.withInitialPadding(number);
                case 5 -> options.withFinalPadding(number);
                default -> options.withParallelism((int) number);
              };
          checkText(round, changed, options);
        });
  }

  private static void shardOptions(Round round) {
    long number = round.dice().near(10_000L);
    MultiThreadedWriterOptions writing = MultiThreadedWriterOptions.defaults();
    MultiThreadedReaderOptions reading = MultiThreadedReaderOptions.defaults();
    round.attempt(
        "shard options of " + number,
        Allowed.ARGUMENTS,
        () -> {
          switch (round.dice().below(8)) {
            case 0 -> checkText(round, writing.withNumShards((int) number), writing);
            case 1 -> checkText(round, writing.withParallelism((int) number), writing);
            case 2 -> checkText(round, writing.withMaxBytesPerWriter(number), writing);
            case 3 -> checkText(round, writing.withTaskQueueCapacity((int) number), writing);
            case 4 -> checkText(round, writing.withStartIndex(number), writing);
            case 5 -> checkText(round, reading.withNumShards((int) number), reading);
            case 6 -> checkText(round, reading.withParallelism((int) number), reading);
            default -> checkText(round, reading.withQueueSize(number), reading);
          }
        });
  }

  private static void randomAccessOptions(Round round) {
    long number = round.dice().near(10_000L);
    RandomAccessOptions options = RandomAccessOptions.defaults();
    round.attempt(
        "random access options of " + number,
        Allowed.ARGUMENTS,
        () -> {
          boolean size = round.dice().oneIn(2);
          checkText(
              round,
              size ? options.withCacheSize(number) : options.withParallelism((int) number),
              options);
        });
  }

  private static void compression(Round round) {
    Dice dice = round.dice();
    String text = dice.of(TEXTS);
    int number = dice.near(30);
    round.attempt(
        "compression " + text + " " + number,
        Allowed.ARGUMENTS,
        () -> {
          Compression compression =
              switch (dice.below(4)) {
                case 0 -> Compression.zstd(number);
                case 1 -> Compression.brotli(number);
                case 2 -> Compression.zstd().withWindowLog(number);
                default -> Compression.parse(text);
              };
          if (!Compression.parse(compression.toString()).equals(compression)) {
            round.violate("parsing the text of a value gives another value: " + compression, null);
          }
        });
  }

  private static void position(Round round) {
    Dice dice = round.dice();
    String text = dice.of(TEXTS);
    round.attempt(
        "position " + text,
        Allowed.ARGUMENTS,
        () -> {
          RecordPosition position =
              dice.oneIn(2)
                  ? RecordPosition.parse(text)
                  : new RecordPosition(dice.near(1_000L), dice.near(1_000L));
          if (!RecordPosition.parse(position.toString()).equals(position)
              || position.numeric() < 0) {
            round.violate("parsing the text of a value gives another value: " + position, null);
          }
        });
  }

  private void metadata(Round round) {
    Dice dice = round.dice();
    String text = dice.of(TEXTS);
    round.attempt(
        "metadata",
        Allowed.ARGUMENTS,
        () -> {
          RecordsMetadata before = metadata;
          RecordsMetadata changed =
              switch (dice.below(6)) {
                case 0 -> before.withFileComment(text);
                case 1 -> before.withRecordTypeName(text);
                case 2 -> before.withNumRecords(dice.near(1_000L));
                case 3 -> RecordsMetadata.empty().withFileDescriptor(bytes(dice));
                case 4 -> RecordsMetadata.parse(bytes(dice));
                default -> before.withRecordWriterOptions(text);
              };
          Optional<String> _ = changed.fileComment();
          changed.fileDescriptors().forEach(descriptor -> Arrays.fill(descriptor, (byte) 1));
          if (!RecordsMetadata.parse(changed.toByteArray()).equals(changed)) {
            round.violate("parsing the bytes of metadata gives other metadata: " + changed, null);
          }
          metadata = changed;
        });
  }

  private static byte[] bytes(Dice dice) {
    byte[] bytes = new byte[1 + dice.below(12)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) dice.below(dice.oneIn(2) ? 48 : 256);
    }
    return bytes;
  }

  private static void files(Round round) {
    RecordFile file = round.workshop().file(round.dice());
    round.attempt(
        "files",
        PATHS,
        () -> {
          switch (round.dice().below(3)) {
            case 0 -> {
              if (Records.recordCount(file.path()) != file.count()) {
                round.violate("wrong number of records in " + file, null);
              }
            }
            case 1 -> Shards.inDirectory(round.workshop().directory(), file.name());
            default -> Shards.from(List.of());
          }
        });
  }

  @Override
  public void close(Round round) {
    // Nothing is open.
  }

  @Override
  public void check(Round round) {
    // Each operation has checked what it did.
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public boolean isClosed() {
    return true;
  }

  @Override
  public String toString() {
    return "values";
  }
}
