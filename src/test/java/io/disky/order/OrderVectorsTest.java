package io.disky.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The vectors of docs/order.md, which another implementation made. */
class OrderVectorsTest {
  private static final Path DIRECTORY = Path.of("src/test/resources/order");

  /** A line: a name, arguments, "=" and the result. */
  private record Vector(List<String> words) {
    static Vector parse(String line) {
      return new Vector(List.of(line.split(" ", -1)));
    }

    String name() {
      return words.get(0);
    }

    String text(int argument) {
      return words.get(argument);
    }

    long number(int argument) {
      return Long.parseLong(words.get(argument));
    }

    OrderKey key() {
      String digits = words.get(1);
      return new OrderKey(
          Long.parseUnsignedLong(digits.substring(0, 16), 16),
          Long.parseUnsignedLong(digits.substring(16), 16));
    }

    /** How many results there are. */
    int results() {
      return words.size() - words.indexOf("=") - 1;
    }

    @Override
    public String toString() {
      return String.join(" ", words);
    }
  }

  private static void check(String file, UnaryOperator<Vector> compute) throws IOException {
    List<String> lines = Files.readAllLines(DIRECTORY.resolve(file));
    assertThat(lines).isNotEmpty();
    for (String line : lines) {
      assertThat(compute.apply(Vector.parse(line))).hasToString(line);
    }
  }

  /** The same line, with the result that the library computes. */
  private static Vector with(Vector vector, String result) {
    int arguments = vector.words.indexOf("=") + 1;
    String line = String.join(" ", vector.words.subList(0, arguments));
    return Vector.parse(result.isEmpty() ? line : line + " " + result);
  }

  private static String hex(OrderKey key) {
    return hex(key.high()) + hex(key.low());
  }

  private static String hex(long word) {
    return String.format("%016x", word);
  }

  private static String list(LongStream numbers) {
    return numbers.mapToObj(Long::toString).collect(Collectors.joining(" "));
  }

  @Test
  void keys() throws IOException {
    check(
        "keys.txt",
        vector -> {
          String result =
              switch (vector.name()) {
                case "seed" -> hex(OrderKey.of(vector.number(1)));
                case "purpose" -> hex(vector.key().with(vector.text(2)));
                case "number" -> hex(vector.key().with(vector.number(2)));
                case "hash" -> hex(vector.key().hash(vector.number(2)));
                case "below" ->
                    Long.toString(vector.key().below(vector.number(2), vector.number(3)));
                default -> throw new AssertionError(vector);
              };
          return with(vector, result);
        });
  }

  @Test
  void permutations() throws IOException {
    check(
        "permutations.txt",
        vector -> {
          KeyedPermutation permutation = KeyedPermutation.of(vector.key(), vector.number(2));
          long first = vector.number(3);
          return with(
              vector,
              list(LongStream.range(0, vector.results()).map(i -> permutation.at(first + i))));
        });
  }

  @Test
  void passes() throws IOException {
    check(
        "passes.txt",
        vector -> {
          PassOrder order =
              switch (vector.name()) {
                case "global" ->
                    new ShuffleMethod.Global().order(oneChunk(vector, 2), vector.key());
                case "windowed" ->
                    new ShuffleMethod.Windowed(vector.number(2))
                        .order(chunks(vector.text(3)), vector.key());
                case "reservoir", "waiting" ->
                    new ShuffleMethod.Reservoir((int) vector.number(2))
                        .order(oneChunk(vector, 3), vector.key());
                default -> throw new AssertionError(vector);
              };
          if (vector.name().equals("waiting")) {
            return with(vector, list(Arrays.stream(order.checkpoint(vector.number(4)))));
          }
          long[] records = new long[vector.results()];
          order.records(0, records, 0, records.length);
          return with(vector, list(Arrays.stream(records)));
        });
  }

  private static ChunkLayout oneChunk(Vector vector, int argument) {
    long records = vector.number(argument);
    return records == 0 ? ListedChunks.equal(0, 0, 1) : ListedChunks.equal(1, records, 1);
  }

  private static ChunkLayout chunks(String list) {
    List<long[]> pairs =
        Arrays.stream(list.substring(1, list.length() - 1).split(","))
            .filter(pair -> !pair.isEmpty())
            .map(pair -> Arrays.stream(pair.split(":")).mapToLong(Long::parseLong).toArray())
            .toList();
    return new ListedChunks(
        pairs.stream().mapToLong(pair -> pair[0]).toArray(),
        pairs.stream().mapToLong(pair -> pair[1]).toArray());
  }
}
