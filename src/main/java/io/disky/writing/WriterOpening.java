package io.disky.writing;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.disky.engine.EngineException;
import io.disky.engine.FailureTranslation;
import io.disky.engine.NativeWriter;
import io.disky.engine.WriterSettings;
import io.disky.files.FileFailures;
import io.disky.files.Origin;
import io.disky.threads.Callbacks;
import io.disky.transfer.ByteSink;
import io.disky.transfer.CallbackSink;
import io.disky.transfer.ChannelSink;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Opens writers.
 *
 * @param origin the name and the path of the file
 * @param settings how to write
 * @param threads how many threads of the writer encode; 0: the caller does
 * @param translation makes the exceptions for failures after the opening
 */
public record WriterOpening(
    Origin origin, WriterSettings settings, int threads, FailureTranslation translation) {
  /**
   * Opens the file at {@code path}, which is that of the origin.
   *
   * @throws EngineException if the engine cannot open it
   */
  public RecordWriting file(Path path) throws IOException, EngineException {
    if (!origin.isFile()) {
      return foreignFile(path);
    }
    RecordWriting opened = writing(callbacks(), NativeWriter.open(path, settings));
    NativeWriter.Repair repair = opened.repair();
    if (repair != null) {
      System.getLogger("io.disky")
          .log(
              Level.WARNING,
              "{0}: its torn tail was cut off, {1} of {2} bytes: {3}",
              origin,
              Long.toString(repair.sizeBefore() - repair.sizeAfter()),
              Long.toString(repair.sizeBefore()),
              repair.reason());
    }
    return opened;
  }

  /** Opens a file of another file system than the default one. */
  private RecordWriting foreignFile(Path path) throws IOException, EngineException {
    checkNew();
    WritableByteChannel channel =
        settings.openMode() == WriterSettings.OpenMode.OVERWRITE
            ? FileFailures.quoting(
                () -> Files.newByteChannel(path, CREATE, TRUNCATE_EXISTING, WRITE))
            : FileFailures.quoting(() -> Files.newByteChannel(path, CREATE_NEW, WRITE));
    try {
      return sink(new ChannelSink(channel));
    } catch (Throwable e) {
      try {
        channel.close();
      } catch (IOException other) {
        e.addSuppressed(other);
      }
      throw e;
    }
  }

  /**
   * Opens a writer to {@code sink}. The writer closes {@code sink} when it is closed; if this
   * method throws, the sink stays open.
   *
   * @throws EngineException if the sink fails, or the engine refuses the settings
   */
  public RecordWriting sink(ByteSink sink) throws EngineException {
    checkNew();
    Callbacks callbacks = callbacks();
    ByteSink guarded =
        origin.isMemory() ? sink : new CallbackSink(sink, origin.kind().toString(), callbacks);
    return writing(callbacks, NativeWriter.open(origin.toString(), guarded, settings));
  }

  /**
   * Opens a writer of a file in a store, which appears there when the writer is closed. The writer
   * ends {@code sink}; if this method throws, the caller must.
   *
   * @throws EngineException if the sink fails, or the engine refuses the settings
   */
  public RecordWriting upload(ByteSink sink) throws EngineException {
    Callbacks callbacks = callbacks();
    ByteSink guarded = new CallbackSink(sink, "upload", callbacks);
    NativeWriter engine = NativeWriter.open(origin.toString(), guarded, settings);
    return new RecordWriting(origin, callbacks, engine, settings, threads, translation, true);
  }

  /**
   * Checks that the settings are possible for a file in a store.
   *
   * @throws IllegalArgumentException if they are not
   */
  public void checkUpload() {
    if (settings.openMode() == WriterSettings.OpenMode.APPEND || settings.repair()) {
      throw new IllegalArgumentException(
          origin
              + ": a file in a store can be neither continued nor repaired, because a store replaces"
              + " complete files only; write the records to another file, for example the next"
              + " shard, with OpenMode.CREATE_NEW and without repair");
    }
  }

  private RecordWriting writing(Callbacks callbacks, NativeWriter engine) throws EngineException {
    return new RecordWriting(
        origin, callbacks, engine, settings, threads, translation, settings.atomicCreation());
  }

  private Callbacks callbacks() {
    return new Callbacks("the writer of " + origin);
  }

  private void checkNew() {
    if (settings.openMode() == WriterSettings.OpenMode.APPEND
        || settings.repair()
        || settings.atomicCreation()) {
      throw new IllegalArgumentException(
          origin
              + ": only a path of the default file system can be continued, repaired or created"
              + " atomically; choose OpenMode.CREATE_NEW without repair and atomic creation");
    }
  }
}
