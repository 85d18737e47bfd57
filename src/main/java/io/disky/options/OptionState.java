package io.disky.options;

import io.disky.files.QuotedText;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The values of a class of options, in the fields of a subclass. A state does not change once it is
 * part of options. Two states are equal if all their options are.
 *
 * @param <S> the subclass
 */
public abstract class OptionState<S extends OptionState<S>> implements Cloneable {
  /** All options by name, in the order in which {@link #toString()} lists them. */
  protected abstract Map<String, Object> all();

  /** The value to list for an option that may be absent. */
  protected static Object orNone(@Nullable Object value) {
    return Objects.requireNonNullElse(value, "none");
  }

  /** A copy of this state with {@code change}. */
  public final S with(Consumer<? super S> change) {
    S copy = copy();
    change.accept(copy);
    return copy;
  }

  @SuppressWarnings("unchecked") // S is the class of this object
  private S copy() {
    try {
      return (S) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof OptionState<?> that
        && getClass() == that.getClass()
        && all().equals(that.all());
  }

  @Override
  public final int hashCode() {
    return all().hashCode();
  }

  /** All options with their names, in brackets. */
  @Override
  public final String toString() {
    return all().entrySet().stream()
        .map(option -> option.getKey() + "=" + text(option.getValue()))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String text(Object value) {
    return value instanceof Path path ? QuotedText.name(path) : value.toString();
  }
}
