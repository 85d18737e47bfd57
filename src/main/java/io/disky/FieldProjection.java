package io.disky;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which fields to read of records that are protocol buffer messages: a set of paths of field
 * numbers. Each path leads from the record down through submessages and groups to a field.
 * Immutable: {@link #withField} returns another projection.
 *
 * {@snippet :
 * // Field 1, and field 2 of the submessages in field 3.
 * FieldProjection projection = FieldProjection.none().withField(1).withField(3, 2);
 * ReaderOptions options = ReaderOptions.defaults().withFieldProjection(projection);
 * }
 *
 * <p>A projection has an effect on transposed chunks, which {@link WriterOptions#withTranspose}
 * writes. The reader decompresses only the parts of a chunk that have values of the fields; smaller
 * {@linkplain WriterOptions#withBucketFraction buckets} let it leave out more. Records in other
 * chunks are complete. So expect further fields in a record, and read it as any message of its
 * type.
 *
 * <p>A record in a transposed chunk has the same fields in the same order as without projection,
 * except that:
 *
 * <ul>
 *   <li>Fields that no path leads to, or through, are left out; unknown fields, too.
 *   <li>A field to which a path leads is complete, with all its submessages.
 *   <li>A submessage or group through which a path leads exists, even if nothing is left in it. If
 *       a value on the way is not a message, it is complete: for example a number, an empty string,
 *       a string whose bytes are not a message in its shortest form, or a submessage that is nested
 *       deeper than 100.
 *   <li>If only the {@linkplain #EXISTENCE_ONLY existence} of a field is included, its value is the
 *       default value of its type: 0, an empty string, an empty submessage or group. For a repeated
 *       field this preserves the number of values, unless the field is packed.
 *   <li>If several paths lead to a field or through it, the one that includes most of it counts.
 * </ul>
 *
 * <p>A record that is not a message is complete. The number of records never changes.
 *
 * <p>These are the semantics of {@code FieldProjection} of Google's Riegeli library in C++. Damage
 * in a part of a chunk that is not decompressed is found by the chunk's hash, as always; contents
 * that have the right hash and cannot be decoded are found only where they are needed.
 */
public final class FieldProjection {
  /**
   * As the last number of a path: only the existence of the field before it is included. Its value
   * becomes the default value of its type. This is of use for required fields and for counting.
   */
  public static final int EXISTENCE_ONLY = 0;

  /** The largest field number: 536,870,911. */
  public static final int MAX_FIELD_NUMBER = (1 << 29) - 1;

  private static final FieldProjection ALL = new FieldProjection(List.of(List.of()));
  private static final FieldProjection NONE = new FieldProjection(List.of());

  // In order, and each once. The empty path stands alone.
  private final List<List<Integer>> paths;

  private FieldProjection(List<List<Integer>> paths) {
    this.paths = paths;
  }

  /** Complete records. */
  public static FieldProjection all() {
    return ALL;
  }

  /** No field: messages become empty. Reading such records counts them. */
  public static FieldProjection none() {
    return NONE;
  }

  /**
   * The fields that a text lists: paths with a comma between them, each with a point between its
   * numbers, for example {@code 1,3.2}. The last number of a path may be 0, {@link
   * #EXISTENCE_ONLY}. Spaces around a path do not count.
   *
   * @throws IllegalArgumentException if the text is not such a list
   */
  public static FieldProjection parse(String text) {
    FieldProjection projection = NONE;
    for (String path : text.split(",", -1)) {
      projection = projection.withField(numbers(path.strip(), text));
    }
    return projection;
  }

  private static int[] numbers(String path, String text) {
    String[] numbers = path.split("\\.", -1);
    int[] parsed = new int[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      try {
        parsed[i] = Integer.parseUnsignedInt(numbers[i]);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "'"
                + text
                + "' is not a list of fields such as 1,3.2: '"
                + path
                + "' is not a path of field numbers",
            e);
      }
    }
    return parsed;
  }

  /**
   * This projection and a further field. Without a number it includes complete records.
   *
   * @param path the numbers of the fields from the record down, the last one that of the field to
   *     include; after it, {@link #EXISTENCE_ONLY} for only its existence
   * @throws IllegalArgumentException if a number is negative, more than {@link #MAX_FIELD_NUMBER},
   *     or {@link #EXISTENCE_ONLY} before the end of the path
   */
  public FieldProjection withField(int... path) {
    check(path);
    if (path.length == 0 || includesAll()) {
      return ALL;
    }
    TreeSet<List<Integer>> all = new TreeSet<>(FieldProjection::compare);
    all.addAll(paths);
    all.add(Arrays.stream(path).boxed().toList());
    return new FieldProjection(List.copyOf(all));
  }

  private static void check(int[] path) {
    for (int i = 0; i < path.length; i++) {
      boolean last = i == path.length - 1;
      if (path[i] < 0 || path[i] > MAX_FIELD_NUMBER) {
        throw new IllegalArgumentException(
            "field number " + path[i] + " is outside 1 to " + MAX_FIELD_NUMBER);
      }
      if (path[i] == EXISTENCE_ONLY && !last) {
        throw new IllegalArgumentException(
            "0, which stands for the existence of a field, is not the last number of the path "
                + Arrays.toString(path));
      }
    }
  }

  private static int compare(List<Integer> one, List<Integer> other) {
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      int order = Integer.compare(one.get(i), other.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(one.size(), other.size());
  }

  /** Whether complete records are included. */
  public boolean includesAll() {
    return !paths.isEmpty() && paths.getFirst().isEmpty();
  }

  /** The paths, in order, each once; one empty path if complete records are included. */
  public List<List<Integer>> paths() {
    return paths;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FieldProjection that && paths.equals(that.paths);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(paths);
  }

  /** The paths as {@link #parse} reads them; {@code all} or {@code none} for these projections. */
  @Override
  public String toString() {
    if (includesAll()) {
      return "all";
    }
    return paths.isEmpty()
        ? "none"
        : paths.stream()
            .map(path -> path.stream().map(String::valueOf).collect(Collectors.joining(".")))
            .collect(Collectors.joining(","));
  }
}
