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

  /** A file with a weak version was opened. */
  static void weakVersion(FileVersion file) {
    if (PRESENT) {
      RemoteWeakVersion.emit(file);
    }
  }

  @SuppressWarnings("UnusedVariable") // the recorder reads the fields
  @Name("io.disky.RemoteWeakVersion")
  @Label("Remote Weak Version")
  @Category({"Disky", "Remote"})
  @Description("A remote file was opened of which a replacement may not be noticed")
  private static final class RemoteWeakVersion extends Event {
    @Label("File")
    String file = "";

    @Label("Version")
    String version = "";

    static void emit(FileVersion file) {
      RemoteWeakVersion event = new RemoteWeakVersion();
      event.file = file.name();
      event.version = file.version();
      event.commit();
    }
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
