package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardsTest {
  @TempDir private Path directory;

  private List<String> names(Shards shards) {
    return shards.list().stream()
        .map(shard -> Path.of(shard.name()).getFileName().toString())
        .toList();
  }

  private void create(Path in, String... names) throws IOException {
    for (String name : names) {
      Files.createFile(in.resolve(name));
    }
  }

  @Test
  void areInTheOrderOfTheirNumbers() throws IOException {
    create(
        directory,
        "shard_10",
        "shard_9",
        "shard_0",
        "shard_1",
        "shard_01",
        "shard_123456789012345678901234567890",
        "shard_99999999999999999999");

    assertThat(names(Shards.inDirectory(directory, "shard")))
        .containsExactly(
            "shard_0",
            "shard_01",
            "shard_1",
            "shard_9",
            "shard_10",
            "shard_99999999999999999999",
            "shard_123456789012345678901234567890");
  }

  /** In whatever order a directory lists them. */
  @Test
  void thoseOfOneNumberAreInTheOrderOfTheirNames() {
    List<Path> ordered =
        Stream.of("shard_0", "shard_000", "shard_001", "shard_01", "shard_1", "shard_02", "shard_2")
            .map(directory::resolve)
            .toList();
    List<Path> listed = new ArrayList<>(ordered);
    Random random = new Random(21);
    for (int i = 0; i < 200; i++) {
      Collections.shuffle(listed, random);
      assertThat(listed.stream().sorted(Shards.byNumber("shard")))
          .as(listed.toString())
          .containsExactlyElementsOf(ordered);
    }
  }

  @Test
  void areNothingButPrefixUnderscoreDigits() throws IOException {
    create(
        directory,
        "shard_x",
        "shard_",
        "shard_1x",
        "shard_-1",
        "shard1",
        "shard_1.tmp",
        "ashard_1",
        "Shard_1",
        "shard_1_2",
        "shard_\u0661",
        "shard.1");
    Files.createDirectory(directory.resolve("shard_5"));
    create(directory, "shard_7");

    assertThat(names(Shards.inDirectory(directory, "shard"))).containsExactly("shard_7");
    assertThat(names(Shards.inDirectory(directory, "shard_1"))).containsExactly("shard_1_2");
  }

  @Test
  void prefixIsNoPattern() throws IOException {
    create(directory, "a*_1", "ab_1", "[a]_2", "a_2", "_3");

    assertThat(names(Shards.inDirectory(directory, "a*"))).containsExactly("a*_1");
    assertThat(names(Shards.inDirectory(directory, "[a]"))).containsExactly("[a]_2");
    assertThat(names(Shards.inDirectory(directory, ""))).containsExactly("_3");
  }

  @Test
  void noneIsAnErrorThatNamesDirectoryAndPrefix() throws IOException {
    create(directory, "shard_x");

    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> Shards.inDirectory(directory, "shard"))
        .withMessageContaining(directory.toString())
        .withMessageContaining("\"shard_\"");
    Path missing = directory.resolve("missing");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> Shards.inDirectory(missing, "shard"))
        .withMessageContaining(missing.toString())
        .withMessageContaining("\"shard_\"");
  }

  @Test
  void ofSeveralDirectories() throws IOException {
    Path a = Files.createDirectory(directory.resolve("a"));
    Path b = Files.createDirectory(directory.resolve("b"));
    create(a, "shard_2", "shard_11");
    create(b, "shard_3", "shard_0");

    assertThat(names(Shards.expand(List.of(b, a), "shard")))
        .containsExactly("shard_0", "shard_3", "shard_2", "shard_11");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> Shards.expand(List.of(a, empty), "shard"))
        .withMessageContaining(empty.toString());
    assertThatIllegalArgumentException().isThrownBy(() -> Shards.expand(List.of(), "shard"));
  }

  @Test
  void ofFilesAreThoseFiles() {
    Shards shards = Shards.of(List.of(Path.of("b"), Path.of("a"), Path.of("b")));

    assertThat(names(shards)).containsExactly("b", "a", "b");
    assertThatIllegalArgumentException().isThrownBy(() -> Shards.of(List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> Shards.from(List.of()));
  }

  @Test
  void inOrderHasEachOnce() throws IOException {
    Shards shards = numbered(3);
    ShardSource source = shards.inOrder();

    assertThat(source.next().name()).isEqualTo("0");
    assertThat(source.next().name()).isEqualTo("1");
    assertThat(source.next().name()).isEqualTo("2");
    assertThat(source.next()).isNull();
    assertThat(shards.inOrder().next().name()).isEqualTo("0");
  }

  private static Shards numbered(int count) {
    return Shards.of(IntStream.range(0, count).mapToObj(Integer::toString).map(Path::of).toList());
  }

  private static List<String> epoch(ShardSource source, int count) throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(source.next().name());
    }
    return names;
  }

  @Test
  void shuffledEpochsArePermutations() throws IOException {
    Set<List<String>> epochs = new HashSet<>();
    ShardSource source = numbered(5).shuffledForever(42);
    for (int i = 0; i < 1000; i++) {
      List<String> epoch = epoch(source, 5);
      assertThat(epoch).containsExactlyInAnyOrder("0", "1", "2", "3", "4");
      epochs.add(epoch);
    }
    // All that there are: a shuffle that cannot make some is none.
    assertThat(epochs).hasSize(120);
  }

  @Test
  void seedDecidesOnTheShuffle() throws IOException {
    List<String> first = epoch(numbered(10).shuffledForever(1), 30);

    assertThat(epoch(numbered(10).shuffledForever(1), 30)).isEqualTo(first);
    assertThat(epoch(numbered(10).shuffledForever(2), 30)).isNotEqualTo(first);
    // Of all versions and platforms.
    assertThat(String.join("", first.subList(0, 10))).isEqualTo("6978420315");
  }

  @Test
  void oneShardIsShuffledToo() throws IOException {
    assertThat(epoch(numbered(1).shuffledForever(1), 3)).containsExactly("0", "0", "0");
  }

  @Test
  void textNamesTheFirstTen() throws IOException {
    assertThat(numbered(3)).hasToString("Shards[0, 1, 2]");
    assertThat(numbered(10)).hasToString("Shards[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]");
    assertThat(numbered(1012)).hasToString("Shards[0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 1002 more]");
    assertThat(numbered(2).inOrder()).hasToString("ShardSource[0, 1 in order]");
    assertThat(numbered(2).shuffledForever(5))
        .hasToString("ShardSource[0, 1, shuffled forever with seed 5]");
  }
}
