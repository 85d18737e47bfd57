package io.disky.reading;

import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import java.lang.System.Logger.Level;

/** Logs the notices of the engine: flaws of a file in spite of which reading goes on. */
public final class Notices {
  private Notices() {}

  /**
   * Takes the notices of {@code engine} and logs them.
   *
   * @param name the file's name, quoted for messages
   */
  public static void log(String name, NativeReader engine) throws EngineException {
    for (NativeReader.Notice notice = engine.nextNotice();
        notice != null;
        notice = engine.nextNotice()) {
      System.getLogger("io.disky")
          .log(
              Level.WARNING,
              "{0}: byte {1}: {2}",
              name,
              Long.toString(notice.position()),
              notice.message());
    }
  }
}
