package io.disky.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.disky.testing.GuidePage.Block;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The compiled Java of guides. */
public final class GuideCode {
  /** The static fields that every fragment can use: an empty directory, and an open record file. */
  private static final String FRAGMENT =
      """
      import static java.lang.foreign.ValueLayout.*;
      import static java.nio.charset.StandardCharsets.UTF_8;
      import io.disky.*;
      import io.disky.formats.*;
      import io.disky.loader.*;
      import java.io.*;
      import java.lang.foreign.*;
      import java.nio.*;
      import java.nio.channels.*;
      import java.nio.file.*;
      import java.time.Duration;
      import java.util.*;
      """
          .replace("\n", " ");

  private final Path classes;
  private final Map<Block, String> names = new LinkedHashMap<>();

  private GuideCode(Path classes) {
    this.classes = classes;
  }

  /**
   * Compiles all {@code blocks}. Units of one page share a package.
   *
   * @param classes an empty directory for the compiled classes
   * @throws IllegalArgumentException if there is an error or a warning, with the line of the page
   */
  public static GuideCode compile(List<Block> blocks, Path classes) throws IOException {
    GuideCode code = new GuideCode(classes);
    Map<Boolean, List<Source>> sources =
        blocks.stream()
            .map(code::source)
            .collect(Collectors.partitioningBy(source -> usesVectors(source.block)));
    String problems =
        code.compile(sources.get(false), List.of("--release", "22"))
            // No release of the JDK has the incubating API in the signatures of --release.
            + code.compile(sources.get(true), FieldSamples.VECTOR_API);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(problems);
    }
    return code;
  }

  private static boolean usesVectors(Block block) {
    return block.text().contains("jdk.incubator.vector");
  }

  /** Compiles in this process, and returns the errors and warnings. */
  private String compile(List<Source> sources, List<String> jdk) throws IOException {
    if (sources.isEmpty()) {
      return "";
    }
    List<String> options = new ArrayList<>(jdk);
    options.addAll(List.of("-proc:none", "-Xlint:deprecation,removal,unchecked,rawtypes"));
    String path = System.getProperty("java.class.path") + File.pathSeparator + classes;
    options.addAll(List.of("-classpath", path, "-d", classes.toString()));
    DiagnosticCollector<JavaFileObject> messages = new DiagnosticCollector<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(messages, null, null)) {
      compiler.getTask(null, files, messages, options, null, sources).call();
    }
    return messages.getDiagnostics().stream()
        .filter(message -> !message.getCode().equals("compiler.warn.incubating.modules"))
        .filter(message -> message.getKind() != Diagnostic.Kind.NOTE)
        .map(message -> describe(message) + "\n")
        .collect(Collectors.joining());
  }

  private static String describe(Diagnostic<? extends JavaFileObject> message) {
    String place = "";
    if (message.getSource() instanceof Source source) {
      Block block = source.block;
      long line = block.line() + message.getLineNumber() - 1;
      place = "docs/guides/" + block.page() + ":" + line + ": ";
    }
    return place + message.getMessage(null);
  }

  /**
   * The lines of a block keep their numbers: everything that is added stands in its first or last
   * line.
   */
  private Source source(Block block) {
    String page = block.page().replaceAll("\\.md$", "").replace('-', '_');
    String packageName = "guides." + page;
    String type = block.typeName();
    String text = "package " + packageName + "; ";
    if (type == null) {
      type = "Fragment" + block.line();
      text += FRAGMENT + fragment(type, block.text());
    } else {
      text += block.text();
    }
    names.put(block, packageName + "." + type);
    return new Source(type, block, text);
  }

  /** Imports of the fragment stay in front of the class, and its other lines where they are. */
  private static String fragment(String type, String text) {
    String imports =
        text.lines().filter(line -> line.startsWith("import ")).collect(Collectors.joining(" "));
    String body =
        text.lines()
            .map(line -> line.startsWith("import ") ? "" : line)
            .collect(Collectors.joining("\n"));
    return imports
        + " class "
        + type
        + " { static Path directory, numbers; static RecordReader reader; static RecordWriter writer;"
        + " static void run() throws Exception { "
        + body
        + "\n} }";
  }

  /**
   * Runs a program with {@code directory} as its argument, in a class loader of its own. A program
   * that uses the Vector API runs in a JVM of its own, because the API needs an option.
   *
   * @return what the program printed
   */
  public String run(Block program, Path directory) throws Exception {
    return usesVectors(program)
        ? ChildJvm.output(
            names.get(program), classes, directory, FieldSamples.VECTOR_API, directory.toString())
        : run(program, directory.toString());
  }

  /** Runs a program with {@code argument}, as {@link #run(Block, Path)} does. */
  public String run(Block program, String argument) throws Exception {
    String name = names.get(program);
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = loader();
        PrintStream capture = new PrintStream(printed, true, UTF_8)) {
      Method main = loader.loadClass(name).getDeclaredMethod("main", String[].class);
      main.setAccessible(true);
      System.setOut(capture);
      main.invoke(null, (Object) new String[] {argument});
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(program + ": " + e.getCause(), e.getCause());
    } finally {
      System.setOut(out);
    }
    return printed.toString(UTF_8);
  }

  /**
   * Runs a program without an argument in a JVM of its own.
   *
   * @param directory its working directory
   * @return what the program printed
   */
  public String runAlone(Block program, Path directory) throws Exception {
    return ChildJvm.output(names.get(program), classes, directory, List.of());
  }

  /**
   * Runs a fragment. Its static fields are set before.
   *
   * @param fields the values of the fields {@code directory}, {@code numbers}, {@code reader} and
   *     {@code writer}
   */
  public void runFragment(Block fragment, Map<String, Object> fields) throws Exception {
    try (URLClassLoader loader = loader()) {
      Class<?> type = loader.loadClass(names.get(fragment));
      for (Map.Entry<String, Object> field : fields.entrySet()) {
        var declared = type.getDeclaredField(field.getKey());
        declared.setAccessible(true);
        declared.set(null, field.getValue());
      }
      Method run = type.getDeclaredMethod("run");
      run.setAccessible(true);
      PrintStream out = System.out;
      try (PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream(), true, UTF_8)) {
        System.setOut(nowhere);
        run.invoke(null);
      } finally {
        System.setOut(out);
      }
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(fragment + ": " + e.getCause(), e.getCause());
    }
  }

  private URLClassLoader loader() throws IOException {
    return new URLClassLoader(
        new URL[] {classes.toUri().toURL()}, GuideCode.class.getClassLoader());
  }

  private static final class Source extends SimpleJavaFileObject {
    final Block block;
    private final String text;

    Source(String type, Block block, String text) {
      super(URI.create("string:///" + block.page() + "/" + type + ".java"), Kind.SOURCE);
      this.block = block;
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
