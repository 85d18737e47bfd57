package io.disky;

import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import io.disky.files.Origin;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** What the engine has noticed and went on in spite of. */
final class Notices {
  private static final Logger LOGGER = System.getLogger("io.disky");

  private Notices() {}

  /** Takes the notices of {@code engine}, which reads {@code origin}, and logs them. */
  static void log(Origin origin, NativeReader engine) throws EngineException {
    for (NativeReader.Notice notice = engine.nextNotice();
        notice != null;
        notice = engine.nextNotice()) {
      LOGGER.log(
          Level.WARNING,
          "{0}: byte {1}: {2}",
          origin,
          Long.toString(notice.position()),
          notice.message());
    }
  }
}
