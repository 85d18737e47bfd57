package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.disky.order.DataSet;
import io.disky.order.Fingerprint;
import io.disky.order.OrderState;
import org.junit.jupiter.api.Test;

class LoaderStateTest {
  private static final LoaderState STATE =
      new LoaderState(
          new OrderState(
              new DataSet(new Fingerprint(1, 2), 6, 5000),
              7,
              "global",
              "exact/drop-out/1+2",
              3,
              41,
              new long[] {5}));

  @Test
  void aStateStatesItsFields() {
    assertThat(STATE.version()).isEqualTo(1);
    assertThat(STATE.fingerprint()).isEqualTo("00000000000000010000000000000002");
    assertThat(STATE.fileCount()).isEqualTo(6);
    assertThat(STATE.recordCount()).isEqualTo(5000);
    assertThat(STATE.seed()).isEqualTo(7);
    assertThat(STATE.shuffle()).isEqualTo("global");
    assertThat(STATE.mix()).isEqualTo("exact/drop-out/1+2");
    assertThat(STATE.epoch()).isEqualTo(3);
    assertThat(STATE.position()).isEqualTo(41);
  }

  @Test
  void textAndBytesAreReadBack() {
    assertThat(LoaderState.parse(STATE.toString())).isEqualTo(STATE).hasSameHashCodeAs(STATE);
    assertThat(LoaderState.parse(STATE.toBytes())).isEqualTo(STATE).hasToString(STATE.toString());
    assertThat(STATE.toString()).startsWith("disky-loader-state/1 data=").doesNotContain("\n");
  }

  @Test
  void otherTextsAndBytesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LoaderState.parse("epoch 3"))
        .withMessageContaining("\"epoch 3\" is not a state");
    byte[] bytes = STATE.toBytes();
    bytes[bytes.length / 2] ^= (byte) 0x80;
    assertThatIllegalArgumentException().isThrownBy(() -> LoaderState.parse(bytes));
  }
}
