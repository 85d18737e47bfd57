package io.disky.cli;

import io.disky.OpenMode;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A record file that is being written. Not thread-safe, except {@link #remove()}. */
final class UnfinishedFile implements UnfinishedOutput {
  private final Path path;
  private final RecordWriter writer;
  private final BegunFile begun;
  private final boolean atomic;
  private final boolean continued;
  private volatile boolean discarded;
  private volatile boolean closed;

  private UnfinishedFile(Path path, RecordWriter writer, boolean continued) throws IOException {
    this.path = path;
    this.writer = writer;
    this.begun = BegunFile.of(writer);
    this.atomic = writer.temporaryPath().isPresent();
    this.continued = continued;
  }

  /** Opens the file at {@code path} with {@code options}. */
  static UnfinishedFile open(Path path, WriterOptions options) throws IOException {
    boolean continued = options.openMode() == OpenMode.APPEND && Files.exists(path);
    RecordWriter writer = BegunFile.open(path, () -> RecordWriter.open(path, options));
    return new UnfinishedFile(path, writer, continued);
  }

  /** Returns whether {@code file} is the file that is written, or the file that it will replace. */
  boolean is(Path file) {
    FileIdentity identity = FileIdentity.of(file);
    return identity != null && (begun.has(identity) || identity.isOf(path));
  }

  /** Writes all of {@code records} and closes the file. */
  void write(RecordSink sink, RecordsToWrite records, Progress progress) throws IOException {
    try {
      records.writeTo(sink, progress);
    } catch (Throwable e) {
      closeAfter(e);
      throw e;
    }
    writer.close();
    closed = true;
  }

  RecordWriter writer() {
    return writer;
  }

  private void closeAfter(Throwable failure) {
    try {
      if (atomic) {
        writer.discard();
        discarded = true;
      } else {
        writer.close();
        closed = true;
      }
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public String remove() throws IOException {
    if (continued) {
      return QuotedText.name(path) + ": " + whatStays();
    }
    boolean removed = begun.remove();
    if (atomic) {
      // If it was neither removed nor discarded, it was complete and has its name.
      return removed || discarded
          ? QuotedText.name(path) + ": not written, because it is incomplete"
          : "";
    }
    return removed ? QuotedText.name(path) + ": removed, because it is incomplete" : "";
  }

  private String whatStays() {
    if (!closed) {
      return "keeps its earlier records, and records appended to it; if its end is torn,"
          + " 'disky repair' cuts it";
    }
    long count = writer.recordCount();
    return "keeps its earlier records, and "
        + count
        + (count == 1 ? " record" : " records")
        + " appended to it";
  }
}
