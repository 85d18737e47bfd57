package io.disky.library;

import java.util.List;
import java.util.Locale;

/**
 * An operating system and a processor, under the names by which native libraries are packed: those
 * of the Maven extension os-maven-plugin, such as {@code linux-x86_64} and {@code osx-aarch_64};
 * with the C library musl, {@code linux-x86_64-musl}.
 *
 * @param osName value of the system property {@code os.name}
 * @param osArch value of the system property {@code os.arch}
 * @param musl whether the C library is musl
 */
record NativePlatform(String osName, String osArch, boolean musl) {

  /**
   * The platforms for which a jar may contain libraries. Which of them it contains depends on the
   * build.
   */
  static final List<NativePlatform> PUBLISHED =
      List.of(
          new NativePlatform("Linux", "amd64"),
          new NativePlatform("Linux", "aarch64"),
          new NativePlatform("Linux", "amd64", true),
          new NativePlatform("Mac OS X", "x86_64"),
          new NativePlatform("Mac OS X", "aarch64"),
          new NativePlatform("Windows", "amd64"));

  NativePlatform(String osName, String osArch) {
    this(osName, osArch, false);
  }

  /** Returns the platform of the running JVM, without regard to its C library. */
  static NativePlatform current() {
    return new NativePlatform(
        System.getProperty("os.name", "unknown"), System.getProperty("os.arch", "unknown"));
  }

  /** Returns this platform with the C library musl. */
  NativePlatform onMusl() {
    return new NativePlatform(osName, osArch, true);
  }

  /**
   * Returns the name of the platform in lower case: {@code <system>-<processor>}, and {@code -musl}
   * for that C library.
   */
  String classifier() {
    return system() + "-" + processor() + (musl ? "-musl" : "");
  }

  /** Returns the name of the module of the jar that contains only this platform's library. */
  String moduleName() {
    return "io.disky.natives." + classifier().replace('-', '_');
  }

  /** Returns the name of the library's file as the compiler makes it. */
  String libraryFileName() {
    return switch (system()) {
      case "windows" -> "disky_capi.dll";
      case "osx" -> "libdisky_capi.dylib";
      default -> "libdisky_capi.so";
    };
  }

  /**
   * Returns the library's file name with a part added before its extension, which every dynamic
   * linker wants to be the last.
   */
  String libraryFileName(String part) {
    String name = libraryFileName();
    int extension = name.lastIndexOf('.');
    return name.substring(0, extension) + "-" + part + name.substring(extension);
  }

  /** Returns the absolute name of the resource that holds the library. */
  String resourceName() {
    return "/io/disky/native/" + classifier() + "/" + libraryFileName();
  }

  boolean isLinux() {
    return system().equals("linux");
  }

  boolean isMac() {
    return system().equals("osx");
  }

  boolean isWindows() {
    return system().equals("windows");
  }

  @Override
  public String toString() {
    return classifier() + " (os.name " + osName + ", os.arch " + osArch + ")";
  }

  private String system() {
    String name = lettersAndDigits(osName);
    // This is not contains("win"), because "Darwin" contains it, too.
    if (name.startsWith("windows")) {
      return "windows";
    }
    if (name.startsWith("mac") || name.startsWith("osx") || name.startsWith("darwin")) {
      return "osx";
    }
    return name.startsWith("linux") ? "linux" : name;
  }

  private String processor() {
    String name = lettersAndDigits(osArch);
    return switch (name) {
      case "amd64", "x8664", "x64", "em64t", "ia32e" -> "x86_64";
      case "aarch64", "arm64" -> "aarch_64";
      case "ppc64le", "powerpc64le" -> "ppcle_64";
      case "s390x" -> "s390_64";
      case "loongarch64" -> "loongarch_64";
      default -> name;
    };
  }

  /** A loop, because a regular expression takes milliseconds in a JVM that has just started. */
  private static String lettersAndDigits(String value) {
    String lowerCase = value.toLowerCase(Locale.ROOT);
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < lowerCase.length(); i++) {
      char c = lowerCase.charAt(i);
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
        result.append(c);
      }
    }
    return result.toString();
  }
}
