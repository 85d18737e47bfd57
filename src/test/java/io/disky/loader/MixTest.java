package io.disky.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.disky.order.ChunkLayout;
import io.disky.order.OrderSpec;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MixTest {
  private static final RecordSource A = RecordSource.files(Path.of("a.riegeli"));
  private static final RecordSource B = RecordSource.files(Path.of("b.riegeli"));

  /** Chunks of one record. */
  private record Ones(long records) implements ChunkLayout {
    @Override
    public long chunks() {
      return records;
    }

    @Override
    public long firstRecord(long chunk) {
      return chunk;
    }

    @Override
    public long chunkOf(long record) {
      return record;
    }

    @Override
    public long bytes(long chunk) {
      return 1;
    }
  }

  private static OrderSpec order(Mix mix) {
    return mix.order(List.of(new Ones(10), new Ones(20)), Shuffle.global(), 5);
  }

  @Test
  void weightsRepeatsAndChoicesReachTheOrder() {
    Mix mix =
        Mix.exact(
                List.of(
                    WeightedSource.of(A, 0.75).withRepeat(2.5).withChoose(4),
                    WeightedSource.of(B, 0.25)))
            .withExhaustion(Exhaustion.STOP);
    OrderSpec order = order(mix);
    assertThat(order.mixText()).isEqualTo("exact/stop/3x2.5:4+1");
    assertThat(order.shuffleText()).isEqualTo("global");
    assertThat(order.seed()).isEqualTo(5);
    assertThat(mix.sources()).containsExactly(A, B);
    assertThat(mix.weights()).containsExactly(0.75, 0.25);
    assertThat(mix.exhaustion()).isEqualTo(Exhaustion.STOP);
    assertThat(
            order(Mix.random(List.of(WeightedSource.of(A, 1), WeightedSource.of(B, 1)))).mixText())
        .isEqualTo("random/drop-out/1+1");
  }

  @Test
  void aSequenceIsRepeatedAndChosenAsAWhole() {
    Mix mix = Mix.concatenated(List.of(A, B)).withRepeat(1.5).withChoose(7);
    assertThat(order(mix).mixText()).isEqualTo("concatenated/drop-out/1x1.5:7");
    assertThat(order(mix).length(0)).isEqualTo(10);
    assertThat(order(Mix.concatenated(List.of(A, B))).length(0)).isEqualTo(30);
    assertThat(Mix.of(A).sources()).containsExactly(A);
    assertThat(order(Mix.concatenated(List.of(A, B)).withExhaustion(Exhaustion.REPEAT)).length(0))
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightedSource.of(A, 0))
        .withMessage("the weight 0.0 is not positive and finite");
    WeightedSource source = WeightedSource.of(A, 1);
    assertThatIllegalArgumentException().isThrownBy(() -> source.withRepeat(0));
    assertThatIllegalArgumentException().isThrownBy(() -> source.withChoose(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Mix.exact(List.of()))
        .withMessage("a mix needs at least one source");
    assertThatIllegalStateException()
        .isThrownBy(() -> Mix.exact(List.of(source)).withRepeat(2))
        .withMessageContaining("use WeightedSource.withRepeat");
    assertThatIllegalStateException().isThrownBy(() -> Mix.random(List.of(source)).withChoose(2));
    assertThatNullPointerException().isThrownBy(() -> WeightedSource.of(null, 1));
    assertThatNullPointerException().isThrownBy(() -> Mix.of(A).withExhaustion(null));
  }

  @Test
  void sourcesStateTheirOptions() {
    WeightedSource source = WeightedSource.of(A, 2).withRepeat(3).withChoose(5);
    assertThat(source.source()).isSameAs(A);
    assertThat(source.weight()).isEqualTo(2);
    assertThat(source.repeat()).isEqualTo(3);
    assertThat(source.choose()).hasValue(5);
    assertThat(WeightedSource.of(A, 2).choose()).isEmpty();
    assertThat(source.toString()).contains("weight=2.0, repeat=3.0, choose=5");
    assertThat(Mix.exact(List.of(source)).toString()).startsWith("Mix[EXACT, DROP_OUT, [");
  }

  /** Names of the room's constants are used. */
  @Test
  void constantsHaveCounterparts() {
    for (Exhaustion exhaustion : Exhaustion.values()) {
      assertThat(exhaustion.room().name()).isEqualTo(exhaustion.name());
    }
    for (Remainder remainder : Remainder.values()) {
      assertThat(remainder.room().name()).isEqualTo(remainder.name());
    }
  }
}
