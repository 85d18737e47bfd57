package io.disky;

import io.disky.files.QuotedText;
import java.io.IOException;
import java.nio.file.Path;

/** A shard that is a file. */
record FileShard(Path path) implements Shard {
  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public RecordReader open(ReaderOptions options) throws IOException {
    return RecordReader.open(path, options);
  }

  @Override
  public String toString() {
    return QuotedText.name(path);
  }
}
