package io.disky.bench;

import io.disky.Compression;
import java.io.IOException;

/** All works that run in a JVM. To add one, add a line here. */
final class Works {
  private Works() {}

  static Work of(Arguments arguments) throws IOException {
    return switch (arguments.text("work")) {
      case "disky-read-iteration" -> DiskyReading.iteration(arguments);
      case "disky-read-batches" -> DiskyReading.batches(arguments);
      case "disky-read-arrays" -> DiskyReading.arrays(arguments);
      case "disky-read-parallel" -> DiskyReading.parallel(arguments);
      case "disky-read-shards" -> ShardFiles.reading(arguments);
      case "disky-random-cached" -> DiskyRandom.oneByOne(arguments, DiskyRandom.CACHED);
      case "disky-random-uncached" -> DiskyRandom.oneByOne(arguments, DiskyRandom.UNCACHED);
      case "disky-random-together-cached" -> DiskyRandom.together(arguments, DiskyRandom.CACHED);
      case "disky-random-together-uncached" ->
          DiskyRandom.together(arguments, DiskyRandom.UNCACHED);
      case "disky-random-together-alone" -> DiskyRandom.together(arguments, DiskyRandom.ALONE);
      case "disky-load-in-order" -> DiskyLoading.inOrder(arguments);
      case "disky-load-windowed" -> DiskyLoading.windowed(arguments);
      case "disky-load-global" -> DiskyLoading.global(arguments);
      case "disky-visit-random" -> DiskyLoading.visiting(arguments);
      case "disky-read-first" -> DiskyReading.first(arguments);
      case "disky-write-arrays" -> DiskyWriting.arrays(arguments);
      case "disky-write-segments" -> DiskyWriting.segments(arguments);
      case "disky-write-built-first" -> DiskyWriting.builtFirst(arguments);
      case "disky-write-in-place" -> DiskyWriting.inPlace(arguments);
      case "disky-write-groups" -> DiskyWriting.groups(arguments);
      case "disky-write-parallel" -> DiskyWriting.parallel(arguments);
      case "disky-write-shards" -> ShardFiles.writing(arguments, 1, arguments.number("threads"));
      case "disky-write-producers" -> ShardFiles.writing(arguments, arguments.number("threads"), 0);
      case "avro-read" -> AvroFiles.reading(arguments);
      case "avro-read-first" -> AvroFiles.readingFirst(arguments);
      case "avro-write" -> AvroFiles.writing(arguments);
      case "stream-read" -> PrefixedStream.reading(arguments);
      case "stream-read-first" -> PrefixedStream.readingFirst(arguments);
      case "stream-write" -> PrefixedStream.writing(arguments);
      case "oracle-read" -> DiskyReading.oracle(arguments);
      case "disky-small-read" -> SmallFiles.reading(arguments, DiskyReading::iterate);
      case "disky-small-write" -> SmallFiles.writing(arguments, DiskyWriting::write);
      case "avro-small-read" -> SmallFiles.reading(arguments, AvroFiles::read);
      case "avro-small-write" -> SmallFiles.writing(arguments, AvroFiles::write);
      case "stream-small-read" -> SmallFiles.reading(arguments, PrefixedStream::read);
      case "stream-small-write" -> SmallFiles.writing(arguments, PrefixedStream::write);
      case "disky-write-messages-zstd" ->
          MessageFiles.writing(arguments, Compression.zstd(arguments.level()));
      case "disky-write-messages-brotli" -> MessageFiles.writing(arguments, Compression.brotli());
      case "disky-read-field-complete" -> MessageFiles.readingComplete(arguments);
      case "disky-read-field-projected" -> MessageFiles.readingProjected(arguments);
      case "field-sample" -> FieldReading.sample(arguments);
      case "scale-read" -> LineFiles.reading(arguments);
      case "scale-write" -> LineFiles.writing(arguments);
      default -> throw new IllegalArgumentException("no work is called " + arguments.text("work"));
    };
  }
}
