package io.disky.library;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A JVM of its own that uses a library in its working directory, and prints the file. Arguments:
 *
 * <ul>
 *   <li>{@code use CONTENT}: goes on until it is killed
 *   <li>{@code end CONTENT}: ends
 *   <li>{@code die CONTENT KIND}: ends at once after it has written half of a file
 * </ul>
 */
final class LibraryUseProbe {

  /** Exit status of a JVM that dies. */
  static final int DEATH = 7;

  private static final NativePlatform PLATFORM = NativePlatform.current();

  private LibraryUseProbe() {}

  public static void main(String[] args) throws Exception {
    Path directory = Path.of("").toAbsolutePath();
    byte[] content = args[1].getBytes(UTF_8);
    LibraryPermissions permissions = new LibraryPermissions(new NativeHost().userId());
    LibraryExtractor extractor = new LibraryExtractor(PLATFORM, permissions, content);
    LibraryUse use = LibraryUse.begin(directory, PLATFORM, extractor.hash());
    if (args[0].equals("die")) {
      LibraryFileName name =
          new LibraryFileName(LibraryFileName.Kind.valueOf(args[2]), extractor.hash(), use.owner());
      die(directory.resolve(name.onPlatform(PLATFORM)), content);
    }
    Path file = extractor.extractInto(directory, use.owner());
    new LibraryCache(directory, PLATFORM).prune(file, use);
    System.out.println(file);
    if (args[0].equals("use")) {
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  private static void die(Path file, byte[] content) throws IOException {
    Files.write(file, Arrays.copyOf(content, content.length / 2));
    System.out.println(file);
    System.out.flush();
    Runtime.getRuntime().halt(DEATH);
  }
}
