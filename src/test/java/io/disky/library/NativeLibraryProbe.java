package io.disky.library;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What a JVM of its own does with the native library; it prints a line per outcome. */
final class NativeLibraryProbe {

  private NativeLibraryProbe() {}

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "load" -> print(NativeLibraryProbe::load);
      case "load-twice" -> loadTwice();
      case "threads" -> threads(Integer.parseInt(args[1]));
      case "class-loaders" -> classLoaders(Integer.parseInt(args[1]), Path.of(args[2]));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static Object load() {
    NativeLibrary.ensureLoaded();
    return NativeLibrary.file().orElseThrow();
  }

  @SuppressWarnings("ReferenceEquality")
  private static void loadTwice() {
    Throwable first = failure();
    Throwable second = failure();
    System.out.println(
        first != second
            && first.getClass() == second.getClass()
            && first.getMessage().equals(second.getMessage())
            && first.getCause() == second.getCause());
    System.out.println(second);
  }

  private static Throwable failure() {
    try {
      return new AssertionError("loaded: " + load());
    } catch (Throwable e) {
      return e;
    }
  }

  private static void threads(int count) throws Exception {
    List<Future<Object>> loads = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(count)) {
      for (int i = 0; i < count; i++) {
        loads.add(executor.submit(NativeLibraryProbe::load));
      }
    }
    for (Future<Object> load : loads) {
      print(load::get);
    }
  }

  private static void classLoaders(int count, Path classes) throws Exception {
    print(NativeLibraryProbe::load);
    URL[] urls = {classes.toUri().toURL()};
    for (int i = 0; i < count; i++) {
      try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
        Class<?> library = loader.loadClass(NativeLibrary.class.getName());
        if (library == NativeLibrary.class) {
          throw new AssertionError("the class loader delegated");
        }
        library.getMethod("ensureLoaded").invoke(null);
        print(() -> library.getMethod("file").invoke(null));
      }
    }
  }

  private static void print(Callable<Object> loading) {
    try {
      System.out.println("loaded " + loading.call());
    } catch (Throwable e) {
      System.out.println(e);
    }
  }
}
