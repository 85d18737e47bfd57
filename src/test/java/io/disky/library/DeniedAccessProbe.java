package io.disky.library;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Calls each public static method of the library that needs its native part, in a JVM that denies
 * native access: as the first one that is called in a class loader of its own, and then once more.
 * Prints a line per call.
 *
 * <p>Arguments: {@code class-path} or {@code module-path}, and the directory of the library's
 * classes.
 */
final class DeniedAccessProbe {
  private static final Path FILE = Path.of("in.disky");

  private DeniedAccessProbe() {}

  /** The classes of one more class loader. */
  private interface Classes {
    Class<?> load(String name) throws ReflectiveOperationException;
  }

  /** One more class loader for the library. */
  private interface NewClasses {
    Classes get() throws MalformedURLException;
  }

  public static void main(String[] args) throws Exception {
    Path classes = Path.of(args[1]);
    NewClasses loaders =
        args[0].equals("module-path") ? () -> module(classes) : () -> classPath(classes);
    Files.createFile(FILE);
    Files.createFile(Path.of("shard_0"));
    for (Method method : entryPoints(loaders.get())) {
      call(loaders.get(), method);
    }
    callShards(loaders.get());
  }

  private static Classes classPath(Path classes) throws MalformedURLException {
    URL[] urls = {classes.toUri().toURL()};
    URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    return loader::loadClass;
  }

  private static Classes module(Path classes) {
    ModuleLayer parent = ModuleLayer.boot();
    Configuration configuration =
        parent
            .configuration()
            .resolve(ModuleFinder.of(classes), ModuleFinder.of(), Set.of("io.disky"));
    ModuleLayer layer =
        parent.defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader());
    return layer.findLoader("io.disky")::loadClass;
  }

  private static List<Method> entryPoints(Classes classes) throws ReflectiveOperationException {
    List<Method> methods = new ArrayList<>();
    for (String name :
        List.of(
            "RecordReader",
            "RecordWriter",
            "SharedRecordWriter",
            "RotatingRecordWriter",
            "RandomAccessReader",
            "MultiThreadedReader",
            "MultiThreadedWriter",
            "Records")) {
      Stream.of(classes.load("io.disky." + name).getMethods())
          .filter(method -> Modifier.isStatic(method.getModifiers()))
          .filter(method -> !List.of("toBytes", "toString").contains(method.getName()))
          .sorted((a, b) -> a.toString().compareTo(b.toString()))
          .forEach(methods::add);
    }
    return methods;
  }

  private static void call(Classes classes, Method described) throws Exception {
    Class<?>[] types = described.getParameterTypes();
    for (int i = 0; i < types.length; i++) {
      if (types[i].getName().startsWith("io.disky.")) {
        types[i] = classes.load(types[i].getName());
      }
    }
    Method method =
        classes.load(described.getDeclaringClass().getName()).getMethod(described.getName(), types);
    for (int time = 0; time < 2; time++) {
      Object[] arguments = new Object[types.length];
      for (int i = 0; i < types.length; i++) {
        arguments[i] = argument(classes, types[i]);
      }
      if (described.getDeclaringClass().getSimpleName().startsWith("MultiThreaded")
          && types[0] == Path.class) {
        arguments[0] = Path.of(""); // the directory of the shards
      }
      print(described.toString(), method, null, arguments);
    }
  }

  /** What a shard that is opened by itself comes to. */
  private static void callShards(Classes classes) throws Exception {
    Class<?> type = classes.load("io.disky.Shard");
    Object shard = type.getMethod("of", Path.class).invoke(null, FILE);
    Class<?> options = classes.load("io.disky.ReaderOptions");
    Object defaults = options.getMethod("defaults").invoke(null);
    print("Shard.open", type.getMethod("open", options), shard, defaults);

    Class<?> targets = classes.load("io.disky.ShardTarget");
    Class<?> writerOptions = classes.load("io.disky.WriterOptions");
    Method open = targets.getMethod("open", long.class, writerOptions);
    Object written = writerOptions.getMethod("defaults").invoke(null);
    Object memory =
        classes.load("io.disky.MemoryShards").getConstructor(String.class).newInstance("shard");
    Object directory =
        targets
            .getMethod("inDirectory", Path.class, String.class)
            .invoke(null, Path.of("new"), "shard");
    for (Object target : List.of(memory, directory, memory, directory)) {
      print("ShardTarget.open", open, target, 0L, written);
    }
  }

  private static Object argument(Classes classes, Class<?> type) throws Exception {
    if (type == Path.class) {
      return FILE;
    }
    if (type == List.class) {
      return List.of(FILE);
    }
    if (type == MemorySegment.class) {
      return MemorySegment.ofArray(new byte[1000]);
    }
    if (type == InputStream.class) {
      return InputStream.nullInputStream();
    }
    if (type == OutputStream.class) {
      return new ByteArrayOutputStream();
    }
    if (type == SeekableByteChannel.class) {
      return Files.newByteChannel(FILE);
    }
    if (type == ReadableByteChannel.class) {
      return Channels.newChannel(InputStream.nullInputStream());
    }
    if (type == WritableByteChannel.class) {
      return Channels.newChannel(OutputStream.nullOutputStream());
    }
    if (type == String.class) {
      return "shard";
    }
    if (type == boolean.class) {
      return true;
    }
    return switch (type.getSimpleName()) {
      case "Shards" -> shards(type);
      case "ShardSource" -> {
        Object shards = shards(classes.load("io.disky.Shards"));
        yield shards.getClass().getMethod("inOrder").invoke(shards);
      }
      case "FileNaming" ->
          type.getMethod("pattern", Path.class, String.class)
              .invoke(null, Path.of(""), "log-{number}.disky");
      case "WriterTask" -> proxy(type);
      case "RemoteFile" -> proxy(type);
      case "RemoteTarget" -> {
        Class<?> upload = classes.load("io.disky.remote.RemoteUpload");
        yield type.getMethod("of", upload).invoke(null, proxy(upload));
      }
      case "ShardTarget" ->
          type.getMethod("inDirectory", Path.class, String.class)
              .invoke(null, Path.of("new"), "shard");
      default -> type.getMethod("defaults").invoke(null);
    };
  }

  /** Methods of the result return {@code null}, or a name. */
  private static Object proxy(Class<?> type) {
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (_, method, _) -> method.getReturnType() == String.class ? "remote" : null);
  }

  private static Object shards(Class<?> type) throws ReflectiveOperationException {
    return type.getMethod("of", List.class).invoke(null, List.of(FILE));
  }

  private static void print(String name, Method method, Object receiver, Object... arguments)
      throws IllegalAccessException {
    String outcome;
    try {
      outcome = "returned " + method.invoke(receiver, arguments);
    } catch (InvocationTargetException e) {
      outcome = String.valueOf(e.getCause());
    }
    System.out.println(name + ": " + outcome.lines().toList());
  }
}
