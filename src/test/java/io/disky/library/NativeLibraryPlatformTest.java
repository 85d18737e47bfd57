package io.disky.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of platforms, library files and resources; recognition of musl. */
class NativeLibraryPlatformTest {

  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, linux-x86_64, libdisky_capi.so",
    "Linux, x86_64, linux-x86_64, libdisky_capi.so",
    "Linux, aarch64, linux-aarch_64, libdisky_capi.so",
    "Linux, riscv64, linux-riscv64, libdisky_capi.so",
    "Linux, ppc64le, linux-ppcle_64, libdisky_capi.so",
    "Linux, s390x, linux-s390_64, libdisky_capi.so",
    "Linux, loongarch64, linux-loongarch_64, libdisky_capi.so",
    "Mac OS X, x86_64, osx-x86_64, libdisky_capi.dylib",
    "Mac OS X, aarch64, osx-aarch_64, libdisky_capi.dylib",
    "Darwin, arm64, osx-aarch_64, libdisky_capi.dylib",
    "Windows 11, amd64, windows-x86_64, disky_capi.dll",
    "Windows Server 2022, aarch64, windows-aarch_64, disky_capi.dll",
    "FreeBSD, amd64, freebsd-x86_64, libdisky_capi.so",
    "Some/../OS, ../mips, someos-mips, libdisky_capi.so",
  })
  void namesPlatformAndFile(String osName, String osArch, String classifier, String fileName) {
    NativePlatform platform = new NativePlatform(osName, osArch);

    assertThat(platform.classifier()).isEqualTo(classifier);
    assertThat(platform.libraryFileName()).isEqualTo(fileName);
    assertThat(platform.resourceName())
        .isEqualTo("/io/disky/native/" + classifier + "/" + fileName);
  }

  @ParameterizedTest
  @CsvSource({
    "Linux, libdisky_capi-0123.so",
    "Mac OS X, libdisky_capi-0123.dylib",
    "Windows 11, disky_capi-0123.dll",
  })
  void addsPartBeforeTheExtension(String osName, String fileName) {
    assertThat(new NativePlatform(osName, "amd64").libraryFileName("0123")).isEqualTo(fileName);
  }

  @Test
  void libraryOfThisPlatformIsPacked() throws IOException {
    NativeHost host = new NativeHost();

    assertThat(host.resource(host.platform().resourceName())).isNotEmpty();
  }

  @Test
  void theModuleOfEachPublishedPlatformMaySeeThisPackage() throws IOException {
    ModuleDescriptor descriptor;
    try (InputStream file = Files.newInputStream(Path.of("target/classes/module-info.class"))) {
      descriptor = ModuleDescriptor.read(file);
    }

    assertThat(descriptor.exports())
        .filteredOn(exported -> exported.source().equals("io.disky.library"))
        .flatExtracting(exported -> exported.targets())
        .containsExactlyInAnyOrderElementsOf(
            NativePlatform.PUBLISHED.stream().map(NativePlatform::moduleName).toList());
  }

  @Test
  void musl() {
    NativePlatform platform = new NativePlatform("Linux", "aarch64").onMusl();

    assertThat(platform.classifier()).isEqualTo("linux-aarch_64-musl");
    assertThat(platform.moduleName()).isEqualTo("io.disky.natives.linux_aarch_64_musl");
    assertThat(platform.resourceName())
        .isEqualTo("/io/disky/native/linux-aarch_64-musl/libdisky_capi.so");
    assertThat(platform.isLinux()).isTrue();
  }

  @Test
  void knowsMuslByTheMapsOfTheProcess() {
    assertThat(NativeHost.mapsMusl("7f0-7f1 r-xp 0 00:1 2 /lib/ld-musl-x86_64.so.1\n")).isTrue();
    assertThat(NativeHost.mapsMusl("7f0-7f1 r-xp 0 00:1 2 /usr/lib/libc.musl-aarch64.so.1\n"))
        .isTrue();
    assertThat(NativeHost.mapsMusl("7f0-7f1 r-xp 0 00:1 2 /usr/lib/libc.so.6\n")).isFalse();
  }

  @Test
  void knowsMuslByItsDynamicLinker(@TempDir Path directory) throws IOException {
    assertThat(NativeHost.hasMuslLinker(directory)).isFalse();
    assertThat(NativeHost.hasMuslLinker(directory.resolve("missing"))).isFalse();

    Files.createFile(directory.resolve("ld-musl-x86_64.so.1"));

    assertThat(NativeHost.hasMuslLinker(directory)).isTrue();
  }
}
