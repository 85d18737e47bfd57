package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.lang.foreign.MemorySegment;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

class BatchSizeTest {
  @Test
  void batchesAreLimitedInOneUnit() {
    ToLongFunction<MemorySegment> tokens = MemorySegment::byteSize;
    BatchSize records = BatchSize.records(64);
    assertThat(records.isRecords()).isTrue();
    assertThat(records.isBytes()).isFalse();
    assertThat(records.most()).isEqualTo(64);
    assertThat(records.cost()).isEmpty();
    assertThat(records).hasToString("64 records");
    BatchSize bytes = BatchSize.bytes(1 << 20);
    assertThat(bytes.isBytes()).isTrue();
    assertThat(bytes.isRecords()).isFalse();
    assertThat(bytes).hasToString("up to 1048576 bytes");
    BatchSize cost = BatchSize.cost(8192, tokens);
    assertThat(cost.isRecords() || cost.isBytes()).isFalse();
    assertThat(cost.cost()).containsSame(tokens);
    assertThat(cost).hasToString("up to a cost of 8192");
    assertThat(cost).isEqualTo(BatchSize.cost(8192, tokens)).isNotEqualTo(BatchSize.bytes(8192));
    assertThat(BatchSize.bytes(64)).isNotEqualTo(records).doesNotHaveSameHashCodeAs(records);
  }

  @Test
  void limitsAreAtLeastOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BatchSize.records(0))
        .withMessage("a batch of 0 records is outside 1 to " + Integer.MAX_VALUE);
    assertThatIllegalArgumentException().isThrownBy(() -> BatchSize.bytes(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BatchSize.cost(-1, MemorySegment::byteSize))
        .withMessageContaining("a batch with the cost -1 is outside 1");
    assertThatNullPointerException().isThrownBy(() -> BatchSize.cost(1, null));
  }
}
