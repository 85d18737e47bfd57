package io.disky.library;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The libraries that a library needs, from complete and from damaged files. */
class ElfFileTest {

  private static final byte[] FILE = ElfForge.needing("libm.so.6", "libc.so.6");

  @Test
  @EnabledOnOs(OS.LINUX)
  void theLibraryOfThisPlatformNeedsTheCLibrary() throws IOException {
    byte[] library = new NativeHost().resource(NativePlatform.current().resourceName());

    assertThat(ElfFile.neededLibraries(library))
        .anyMatch(name -> name.startsWith("libc."))
        .allMatch(name -> name.contains(".so"));
  }

  @Test
  void namesAreInTheOrderOfTheFile() {
    assertThat(ElfFile.neededLibraries(FILE)).containsExactly("libm.so.6", "libc.so.6");
  }

  @Test
  void otherFilesNeedNothing() {
    assertThat(ElfFile.neededLibraries(new byte[0])).isEmpty();
    assertThat(ElfFile.neededLibraries("libc.so.6".repeat(100).getBytes(US_ASCII))).isEmpty();
    assertThat(ElfFile.neededLibraries(changed(4, 1))).as("32 bits").isEmpty();
    assertThat(ElfFile.neededLibraries(changed(5, 2))).as("big-endian").isEmpty();
  }

  @Test
  void aFileThatEndsEarlyNeedsNothingOrLess() {
    List<String> all = ElfFile.neededLibraries(FILE);
    for (int size = 0; size < FILE.length; size++) {
      assertThat(ElfFile.neededLibraries(Arrays.copyOf(FILE, size))).isIn(List.of(), all);
    }
  }

  @Test
  void damageCausesNoOtherException() {
    long seed = 18;
    System.out.println("ElfFileTest: seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = FILE.clone();
      for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
        damaged[random.nextInt(320)] = (byte) (random.nextBoolean() ? 0xff : random.nextInt());
      }
      assertThat(ElfFile.neededLibraries(damaged).size()).isLessThan(FILE.length);
    }
  }

  private static byte[] changed(int at, int value) {
    byte[] changed = FILE.clone();
    changed[at] = (byte) value;
    return changed;
  }
}
