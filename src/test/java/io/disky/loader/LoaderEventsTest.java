package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.Compression;
import io.disky.testing.NumberedRecords;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a loader, and its events in the Java Flight Recorder. */
class LoaderEventsTest {
  @TempDir Path directory;

  private RecordSource source() throws Exception {
    Path file = directory.resolve("file");
    return RecordSource.files(NumberedRecords.write(file, Compression.none(), 10, 100));
  }

  @Test
  void eachBatchIsAnEvent() throws Exception {
    RecordSource source = source();
    Path recorded = directory.resolve("recorded.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("io.disky.BatchGather").withoutThreshold();
      recording.enable("io.disky.BatchWait").withoutThreshold();
      recording.start();
      try (DataLoader loader =
          DataLoader.open(source, LoaderOptions.defaults().withBatchSize(100))) {
        assertThat(loader.stream().count()).isEqualTo(10);
      }
      recording.stop();
      recording.dump(recorded);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(recorded);
    assertThat(events)
        .filteredOn(event -> event.getEventType().getName().equals("io.disky.BatchGather"))
        .hasSize(10)
        .allSatisfy(event -> assertThat(event.getInt("records")).isEqualTo(100))
        .extracting(event -> event.getLong("step"))
        .containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    assertThat(events)
        .filteredOn(event -> event.getEventType().getName().equals("io.disky.BatchWait"))
        .hasSize(10)
        .allSatisfy(event -> assertThat(event.getString("data")).isEqualTo("file"));
  }

  @Test
  void metricsCountWhatWasDelivered() throws Exception {
    LoaderOptions options =
        LoaderOptions.defaults()
            .withBatchSize(10)
            .withFilter((context, _) -> context.number() % 2 == 0);
    try (DataLoader loader = DataLoader.open(source(), options)) {
      long bytes = 0;
      LoadedBatch kept = loader.next();
      for (LoadedBatch batch : loader) {
        bytes += batch.data().byteSize();
      }
      LoaderMetrics metrics = loader.metrics();
      assertThat(metrics.batches()).isEqualTo(100);
      assertThat(metrics.records()).isEqualTo(500);
      assertThat(metrics.filteredRecords()).isEqualTo(500);
      assertThat(metrics.bytes()).isEqualTo(bytes + kept.data().byteSize());
      assertThat(metrics.batchesHeld()).isEqualTo(1);
      assertThat(metrics.batchesAhead()).isZero();
      assertThat(metrics.skippedRecords()).isZero();
      assertThat(metrics.memory()).isPositive();
      kept.close();
      assertThat(loader.metrics().memory()).isZero();
      assertThat(metrics.bottleneck()).isNotNull();
      assertThat(metrics.toString()).contains("batches=100", "bottleneck=");
    }
  }
}
