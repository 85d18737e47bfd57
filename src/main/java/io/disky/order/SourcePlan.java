package io.disky.order;

/**
 * The contribution of a source to a plan: estimates that assume that all of its chunks are equally
 * large. The numbers are for all ranks together, except where a rank is named.
 *
 * @param epochChunks number of chunks to decode if each is decoded once in each pass
 * @param decodes expected number of chunks to decode
 * @param distance expected distance in the epoch of two records that are neighbours in the source
 * @param batchBytes the source's records in a batch of a rank, in bytes
 * @param heldBytes decoded chunks that a rank holds, in bytes
 * @param sharedBytes the chunks of the source's records in a batch of a rank, in bytes, if batches
 *     share decoded chunks; else 0
 */
record SourcePlan(
    double epochChunks,
    double decodes,
    double distance,
    double batchBytes,
    double heldBytes,
    double sharedBytes) {
  // A decoded chunk has the end of each record.
  private static final int CHUNK_ENTRY = Long.BYTES;

  private static final double EULER = 0.5772156649;

  static final SourcePlan NOTHING = new SourcePlan(0, 0, 0, 0, 0, 0);

  /**
   * The contribution of a source.
   *
   * @param share how its records are distributed over an epoch
   * @param size mean size of its records in bytes
   * @param cache memory for its decoded chunks that later batches can need, in bytes
   */
  static SourcePlan of(
      OrderSource source,
      ShuffleMethod shuffle,
      PlanRequest request,
      EpochShare share,
      double size,
      double cache) {
    double records = source.layout().records();
    if (share.records() == 0 || records == 0) {
      return NOTHING;
    }
    double all = source.layout().chunks();
    double inBatch = (double) request.steps().batch() / request.steps().ranks();
    Source it =
        new Source(
            all,
            records / all,
            records / all * size,
            source.passLength(),
            share,
            Math.clamp(inBatch / share.stretch(), 1, Math.max(1, share.records())),
            request.steps().ranks(),
            Math.min(1, cache / (records * size)));
    return new SourcePlan(
        it.inEpoch(shuffle),
        it.decodes(shuffle),
        it.distance(shuffle, size),
        share.share() * inBatch * (size + request.recordEntry()),
        it.held(shuffle, size),
        shuffle instanceof ShuffleMethod.Global
            ? 0
            : share.share() * inBatch * request.steps().ranks() * (size + CHUNK_ENTRY));
  }

  /**
   * The numbers of a source.
   *
   * @param inBatch number of its records in a batch of a rank, before it drops out; at least 1
   * @param cached share of its chunks that stay in the cache
   */
  private record Source(
      double chunks,
      double inChunk,
      double chunkBytes,
      double inPass,
      EpochShare share,
      double inBatch,
      int ranks,
      double cached) {
    /** Number of chunks of all passes. */
    double inEpoch(ShuffleMethod shuffle) {
      double passes = Math.floor(share.records() / inPass);
      return passes * inPart(shuffle, inPass) + inPart(shuffle, share.records() - passes * inPass);
    }

    /** Number of chunks that the first {@code records} records of a pass have. */
    private double inPart(ShuffleMethod shuffle, double records) {
      double part = records / (chunks * inChunk);
      return chunks
          * (shuffle instanceof ShuffleMethod.Global ? 1 - Math.pow(1 - part, inChunk) : part);
    }

    double decodes(ShuffleMethod shuffle) {
      double needed = inEpoch(shuffle);
      double uncached =
          switch (shuffle) {
            case ShuffleMethod.None none ->
                needed * Math.min(ranks, 1 + (ranks == 1 ? 0 : (inChunk - 1) / inBatch));
            case ShuffleMethod.Global global -> scattered();
            case ShuffleMethod.Windowed windowed -> needed * ranksThatNeedAChunk();
            case ShuffleMethod.Reservoir reservoir -> needed * ranksThatNeedAChunk();
          };
      double once = ranks * Math.min(chunks, needed);
      return Math.min(uncached, uncached * (1 - cached) + once * cached);
    }

    private double ranksThatNeedAChunk() {
      return ranks * (1 - Math.pow(1 - 1.0 / ranks, inChunk));
    }

    /** Each batch decodes the chunks that have its records. */
    private double scattered() {
      // The share of chunks that have at least one of the batch's records.
      double needed = 1 - Math.pow(1 - Math.min(1, inBatch / (chunks * inChunk)), inChunk);
      return share.records() / inBatch * Math.min(chunks * needed, inBatch);
    }

    double distance(ShuffleMethod shuffle, double size) {
      double positions =
          switch (shuffle) {
            case ShuffleMethod.None none -> share.stretch();
            case ShuffleMethod.Global global -> share.distanceWithinRuns(inPass);
            case ShuffleMethod.Windowed windowed ->
                share.distanceWithinRuns(
                    Math.min(inPass, Math.max(inChunk, windowed.bytes() / size)));
            case ShuffleMethod.Reservoir reservoir ->
                share.stretch() * Math.min(inPass / 3, reservoir.records());
          };
      return Math.max(1, positions);
    }

    double held(ShuffleMethod shuffle, double size) {
      double all = chunks * chunkBytes;
      double shared =
          switch (shuffle) {
            case ShuffleMethod.None none -> chunkBytes + inBatch * ranks * size;
            case ShuffleMethod.Global global -> 0;
            case ShuffleMethod.Windowed windowed -> Math.max(chunkBytes, (double) windowed.bytes());
            case ShuffleMethod.Reservoir reservoir ->
                chunkBytes * waitingChunks(reservoir.records());
          };
      return Math.min(all, Math.max(shared, cached * all));
    }

    /** The last of the records of a chunk leaves a reservoir after this many chunks. */
    private double waitingChunks(double reservoir) {
      return 1 + reservoir / inChunk * (Math.log(inChunk) + EULER);
    }
  }
}
