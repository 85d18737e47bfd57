package io.disky;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.disky.testing.WorkerThread;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every message that docs/guides/troubleshooting.md explains is thrown here, or, if a test cannot
 * produce it, stands in the sources.
 */
@EnabledOnOs(OS.LINUX) // Messages of the operating system are those of Linux.
class TroubleshootingGuideTest {
  private static final Path GUIDE = Path.of("docs/guides/troubleshooting.md");
  private static final Pattern HEADING = Pattern.compile("^### `(.*)`$", Pattern.MULTILINE);
  private static final Pattern JOINED = Pattern.compile("\"\\s*\\+\\s*\"|\\\\\n\\s*");

  private static final String WARNING = "WARNING: A restricted method in java.lang.foreign.";
  private static final String CLASS_FILE = "class file version 66.0";

  /**
   * Messages about a broken machine or installation, about servers, and warnings in the log, which
   * the sources contain.
   */
  private static final Set<String> IN_THE_SOURCES =
      Set.of(
          "disky needs native access, which this JVM denies to it",
          "disky cannot load its native library",
          "the file system forbids execution (noexec)",
          "refused: other users may write it (…)",
          "refused: it belongs to user …, not to user …",
          "no such file: …",
          "the resource does not exist",
          "this JVM runs on musl, with which a library for glibc does not work",
          "its ABI version is …, but these Java classes need version …",
          "it is not the native library of disky",
          "it is not a 64-bit little-endian processor",
          "Missing on this machine:",
          "was never closed",
          "the server does not support ranges: it sends the complete file",
          "so a replacement of the file while it is read may not be noticed",
          "it was saved for a local file",
          "the file cannot be continued, nor repaired by a cut",
          "cannot be accessed: the mapped file was truncated, or its storage fails");

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() throws IOException {
    file = directory.resolve("file");
    try (RecordWriter writer =
        RecordWriter.open(file, WriterOptions.defaults().withChunkSize(100))) {
      for (int i = 0; i < 100; i++) {
        writer.write("record" + i);
      }
    }
  }

  private static Set<String> messages() throws IOException {
    return HEADING
        .matcher(Files.readString(GUIDE))
        .results()
        .map((MatchResult heading) -> heading.group(1))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  @Test
  void everyMessageIsThrownOrInTheSources() throws IOException {
    Map<String, ThrowingCallable> thrown = new HashMap<>();
    lifetimes(thrown);
    files(thrown);
    damage(thrown);
    options(thrown);
    LoadingMessages.add(file, thrown);
    Set<String> checked = new LinkedHashSet<>(thrown.keySet());
    checked.addAll(IN_THE_SOURCES);
    checked.addAll(List.of(WARNING, CLASS_FILE));

    assertThat(messages()).containsExactlyInAnyOrderElementsOf(checked);
    thrown.forEach((message, use) ->
        assertThat(catchThrowable(use))
            .as(message)
            .isNotNull()
            .message()
            .matches(Pattern.compile(".*" + quoted(message) + ".*", Pattern.DOTALL)));
  }

  /** The parts of a message between the places of names and numbers. */
  private static List<String> parts(String message) {
    return Stream.of(message.split("…")).filter(part -> !part.isBlank()).toList();
  }

  private static String quoted(String message) {
    return parts(message).stream().map(Pattern::quote).collect(Collectors.joining(".*"));
  }

  @Test
  void theOtherMessagesAreInTheSources() throws IOException {
    String sources = sources();
    for (String message : IN_THE_SOURCES) {
      Pattern literal =
          Pattern.compile(
              parts(message).stream()
                  .map(Pattern::quote)
                  .collect(Collectors.joining("[^;]{0,40}")));
      assertThat(literal.matcher(sources).find()).as(message).isTrue();
    }
  }

  /** All sources of messages, with string literals of several lines joined. */
  private static String sources() throws IOException {
    StringBuilder text = new StringBuilder(Files.readString(Path.of("scripts/find-jdk")));
    for (Path root : List.of(Path.of("src/main/java"), Path.of("disky/src"))) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path source : files.filter(Files::isRegularFile).toList()) {
          text.append(Files.readString(source));
        }
      }
    }
    return JOINED.matcher(text).replaceAll("");
  }

  /** A program without permission for native code. */
  static final class WithoutPermission {
    private WithoutPermission() {}

    public static void main(String[] args) throws IOException {
      RecordWriter.open(new ByteArrayOutputStream()).close();
    }
  }

  @Test
  void theJvmWarnsWithoutPermission() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String library = System.getProperty("io.disky.library.dir");
    if (library != null) {
      command.add("-Dio.disky.library.dir=" + library);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(WithoutPermission.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains(WARNING);
  }

  /** The number in the message of an older JVM. */
  @Test
  void theClassFilesHaveTheVersion() throws IOException {
    Path compiled = Path.of("target/classes/io/disky/RecordReader.class");
    try (DataInputStream data = new DataInputStream(Files.newInputStream(compiled))) {
      assertThat(data.readInt()).isEqualTo(0xCAFEBABE);
      assertThat(data.readUnsignedShort()).isZero();
      assertThat(data.readUnsignedShort()).isEqualTo(66);
    }
  }

  private void lifetimes(Map<String, ThrowingCallable> thrown) {
    thrown.put(
        "Already closed",
        reading(
            strict(),
            reader -> {
              MemorySegment first = reader.next();
              reader.next();
              first.get(JAVA_BYTE, 0);
            }));
    thrown.put(
        "the batch of the chunk at byte …, or its reader, is closed",
        reading(reader -> {
          RecordBatch batch = reader.nextBatch();
          batch.close();
          batch.get(0);
        }));
    thrown.put(
        "the reader of … is closed",
        reading(reader -> {
          reader.close();
          reader.next();
        }));
    thrown.put(
        "the writer of … is closed",
        writing(
            WriterOptions.defaults(),
            writer -> {
              writer.close();
              writer.write("late");
            }));
    thrown.put(
        "… belongs to the thread that used it first, …, not to …",
        reading(reader -> {
          reader.next();
          elsewhere(reader::next);
        }));
    thrown.put(
        "Attempted access outside owning thread",
        reading(reader -> {
          MemorySegment record = reader.next();
          record.get(JAVA_BYTE, 0);
          elsewhere(() -> record.get(JAVA_BYTE, 0));
        }));
    thrown.put(
        "iterator() of the reader of … was called before",
        reading(reader -> {
          var _ = reader.iterator();
          var _ = reader.iterator();
        }));
    thrown.put(
        "iteration is in the middle of a chunk of …",
        reading(reader -> {
          reader.next();
          reader.nextBatch();
        }));
    thrown.put(
        "… cannot be used by its own …: return from it first",
        reading(reader -> reader.visit(record -> reader.next())));
    thrown.put(
        "is incompatible with alignment constraint",
        reading(reader -> {
          reader.next();
          reader.next().get(JAVA_INT, 0);
        }));
    thrown.put(
        "Out of bound access on segment",
        reading(reader -> reader.next().get(JAVA_LONG_UNALIGNED, 6)));
    thrown.put(
        "Attempt to write a read-only segment",
        reading(reader -> reader.next().set(JAVA_BYTE, 0, (byte) 1)));
  }

  private void files(Map<String, ThrowingCallable> thrown) {
    thrown.put(
        "File exists (os error 17); choose OpenMode.OVERWRITE or OpenMode.APPEND",
        () -> RecordWriter.open(file).close());
    thrown.put(
        "No such file or directory (os error 2)",
        () -> RecordReader.open(directory.resolve("missing")).close());
    thrown.put(
        "another writer has this file open; close that one first",
        () -> {
          try (RecordWriter first = RecordWriter.open(file, append())) {
            RecordWriter.open(file, append()).close();
            first.flush();
          }
        });
    thrown.put(
        "no shard in this directory is named \"…\" and a number",
        () -> Shards.inDirectory(directory));
    thrown.put(
        "needs to go back, which a stream cannot",
        () -> {
          try (RecordReader reader = RecordReader.open(Files.newInputStream(file))) {
            reader.recordCount();
          }
        });
    thrown.put(
        "an earlier write failed",
        () -> {
          RecordWriter writer = RecordWriter.open(new FullStream());
          writer.write("lost");
          assertThat(catchThrowable(writer::flush)).isInstanceOf(IOException.class);
          writer.close();
        });
  }

  /** Takes the file signature only. */
  private static final class FullStream extends FileOutputStream {
    private int written;

    FullStream() throws IOException {
      super("/dev/null");
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      written += length;
      if (written > 64) {
        throw new IOException("No space left on device");
      }
    }
  }

  private void damage(Map<String, ThrowingCallable> thrown) {
    thrown.put(
        "the file cannot be continued like this: everything from byte … on is torn",
        () -> RecordWriter.open(torn(), append()).close());
    thrown.put(
        "truncated: the file ends at byte …, inside a chunk of …",
        () -> readAll(torn(), ReaderOptions.defaults()));
    thrown.put(
        "damaged chunk data: the chunk header states hash …",
        () -> readAll(changed(104), ReaderOptions.defaults()));
    thrown.put(
        "not a record file, or its file signature is damaged",
        () ->
            readAll(
                Files.writeString(directory.resolve("text"), "text"), ReaderOptions.defaults()));
    thrown.put(
        "that exceeds the limit of … bytes a chunk; if the file is to be trusted, read it with a"
            + " higher limit",
        () -> readAll(file, ReaderOptions.defaults().withMaxChunkSize(20)));
  }

  private void options(Map<String, ThrowingCallable> thrown) {
    WriterOptions defaults = WriterOptions.defaults();
    WriterOptions array = defaults.withContainer(Container.ARRAY_RECORD).withGroupSize(2);
    thrown.put(
        "… in the DISKY dialect: not readable by upstream; choose RIEGELI",
        () -> RecordWriter.open(directory.resolve("new"), defaults.withTranspose(true)).close());
    thrown.put(
        "shards cannot be created atomically",
        () ->
            MultiThreadedWriterOptions.defaults()
                .withWriterOptions(defaults.withAtomicCreation(true)));
    thrown.put(
        "an ArrayRecord ends with the index of its chunks and cannot be continued; write a new file",
        () -> RecordWriter.open(file, array.withOpenMode(OpenMode.APPEND)).close());
    thrown.put(
        "is inside a group, after … of its records",
        writing(
            array,
            writer -> {
              writer.write("one of two");
              writer.flush();
            }));
    thrown.put(
        "a file that is continued cannot be created atomically; choose CREATE_NEW or OVERWRITE",
        () -> RecordWriter.open(file, append().withAtomicCreation(true)).close());
    thrown.put(
        "the file cannot outlive a power cut before it is closed",
        writing(defaults.withAtomicCreation(true), writer -> writer.flush(FlushMode.SYNC)));
    ReaderOptions recover =
        ReaderOptions.defaults().withCorruptionStrategy(CorruptionStrategy.RECOVER);
    thrown.put(
        "random access cannot skip damage",
        () ->
            RandomAccessReader.open(file, RandomAccessOptions.defaults().withReaderOptions(recover))
                .close());
    thrown.put(
        "a file that grows cannot be followed and recovered at once",
        () -> readAll(file, recover.withFollow(true)));
    thrown.put(
        "a record of … bytes was built in a slot of …",
        writing(defaults, writer -> writer.write(4, slot -> 5)));
    thrown.put(
        "the text cannot be encoded in UTF-8",
        writing(defaults, writer -> writer.write("a\ud800")));
  }

  private interface Reading {
    void read(RecordReader reader) throws Exception;
  }

  private interface Writing {
    void write(RecordWriter writer) throws Exception;
  }

  private ThrowingCallable reading(Reading reading) {
    return reading(ReaderOptions.defaults(), reading);
  }

  private ThrowingCallable reading(ReaderOptions options, Reading reading) {
    return () -> {
      try (RecordReader reader = RecordReader.open(file, options)) {
        reading.read(reader);
      }
    };
  }

  private ThrowingCallable writing(WriterOptions options, Writing writing) {
    return () -> {
      Path path = Files.createTempDirectory(directory, "written").resolve("file");
      try (RecordWriter writer = RecordWriter.open(path, options)) {
        writing.write(writer);
      }
    };
  }

  private static ReaderOptions strict() {
    return ReaderOptions.defaults().withStrictLifetimes(true);
  }

  private static WriterOptions append() {
    return WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
  }

  private static void elsewhere(WorkerThread.Task task) throws Exception {
    try (WorkerThread worker = new WorkerThread()) {
      worker.run(task);
    }
  }

  private static void readAll(Path path, ReaderOptions options) throws IOException {
    try (RecordReader reader = RecordReader.open(path, options)) {
      while (reader.next() != null) {}
    }
  }

  private Path torn() throws IOException {
    Path torn = Files.copy(file, Files.createTempDirectory(directory, "torn").resolve("file"));
    try (FileChannel channel = FileChannel.open(torn, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 10);
    }
    return torn;
  }

  private Path changed(int position) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[position + 10] ^= 1;
    return Files.write(Files.createTempDirectory(directory, "changed").resolve("file"), bytes);
  }
}
