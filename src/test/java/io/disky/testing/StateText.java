package io.disky.testing;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Stream;

/** What the objects of a queue hold, so that equal texts mean equal states. */
public final class StateText {
  private static final Set<String> CONSTANT =
      Set.of("lock", "work", "available", "settled", "discard", "mostOpen", "mostUnseated");

  private StateText() {}

  public static String of(Object object) {
    return switch (object) {
      case null -> "null";
      case Collection<?> all -> all.stream().map(StateText::of).toList().toString();
      case Enum<?> value -> value.name();
      case Number _, Boolean _, String _ -> object.toString();
      case Record value when isOfTest(value) -> value.toString();
      case Throwable e -> e.getMessage();
      default -> fields(object);
    };
  }

  /** A batch, for example, which says all of itself. */
  private static boolean isOfTest(Record value) {
    Class<?> host = value.getClass().getNestHost();
    return host.getName().endsWith("Test");
  }

  private static String fields(Object object) {
    StringJoiner text = new StringJoiner(";", object.getClass().getSimpleName() + "{", "}");
    for (Field field : sorted(object.getClass().getDeclaredFields())) {
      boolean isState =
          !Modifier.isStatic(field.getModifiers())
              && !field.getName().equals("wakeUps") // Counted for tests, without an effect.
              && !(CONSTANT.contains(field.getName()) && !field.getType().isPrimitive());
      if (isState) {
        field.setAccessible(true);
        try {
          text.add(field.getName() + "=" + of(field.get(object)));
        } catch (IllegalAccessException e) {
          throw new AssertionError(e);
        }
      }
    }
    return text.toString();
  }

  /** The shard of a lane and whether it has ended first, one after the other. */
  private static Field[] sorted(Field[] fields) {
    return Stream.of(fields)
        .sorted((a, b) -> Integer.compare(place(a), place(b)))
        .toArray(Field[]::new);
  }

  private static int place(Field field) {
    return switch (field.getName()) {
      case "shard" -> 0;
      case "ended" -> 1;
      default -> 2;
    };
  }
}
