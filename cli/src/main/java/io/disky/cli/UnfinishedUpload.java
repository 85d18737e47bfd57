package io.disky.cli;

import io.disky.RecordWriter;
import io.disky.RemoteTarget;
import io.disky.WriterOptions;
import io.disky.files.QuotedText;
import io.disky.remote.RemoteStore;
import io.disky.remote.RemoteUpload;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A record file that is being written to a store. It appears when it is complete. Not thread-safe,
 * except {@link #remove()}.
 */
final class UnfinishedUpload implements UnfinishedOutput {
  private static final long SECONDS = 20;

  private final InterruptibleUpload upload;
  private final RecordWriter writer;

  private UnfinishedUpload(InterruptibleUpload upload, RecordWriter writer) {
    this.upload = upload;
    this.writer = writer;
  }

  /**
   * Begins to write the file at {@code address}.
   *
   * @param replace whether an existing file may be replaced
   */
  static UnfinishedUpload open(
      RemoteStore store, URI address, boolean replace, WriterOptions options) throws IOException {
    RemoteUpload begun = store.create(address, replace);
    InterruptibleUpload upload = new InterruptibleUpload(begun);
    boolean opened = false;
    try {
      RecordWriter writer = RecordWriter.open(RemoteTarget.of(upload), options);
      opened = true;
      return new UnfinishedUpload(upload, writer);
    } finally {
      if (!opened) {
        upload.end().orTimeout(SECONDS, TimeUnit.SECONDS).exceptionally(_ -> false).join();
      }
    }
  }

  RecordWriter writer() {
    return writer;
  }

  /** Writes all of {@code records} and completes the file. */
  void write(RecordSink sink, RecordsToWrite records, Progress progress) throws IOException {
    try {
      records.writeTo(sink, progress);
    } catch (Throwable e) {
      discardAfter(e);
      throw e;
    }
    writer.close();
  }

  private void discardAfter(Throwable failure) {
    try {
      writer.discard();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public String remove() throws IOException {
    String name = QuotedText.name(upload.name());
    try {
      boolean complete = upload.end().get(SECONDS, TimeUnit.SECONDS);
      return complete ? "" : name + ": not written, because it is incomplete";
    } catch (ExecutionException | TimeoutException e) {
      return name
          + ": not written, because it is incomplete; its parts could not be removed from the store,"
          + " so a lifecycle rule must remove them";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException(name + ": interrupted while the upload was aborted");
      interrupted.initCause(e);
      throw interrupted;
    }
  }
}
