package io.disky.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which part a number belongs to. */
class StartsTest {
  private static final long SEED = 20261130;

  /** Parts of equal sizes, of a last part that is shorter, of any sizes, with empty ones. */
  @Test
  void findsThePartThatHasANumber() {
    Random random = new Random(SEED);
    for (int round = 0; round < 2_000; round++) {
      int count = 1 + random.nextInt(20);
      long each = 1L + random.nextInt(50);
      int kind = round % 4;
      long[] starts = new long[count + 1];
      for (int i = 0; i < count; i++) {
        starts[i + 1] =
            starts[i]
                + switch (kind) {
                  case 0 -> each;
                  case 1 -> i == count - 1 ? 1 + random.nextLong(each) : each;
                  case 2 -> random.nextLong(each);
                  default -> random.nextLong(1L << 40);
                };
      }
      Starts found = new Starts(count, i -> starts[i]);
      for (int part = 0; part < count; part++) {
        if (starts[part] < starts[part + 1]) {
          assertThat(found.find(starts[part])).as("round %d", round).isEqualTo(part);
          assertThat(found.find(starts[part + 1] - 1)).as("round %d", round).isEqualTo(part);
        }
      }
    }
  }

  /** Numbers that no {@code int} can hold as a quotient. */
  @Test
  void findsLargeNumbers() {
    Starts starts = new Starts(3, i -> i);
    assertThat(starts.find(Long.MAX_VALUE)).isEqualTo(2);
    assertThat(new Starts(1, _ -> 0).find(Long.MAX_VALUE)).isZero();
    assertThat(new Starts(3, _ -> 0).find(0)).isEqualTo(2);
  }
}
