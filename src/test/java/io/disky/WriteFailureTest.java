package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.disky.oracle.OracleReader;
import io.disky.testing.ReadingWay;
import io.disky.testing.RecordFileProcess;
import io.disky.testing.RecordFileProgram;
import io.disky.testing.SampleRecords;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Writing where the operating system refuses it: a process may only write files of some size. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class WriteFailureTest {
  private static final int CHUNK = RecordFileProgram.RECORDS_IN_CHUNK;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no /bin/bash to limit file sizes with");
    file = directory.resolve("records");
  }

  /** A JVM that may write files of this size. */
  private static RecordFileProcess limitedTo(int kibibytes) {
    return RecordFileProcess.withOptions()
        .startedBy("/bin/bash", "-c", "ulimit -f " + kibibytes + "; exec \"$@\"", "bash");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100})
  void failureIsKept(int kibibytes) throws Exception {
    Map<String, String> output = output(limitedTo(kibibytes).run("write-until-failure", file));

    assertThat(output.get("FIRST")).startsWith("FileSystemException: " + file).contains("byte ");
    for (String call : List.of("ARRAY", "BUFFER", "SEGMENT", "SLOT", "FLUSH", "SYNC", "CLOSE")) {
      assertThat(output.get(call))
          .as(call)
          .startsWith("FileSystemException: " + file)
          .contains("an earlier write failed");
    }
    assertThat(output.get("CLOSE AGAIN")).isNull();
    assertThat(output.get("open")).isEqualTo("false");
    assertThat(output.get("position")).as("of the buffer that was not written").isEqualTo("0");
  }

  private static Map<String, String> output(String text) {
    return text.lines()
        .filter(line -> !line.startsWith("CLOSE AGAIN done"))
        .collect(Collectors.toMap(line -> line.split(" ", 2)[0], line -> line.split(" ", 2)[1]));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 30, 64})
  void whatWasWrittenBeforeStaysReadable(int kibibytes) throws Exception {
    Map<String, String> output = output(limitedTo(kibibytes).run("write-until-failure", file));

    List<byte[]> records = ReadingWay.ITERATION.read(file);
    for (int i = 0; i < records.size(); i++) {
      assertThat(ByteBuffer.wrap(records.get(i)).getLong()).isEqualTo(i);
    }
    int taken = Integer.parseInt(output.get("taken"));
    assertThat(records.size())
        .as("all but those of the chunk that failed")
        .isEqualTo(taken - CHUNK);
    assertThat(Files.size(file)).isLessThanOrEqualTo(1024L * kibibytes);
    assertThat(output.get("size")).isEqualTo(Long.toString(Files.size(file)));
    SampleRecords.assertSame(OracleReader.read(file).records(), records);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void failureOfOtherThreadsIsKeptAndInOrder(int threads) throws Exception {
    RecordFileProcess process =
        RecordFileProcess.withOptions("-D" + RecordFileProgram.PARALLELISM + "=" + threads)
            .startedBy("/bin/bash", "-c", "ulimit -f 100; exec \"$@\"", "bash");
    Map<String, String> output = output(process.run("write-until-failure", file));

    assertThat(output.get("FIRST")).startsWith("FileSystemException: " + file).contains("byte ");
    for (String call : List.of("ARRAY", "BUFFER", "SEGMENT", "SLOT", "FLUSH", "SYNC", "CLOSE")) {
      assertThat(output.get(call))
          .as(call)
          .startsWith("FileSystemException: " + file)
          .contains("an earlier write failed");
    }
    List<byte[]> records = ReadingWay.ITERATION.read(file);
    assertThat(records).hasSize(100 * 1024 / RecordFileProgram.RECORD_SIZE / CHUNK * CHUNK);
    for (int i = 0; i < records.size(); i++) {
      assertThat(ByteBuffer.wrap(records.get(i)).getLong()).isEqualTo(i);
    }
    assertThat(Integer.parseInt(output.get("taken")))
        .as("accepted: no more than the chunks that a writer holds, and a record meanwhile")
        .isBetween(records.size() + CHUNK, records.size() + CHUNK * (threads + 2) + 1);
  }

  @Test
  void theFileCanBeContinued() throws Exception {
    limitedTo(64).run("write-until-failure", file);
    int count = ReadingWay.ITERATION.read(file).size();

    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      writer.write(new byte[1]);
    }
    assertThat(ReadingWay.ITERATION.read(file)).hasSize(count + 1);
  }

  @Test
  void closeFails() throws Exception {
    Map<String, String> output = output(limitedTo(20).run("end-with-failure", file));

    assertThat(output.get("CLOSE")).startsWith("FileSystemException: " + file).contains("byte 64");
    assertThat(output.get("AGAIN")).isEqualTo("done");
    assertThat(output.get("open")).isEqualTo("false");
    assertThat(output.get("WRITE")).startsWith("IllegalStateException");
    assertThat(output.get("OTHER")).as("the lock is gone").isEqualTo("done");
    assertThat(ReadingWay.VISIT.read(file)).isEmpty();
  }

  @Test
  void notEvenTheSignatureCanBeWritten() throws Exception {
    String output = limitedTo(0).run("open", file);

    assertThat(output.lines().toList().get(1))
        .startsWith("CREATE_NEW FileSystemException: " + file);
    assertThat(file).isEmptyFile();
  }

  @ParameterizedTest
  @EnumSource(names = {"OVERWRITE", "APPEND"})
  @EnabledOnOs(OS.LINUX)
  void devicesAreRefused(OpenMode mode) {
    Path device = Path.of("/dev/full");
    assertThatExceptionOfType(FileSystemException.class)
        .isThrownBy(() -> RecordWriter.open(device, WriterOptions.defaults().withOpenMode(mode)))
        .withMessageContaining("/dev/full")
        .withMessageContaining("not a regular file");
  }
}
