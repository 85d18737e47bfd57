package io.disky.cli;

import io.disky.OpenMode;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A record file that is being written. Not thread-safe but for {@link #remove()}. */
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

  /** Opens the file at {@code path} as {@code options} say. */
  static UnfinishedFile open(Path path, WriterOptions options) throws IOException {
    boolean continued = options.openMode() == OpenMode.APPEND && Files.exists(path);
    RecordWriter writer = BegunFile.open(path, () -> RecordWriter.open(path, options));
    return new UnfinishedFile(path, writer, continued);
  }

  /** Says whether {@code file} is the one that is written, or is to be replaced by it. */
  boolean is(Path file) {
    FileIdentity identity = FileIdentity.of(file);
    return identity != null && (begun.has(identity) || identity.isOf(path));
  }

  /** Writes all of {@code records} and closes the file. */
  void write(RecordSink sink, RecordSource records, Progress progress) throws IOException {
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
      // Neither removed nor discarded: it was complete, and has got its name.
      return removed || discarded
          ? QuotedText.name(path) + ": not written, because it is incomplete"
          : "";
    }
    return removed ? QuotedText.name(path) + ": removed, because it is incomplete" : "";
  }

  private String whatStays() {
    if (!closed) {
      return "keeps what it had, and records appended to it; 'disky repair' cuts its end if that is"
          + " torn";
    }
    long count = writer.recordCount();
    return "keeps what it had, and "
        + count
        + (count == 1 ? " record" : " records")
        + " appended to it";
  }
}
