package io.disky.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Keeps what the library logs, and from the console. */
public final class LogCapture implements AutoCloseable {
  private final List<LogRecord> records = Collections.synchronizedList(new ArrayList<>());
  private final Logger logger = Logger.getLogger("io.disky");
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  public LogCapture() {
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  /** The messages so far that contain {@code text}, each with its level. */
  public List<String> messages(String text) {
    SimpleFormatter formatter = new SimpleFormatter();
    synchronized (records) {
      return records.stream()
          .map(record -> record.getLevel() + ": " + formatter.formatMessage(record))
          .filter(message -> message.contains(text))
          .toList();
    }
  }

  @Override
  public void close() {
    logger.setUseParentHandlers(true);
    logger.removeHandler(handler);
  }
}
