package io.disky.random;

import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.engine.ReaderSettings;
import io.disky.fetching.FetchedFile;
import io.disky.fetching.FetchedOpening;
import io.disky.fetching.FetchedSource;
import io.disky.files.NativePath;
import io.disky.files.Origin;
import io.disky.files.Sha256;
import io.disky.threads.Callbacks;
import io.disky.transfer.CallbackSource;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a file of a sequence is. */
public sealed interface FileLocation {
  /** The file in messages. */
  Origin origin();

  /** The last element of the name, by which a file is known wherever it lies. */
  String fileName();

  /** A hash of the complete name, which distinguishes files with the same last element. */
  long nameHash();

  /**
   * Opens the file.
   *
   * @param callbacks the user's code that the reader of the sequence is calling
   */
  Opened open(ReaderSettings settings, Callbacks callbacks) throws IOException, EngineException;

  /**
   * An open file.
   *
   * @param engine reads it
   * @param version what its saved index is compared with
   * @param remote the file if requests read it; {@code null} if the engine reads it itself
   */
  record Opened(NativeReader engine, FileVersion version, @Nullable FetchedFile remote) {}

  /** A file of the default file system. */
  record Local(Path path) implements FileLocation {
    @Override
    public Origin origin() {
      return Origin.of(path);
    }

    @Override
    public String fileName() {
      return String.valueOf(path.getFileName());
    }

    @Override
    public long nameHash() {
      return Sha256.first(NativePath.bytes(path.toAbsolutePath().normalize()));
    }

    @Override
    public Opened open(ReaderSettings settings, Callbacks callbacks) throws EngineException {
      // Before the file is opened: a change after that then shows in the time of the last change.
      FileVersion version = FileVersion.of(path);
      return new Opened(NativeReader.open(path, settings), version, null);
    }
  }

  /**
   * A file that requests read.
   *
   * @param opening opens it
   * @param index the saved index that the user has given for the file; {@code null} for none
   */
  record Remote(FetchedOpening opening, @Nullable SavedIndexSource index) implements FileLocation {
    @Override
    public Origin origin() {
      return Origin.remote(opening.name());
    }

    @Override
    public String fileName() {
      String name = opening.name();
      return name.substring(name.lastIndexOf('/') + 1);
    }

    @Override
    public long nameHash() {
      return FileVersion.hash(opening.name());
    }

    @Override
    public Opened open(ReaderSettings settings, Callbacks callbacks)
        throws IOException, EngineException {
      String kind = Origin.Kind.REMOTE.toString();
      FetchedFile file = opening.open(callbacks);
      CallbackSource bytes = new CallbackSource(FetchedSource.of(file), kind, callbacks);
      NativeReader engine = null;
      try {
        engine = NativeReader.open(origin().toString(), bytes, settings);
        return new Opened(engine, FileVersion.of(file), file);
      } finally {
        if (engine == null) {
          bytes.close();
        }
      }
    }
  }
}
