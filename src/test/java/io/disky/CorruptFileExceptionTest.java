package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.CorruptFileException.Damage;
import io.disky.files.Origin;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Exceptions tell what they were told, also where they were sent to. */
class CorruptFileExceptionTest {
  private static final Path FILE = Path.of("directory", "records");

  @ParameterizedTest
  @EnumSource
  void damageSurvivesSerialization(Damage damage) throws Exception {
    CorruptFileException copy =
        copy(
            new CorruptFileException(Origin.of(FILE), damage, 1L << 40, 1L << 33, "what is wrong"));

    assertThat(copy.path()).contains(FILE);
    assertThat(copy.damage()).isEqualTo(damage);
    assertThat(copy.position()).isEqualTo(1L << 40);
    assertThat(copy.recordsRead()).isEqualTo(1L << 33);
    assertThat(copy).hasMessage("what is wrong").isInstanceOf(IOException.class);
  }

  static <T> T copy(T object) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      @SuppressWarnings("unchecked") // A copy has the type of the original.
      T copy = (T) in.readObject();
      return copy;
    }
  }
}
