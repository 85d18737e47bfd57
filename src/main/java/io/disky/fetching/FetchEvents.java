package io.disky.fetching;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** Events of the Java Flight Recorder. A runtime without the module {@code jdk.jfr} has none. */
final class FetchEvents {
  private FetchEvents() {}

  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  /**
   * Whether something may be recorded. In a JVM that has recorded nothing, the first event would
   * load more than a hundred classes of the recorder.
   */
  private static boolean isRecording() {
    return PRESENT && FlightRecorder.isInitialized();
  }

  /** A span of time that is recorded when it ends. */
  @FunctionalInterface
  interface Span {
    Span NONE = () -> {};

    /** Ends the span. */
    void commit();
  }

  /** A reader begins to wait for a block. */
  static Span waitFor(String file, Block block) {
    return isRecording() ? RemoteWait.start(file, block) : Span.NONE;
  }

  @SuppressWarnings("UnusedVariable") // the recorder reads the fields
  @Name("io.disky.RemoteWait")
  @Label("Remote Wait")
  @Category({"Disky", "Remote"})
  @Description("A reader has waited for bytes of a remote file")
  private static final class RemoteWait extends Event implements Span {
    @Label("File")
    String file = "";

    @Label("Position")
    long position;

    @Label("Size")
    @DataAmount
    long size;

    static Span start(String file, Block block) {
      RemoteWait event = new RemoteWait();
      if (!event.isEnabled()) {
        return NONE;
      }
      event.file = file;
      event.position = block.begin;
      event.size = block.length;
      event.begin();
      return event;
    }
  }
}
