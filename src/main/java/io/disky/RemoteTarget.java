package io.disky;

import io.disky.engine.EngineException;
import io.disky.files.Origin;
import io.disky.files.QuotedText;
import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteRequestException;
import io.disky.remote.RemoteStore;
import io.disky.remote.RemoteUpload;
import io.disky.retrying.RetryPolicy;
import io.disky.uploading.PartTarget;
import io.disky.uploading.UploadSettings;
import io.disky.uploading.UploadSink;
import io.disky.writing.RecordWriting;
import io.disky.writing.WriterOpening;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A file in a store, to which a {@link RecordWriter} writes. Immutable.
 *
 * {@snippet :
 * RemoteTarget target = RemoteTarget.of(store, URI.create("s3://bucket/train.disky"));
 * RecordWriter.writeAtomically(target, WriterOptions.defaults(), writer -> {
 *   for (byte[] record : records) {
 *     writer.write(record);
 *   }
 * });
 * }
 *
 * <p><b>All or nothing.</b> The file appears, complete, when the writer is closed. Until then the
 * store has parts, which no reader sees. The writer removes them if it is {@linkplain
 * RecordWriter#discard() discarded}, closed after a failure, or forgotten. If the process is
 * killed, they stay: a lifecycle rule of the store must remove incomplete uploads. A {@code try}
 * block also closes its writer if the block throws, and an incomplete file then appears; {@link
 * RecordWriter#writeAtomically(RemoteTarget, WriterOptions, WriterTask)} discards the writer
 * instead.
 *
 * <p><b>Flushing.</b> {@link RecordWriter#flush()} ends a chunk, but its records are not visible
 * before the writer is closed. {@link FlushMode#SYNC} throws an {@link IllegalStateException}, and
 * {@link OpenMode#APPEND} an {@link IllegalArgumentException}: to make records durable, close the
 * writer, and write further records to another file.
 *
 * <p><b>Requests and memory.</b> The writer gathers bytes into parts, whose size the store decides,
 * and sends up to {@link RemoteOptions#maxRequests()} parts at a time while it goes on. The other
 * options for reading have no effect. It holds at most {@link RemoteOptions#maxMemory()} bytes of
 * parts, or one larger part. A call that needs more memory waits until a part was sent. Interrupts
 * have no effect on these waits.
 *
 * <p><b>Failures.</b> A request that fails and may succeed later is made again, up to {@link
 * RemoteOptions#maxAttempts()} times and for {@link RemoteOptions#deadline()}, after the delays
 * that {@link RemoteOptions#withMaxAttempts} states. A request without an answer for {@link
 * RemoteOptions#timeout()} has failed for good. If a part fails for good, the next call that writes
 * a chunk, flushes or closes throws an {@link IOException} that names the file, the part and the
 * number of attempts. From then on every call throws, and the file does not appear. If {@link
 * RecordWriter#close()} throws because the store has not answered, the complete file may have
 * appeared all the same.
 */
public final class RemoteTarget {
  /** Begins an upload. */
  @FunctionalInterface
  private interface Creation {
    @Nullable RemoteUpload create(boolean replace) throws IOException;
  }

  private final Creation creation;
  private final String name;
  private final RemoteOptions options;

  private RemoteTarget(Creation creation, String name, RemoteOptions options) {
    this.creation = creation;
    this.name = name;
    this.options = options;
  }

  /**
   * The file at {@code address}. Each writer begins an upload of its own. An existing file is
   * replaced by {@link OpenMode#OVERWRITE} only, when the writer is closed.
   *
   * @param store stays open: the caller closes it, after the writer
   */
  public static RemoteTarget of(RemoteStore store, URI address) {
    Objects.requireNonNull(store, "store");
    Objects.requireNonNull(address, "address");
    return new RemoteTarget(
        replace -> store.create(address, replace), address.toString(), RemoteOptions.defaults());
  }

  /**
   * An upload that has begun, for one writer. {@link OpenMode} has no effect, except that {@link
   * OpenMode#APPEND} is refused.
   */
  public static RemoteTarget of(RemoteUpload upload) {
    Objects.requireNonNull(upload, "upload");
    return new RemoteTarget(_ -> upload, upload.name(), RemoteOptions.defaults());
  }

  /** This target with other options for the requests, their memory, and their repetition. */
  public RemoteTarget with(RemoteOptions options) {
    Objects.requireNonNull(options, "options");
    return new RemoteTarget(creation, name, options);
  }

  /** The name of the file in messages: its address. */
  public String name() {
    return name;
  }

  /** Opens a writer of the file. If this fails, the upload is aborted. */
  RecordWriting open(WriterOptions options) throws IOException {
    // The file always appears at once, and the engine need not know.
    WriterOptions uploaded = options.withAtomicCreation(false);
    WriterOpening opening = RecordWriter.opening(Origin.remote(name), uploaded);
    opening.checkUpload();
    RemoteUpload upload = creation.create(options.openMode() == OpenMode.OVERWRITE);
    if (upload == null) {
      throw new IOException(QuotedText.name(name) + ": the store has returned null, not an upload");
    }
    UploadSink sink = new UploadSink(new Parts(upload, name), settings());
    boolean opened = false;
    try {
      RecordWriting writing = opening.upload(sink);
      opened = true;
      return writing;
    } catch (EngineException e) {
      throw RecordFileException.of(e, Origin.remote(name));
    } finally {
      if (!opened) {
        abandon(sink);
      }
    }
  }

  private void abandon(UploadSink sink) {
    try {
      sink.abandon();
    } catch (IOException e) {
      System.getLogger("io.disky")
          .log(Level.WARNING, QuotedText.name(name) + ": could not be aborted", e);
    }
  }

  private UploadSettings settings() {
    return new UploadSettings(
        options.maxRequests(),
        options.maxMemory(),
        RetryPolicy.of(options.maxAttempts(), options.timeout(), options.deadline()));
  }

  /** The parts of an upload, which is the user's code. */
  private record Parts(RemoteUpload upload, String name) implements PartTarget {
    @Override
    public long partSize(int part) {
      return upload.partSize(part);
    }

    @Override
    public int maxParts() {
      return upload.maxParts();
    }

    @Override
    public @Nullable CompletableFuture<Void> send(int part, MemorySegment bytes) {
      return upload.send(part, bytes);
    }

    @Override
    public @Nullable CompletableFuture<Void> complete() {
      return upload.complete();
    }

    @Override
    public @Nullable CompletableFuture<Void> abort() {
      return upload.abort();
    }

    @Override
    public @Nullable Duration repeatAfter(Throwable failure) {
      return failure instanceof RemoteRequestException e && e.isRepeatable()
          ? e.delay().orElse(Duration.ZERO)
          : null;
    }
  }

  /** The name of the file. */
  @Override
  public String toString() {
    return "RemoteTarget[" + QuotedText.name(name) + "]";
  }
}
