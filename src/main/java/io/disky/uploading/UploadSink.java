package io.disky.uploading;

import io.disky.threads.ForgottenObjects;
import io.disky.transfer.ByteSink;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/**
 * A file in a store. It appears when the sink is closed. If the sink is abandoned or forgotten, the
 * upload is aborted.
 */
public final class UploadSink implements ByteSink {
  private final PartUpload upload;
  private final Cleaner.Cleanable forgotten;

  /** Writes to {@code target}. */
  public UploadSink(PartTarget target, UploadSettings settings) {
    this.upload = new PartUpload(target, settings);
    this.forgotten = ForgottenObjects.register(this, upload::forget);
  }

  @Override
  public void write(MemorySegment bytes) throws IOException {
    try {
      upload.write(bytes);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Sends nothing: all parts except the last one have the size that the store decides. */
  @Override
  public void flush(boolean lasting) throws IOException {
    try {
      upload.check();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      upload.complete();
    } finally {
      forgotten.clean();
    }
  }

  @Override
  public void abandon() throws IOException {
    try {
      upload.abort();
    } finally {
      forgotten.clean();
    }
  }
}
