package io.disky.testing;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The Java samples of a page, which can be compiled and run. */
public final class MarkdownSamples {
  private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private MarkdownSamples() {}

  /** The samples of {@code page}, in its order. */
  public static List<String> of(Path page) throws IOException {
    return JAVA_BLOCK
        .matcher(Files.readString(page))
        .results()
        .map((MatchResult block) -> block.group(1))
        .toList();
  }

  /**
   * Compiles {@code source} and loads the class {@code Sample} that it declares.
   *
   * @param classes an empty directory for the compiled classes
   * @param options further options of the compiler
   */
  public static Class<?> compile(String source, Path classes, List<String> options)
      throws IOException, ClassNotFoundException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> all = new ArrayList<>(options);
      all.addAll(List.of("-classpath", System.getProperty("java.class.path")));
      all.addAll(List.of("-d", classes.toString()));
      boolean compiled =
          compiler.getTask(messages, files, null, all, null, List.of(new Source(source))).call();
      if (!compiled) {
        throw new IllegalArgumentException(source + "\n" + messages);
      }
    }
    URL[] path = {classes.toUri().toURL()};
    return new URLClassLoader(path, MarkdownSamples.class.getClassLoader()).loadClass("Sample");
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///Sample.java"), JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
