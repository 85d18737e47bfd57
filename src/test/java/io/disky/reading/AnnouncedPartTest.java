package io.disky.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.fetching.FetchedFile;
import io.disky.fetching.RemoteOpening;
import io.disky.remote.RemoteOptions;
import io.disky.testing.HeldRemoteFile;
import io.disky.threads.Callbacks;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnnouncedPartTest {
  private static final long MIB = 1 << 20;

  @Test
  void aReaderThatIsMovedAwayLeavesNoRequests(@TempDir Path directory) throws Exception {
    Path path = Files.write(directory.resolve("zeros"), new byte[(int) (32 * MIB)]);
    HeldRemoteFile remote = HeldRemoteFile.of(path);
    RemoteOptions options = RemoteOptions.defaults().withMaxMemory(8 * MIB);
    try (FetchedFile file = RemoteOpening.open(remote, options, new Callbacks("the test"))) {
      remote.hold(_ -> true);
      AnnouncedPart part = new AnnouncedPart(file, 32 * MIB);
      part.advance(0); // a quarter of the memory: 2 MiB
      int first = remote.requests().size();
      assertThat(remote.open()).isEqualTo(2);
      part.passed(0);
      part.passed(2 * MIB);
      part.advance(3 * MIB / 2);
      assertThat(remote.open()).isGreaterThan(2);
      part.passed(MIB / 2); // the threads are further than the reader
      assertThat(remote.open()).isGreaterThan(2);
      part.passed(20 * MIB);
      assertThat(remote.open()).isZero();
      part.advance(20 * MIB);
      assertThat(remote.requests().get(first).position()).isLessThan(4 * MIB);
      assertThat(remote.requests().getLast().position()).isGreaterThanOrEqualTo(20 * MIB);
      part.advance(10 * MIB);
      assertThat(remote.requests().getLast().position()).isLessThan(13 * MIB);
      assertThat(remote.open()).isEqualTo(2);
    }
    assertThat(remote.open()).isZero();
  }
}
