package io.disky.spark.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.spark.testing.Frames;
import io.disky.spark.testing.NoOpenObjects;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Numbers without gaps where renaming never replaces a file, as on HDFS. */
@ExtendWith(NoOpenObjects.class)
class HdfsNamesTest {
  @TempDir Path directory;

  /** Local files that have the scheme of HDFS, and its way to rename. */
  public static final class FakeHdfs extends RawLocalFileSystem {
    private static volatile boolean losesAnswers;
    private static volatile boolean refuses;
    private static volatile String appears = "";

    @Override
    public String getScheme() {
      return "hdfs";
    }

    @Override
    public URI getUri() {
      return URI.create("hdfs:///");
    }

    @Override
    public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
        throws IOException {
      if (to.getName().equals(appears)) {
        Files.write(pathToFile(to).toPath(), new byte[0]);
      }
      if (refuses || exists(to)) {
        return false;
      }
      boolean renamed = super.rename(from, to);
      if (losesAnswers) {
        throw new IOException("the answer is lost");
      }
      return renamed;
    }
  }

  @AfterEach
  void noFaults() {
    FakeHdfs.losesAnswers = false;
    FakeHdfs.refuses = false;
    FakeHdfs.appears = "";
  }

  private void write(long begin, long end) {
    Frames.records(begin, end, 2)
        .write()
        .format("disky")
        .option("fs.hdfs.impl", FakeHdfs.class.getName())
        .mode("append")
        .save("hdfs:" + directory);
  }

  @Test
  void namesThatSomeoneElseTakesAreLeftOut() throws IOException {
    FakeHdfs.appears = "shard_1";
    write(0, 100);
    assertThat(Frames.everything(directory))
        .containsExactly("_SUCCESS", "shard_0", "shard_1", "shard_2");
    assertThat(directory.resolve("shard_1")).isEmptyFile();
    Files.delete(directory.resolve("shard_1"));
    Frames.assertRecords(directory, 0, 100);
  }

  @Test
  void anAnswerThatIsLost() throws IOException {
    FakeHdfs.losesAnswers = true;
    write(0, 100);
    write(100, 200);
    Frames.assertRecords(directory, 0, 200);
    assertThat(Frames.everything(directory))
        .containsExactly("_SUCCESS", "shard_0", "shard_1", "shard_2", "shard_3");
  }

  @Test
  void aRenamingThatIsRefused() throws IOException {
    write(0, 100);
    List<String> before = Frames.everything(directory);
    FakeHdfs.refuses = true;
    assertThatThrownBy(() -> write(100, 200))
        .hasStackTraceContaining("did not rename this file to");
    assertThat(Frames.everything(directory)).isEqualTo(before);
  }
}
