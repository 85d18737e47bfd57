package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes.Name;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code scripts/disky} in an installation made for the test with the compiled classes. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  private static final Path SCRIPTS = Path.of("../scripts").toAbsolutePath();

  @TempDir private static Path installation;
  @TempDir private Path directory;
  private Path target;
  private Path home;

  @BeforeAll
  static void install() throws IOException {
    open(installation);
    Path scripts = Files.createDirectory(installation.resolve("scripts"));
    for (String name : List.of("disky", "find-jdk")) {
      Files.copy(SCRIPTS.resolve(name), scripts.resolve(name));
    }
    assertThat(scripts.resolve("disky").toFile().setExecutable(true, false)).isTrue();
    Path target = Files.createDirectories(installation.resolve("cli/target"));
    List<Path> folders = new ArrayList<>();
    List<String> jars = new ArrayList<>();
    for (String entry : CliProcess.classPath()) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        folders.add(path);
      } else {
        Files.copy(path, target.resolve(path.getFileName()));
        jars.add(path.getFileName().toString());
      }
    }
    packClasses(folders, target, String.join(" ", jars));
  }

  private static void packClasses(List<Path> folders, Path target, String others)
      throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Name.MAIN_CLASS, Main.class.getName());
    manifest.getMainAttributes().put(Name.CLASS_PATH, others);
    manifest.getMainAttributes().put(new Name("Enable-Native-Access"), "ALL-UNNAMED");
    try (OutputStream out = Files.newOutputStream(target.resolve("disky-cli.jar"));
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      jar.setLevel(0);
      for (Path folder : folders) {
        packFolder(folder, jar);
      }
    }
  }

  private static void packFolder(Path folder, JarOutputStream jar) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString();
        if (!name.equals("module-info.class")) {
          jar.putNextEntry(new JarEntry(name));
          Files.copy(file, jar);
        }
      }
    }
  }

  /** Gives other users access. */
  private static void open(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @BeforeEach
  void setUp() throws IOException {
    target = installation.resolve("cli/target");
    home = Files.createDirectory(directory.resolve("home"));
  }

  /** Runs lines of bash. In them {@code disky} is the script. */
  private String run(Map<String, String> environment, String... lines) throws Exception {
    return run(List.of(), environment, lines);
  }

  private String run(List<String> wrapper, Map<String, String> environment, String... lines)
      throws Exception {
    List<String> command = new ArrayList<>(wrapper);
    String disky = "disky() { '" + installation.resolve("scripts/disky") + "' \"$@\"; }\n";
    command.addAll(List.of("bash", "-c", disky + String.join("\n", lines)));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .keySet()
        .removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "LC_ALL", "LC_CTYPE", "LANG"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("HOME", home.toString());
    builder.environment().put("XDG_CACHE_HOME", home.resolve("cache").toString());
    builder.environment().putAll(environment);
    return CliProcess.run(directory, builder);
  }

  // Locales

  @ParameterizedTest
  @ValueSource(strings = {"X=", "LC_ALL=C", "LC_ALL=POSIX", "LANG=xx_XX.UTF-8", "LC_CTYPE=C"})
  void namesAreAnyInAsciiLocales(String variable) throws Exception {
    String encodings = run(Map.of("LC_ALL", "C.UTF-8"), "locale charmap");
    assumeTrue(encodings.equals("UTF-8\n"), "there is no locale C.UTF-8");
    int equals = variable.indexOf('=');
    String output =
        run(
            Map.of(variable.substring(0, equals), variable.substring(equals + 1)),
            "mkdir $'\\xc3\\xa9' && cd $'\\xc3\\xa9' && mkdir d",
            "printf 'a\\n' | disky write d/$'\\xc3\\xa9_1' -",
            "disky count d/$'\\xc3\\xa9_1'",
            "disky count d",
            "disky count 'd/*'",
            "disky convert --force d/$'\\xc3\\xa9_1' d/$'\\xc3\\xa9_1' | head -n 1",
            "printf '\\1' | disky write --length-prefixed torn -; ls",
            "disky write --dialect riegeli --file-comment $'\\xc3\\xa9' c d/*",
            "disky describe --json c | grep -c '\"fileComment\": \"\\\\u00e9\"'");
    assertThat(output.lines().toList())
        .startsWith("1", "1  d/\u00e9_1", "1  total", "1  d/\u00e9_1", "1  total")
        .contains("disky: d/\u00e9_1 is both IN and OUT")
        .contains("disky: torn: removed, because it is incomplete", "d", "1")
        .doesNotContain("torn");
  }

  @Test
  void bytesThatAreNoCharactersAreReadByPatternsAndDirectories() throws Exception {
    String output =
        run(
            Map.of("LC_ALL", "C.UTF-8"),
            "mkdir d; printf 'a\\nb\\n' | disky write d/ok -; mv d/ok d/$'\\xff_1'",
            "disky count d | tail -n 1; disky count 'd/*' | tail -n 1",
            "disky cat d; disky convert d out && disky count out",
            "disky verify d | wc -l; disky convert --shards 1 'd/?_1' s; disky count s | tail -n 1",
            "disky digest d | wc -l");
    assertThat(output.lines().map(String::strip))
        .containsExactly("2  total", "2  total", "a", "b", "2", "1", "2  total", "1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "disky count $'\\xff'",
        "disky write $'\\xff' in",
        "disky write --dialect=riegeli --file-comment=$'\\xff' out in",
        "mkdir $'\\xff'; cd $'\\xff'; disky count in"
      })
  void namesThatCannotBeDecodedAreRefused(String command) throws Exception {
    String output =
        run(Map.of("LC_ALL", "C.UTF-8"), "echo a > in", command, "echo $?", "ls | wc -l");
    assertThat(output)
        .startsWith("disky: the ")
        .contains("\ufffd", "not in the encoding of the locale, UTF-8", "\n2\n")
        .doesNotContain("defect", "\tat ");
    assertThat(Files.exists(directory.resolve("out"))).isFalse();
  }

  // Descriptors

  @Test
  void aClosedStandardInputIsNoOtherFile() throws Exception {
    String output =
        run(
            Map.of(),
            "disky write x - <&-; echo $?; ls",
            "echo a > in; disky write y in <&- && disky count y <&-");
    assertThat(output.lines().toList())
        .contains("disky: standard input: Bad file descriptor", "1", "home")
        .doesNotContain("x")
        .endsWith("1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "--version", "count --help", "write --help", "count in"})
  void anOutputThatCannotBeWrittenIsAFailure(String command) throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/full")), "there is no /dev/full");
    String output =
        run(
            Map.of(),
            "echo a > l; disky write in l",
            "disky " + command + " > /dev/full; echo $?",
            "disky " + command + " >&-; echo $?",
            "disky " + command + " | true; echo ${PIPESTATUS[0]}");
    assertThat(output.lines().toList())
        .containsExactly(
            "disky: standard output: No space left on device",
            "1",
            "disky: standard output: Bad file descriptor",
            "1",
            "0");
  }

  @Test
  void aClosedStandardErrorTakesNoFile() throws Exception {
    String output =
        run(Map.of(), "echo a > in; disky write x in 2>&- && disky write x in 2>&-; echo $?");
    assertThat(output).isEqualTo("1\n");
    assertThat(RecordTexts.in(directory.resolve("x"))).containsExactly("a");
  }

  // Owner of the installation

  private List<String> libraries(Path where) throws IOException {
    if (!Files.isDirectory(where)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(where)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theUsersOwnDirectoryForTheLibraryWins() throws Exception {
    Path own = directory.resolve("own");
    String option = "-Dio.disky.library.dir=" + own;
    for (String variable : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")) {
      String output =
          run(Map.of(variable, option), "echo a > in; disky write --force x in && disky count x");
      assertThat(output).endsWith("1\n");
      assertThat(libraries(own)).as(variable).hasSize(1);
      Files.delete(own.resolve(libraries(own).getFirst()));
    }
  }

  @Test
  void anotherUserNeedsNothingOfTheInstallation() throws Exception {
    assertThat(run(Map.of(), "echo a > in; disky write x in && disky count x")).isEqualTo("1\n");
    assertThat(libraries(target.resolve("library"))).hasSize(1);
    List<String> wrapper = otherUserOfRoot();
    boolean isRoot = !wrapper.isEmpty();
    open(directory);
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.setPosixFilePermissions(
        directory.resolve("x"), PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      String output = run(wrapper, Map.of(), "disky count x", "disky count x");
      assertThat(output).as("without any warning").isEqualTo("1\n1\n");
      if (isRoot) {
        assertThat(libraries(home.resolve("cache").resolve("disky"))).hasSize(1);
      }
    } finally {
      open(target);
    }
  }

  /** Makes what {@code scripts/package} makes, in the directory {@code release}. */
  private Path layOutRelease() throws IOException {
    Path release = Files.createDirectory(directory.resolve("release"));
    Path bin = Files.createDirectory(release.resolve("bin"));
    Path lib = Files.createDirectory(release.resolve("lib"));
    for (String name : List.of("disky", "find-jdk")) {
      Files.copy(SCRIPTS.resolve(name), bin.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
    }
    try (Stream<Path> jars = Files.list(installation.resolve("cli/target"))) {
      for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
        Files.copy(jar, lib.resolve(jar.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    for (Path opened : List.of(release, bin, lib)) {
      open(opened);
    }
    return lib;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aReleaseNeedsOnlyTheJdk(boolean writable) throws Exception {
    Path lib = layOutRelease();
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
    if (!writable) {
      Files.setPosixFilePermissions(lib, PosixFilePermissions.fromString("r-xr-xr-x"));
    }

    String output =
        run(
            writable ? List.of() : otherUserOfRoot(),
            Map.of("PATH", "/usr/bin:/bin"),
            "ln -s release/bin/disky link",
            "echo a > in; ./link write x in && ./link count x");

    assertThat(output).as("without any warning").isEqualTo("1\n");
    assertThat(libraries(home.resolve("cache").resolve("disky"))).hasSize(1);
    assertThat(lib.resolve("library")).doesNotExist();
    assertThat(Files.exists(lib.resolve("disky-cli.jsa"))).isEqualTo(writable);
    open(lib);
  }

  /** Without any message, neither of the command nor of the JVM. */
  @Test
  void anInstalledReleaseUnpacksNothingAndHasAnArchiveOfClasses() throws Exception {
    Path lib = layOutRelease();
    String output =
        run(
            Map.of(),
            "release/bin/disky --install",
            "echo a > in; d=release/bin/disky; $d write x in && $d count x && $d cat -n1 x",
            "touch release/lib/disky-cli.jar; $d count x; $d cat -n1 x");
    assertThat(output).isEqualTo("1\na\n1\na\n");
    String archive = Runtime.version().feature() < 25 ? "disky-cli.jsa" : "disky-cli-quick-";
    try (Stream<Path> files = Files.list(lib)) {
      assertThat(files).anyMatch(file -> file.getFileName().toString().startsWith(archive));
    }
    assertThat(lib.resolve("native")).isDirectory();
    // Only the library of the jar that was touched is unpacked: the one outside it may be older.
    assertThat(libraries(home.resolve("cache").resolve("disky"))).hasSize(1);
  }

  /** What runs a command as a user who cannot write everywhere, as root can. */
  private List<String> otherUserOfRoot() throws Exception {
    if (!run(Map.of(), "id -u").equals("0\n")) {
      return List.of();
    }
    assumeTrue(!run(Map.of(), "command -v setpriv").isEmpty(), "there is no setpriv");
    return List.of("setpriv", "--reuid=54321", "--regid=54321", "--clear-groups");
  }

  /** The stores here cannot be made, so the message shows whether they are on the class path. */
  @Test
  void storesAreOnTheClassPathOnlyForAddresses() throws Exception {
    Path lib = layOutRelease();
    String services = "META-INF/services/io.disky.remote.RemoteStore";
    Path file = directory.resolve("classes").resolve(services);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "there.is.no.Store");
    Path stores = Files.createDirectory(lib.resolve("stores"));
    try (OutputStream out = Files.newOutputStream(stores.resolve("store.jar"));
        JarOutputStream jar = new JarOutputStream(out)) {
      jar.putNextEntry(new JarEntry(services));
      jar.write("there.is.no.other.Store".getBytes(UTF_8));
    }
    String variable = "DISKY_CLASSPATH";
    String output =
        run(
            Map.of(variable, "classes"),
            "disky cat s3://bucket/key; echo $?",
            "release/bin/disky cat s3://bucket/key; unset DISKY_CLASSPATH",
            "release/bin/disky cat s3://bucket/key",
            "disky cat s3://bucket/key",
            "export DISKY_CLASSPATH=classes; echo a | disky write x - && disky count x");
    assertThat(output.lines().toList())
        .satisfiesExactly(
            line -> assertThat(line).contains("cannot be made").contains("there.is.no.Store"),
            line -> assertThat(line).isEqualTo("2"),
            line -> assertThat(line).contains("cannot be made"),
            line -> assertThat(line).contains("there.is.no.other.Store"),
            line -> assertThat(line).contains("put io.disky:disky-s3").contains(variable),
            line -> assertThat(line).isEqualTo("1"));
  }

  @Test
  void anInstallationThatIsNotBuiltSaysSo() throws Exception {
    Path bare = Files.createDirectories(directory.resolve("bare/scripts"));
    for (String name : List.of("disky", "find-jdk")) {
      Files.copy(installation.resolve("scripts").resolve(name), bare.resolve(name));
    }
    List<String> wrapper = otherUserOfRoot();
    open(directory);
    Files.setPosixFilePermissions(bare.getParent(), PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      String output = run(wrapper, Map.of(), "bash bare/scripts/disky --version; echo $?");
      assertThat(output).contains("disky-cli.jar is missing").endsWith("\n1\n");
    } finally {
      open(bare.getParent());
    }
  }
}
