package io.disky.cli;

import io.disky.ReaderOptions;
import io.disky.RecordBatch;
import io.disky.RecordReader;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Computes digests of records. */
@Command(
    name = "digest",
    header = "Computes digests of records.",
    description = {
      "",
      "Reads all of each FILE, checks every hash in it, and prints a line:",
      "",
      "    SHA-256, two spaces, number of records, sum of their sizes in bytes, FILE",
      "",
      "The SHA-256 is computed over all records in order: for each record its length as a 4-byte"
          + " little-endian number, then its bytes. So it does not depend on chunks, compression or"
          + " dialect.",
      "",
      "If FILE is a directory, all files in it are shards of one data set, except hidden files and"
          + " subdirectories. Records of different shards have no order, so the SHA-256 is computed"
          + " over all records sorted as sequences of unsigned bytes. For this, all of them must"
          + " fit into memory.",
      "The threads decode records in advance."
    },
    sortOptions = false,
    footer = {"", "Keys of the JSON objects: file, sha256, records, recordBytes."})
final class DigestCommand implements FilesCommand {
  private final StandardStreams streams;

  @Mixin private RecoverySettings recovery = new RecoverySettings();
  @Mixin private JsonLines json = new JsonLines();
  @Mixin private ReadSettings readSettings = new ReadSettings();
  @Mixin private Threads threads = new Threads();
  @Mixin private RecordFiles files = new RecordFiles();

  DigestCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public void setFiles(List<FileArgument> arguments) {
    files.set(arguments);
  }

  @Override
  public Integer call() throws IOException {
    return files.eachDataSet(streams, this::print);
  }

  private void print(RecordFile file) throws IOException {
    RecordDigest digest = file.isDirectory() ? digestOfShards(file.path()) : digestOf(file);
    if (json.areAskedFor()) {
      JsonLines.print(streams, line -> add(line, file.name(), digest));
      return;
    }
    String line =
        digest.finish()
            + "  "
            + digest.records()
            + " "
            + digest.bytes()
            + " "
            + QuotedText.name(file.name());
    streams.out().print(line + "\n");
  }

  private static void add(Json line, String name, RecordDigest digest) {
    line.name("file").value(name);
    line.name("sha256").value(digest.finish());
    line.name("records").value(digest.records());
    line.name("recordBytes").value(digest.bytes());
  }

  private ReaderOptions options(String name) {
    return readSettings
        .on(recovery.options(name, streams.err()))
        .withParallelism(threads.countForReading());
  }

  private RecordDigest digestOf(RecordFile file) throws IOException {
    RecordDigest digest = new RecordDigest();
    try (RecordReader reader = file.open(options(file.name()));
        Progress progress = new Progress("digest", reader.fileSize(), streams.err())) {
      while (add(reader, digest, progress)) {}
    }
    return digest;
  }

  /** Adds the records of the next chunk; returns false if there is none. */
  private static boolean add(RecordReader reader, RecordDigest digest, Progress progress)
      throws IOException {
    try (RecordBatch batch = reader.nextBatch()) {
      if (batch == null) {
        return false;
      }
      add(batch, digest);
      progress.stepTo(batch.chunkBegin());
      return true;
    }
  }

  private static void add(RecordBatch batch, RecordDigest digest) {
    MemorySegment data = batch.data();
    MemorySegment ends = batch.ends();
    long begin = 0;
    for (int i = 0; i < batch.recordCount(); i++) {
      long end = ends.getAtIndex(ValueLayout.JAVA_LONG, i);
      digest.add(data, begin, end - begin);
      begin = end;
    }
  }

  private RecordDigest digestOfShards(Path directory) throws IOException {
    List<FileArgument> shards =
        NumberedFiles.in(directory, streams.err()).stream().map(FileArgument::of).toList();
    try (Arena arena = Arena.ofConfined();
        Progress progress =
            new Progress("digest", RecordFiles.totalSize(shards, streams), streams.err())) {
      SortedRecords records = new SortedRecords(arena);
      for (FileArgument argument : shards) {
        Path shard = argument.path();
        streams.checkIsNotOutput(argument);
        records.addAll(shard, options(shard.toString()), progress);
      }
      return records.digest();
    }
  }
}
