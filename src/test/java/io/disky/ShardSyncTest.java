package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.SyncedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a flush to the disk reaches: all shards that there were, those that are closed too. */
class ShardSyncTest {
  // Of two shards of 49 records at most, one is full then.
  private static final int RECORDS = 97;

  @TempDir private Path directory;
  private final List<SyncedChannel> channels = new CopyOnWriteArrayList<>();

  private Path path(long number) {
    return directory.resolve("shard_" + number);
  }

  private final class Target implements ShardTarget {
    @Override
    public String name() {
      return directory.toString();
    }

    @Override
    public String name(long number) {
      return path(number).toString();
    }

    @Override
    public RecordWriter open(long number, WriterOptions options) throws IOException {
      SyncedChannel channel = new SyncedChannel(path(number));
      channels.add(channel);
      return RecordWriter.open(channel, options);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, true", "2, true", "0, false", "2, false"})
  void reachesShardsThatWereFull(int workers, boolean autoSharding) throws IOException {
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults()
            .withWriterOptions(WriterOptions.defaults().withChunkSize(100))
            .withNumShards(2)
            .withMaxBytesPerWriter(autoSharding ? 1000 : 4900)
            .withAutoSharding(autoSharding)
            .withParallelism(workers);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(new Target(), options)) {
      for (int i = 1; i <= RECORDS; i++) {
        writer.write(new byte[100]);
        if (i == RECORDS / 2 || i == RECORDS) {
          writer.flush(FlushMode.SYNC);
          assertAllSynced();
        }
      }
      List<WrittenShard> shards = writer.shards();
      assertThat(shards).filteredOn(WrittenShard::finished).isNotEmpty();
      assertThat(shards.stream().mapToLong(WrittenShard::recordCount).sum()).isEqualTo(RECORDS);
    }
    // Closing puts nothing on the disk that was not asked for, and adds nothing.
    assertAllSynced();
  }

  private void assertAllSynced() throws IOException {
    for (int i = 0; i < channels.size(); i++) {
      assertThat(channels.get(i).synced()).as("shard %d", i).isEqualTo(Files.size(path(i)));
    }
  }

  @Test
  void nothingIsSyncedUnasked() throws IOException {
    try (RecordWriter writer = new Target().open(0, WriterOptions.defaults())) {
      writer.write(new byte[100]);
      writer.flush();
      writer.flush(FlushMode.VISIBLE);
      assertThat(channels.getFirst().syncs()).isZero();
      writer.flush(FlushMode.SYNC);
      assertThat(channels.getFirst().syncs()).isEqualTo(1);
      assertThat(channels.getFirst().synced()).isEqualTo(Files.size(path(0)));
      writer.write(new byte[100]);
    }
    assertThat(channels.getFirst().syncs()).isEqualTo(1);
  }
}
