package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.testing.ChildJvm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A record costs no Java heap, once the loop over it is compiled. */
class RecordAllocationTest {
  @TempDir private Path directory;

  /** No object at all: what remains is that of each chunk. */
  @ParameterizedTest
  @ValueSource(strings = {"offset_and_length", "ends", "write", "write_segment"})
  void nothingForARecord(String what) throws Exception {
    assertLessThan(1_000, what);
  }

  /** Objects that the compiler can do without, as long as they stay within the loop. */
  @ParameterizedTest
  @ValueSource(strings = {"get", "iterate"})
  void nothingForARecordThatStaysLocal(String what) throws Exception {
    assertLessThan(2_000, what);
  }

  private void assertLessThan(long bytesPerThousandRecords, String what) throws Exception {
    Map<String, Long> found =
        ChildJvm.run(
            AllocationProbe.class,
            directory,
            List.of("-Xmx256m"),
            what,
            Long.toString(bytesPerThousandRecords));
    System.out.println(what + ": " + found);
    assertThat(found).containsEntry("steady", 1L);
  }
}
