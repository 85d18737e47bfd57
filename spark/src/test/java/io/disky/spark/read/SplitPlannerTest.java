package io.disky.spark.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.spark.files.FoundFile;
import io.disky.spark.files.PartitionKey;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

class SplitPlannerTest {
  private static FoundFile file(String name, long size, BlockLocation... blocks) {
    return new FoundFile(
        new Path("file:/" + name), true, size, 0, PartitionKey.NONE, List.of(blocks));
  }

  private static List<SplitPartition> plan(SplitSizes sizes, FoundFile... files) {
    return new SplitPlanner(sizes).plan(List.of(files));
  }

  private static SplitSizes sizes(long most, long openCost, long least) {
    return new SplitSizes(most, openCost, least, OptionalLong.empty());
  }

  private static long[] bytes(List<SplitPartition> tasks) {
    return tasks.stream()
        .mapToLong(task -> task.splits().stream().mapToLong(FileSplit::size).sum())
        .toArray();
  }

  @Test
  void aLargeFileIsCut() {
    List<SplitPartition> tasks = plan(sizes(100, 10, 1), file("a", 250));

    assertThat(bytes(tasks)).containsExactly(100, 100, 50);
    assertThat(tasks.stream().map(task -> task.splits().getFirst().begin()).toList())
        .containsExactly(0L, 100L, 200L);
    assertThat(tasks.getLast().splits().getFirst().end()).isEqualTo(250);
  }

  @Test
  void smallFilesArePutTogetherWithTheCostsOfOpening() {
    FoundFile[] files =
        LongStream.range(0, 10).mapToObj(i -> file("f" + i, 20)).toArray(FoundFile[]::new);

    assertThat(plan(sizes(100, 10, 1), files))
        .hasSize(4); // 20 + 10 each: 3 files and 10 bytes more
    assertThat(plan(sizes(100, 80, 1), files)).hasSize(10);
    assertThat(plan(sizes(1000, 0, 1), files)).hasSize(1);
  }

  @Test
  void thereAreEnoughTasks() {
    assertThat(plan(sizes(1000, 1, 4), file("a", 400))).hasSizeBetween(4, 5);
    assertThat(plan(sizes(1000, 200, 4), file("a", 400))).hasSize(2);
  }

  @Test
  void thereAreNotTooManyTasks() {
    SplitSizes sizes = new SplitSizes(10, 1, 1, OptionalLong.of(5));

    List<SplitPartition> tasks = plan(sizes, file("a", 1000), file("b", 500));

    assertThat(tasks).hasSizeLessThanOrEqualTo(6);
    assertThat(Arrays.stream(bytes(tasks)).sum()).isEqualTo(1500);
  }

  @Test
  void filesWithoutBytesHaveNoTask() {
    assertThat(plan(sizes(100, 10, 1), file("a", 0))).isEmpty();
    assertThat(plan(sizes(100, 10, 1))).isEmpty();
  }

  @Test
  void sizesBeyondALong() {
    FoundFile huge = file("a", Long.MAX_VALUE - 1);

    List<SplitPartition> tasks = plan(sizes(Long.MAX_VALUE / 2, Long.MAX_VALUE, 1), huge, huge);

    assertThat(tasks).hasSizeGreaterThanOrEqualTo(4);
  }

  @Test
  void tasksPreferTheHostsOfTheirBytes() {
    FoundFile file =
        file(
            "a",
            100,
            new BlockLocation(new String[0], new String[] {"h1", "h2", "localhost"}, 0, 60),
            new BlockLocation(new String[0], new String[] {"h3", "h2"}, 60, 40));

    List<SplitPartition> tasks = plan(sizes(50, 0, 1), file);

    assertThat(tasks.get(0).preferredLocations()).containsExactly("h1", "h2");
    assertThat(tasks.get(1).preferredLocations()).containsExactly("h2", "h3", "h1");
  }
}
