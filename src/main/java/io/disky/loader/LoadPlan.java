package io.disky.loader;

import io.disky.RandomAccessOptions;
import io.disky.files.QuotedText;
import io.disky.loading.BatchFill;
import io.disky.loading.LoadAhead;
import io.disky.loading.LoadedSource;
import io.disky.loading.LoadingSettings;
import io.disky.loading.RemoteCost;
import io.disky.order.OrderPlan;
import io.disky.order.OrderSpec;
import io.disky.order.PlanRequest;
import io.disky.order.ShuffleMethod;
import io.disky.order.Steps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * What an epoch of a loader costs, computed without reading records. Numbers of steps and positions
 * are exact. The other numbers are estimates that assume that all chunks of a source are equally
 * large. Immutable.
 */
public final class LoadPlan {
  private static final String UNKNOWN = "not known before the records are read";

  private final OrderPlan plan;
  private final BatchSize batch;
  private final LoadAhead.Bound memory;
  private final RemoteCost remote;
  private final List<String> warnings;

  /**
   * A plan.
   *
   * @param incomplete names of files that are probably ArrayRecords without an index
   */
  LoadPlan(
      OrderPlan plan,
      BatchSize batch,
      LoadAhead.Bound memory,
      RemoteCost remote,
      List<String> incomplete) {
    this.plan = plan;
    this.batch = batch;
    this.memory = memory;
    this.remote = remote;
    List<String> all = new ArrayList<>(plan.warnings());
    if (!incomplete.isEmpty()) {
      all.add(incompleteWarning(incomplete));
    }
    this.warnings = List.copyOf(all);
  }

  /**
   * The plan of an epoch over one source. Opens the source and closes it again. The plan assumes
   * the default number of workers, no filters and no mappers. With {@link Shuffle#global} it
   * assumes the cache of a {@link DataLoader}: half of {@code memory}, unless the source was made
   * with {@link RandomAccessOptions}.
   *
   * @param batch the batch size: a number of records
   * @param ranks number of ranks; at least 1, and at most the batch size
   * @param memory the memory that each rank may use, in bytes; if that is too little, {@link
   *     #warnings()} states it
   * @throws IllegalArgumentException if the batches do not have a number of records, or {@code
   *     ranks} is outside its range
   * @throws IOException if the source cannot be opened
   */
  public static LoadPlan of(
      RecordSource source,
      Shuffle shuffle,
      BatchSize batch,
      Remainder remainder,
      int ranks,
      long memory)
      throws IOException {
    if (!batch.isRecords()) {
      throw new IllegalArgumentException(
          "a plan needs batches with a number of records, not " + batch);
    }
    boolean global = shuffle.method() instanceof ShuffleMethod.Global;
    LoadedSource opened = source.open(global ? LoadingSettings.globalCacheSize(memory, 1) : 0);
    try {
      OrderSpec order = Mix.of(source).order(List.of(opened.layout()), shuffle, 0);
      Steps steps = new Steps(order.length(0), 0, batch.most(), ranks, remainder.room());
      LoadAhead ahead =
          new LoadAhead(
              LoaderOptions.defaults().workers(),
              LoadingSettings.memoryWithoutCache(memory, opened.cacheSize()),
              false);
      return of(order, List.of(opened), batch, steps, ahead, 1, memory);
    } finally {
      opened.close();
    }
  }

  /**
   * The plan of an epoch over open sources.
   *
   * @param epochs number of epochs: batches of the next one are loaded ahead, too
   */
  static LoadPlan of(
      OrderSpec order,
      List<LoadedSource> sources,
      BatchSize batch,
      Steps steps,
      LoadAhead ahead,
      long epochs,
      long memory) {
    // No warning of the memory if it is not known.
    long limit = batch.isRecords() ? memory : Long.MAX_VALUE;
    PlanRequest request =
        new PlanRequest(
            sources.stream().map(LoadPlan::source).toList(),
            steps,
            ahead.fewest(),
            BatchFill.RECORD_ENTRY,
            limit);
    RemoteCost remote = RemoteCost.of(order, sources, steps, ahead.memory());
    List<String> incomplete =
        sources.stream().flatMap(source -> source.incompleteFiles().stream()).toList();
    OrderPlan plan = OrderPlan.of(order, request);
    return new LoadPlan(plan, batch, bound(plan, ahead, epochs), remote, incomplete);
  }

  private static LoadAhead.Bound bound(OrderPlan plan, LoadAhead ahead, long epochs) {
    long batches = plan.steps() > Long.MAX_VALUE / epochs ? Long.MAX_VALUE : plan.steps() * epochs;
    return ahead.bound(plan.batchBytes(), plan.sharedBytes(), plan.heldBytes(), batches);
  }

  private static String incompleteWarning(List<String> files) {
    String first = QuotedText.name(files.getFirst());
    return (files.size() == 1
            ? "the ArrayRecord " + first + " has"
            : files.size() + " ArrayRecords, among them " + first + ", have")
        + " no index at the end, because the program that wrote it did not close it: records may"
        + " be missing, so compare the number of records, or write the files again";
  }

  private static PlanRequest.Source source(LoadedSource source) {
    return new PlanRequest.Source(
        QuotedText.name(source.name()), source.meanRecordSize(), source.cacheSize());
  }

  private static OptionalLong finite(long number) {
    return number == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(number);
  }

  /**
   * Number of steps of the epoch, the same for all ranks; empty if the epoch has no end, or batches
   * are limited by bytes or cost.
   */
  public OptionalLong steps() {
    return batch.isRecords() ? finite(plan.steps()) : OptionalLong.empty();
  }

  /**
   * Number of records of the epoch in all ranks together, before any are dropped or padded; empty
   * if the epoch has no end.
   */
  public OptionalLong positions() {
    return finite(plan.positions());
  }

  /** Number of records that are dropped at the end; 0 if the epoch has no end. */
  public long dropped() {
    return plan.dropped();
  }

  /** Number of records that come a second time, as padding of the last step. */
  public long padded() {
    return plan.padded();
  }

  /** Number of chunks of the sources; each counts once, also if its source is repeated. */
  public long chunks() {
    return plan.chunks();
  }

  /**
   * Number of chunks of all passes of the epoch: a source that comes three times counts three
   * times, and a source of which an epoch needs a part counts with the expected number of chunks of
   * this part. If the epoch has no end, the number of one pass over each source.
   */
  public long chunksInEpoch() {
    return plan.epochChunks();
  }

  /**
   * Expected number of chunks to decode, by all ranks together. Exact if one rank reads each chunk
   * once.
   */
  public long expectedDecodes() {
    return plan.decodes();
  }

  /**
   * How often a chunk is decoded in a pass: {@link #expectedDecodes()} / {@link #chunksInEpoch()}.
   * It is less than 1 if the decoded chunks of a source that is repeated stay in the cache.
   */
  public double readAmplification() {
    return plan.readAmplification();
  }

  /**
   * The expected distance in the epoch, in records, of two records that are neighbours in their
   * source: 1 without a shuffle of one source, a third of the records for a global shuffle of one
   * source. For a mix by weight it is the mean over all records of the epoch.
   */
  public double mixingDistance() {
    return plan.mixingDistance();
  }

  /**
   * The most memory of a rank outside the Java heap for batches and decoded chunks, in bytes; empty
   * if batches are limited by bytes or cost. It contains the batches that the loader loads ahead of
   * a slow consumer, and one batch that the consumer has not closed. It assumes that all records
   * and chunks of a source are equally large, and that mappers do not return larger records than
   * they get. It is above {@link LoaderOptions#memory()} only if two batches and the chunks that
   * they need are larger.
   */
  public OptionalLong expectedMemory() {
    return batch.isRecords() ? OptionalLong.of(memory.total()) : OptionalLong.empty();
  }

  /**
   * The largest memory of a rank on the Java heap, in bytes, for what depends on the numbers of
   * chunks and records: the index of the chunks, windows and reservoirs.
   */
  public long heapMemory() {
    return plan.heapBytes();
  }

  /**
   * Expected size of the decoded chunks that a rank needs again when it resumes, in bytes. With
   * {@link Shuffle#global} these are the chunks in the cache.
   */
  public long resumeBytes() {
    return plan.resumeBytes();
  }

  /**
   * The largest number of random choices of a source that are made again when a rank resumes; a
   * choice takes some nanoseconds. 0 unless the sources are a {@link Mix#random}.
   */
  public long resumeChoices() {
    return plan.resumeChoices();
  }

  /**
   * Expected number of requests to remote files, by all ranks together, without those that open the
   * files; if the epoch has no end, in one pass over each source. 0 if no file is remote. It is
   * computed from the chunks of the first steps, which are requested as a loader requests them.
   */
  public long remoteRequests() {
    return remote.requests();
  }

  /** Expected number of bytes that {@link #remoteRequests()} request. */
  public long remoteBytes() {
    return remote.bytes();
  }

  /**
   * How many bytes of remote files are requested for each byte of the records that are delivered
   * from them; 1 if no file is remote. Compression makes it smaller. Chunks of which few records
   * are needed, and gaps between chunks that one request reads, make it larger.
   */
  public double remoteAmplification() {
    return remote.amplification();
  }

  /** Properties of the plan that the user probably does not want, with remedies; may be empty. */
  public List<String> warnings() {
    return warnings;
  }

  /** The plan as several lines of text, without a line end after the last one. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    line(text, "steps", batch.isRecords() ? finiteText(plan.steps()) : UNKNOWN);
    line(
        text,
        "records",
        finiteText(plan.positions())
            + (dropped() > 0 ? ", the last " + dropped() + " dropped" : "")
            + (padded() > 0 ? ", " + padded() + " more to fill the last step" : ""));
    line(text, "chunks", chunksText());
    if (remoteRequests() > 0) {
      line(
          text,
          "remote files",
          String.format(
              Locale.ROOT,
              "%d requests of %d bytes in all (%.2f bytes for each byte of a record)",
              remoteRequests(),
              remoteBytes(),
              remoteAmplification()));
    }
    line(
        text,
        "mixing distance",
        mixingDistance() == 1
            ? "1 record: the order of the source"
            : "about " + Math.round(mixingDistance()) + " records");
    line(text, "memory of a rank", batch.isRecords() ? memoryText() : UNKNOWN);
    line(text, "Java heap of a rank", "up to " + heapMemory() + " bytes");
    line(text, "resume", resumeText());
    for (String warning : warnings()) {
      line(text, "warning", warning);
    }
    return text.toString().stripTrailing();
  }

  private String chunksText() {
    String decodes =
        expectedDecodes() == chunksInEpoch()
            ? "each decoded once"
            : String.format(
                Locale.ROOT,
                "decoded about %d times in all (%.2f times each)",
                expectedDecodes(),
                readAmplification());
    return chunks() == chunksInEpoch()
        ? chunks() + ", " + decodes
        : chunks() + " in the sources, about " + chunksInEpoch() + " in the epoch, " + decodes;
  }

  private String memoryText() {
    return "up to "
        + memory.total()
        + " bytes outside the Java heap: batches up to "
        + memory.batches()
        + ", chunks up to "
        + memory.chunks();
  }

  private String resumeText() {
    String decoded =
        resumeBytes() == 0
            ? "nothing decoded again"
            : "about " + resumeBytes() + " bytes decoded again";
    return resumeChoices() == 0
        ? decoded
        : decoded + ", up to " + resumeChoices() + " random choices made again";
  }

  private static String finiteText(long number) {
    return number == Long.MAX_VALUE ? "without an end" : Long.toString(number);
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(name).append(": ").append(value).append('\n');
  }
}
