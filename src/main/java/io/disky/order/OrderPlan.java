package io.disky.order;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an epoch costs, computed without reading records. Immutable.
 *
 * @param positions number of positions of the epoch; {@link Long#MAX_VALUE} if it has no end
 * @param steps number of steps; {@link Long#MAX_VALUE} if the epoch has no end
 * @param dropped number of positions that are not delivered
 * @param padded number of records of the last step that are padding
 * @param chunks number of chunks to decode if each is decoded once in a pass; if the epoch has no
 *     end, in one pass over each source
 * @param decodes expected number of chunks to decode, by all ranks together
 * @param mixingDistance expected distance in the epoch of two records that are neighbours in their
 *     source
 * @param batchBytes expected size of a batch of a rank
 * @param heldBytes expected memory of a rank for decoded chunks
 * @param indexBytes expected memory for the index of the chunks
 * @param resumeBytes expected size of the decoded chunks that a rank needs again after a resume
 * @param resumeChoices the largest number of random choices that are made again after a resume
 * @param warnings properties of the plan that are probably not wanted, with remedies
 */
public record OrderPlan(
    long positions,
    long steps,
    long dropped,
    long padded,
    long chunks,
    long decodes,
    double mixingDistance,
    long batchBytes,
    long heldBytes,
    long indexBytes,
    long resumeBytes,
    long resumeChoices,
    List<String> warnings) {
  private static final int BYTES_PER_CHUNK = 16;
  private static final double MUCH_DECODING = 2;
  private static final double MUCH_DROPPING = 0.1;

  /** Copies the list. */
  public OrderPlan {
    warnings = List.copyOf(warnings);
  }

  /** The plan of an epoch. */
  public static OrderPlan of(OrderSpec spec, PlanRequest request) {
    double[] inEpoch = recordsInEpoch(spec, request.steps().length());
    double all = 0;
    for (double records : inEpoch) {
      all += records;
    }
    List<SourcePlan> sources = new ArrayList<>();
    for (int i = 0; i < inEpoch.length; i++) {
      sources.add(
          SourcePlan.of(
              spec.mixedSources().get(i),
              spec.shuffle(),
              request,
              inEpoch[i],
              inEpoch[i] / all,
              meanSize(spec, request, i)));
    }
    OrderPlan plan = sum(spec, request, sources);
    List<String> warnings = plan.findWarnings(spec, request);
    return plan.withWarnings(warnings);
  }

  /** Number of records of each source in an epoch; if it has no end, in a pass. */
  private static double[] recordsInEpoch(OrderSpec spec, long length) {
    List<OrderSource> sources = spec.mixedSources();
    long[] weights = spec.integerWeights();
    double sum = 0;
    for (long weight : weights) {
      sum += weight;
    }
    double[] records = new double[weights.length];
    for (int i = 0; i < records.length; i++) {
      records[i] =
          switch (spec.exhaustion()) {
            case DROP_OUT -> sources.get(i).streamLength();
            case REPEAT -> sources.get(i).passLength();
            case STOP, REPEAT_UNTIL_ALL_SEEN -> length * (weights[i] / sum);
          };
    }
    return records;
  }

  private static double meanSize(OrderSpec spec, PlanRequest request, int source) {
    double[] sizes = request.meanRecordSizes();
    if (spec.mix() != MixMethod.CONCATENATED) {
      return Math.max(1, sizes[source]);
    }
    ConcatenatedLayout layout = (ConcatenatedLayout) spec.mixedSources().getFirst().layout();
    double bytes = 0;
    for (int i = 0; i < layout.sources(); i++) {
      bytes += sizes[i] * (layout.firstRecordOf(i + 1) - layout.firstRecordOf(i));
    }
    return Math.max(1, bytes / Math.max(1, layout.records()));
  }

  private static OrderPlan sum(OrderSpec spec, PlanRequest request, List<SourcePlan> sources) {
    Steps steps = request.steps();
    boolean endless = steps.length() == Long.MAX_VALUE;
    long count = steps.count();
    long beyond = endless ? 0 : steps.base() + count * steps.batch() - steps.length();
    boolean pads = steps.remainder() == Steps.Remainder.PAD;
    double allChunks =
        spec.mixedSources().stream().mapToDouble(source -> source.layout().chunks()).sum();
    return new OrderPlan(
        steps.length(),
        count,
        steps.dropped(),
        pads ? Math.max(0, beyond) : 0,
        Math.round(sources.stream().mapToDouble(SourcePlan::chunks).sum()),
        Math.round(sources.stream().mapToDouble(SourcePlan::decodes).sum()),
        sources.stream().mapToDouble(SourcePlan::distance).sum(),
        Math.round(sources.stream().mapToDouble(SourcePlan::batchBytes).sum()),
        Math.round(sources.stream().mapToDouble(SourcePlan::heldBytes).sum()),
        Math.round(allChunks * BYTES_PER_CHUNK),
        Math.round(sources.stream().mapToDouble(SourcePlan::resumeBytes).sum()),
        resumeChoices(spec),
        List.of());
  }

  private static long resumeChoices(OrderSpec spec) {
    return spec.mix() == MixMethod.RANDOM ? RandomChoice.MARK_DISTANCE : 0;
  }

  private OrderPlan withWarnings(List<String> found) {
    return new OrderPlan(
        positions,
        steps,
        dropped,
        padded,
        chunks,
        decodes,
        mixingDistance,
        batchBytes,
        heldBytes,
        indexBytes,
        resumeBytes,
        resumeChoices,
        found);
  }

  /** How often a chunk is decoded on average; 1 if no chunk is decoded again. */
  public double readAmplification() {
    return chunks == 0 ? 1 : Math.max(1, (double) decodes / chunks);
  }

  /** Expected memory of a rank, in bytes. */
  public long memory(int batchesAhead) {
    return batchesAhead * batchBytes + heldBytes + indexBytes;
  }

  private List<String> findWarnings(OrderSpec spec, PlanRequest request) {
    List<String> found = new ArrayList<>();
    if (steps == 0) {
      found.add(
          "no step is possible: the epoch has "
              + positions
              + " positions, fewer than a"
              + " batch of "
              + request.steps().batch()
              + ": choose a smaller batch, or pad the last one");
    } else if (dropped > MUCH_DROPPING * positions) {
      found.add(
          "the last "
              + dropped
              + " of "
              + positions
              + " positions are dropped: choose a smaller batch, or another remainder");
    }
    if (readAmplification() >= MUCH_DECODING) {
      found.add(decodingWarning(spec));
    }
    if (memory(request.batchesAhead()) > request.memory()) {
      found.add(
          "the expected memory of "
              + memory(request.batchesAhead())
              + " bytes is above the limit of "
              + request.memory()
              + " bytes: raise the limit, or choose smaller batches or a smaller window");
    }
    if (spec.shuffle() instanceof ShuffleMethod.Windowed windowed
        && hasFewWindowChunks(spec, windowed)) {
      found.add(
          "a window of "
              + windowed.bytes()
              + " bytes holds fewer than 8 chunks, so neighbours stay close to each other:"
              + " choose a larger window, or write smaller chunks");
    }
    if (spec.shuffle() instanceof ShuffleMethod.Reservoir reservoir
        && reservoir.records() < recordsInChunk(spec)) {
      found.add(
          "a reservoir of "
              + reservoir.records()
              + " records is smaller than a chunk, so neighbours stay close to each other:"
              + " choose a larger reservoir, or a windowed shuffle");
    }
    return found;
  }

  private String decodingWarning(OrderSpec spec) {
    String fact =
        String.format(
            Locale.ROOT,
            "each chunk is decoded about %.1f times (%d chunks are decoded, there are %d): ",
            readAmplification(),
            decodes,
            chunks);
    return fact
        + (spec.shuffle() instanceof ShuffleMethod.Global
            ? "use a windowed shuffle, write the files in groups of one record, or shuffle them"
                + " once with `disky shuffle` and load them without a shuffle"
            : "use fewer ranks or larger batches, or write smaller chunks, so that fewer ranks"
                + " need the same chunk");
  }

  private static boolean hasFewWindowChunks(OrderSpec spec, ShuffleMethod.Windowed windowed) {
    for (OrderSource source : spec.mixedSources()) {
      ChunkLayout layout = source.layout();
      if (layout.chunks() >= 16 && layout.bytes(layout.chunks() / 2) > windowed.bytes() / 8) {
        return true;
      }
    }
    return false;
  }

  private static double recordsInChunk(OrderSpec spec) {
    double most = 0;
    for (OrderSource source : spec.mixedSources()) {
      ChunkLayout layout = source.layout();
      most = Math.max(most, (double) layout.records() / Math.max(1, layout.chunks()));
    }
    return most;
  }
}
