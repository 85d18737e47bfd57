package io.disky.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.disky.loader.LoadedBatch;
import java.lang.foreign.MemorySegment;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnnxScoresTest {
  private static final float[] WEIGHTS = {0.5f, -2, 3, 1, 0, 7, -1, 0.25f};

  @Test
  void scoresAreThoseOfTheModel() throws OrtException {
    List<float[]> rows = Rows.of(1_000, WEIGHTS.length);
    List<Float> scores = new ArrayList<>();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession model = environment.createSession(LinearModel.of(WEIGHTS))) {
      OnnxScores.score(
          model,
          Rows.batches(rows, 300),
          (batch, result) -> {
            assertThat(result.remaining()).isEqualTo(batch.recordCount());
            while (result.hasRemaining()) {
              scores.add(result.get());
            }
          });
    }
    assertThat(scores).hasSize(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      double expected = 0;
      for (int j = 0; j < WEIGHTS.length; j++) {
        expected += WEIGHTS[j] * rows.get(i)[j];
      }
      assertThat((double) scores.get(i)).isCloseTo(expected, within(1e-4));
    }
  }

  @Test
  void theTensorIsTheMemoryOfTheBatch() throws OrtException {
    try (LoadedBatch batch = Rows.batches(Rows.of(100, 4), 100).getFirst();
        OnnxTensor tensor = OnnxScores.tensor(batch)) {
      assertThat(tensor.ownsBuffer()).isFalse();
      FloatBuffer buffer = (FloatBuffer) tensor.getBufferRef().orElseThrow();
      assertThat(MemorySegment.ofBuffer(buffer).address()).isEqualTo(batch.data().address());
      assertThat(tensor.getInfo().getShape()).containsExactly(100, 4);
    }
  }
}
