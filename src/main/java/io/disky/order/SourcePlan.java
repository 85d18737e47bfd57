package io.disky.order;

/**
 * The contribution of a source to a plan: estimates that assume that all of its chunks are equally
 * large. The numbers are for all ranks together, except where a rank is named.
 *
 * @param chunks number of chunks to decode if each is decoded once in a pass
 * @param decodes expected number of chunks to decode
 * @param distance expected distance in the epoch of two records that are neighbours in the source
 * @param batchBytes the source's records in a batch of a rank, in bytes
 * @param heldBytes decoded chunks that a rank holds, in bytes
 * @param resumeBytes decoded chunks that a rank needs again after a resume, in bytes
 */
record SourcePlan(
    double chunks,
    double decodes,
    double distance,
    double batchBytes,
    double heldBytes,
    double resumeBytes) {
  private static final double EULER = 0.5772156649;

  static final SourcePlan NOTHING = new SourcePlan(0, 0, 0, 0, 0, 0);

  /**
   * The contribution of a source.
   *
   * @param inEpoch number of its records in an epoch
   * @param share its share of the records of the epoch
   * @param size mean size of its records in bytes
   */
  static SourcePlan of(
      OrderSource source,
      ShuffleMethod shuffle,
      PlanRequest request,
      double inEpoch,
      double share,
      double size) {
    double records = source.layout().records();
    if (inEpoch == 0 || records == 0) {
      return NOTHING;
    }
    double all = source.layout().chunks();
    Source it =
        new Source(
            all,
            records / all,
            records / all * size,
            source.passLength(),
            inEpoch,
            Math.max(1, share * request.steps().batch() / request.steps().ranks()),
            request.steps().ranks());
    double held = it.held(shuffle, request, size);
    return new SourcePlan(
        all * inEpoch / records,
        it.decodes(shuffle, request),
        it.distance(shuffle, size) / share,
        it.inBatch * size,
        held,
        shuffle instanceof ShuffleMethod.Global ? 0 : held);
  }

  /** The numbers of a source. */
  private record Source(
      double chunks,
      double inChunk,
      double chunkBytes,
      double inPass,
      double inEpoch,
      double inBatch,
      int ranks) {
    double decodes(ShuffleMethod shuffle, PlanRequest request) {
      double visits = inEpoch / inChunk;
      return switch (shuffle) {
        case ShuffleMethod.None none ->
            visits * Math.min(ranks, 1 + (ranks == 1 ? 0 : (inChunk - 1) / inBatch));
        case ShuffleMethod.Global global -> scattered(request);
        case ShuffleMethod.Windowed windowed -> visits * ranksThatNeedAChunk();
        case ShuffleMethod.Reservoir reservoir -> visits * ranksThatNeedAChunk();
      };
    }

    private double ranksThatNeedAChunk() {
      return ranks * (1 - Math.pow(1 - 1.0 / ranks, inChunk));
    }

    /** Each batch decodes the chunks that have its records, except those in the cache. */
    private double scattered(PlanRequest request) {
      // The share of chunks that have at least one of the batch's records.
      double needed = 1 - Math.pow(1 - Math.min(1, inBatch / (chunks * inChunk)), inChunk);
      double distinct = chunks * needed;
      double all = inEpoch / inBatch * Math.min(distinct, inBatch);
      double cached = Math.min(1, request.cache() / chunkBytes / chunks);
      return Math.min(all, all * (1 - cached) + ranks * cached * chunks);
    }

    double distance(ShuffleMethod shuffle, double size) {
      return switch (shuffle) {
        case ShuffleMethod.None none -> 1;
        case ShuffleMethod.Global global -> Math.max(1, inPass / 3);
        case ShuffleMethod.Windowed windowed ->
            Math.max(1, Math.min(inPass, Math.max(inChunk, windowed.bytes() / size)) / 3);
        case ShuffleMethod.Reservoir reservoir ->
            Math.max(1, Math.min(inPass / 3, reservoir.records()));
      };
    }

    double held(ShuffleMethod shuffle, PlanRequest request, double size) {
      double all = chunks * chunkBytes;
      return switch (shuffle) {
        case ShuffleMethod.None none -> Math.min(all, chunkBytes + inBatch * ranks * size);
        case ShuffleMethod.Global global -> Math.min(all, (double) request.cache());
        case ShuffleMethod.Windowed windowed ->
            Math.min(all, Math.max(chunkBytes, (double) windowed.bytes()));
        case ShuffleMethod.Reservoir reservoir ->
            Math.min(all, chunkBytes * waitingChunks(reservoir.records()));
      };
    }

    /** The last of the records of a chunk leaves a reservoir after this many chunks. */
    private double waitingChunks(double reservoir) {
      return 1 + reservoir / inChunk * (Math.log(inChunk) + EULER);
    }
  }
}
