package io.disky.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import picocli.CommandLine.ExitCode;

/** The output for data. Throws a {@link StandardOutputException} if it fails. Does not buffer. */
final class StandardOutput {
  // Bits of st_mode, the same on every Unix.
  private static final int FILE_TYPE = 0xF000;
  private static final int FIFO = 0x1000;
  private static final int CHARACTER_DEVICE = 0x2000;
  private static final int SOCKET = 0xC000;
  private static final int UNKNOWN = 0;

  /**
   * System property, {@code true} or {@code false}: whether standard output is a terminal. Not set
   * if the caller does not know.
   */
  static final String TERMINAL_PROPERTY = "io.disky.cli.stdout.terminal";

  private final OutputStream stream;
  private final WritableByteChannel channel;

  StandardOutput(OutputStream stream) {
    this.stream = stream;
    this.channel = Channels.newChannel(stream);
  }

  /** The encoding of text. */
  Charset charset() {
    String name = System.getProperty("stdout.encoding");
    return name == null ? Charset.defaultCharset() : Charset.forName(name);
  }

  /** Writes all remaining bytes of {@code bytes}. */
  void write(ByteBuffer bytes) throws StandardOutputException {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new StandardOutputException(e, isPipe());
    }
  }

  /** Writes {@code text} unchanged; does not add a line terminator. */
  void print(String text) throws StandardOutputException {
    write(charset().encode(text));
    flush();
  }

  void flush() throws StandardOutputException {
    try {
      stream.flush();
    } catch (IOException e) {
      throw new StandardOutputException(e, isPipe());
    }
  }

  /** Returns whether this is the standard output of the process and is a pipe or a socket. */
  private boolean isPipe() {
    int type = fileType();
    return type == FIFO || type == SOCKET;
  }

  /** Returns whether this is the standard output of the process and may be a terminal. */
  boolean isDevice() {
    return fileType() == CHARACTER_DEVICE;
  }

  /** Returns whether this output is a terminal. */
  @SuppressWarnings("SystemConsoleNull") // null with -Djdk.console=java.base
  boolean isTerminal() {
    String known = System.getProperty(TERMINAL_PROPERTY);
    return known == null
        ? isDevice() && Progress.isTerminal(System.console(), Console::isTerminal)
        : Boolean.parseBoolean(known);
  }

  /** Returns whether text on this output may have colours. */
  boolean hasColours() {
    String noColour = System.getenv("NO_COLOR");
    return isTerminal()
        && (noColour == null || noColour.isEmpty())
        && !"dumb".equals(System.getenv("TERM"));
  }

  /** Returns whether this is the standard output of the process and goes to {@code file}. */
  boolean isFile(FileIdentity file) {
    return file.equals(FileIdentity.of(stream));
  }

  /**
   * If this is the standard output of the process and is a pipe or a socket: ends the process with
   * status 0 when no process reads it any more. For commands that may write late or never.
   */
  void endWithReader() {
    if (isPipe()) {
      PipeWatch.start(() -> System.exit(ExitCode.OK));
    }
  }

  private int fileType() {
    try {
      if (stream instanceof FileOutputStream file && file.getFD() == FileDescriptor.out) {
        return (int) Files.getAttribute(Path.of("/dev/stdout"), "unix:mode") & FILE_TYPE;
      }
    } catch (IOException | RuntimeException e) {
      return UNKNOWN; // not every operating system reports the type of the file
    }
    return UNKNOWN;
  }

  /** Writes the contents of a file. */
  void copy(Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ)) {
      while (source.read(buffer.clear()) >= 0) {
        write(buffer.flip());
      }
    }
    flush();
  }
}
