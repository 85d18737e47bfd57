package io.disky.cli;

import io.disky.Shards;
import io.disky.loader.RecordShuffle;
import io.disky.loader.RecordShuffleOptions;
import java.io.IOException;

/** The records of files in a shuffled order. They can be written only once. */
final class ShuffledRecords implements RecordsToWrite {
  private final RecordShuffle shuffle;
  private Progress progress;

  /** Reads the chunk headers of {@code files}, so that a damaged file is detected early. */
  ShuffledRecords(Shards files, RecordShuffleOptions options, StandardStreams streams)
      throws IOException {
    this.progress = Progress.none(streams.err());
    this.shuffle =
        RecordShuffle.of(files, options.withListener((done, total) -> this.progress.stepTo(done)));
  }

  /** Each record is read once and written once. */
  @Override
  public long size() {
    long bytes = shuffle.recordBytes();
    return bytes > Long.MAX_VALUE / 2 ? Progress.UNKNOWN : 2 * bytes;
  }

  @Override
  public void writeTo(RecordSink sink, Progress shown) throws IOException {
    progress = shown;
    shuffle.<IOException>visit(sink::write);
  }
}
