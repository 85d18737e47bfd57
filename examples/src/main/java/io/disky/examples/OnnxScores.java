package io.disky.examples;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.disky.loader.LoadedBatch;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * Scores records with a model of ONNX Runtime. Each record is a row of floats in the byte order of
 * the processor. The tensor that the model reads is the memory of the batch: nothing is copied.
 */
public final class OnnxScores {
  private OnnxScores() {}

  /** Takes the scores of a batch: one float for each record. The buffer ends with the call. */
  public interface Sink {
    void accept(LoadedBatch batch, FloatBuffer scores);
  }

  /**
   * Scores all batches.
   *
   * @param model whose only input is a matrix of floats, and whose first output has a float for
   *     each row
   */
  public static void score(OrtSession model, Iterable<LoadedBatch> batches, Sink sink)
      throws OrtException {
    String input = model.getInputNames().iterator().next();
    for (LoadedBatch batch : batches) {
      // The tensor must end before the batch does: the batch does not know of it.
      try (batch;
          OnnxTensor rows = tensor(batch);
          OrtSession.Result result = model.run(Map.of(input, rows))) {
        sink.accept(batch, ((OnnxTensor) result.get(0)).getFloatBuffer());
      }
    }
  }

  /** The records of a batch as a matrix of floats, at the batch's own address. */
  static OnnxTensor tensor(LoadedBatch batch) throws OrtException {
    FloatBuffer rows = batch.matrixBuffer().asFloatBuffer();
    long width = batch.fixedSize().orElse(0) / Float.BYTES;
    return OnnxTensor.createTensor(
        OrtEnvironment.getEnvironment(), rows, new long[] {batch.recordCount(), width});
  }
}
