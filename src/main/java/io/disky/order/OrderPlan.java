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
 * @param chunks number of chunks of the sources
 * @param epochChunks expected number of chunks to decode if each is decoded once in each pass of
 *     the epoch; if the epoch has no end, in one pass over each source
 * @param decodes expected number of chunks to decode, by all ranks together
 * @param mixingDistance expected distance in the epoch of two records that are neighbours in their
 *     source: the mean over all sources, by their numbers of records in the epoch
 * @param batchBytes expected memory of a batch of a rank
 * @param heldBytes expected memory of a rank for decoded chunks
 * @param sharedBytes the chunks that a batch of a rank needs, in bytes, if batches share decoded
 *     chunks; else 0
 * @param heapBytes the largest memory of a rank on the Java heap that depends on the numbers of
 *     records and chunks
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
    long epochChunks,
    long decodes,
    double mixingDistance,
    long batchBytes,
    long heldBytes,
    long sharedBytes,
    long heapBytes,
    long resumeBytes,
    long resumeChoices,
    List<String> warnings) {
  private static final int HEAP_OF_CHUNK = 16;
  private static final int HEAP_OF_WINDOW = 16;
  private static final int HEAP_OF_RESERVOIR_RECORD = 96;
  private static final double MUCH_DECODING = 2;
  private static final double MUCH_DROPPING = 0.1;

  // A source that drops out in the last tenth of an epoch changes the ratios of few records.
  private static final double LATE = 0.9;

  /** Copies the list. */
  public OrderPlan {
    warnings = List.copyOf(warnings);
  }

  /** The plan of an epoch. */
  public static OrderPlan of(OrderSpec spec, PlanRequest request) {
    List<EpochShare> shares = EpochShare.of(spec, request.steps().length());
    List<SourcePlan> sources = new ArrayList<>();
    for (int i = 0; i < shares.size(); i++) {
      sources.add(
          SourcePlan.of(
              spec.mixedSources().get(i),
              spec.shuffle(),
              request,
              shares.get(i),
              meanSize(spec, request, i),
              cache(spec, request, i)));
    }
    OrderPlan plan = combined(spec, request, sources, shares);
    return plan.withWarnings(plan.findWarnings(spec, request, shares));
  }

  private static double meanSize(OrderSpec spec, PlanRequest request, int source) {
    if (spec.mix() != MixMethod.CONCATENATED) {
      return Math.max(1, request.sources().get(source).meanRecordSize());
    }
    ConcatenatedLayout layout = (ConcatenatedLayout) spec.mixedSources().getFirst().layout();
    double bytes = 0;
    for (int i = 0; i < layout.sources(); i++) {
      bytes +=
          request.sources().get(i).meanRecordSize()
              * (layout.firstRecordOf(i + 1) - layout.firstRecordOf(i));
    }
    return Math.max(1, bytes / Math.max(1, layout.records()));
  }

  private static double cache(OrderSpec spec, PlanRequest request, int source) {
    return spec.mix() == MixMethod.CONCATENATED
        ? request.sources().stream().mapToDouble(PlanRequest.Source::cache).sum()
        : request.sources().get(source).cache();
  }

  private static OrderPlan combined(
      OrderSpec spec, PlanRequest request, List<SourcePlan> sources, List<EpochShare> shares) {
    Steps steps = request.steps();
    boolean endless = steps.length() == Long.MAX_VALUE;
    long count = steps.count();
    long beyond = endless ? 0 : steps.base() + count * steps.batch() - steps.length();
    boolean pads = steps.remainder() == Steps.Remainder.PAD;
    double distance = 0;
    for (int i = 0; i < sources.size(); i++) {
      distance += shares.get(i).share() * sources.get(i).distance();
    }
    long held = Math.round(sources.stream().mapToDouble(SourcePlan::heldBytes).sum());
    return new OrderPlan(
        steps.length(),
        count,
        steps.dropped(),
        pads ? Math.max(0, beyond) : 0,
        Math.round(chunks(spec)),
        Math.round(sources.stream().mapToDouble(SourcePlan::epochChunks).sum()),
        Math.round(sources.stream().mapToDouble(SourcePlan::decodes).sum()),
        distance,
        Math.round(sources.stream().mapToDouble(SourcePlan::batchBytes).sum()),
        held,
        Math.round(sources.stream().mapToDouble(SourcePlan::sharedBytes).sum()),
        heapBytes(spec),
        held,
        resumeChoices(spec),
        List.of());
  }

  private static double chunks(OrderSpec spec) {
    return spec.mixedSources().stream().mapToDouble(source -> source.layout().chunks()).sum();
  }

  private static long heapBytes(OrderSpec spec) {
    double bytes = HEAP_OF_CHUNK * chunks(spec);
    for (OrderSource source : spec.mixedSources()) {
      bytes +=
          switch (spec.shuffle()) {
            case ShuffleMethod.None none -> 0;
            case ShuffleMethod.Global global -> 0;
            case ShuffleMethod.Windowed windowed ->
                HEAP_OF_WINDOW * (double) source.layout().chunks();
            case ShuffleMethod.Reservoir reservoir ->
                HEAP_OF_RESERVOIR_RECORD
                    * (double) Math.min(reservoir.records(), source.layout().records());
          };
    }
    return Math.round(bytes);
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
        epochChunks,
        decodes,
        mixingDistance,
        batchBytes,
        heldBytes,
        sharedBytes,
        heapBytes,
        resumeBytes,
        resumeChoices,
        found);
  }

  /**
   * How often a chunk is decoded in a pass, on average; 1 if no chunk is decoded again. Below 1 if
   * chunks stay in the cache from one pass to the next.
   */
  public double readAmplification() {
    return epochChunks == 0 ? 1 : (double) decodes / epochChunks;
  }

  /** The memory outside the Java heap that a rank needs for so many batches, in bytes. */
  public long memory(int batchesAhead) {
    return batchesAhead * batchBytes + heldBytes;
  }

  private List<String> findWarnings(OrderSpec spec, PlanRequest request, List<EpochShare> shares) {
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
    if (spec.mix() != MixMethod.CONCATENATED && spec.exhaustion() == Exhaustion.DROP_OUT) {
      addExhaustionWarning(request, shares, found);
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

  /** Warns if the ratios of the weights end with the first source that drops out. */
  private void addExhaustionWarning(
      PlanRequest request, List<EpochShare> shares, List<String> found) {
    int first = -1;
    for (int i = 0; i < shares.size(); i++) {
      double end = shares.get(i).positions();
      boolean isEarlier = first < 0 || end < shares.get(first).positions();
      if (end > 0 && end < LATE * positions && isEarlier) {
        first = i;
      }
    }
    if (first >= 0) {
      found.add(
          "the source "
              + request.sources().get(first).name()
              + " has no records left after about "
              + Math.round(shares.get(first).positions())
              + " of "
              + positions
              + " positions, and the ratios of the weights end there: repeat it"
              + " (Exhaustion.REPEAT_UNTIL_ALL_SEEN), end the epoch there (Exhaustion.STOP), or"
              + " choose weights in the ratio of the numbers of records");
    }
  }

  private String decodingWarning(OrderSpec spec) {
    String fact =
        String.format(
            Locale.ROOT,
            "each chunk is decoded about %.1f times in a pass (about %d decodes, %d chunks): ",
            readAmplification(),
            decodes,
            epochChunks);
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
