package io.disky.fetching;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.fetching.FaultySource.Fault;
import io.disky.retrying.RetryPolicy;
import io.disky.transfer.ByteSource;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FetchEventsTest {
  @Test
  void aReaderThatWaitsRecordsIt(@TempDir Path directory) throws Exception {
    Path dump = directory.resolve("events.jfr");
    try (VirtualClock clock = new VirtualClock(1);
        Recording recording = new Recording()) {
      recording.enable("io.disky.RemoteWait").withoutThreshold();
      recording.start();
      FaultySource source = new FaultySource(new byte[1 << 20], clock, request -> Fault.NONE);
      FetchSettings settings =
          new FetchSettings(
              1 << 20,
              4,
              16 << 20,
              Long.MAX_VALUE,
              0,
              RetryPolicy.DEFAULT,
              Hedging.NEVER,
              clock,
              new FetchCounters(),
              null);
      try (FetchedFile file = FetchedFile.open(source, settings);
          ByteSource reading = file.source()) {
        clock.hold();
        Thread reader = Thread.currentThread();
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              while (source.requests().size() < 2 || reader.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
              }
              clock.go();
            });
        reading.read(0, 100);
      }
      recording.stop();
      recording.dump(dump);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(dump);
    assertThat(events)
        .singleElement()
        .satisfies(event -> {
          assertThat(event.getString("file")).isEqualTo("mem://file");
          assertThat(event.getLong("position")).isZero();
          assertThat(event.getLong("size")).isEqualTo(256 << 10);
        });
  }
}
