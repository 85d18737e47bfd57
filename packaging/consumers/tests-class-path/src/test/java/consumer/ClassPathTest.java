package consumer;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.disky.RecordReader;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Tests of an application on the class path. */
class ClassPathTest {

  @Test
  void libraryWorks() throws IOException {
    assertFalse(RecordReader.class.getModule().isNamed());
    Main.run();
  }
}
