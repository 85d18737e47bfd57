package io.disky.cli;

import io.disky.Compression;
import io.disky.OpenMode;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/** Writes real data, reads them back, and prints the results. */
@Command(
    name = "quickstart",
    hidden = true,
    header = "Writes and reads real data, and prints sizes and speeds.",
    description = {
      "",
      "Writes every class file of the running JDK to a record file, reads the file back, compares"
          + " digests, and prints sizes and throughputs."
    })
final class QuickstartCommand implements Callable<Integer> {
  private static final int READ_PASSES = 3;
  private static final int LABEL_WIDTH = 11;
  private static final String FILE_NAME = "jdk-classes.disky";

  private static final WriterOptions OPTIONS =
      WriterOptions.defaults().withCompression(Compression.zstd()).withOpenMode(OpenMode.OVERWRITE);

  private final StandardStreams streams;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description =
          "Keep the file in DIR, as "
              + FILE_NAME
              + "; an existing file of this name is overwritten (default: a temporary file).")
  private @Nullable Path directory;

  /** Properties of the written file. */
  private record Written(String digest, long records, long bytes, long nanos) {}

  QuickstartCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    if (directory != null) {
      return run(directory.resolve(FILE_NAME));
    }
    Path temporary = Files.createTempDirectory("disky-quickstart-");
    Path file = temporary.resolve(FILE_NAME);
    temporary.toFile().deleteOnExit(); // deleted after the file, if a signal ends the process
    file.toFile().deleteOnExit();
    try {
      return run(file);
    } finally {
      Files.deleteIfExists(file);
      Files.delete(temporary);
    }
  }

  private int run(Path file) throws IOException {
    streams.out().print("Packing every class file of JDK " + Runtime.version() + " ...\n");
    Written written = write(file);
    String digest = digest(file);
    if (!digest.equals(written.digest)) {
      Failure.print(
          "the records read from "
              + QuotedText.name(file)
              + " are not those written: SHA-256 "
              + digest
              + " instead of "
              + written.digest,
          streams.err());
      return ExitCode.SOFTWARE;
    }
    long readNanos = Long.MAX_VALUE;
    for (int pass = 0; pass < READ_PASSES; pass++) {
      readNanos = Math.min(readNanos, read(file, written.bytes));
    }
    print(written, Files.size(file), readNanos);
    return ExitCode.OK;
  }

  private Written write(Path file) throws IOException {
    return streams
        .unfinished()
        .write(() -> UnfinishedFile.open(file, OPTIONS), begun -> write(begun.writer()));
  }

  /**
   * Writes the class files. Measures only the time of the writer, not that of reading the class
   * files.
   */
  private static Written write(RecordWriter opened) throws IOException {
    RecordDigest digest = new RecordDigest();
    long[] nanos = new long[1];
    try (RecordWriter writer = opened) {
      JdkClasses.forEach(classFile -> {
        digest.add(MemorySegment.ofArray(classFile));
        long begun = System.nanoTime();
        writer.write(classFile);
        nanos[0] += System.nanoTime() - begun;
      });
      long begun = System.nanoTime();
      writer.close();
      nanos[0] += System.nanoTime() - begun;
    }
    return new Written(digest.finish(), digest.records(), digest.bytes(), nanos[0]);
  }

  private static String digest(Path file) throws IOException {
    RecordDigest digest = new RecordDigest();
    try (RecordReader reader = RecordReader.open(file)) {
      for (MemorySegment record : reader) {
        digest.add(record);
      }
    }
    return digest.finish();
  }

  private static long read(Path file, long expectedBytes) throws IOException {
    long begun = System.nanoTime();
    long bytes = 0;
    try (RecordReader reader = RecordReader.open(file)) {
      for (MemorySegment record : reader) {
        bytes += record.byteSize();
      }
    }
    long nanos = System.nanoTime() - begun;
    if (bytes != expectedBytes) {
      throw new IOException(
          QuotedText.name(file) + ": " + bytes + " bytes of " + expectedBytes + " were read");
    }
    return nanos;
  }

  private void print(Written written, long fileSize, long readNanos) throws IOException {
    String ratio = String.format(Locale.ROOT, "%.2f", (double) written.bytes / fileSize);
    String table =
        row("records", number(written.records))
            + row("bytes", number(written.bytes))
            + row("file size", number(fileSize) + " (" + OPTIONS.compression() + ")")
            + row("ratio", ratio)
            + row("write", throughput(written.bytes, written.nanos))
            + row("read", throughput(written.bytes, readNanos) + " (best of " + READ_PASSES + ")")
            + row("SHA-256", written.digest + ", the same before and after");
    streams.out().print(table);
  }

  private static String row(String label, String value) {
    return "  " + label + " ".repeat(LABEL_WIDTH - label.length()) + value + "\n";
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** In megabytes (millions of bytes) per second. */
  private static String throughput(long bytes, long nanos) {
    return number(Math.round(bytes * 1e3 / nanos)) + " MB/s";
  }
}
