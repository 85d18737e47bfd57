package io.disky.spark.programs;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * Uses the connector in class loaders that are thrown away, as application servers and notebooks
 * have them. The arguments are an empty directory and the jars of the loaders: the connector, and
 * these programs; Spark is on the class path.
 */
public final class LoaderProgram {
  private static final int LOADERS = 2;

  private LoaderProgram() {}

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0]);
    List<URL> jars = new ArrayList<>();
    for (String jar : Arrays.asList(arguments).subList(1, arguments.length)) {
      jars.add(Path.of(jar).toUri().toURL());
    }
    for (int i = 0; i < LOADERS; i++) {
      use(jars.toArray(new URL[0]), root.resolve("" + i));
    }
    long libraries = libraries();
    if (libraries > LOADERS) {
      throw new AssertionError(libraries + " native libraries for " + LOADERS + " loaders");
    }
    System.out.println("class loaders: " + LOADERS + ", native libraries: " + libraries);
  }

  private static void use(URL[] jars, Path directory) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(jars, before) {
          // These programs must find the connector, so the loader has them itself.
          @Override
          protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
              Class<?> loaded = findLoadedClass(name);
              if (loaded != null) {
                return loaded;
              }
              return name.startsWith("io.disky.")
                  ? findClass(name)
                  : super.loadClass(name, resolve);
            }
          }
        }) {
      thread.setContextClassLoader(loader);
      loader
          .loadClass(LocalProgram.class.getName())
          .getDeclaredMethod("main", String[].class)
          .invoke(null, (Object) new String[] {directory.toString()});
      SparkSession.active().stop();
      SparkSession.clearActiveSession();
      SparkSession.clearDefaultSession();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** The number of files of native libraries of disky that this process has mapped. */
  private static long libraries() throws IOException {
    Path maps = Path.of("/proc/self/maps");
    if (!Files.exists(maps)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(maps)) {
      return lines
          .filter(line -> line.contains("disky") && (line.endsWith(".so") || line.contains(".so")))
          .map(line -> line.substring(line.indexOf('/')))
          .filter(file -> !file.endsWith(".jar"))
          .collect(Collectors.toSet())
          .size();
    }
  }
}
