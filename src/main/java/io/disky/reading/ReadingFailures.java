package io.disky.reading;

import io.disky.engine.FailureTranslation;
import java.io.IOException;

/** Turns failures of reading one file into the exceptions that the API throws. */
public interface ReadingFailures extends FailureTranslation {
  /**
   * The exception for a file that is shorter than it was when it was opened.
   *
   * @param failure how the reader noticed it
   * @param position the offset in the file, in bytes, that is now past its end
   * @param recordsRead how many records were delivered before
   */
  IOException shortened(IllegalArgumentException failure, long position, long recordsRead);
}
