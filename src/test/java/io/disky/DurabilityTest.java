package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.disky.oracle.OracleReader;
import io.disky.testing.ReadingWay;
import io.disky.testing.RecordFileProcess;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the operating system is asked for, and a disk that is really full. */
@EnabledOnOs(OS.LINUX)
class DurabilityTest {
  @TempDir private Path directory;

  /** The calls that a program makes about files, each with the names of the files. */
  private List<String> calls(String verb, Path file) throws Exception {
    Path trace = directory.resolve("trace");
    int status = run("strace", "-o", trace.toString(), "true").status();
    assumeTrue(status == 0, "no strace, or it is not allowed here");
    RecordFileProcess.withOptions()
        .startedBy(
            "strace",
            "-f",
            "-qq",
            "-y",
            "-e",
            "trace=fsync,fdatasync,rename,renameat,renameat2",
            "-e",
            "signal=none",
            "-o",
            trace.toString())
        .run(verb, file);
    try (Stream<String> lines = Files.lines(trace)) {
      return lines
          .filter(line -> line.contains(file.getParent().toString()))
          .map(line -> line.replaceFirst("^\\d+ +", ""))
          .toList();
    }
  }

  private record Outcome(int status, String output) {}

  private static Outcome run(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Outcome(process.waitFor(), output);
    } catch (IOException e) {
      return new Outcome(-1, e.toString());
    }
  }

  /** Each sync is one of the data; the first one puts the file's name on the disk, too. */
  @Test
  void syncsTheDataAndOnceTheDirectory() throws Exception {
    Path place = Files.createDirectory(directory.resolve("place")).toRealPath();
    Path file = place.resolve("records");
    assertThat(calls("sync", file))
        .satisfiesExactly(
            first -> assertThat(first).matches("fdatasync\\(\\d+<" + file + ">.*= 0"),
            name -> assertThat(name).matches("fsync\\(\\d+<" + place + ">.*= 0"),
            second -> assertThat(second).matches("fdatasync\\(\\d+<" + file + ">.*= 0"),
            third -> assertThat(third).matches("fdatasync\\(\\d+<" + file + ">.*= 0"));
  }

  /** The data are on the disk before the name is there, and then the name. */
  @Test
  void publishesWhatIsOnTheDisk() throws Exception {
    Path place = Files.createDirectory(directory.resolve("place")).toRealPath();
    Path file = place.resolve("records");
    assertThat(calls("create-atomically", file))
        .satisfiesExactly(
            data -> assertThat(data).matches("fsync\\(\\d+<" + place + "/\\.records\\..*= 0"),
            name -> assertThat(name).matches("rename.*" + file + "\".*RENAME_NOREPLACE.*= 0"),
            entry -> assertThat(entry).matches("fsync\\(\\d+<" + place + ">.*= 0"));
  }

  /** A file system of one MiB. */
  @Test
  void whatFitOnAFullDiskStays() throws Exception {
    Path mount = Files.createDirectory(directory.resolve("mount"));
    Outcome mounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "none", mount.toString());
    assumeTrue(mounted.status() == 0, () -> "no small file system: " + mounted.output());
    try {
      fill(mount);
    } finally {
      assertThat(run("umount", mount.toString()).status()).isZero();
    }
  }

  private static void fill(Path mount) throws Exception {
    Path file = mount.resolve("records");
    String output = RecordFileProcess.withOptions().run("write-until-failure", file);
    assertThat(output).contains("FIRST FileSystemException").contains("No space left on device");
    for (String call : List.of("ARRAY", "BUFFER", "SEGMENT", "SLOT", "FLUSH", "SYNC", "CLOSE")) {
      assertThat(output.lines()).anyMatch(line -> line.startsWith(call + " FileSystemException"));
    }
    List<byte[]> records = OracleReader.read(file).records();
    assertThat(records).hasSizeGreaterThan(900);
    for (int i = 0; i < records.size(); i++) {
      assertThat(ByteBuffer.wrap(records.get(i)).getLong()).isEqualTo(i);
    }
    assertThat(RecordWriter.findTornTail(file)).as("a tear").isEmpty();

    Path moved = mount.resolveSibling("moved");
    Files.move(file, moved);
    WriterOptions append = WriterOptions.defaults().withOpenMode(OpenMode.APPEND);
    try (RecordWriter writer = RecordWriter.open(moved, append)) {
      writer.write(new byte[] {1});
    }
    SampleRecords.assertSame(
        ReadingWay.ITERATION.read(moved),
        SampleRecords.concatenate(records, List.of(new byte[] {1})));
  }
}
