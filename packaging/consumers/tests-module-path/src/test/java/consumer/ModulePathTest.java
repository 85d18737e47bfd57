package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.disky.RecordReader;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Tests of an application in a module. */
class ModulePathTest {

  @Test
  void libraryWorks() throws IOException {
    assertEquals("io.disky", RecordReader.class.getModule().getName());
    assertEquals("consumer", Main.class.getModule().getName());
    Main.run();
  }
}
