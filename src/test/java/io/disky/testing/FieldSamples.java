package io.disky.testing;

import io.disky.Compression;
import io.disky.OpenMode;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/** The samples of the performance guide: each sums the floats of all records. */
public final class FieldSamples {
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  /** The option that the Vector API needs, for the compiler and for the JVM. */
  public static final List<String> VECTOR_API = List.of("--add-modules", VECTOR_MODULE);

  private static final int FLOATS = 512;

  private static final String CLASS =
      """
      import io.disky.*;
      import java.io.IOException;
      import java.lang.foreign.*;
      import java.nio.*;
      import jdk.incubator.vector.*;

      public class Sample {
        private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

        // In a class of its own, because not every JVM has the Vector API.
        private static final class Vectors {
          static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
        }

        public static double sum(RecordReader reader) throws IOException {
      %s
        }
      }
      """;

  private final Class<?> compiled;

  private FieldSamples(Class<?> compiled) {
    this.compiled = compiled;
  }

  /**
   * Compiles a sample.
   *
   * @param classes an empty directory for its class
   */
  public static FieldSamples compile(String sample, Path classes)
      throws IOException, ReflectiveOperationException {
    return new FieldSamples(MarkdownSamples.compile(CLASS.formatted(sample), classes, VECTOR_API));
  }

  /** Returns whether this JVM can run {@code sample}: the Vector API needs an option. */
  public static boolean canRun(String sample) {
    return !sample.contains("Vector") || ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
  }

  /** Runs the sample over a file of {@link #write}. */
  public double sum(Path file) throws IOException {
    try (RecordReader reader =
        RecordReader.open(file, ReaderOptions.defaults().withDataAlignment(64))) {
      return (double) compiled.getMethod("sum", RecordReader.class).invoke(null, reader);
    } catch (InvocationTargetException e) {
      throw new IOException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /**
   * Writes {@code count} records of 512 floats, uncompressed.
   *
   * @return the sum of all floats, which are small integers, so that it is exact
   */
  public static double write(Path file, long count) throws IOException {
    WriterOptions options =
        WriterOptions.defaults()
            .withOpenMode(OpenMode.OVERWRITE)
            .withCompression(Compression.none());
    ByteBuffer record = ByteBuffer.allocate(FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    double sum = 0;
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (long i = 0; i < count; i++) {
        for (int j = 0; j < FLOATS; j++) {
          float value = (i + j) % 7;
          record.putFloat(j * Float.BYTES, value);
          sum += value;
        }
        writer.write(MemorySegment.ofBuffer(record));
      }
    }
    return sum;
  }
}
