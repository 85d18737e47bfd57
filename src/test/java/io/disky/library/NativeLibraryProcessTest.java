package io.disky.library;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The real library in JVMs of their own, where loading it starts from nothing. */
class NativeLibraryProcessTest {

  private static final String GRANT = "--enable-native-access=ALL-UNNAMED";

  @TempDir private Path root;
  private Path home;
  private Path temporary;

  @BeforeEach
  void setUp() throws IOException {
    home = Files.createDirectory(root.resolve("home"));
    temporary = Files.createDirectory(root.resolve("tmp"));
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void extractsIntoTheCacheOfTheUser() throws Exception {
    String output = run(List.of(GRANT), "load");

    assertThat(output).startsWith("loaded " + home);
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void homeIsMissing() throws Exception {
    Files.delete(home);

    assertThat(run(List.of(GRANT), "load")).startsWith("loaded " + temporary);
  }

  @Test
  void loadsTheNamedFile() throws Exception {
    Path named = root.resolve("named-" + NativePlatform.current().libraryFileName());
    Files.write(named, new NativeHost().resource(NativePlatform.current().resourceName()));

    String output = run(List.of(GRANT, "-Dio.disky.library.path=" + named), "load");

    assertThat(output).isEqualToIgnoringNewLines("loaded " + named);
    assertThat(home).isEmptyDirectory();
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void libraryThatIsNotDisky() throws Exception {
    Path other = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("prefs"));
    assumeTrue(Files.exists(other), "this JDK has no file " + other);

    String output = run(List.of(GRANT, "-Dio.disky.library.path=" + other), "load");

    assertThat(output).contains("UnsatisfiedLinkError", "not the native library of disky");
  }

  @Test
  void failureIsRememberedAndThrownAnew() throws Exception {
    String output =
        run(List.of(GRANT, "-Dio.disky.library.path=" + root.resolve("missing")), "load-twice");

    assertThat(output).startsWith("true" + System.lineSeparator() + "java.lang.UnsatisfiedLink");
  }

  @Test
  void threadsOfOneProcessRace() throws Exception {
    List<String> output = run(List.of(GRANT, chosenDirectory()), "threads", "8").lines().toList();

    assertThat(entries()).hasSize(1);
    assertThat(output).hasSize(8).containsOnly("loaded " + entries().getFirst());
  }

  @Test
  void processesRace() throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      processes.add(start(java(List.of(GRANT, chosenDirectory()), "load")));
    }

    for (Process process : processes) {
      assertThat(output(process)).startsWith("loaded " + root.resolve("chosen"));
    }
    assertThat(entries()).as("the library, and nothing of a JVM that has ended").hasSize(1);
  }

  @Test
  void eachClassLoaderLoadsItsOwn() throws Exception {
    String classes = classPathRoot(NativeLibrary.class).toString();

    String output = run(List.of(GRANT, chosenDirectory()), "class-loaders", "2", classes);

    assertThat(output.lines()).hasSize(3).allSatisfy(it -> assertThat(it).startsWith("loaded "));
    if (!NativePlatform.current().isWindows()) {
      assertThat(entries()).as("private copies are gone").hasSize(1);
    }
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_24)
  void deniedAccessNamesTheFlags() throws Exception {
    String output = run(List.of("--illegal-native-access=deny"), "load-twice");

    assertThat(output)
        .startsWith("true")
        .contains("java.lang.IllegalCallerException")
        .contains("--enable-native-access=ALL-UNNAMED")
        .contains("--enable-native-access=io.disky")
        .contains("Enable-Native-Access: ALL-UNNAMED");
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void fallsBackWhenTheCacheForbidsExecution() throws Exception {
    assertThat(runWithNoexec(home)).startsWith("loaded " + temporary);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void everyPlaceForbidsExecution() throws Exception {
    assertThat(runWithNoexec(root))
        .contains("java.lang.UnsatisfiedLinkError")
        .contains("the file system forbids execution (noexec)")
        .contains("-Dio.disky.library.dir=");
  }

  /** Mounts a file system without execution over a directory, in a namespace of its own. */
  private String runWithNoexec(Path directory) throws Exception {
    String mount = "mount -t tmpfs -o noexec,mode=0700 tmpfs \"$1\"";
    List<String> namespace = List.of("unshare", "--map-root-user", "--mount", "sh", "-c");
    assumeNoexec(namespace, mount, directory);
    List<String> command = new ArrayList<>(namespace);
    command.add(mount + " && mkdir -p \"$2\" \"$3\" && shift 3 && exec \"$@\"");
    command.addAll(List.of("sh", directory.toString(), home.toString(), temporary.toString()));
    command.addAll(java(List.of(GRANT), "load"));
    return output(start(command));
  }

  private static void assumeNoexec(List<String> namespace, String mount, Path directory)
      throws InterruptedException {
    boolean possible;
    try {
      List<String> command = new ArrayList<>(namespace);
      command.addAll(List.of(mount, "sh", directory.toString()));
      possible = new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException _) {
      possible = false;
    }
    if (!possible) {
      System.err.println(
          "SKIPPED: loading from a noexec file system, since this user may not mount one"
              + " (unshare)");
    }
    assumeTrue(possible, "this user may not mount a noexec file system (unshare)");
  }

  private String chosenDirectory() {
    return "-Dio.disky.library.dir=" + root.resolve("chosen");
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> entries = Files.list(root.resolve("chosen"))) {
      return entries.toList();
    }
  }

  private String run(List<String> options, String... arguments) throws Exception {
    return output(start(java(options, arguments)));
  }

  private List<String> java(List<String> options, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dstdout.encoding=UTF-8");
    command.add("-Duser.home=" + home);
    command.add("-Djava.io.tmpdir=" + temporary);
    command.addAll(options);
    command.add("-cp");
    command.add(
        classPathRoot(NativeLibrary.class)
            + System.getProperty("path.separator")
            + classPathRoot(NativeLibraryProbe.class));
    command.add(NativeLibraryProbe.class.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  private static Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.INHERIT);
    builder.environment().remove("XDG_CACHE_HOME");
    builder.environment().remove("LOCALAPPDATA");
    return builder.start();
  }

  private static String output(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /** Not the property java.class.path, on which a module under test is not. */
  private static Path classPathRoot(Class<?> type) throws URISyntaxException {
    Path file = Path.of(type.getResource(type.getSimpleName() + ".class").toURI());
    int names = Path.of(type.getName().replace('.', '/')).getNameCount();
    return file.getRoot().resolve(file.subpath(0, file.getNameCount() - names));
  }
}
