package io.disky;

import io.disky.lifetime.GarbageCollection;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM of its own that uses the library in class loaders, and throws each of them away. */
final class ThrownAwayLoaderProbe {

  private ThrownAwayLoaderProbe() {}

  public static void main(String[] args) throws Exception {
    int count = Integer.parseInt(args[0]);
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      loaders.add(use(Path.of("work-" + i).toAbsolutePath()));
    }
    int collected = 0;
    for (WeakReference<ClassLoader> loader : loaders) {
      collected += GarbageCollection.clears(loader) ? 1 : 0;
    }
    System.out.println("loaders " + loaders.size());
    System.out.println("collected " + collected);
  }

  private static WeakReference<ClassLoader> use(Path directory)
      throws IOException, ReflectiveOperationException {
    URL[] urls = {root(RecordReader.class), root(ThrownAwayLoaderProbe.class)};
    try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
      Class<?> work = loader.loadClass("io.disky.ThrownAwayWork");
      work.getMethod("run", Path.class).invoke(null, directory);
      return new WeakReference<>(loader);
    }
  }

  private static URL root(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}
