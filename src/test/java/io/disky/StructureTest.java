package io.disky;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleDescriptor.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Packages depend on each other in one direction. docs/architecture.md draws it. */
class StructureTest {
  private static final Path CLASSES = Path.of("target/classes");
  private static final JavaClasses LIBRARY = new ClassFileImporter().importPath(CLASSES);

  /** The packages behind the public one: each may use those in the layers before its own. */
  private static final List<List<String>> LAYERS =
      List.of(
          List.of(
              "library",
              "threads",
              "files",
              "options",
              "memory",
              "protobuf",
              "order",
              "retrying",
              "ffi"),
          List.of("transfer", "shuffling", "framing", "http"),
          List.of("fetching", "uploading", "objects"),
          List.of("engine"),
          List.of("reading", "writing"),
          List.of("random", "shards", "collation"),
          List.of("loading"));

  static final List<Integer> LAYER_NUMBERS = List.of(0, 1, 2, 3, 4, 5, 6);

  /** The public packages: the reader and the writer; the loader and formats, which use them. */
  private static final String[] PUBLIC = {
    "io.disky", "io.disky.loader", "io.disky.formats", "io.disky.remote"
  };

  private static String[] packages(List<List<String>> layers) {
    return layers.stream()
        .flatMap(List::stream)
        .map(name -> "io.disky." + name)
        .toArray(String[]::new);
  }

  @Test
  void onlyTheEngineUsesTheBindings() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.disky.engine", "io.disky.ffi")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.disky.ffi")
        .check(LIBRARY);
  }

  /**
   * Faces share these: they turn public types into the values of rooms, which do not know faces.
   */
  private static final String ADAPTERS =
      "io\\.disky\\.(FileLocations|PatternNaming|ReaderOpening|RemoteOpenings|remote\\.RemoteSource)";

  @Test
  void thePublicPackageHasPublicTypesAndAdaptersOnly() {
    classes()
        .that()
        .resideInAnyPackage(PUBLIC)
        .and()
        .areTopLevelClasses()
        .and()
        .haveNameNotMatching(ADAPTERS)
        .and()
        .doNotHaveSimpleName("package-info")
        .should()
        .bePublic()
        .check(LIBRARY);
  }

  @Test
  void noRoomUsesAPublicPackage() {
    noClasses()
        .that()
        .resideInAPackage("io.disky.*..")
        .and()
        .resideOutsideOfPackages(PUBLIC)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(PUBLIC)
        .check(LIBRARY);
  }

  @Test
  void theReaderAndTheWriterUseNoOtherPublicPackage() {
    noClasses()
        .that()
        .resideInAPackage("io.disky")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.disky.loader", "io.disky.formats")
        .check(LIBRARY);
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("io.disky.(**)").should().beFreeOfCycles().check(LIBRARY);
  }

  @ParameterizedTest
  @FieldSource("LAYER_NUMBERS")
  void layersUseThoseBeforeThem(int layer) {
    String[] allowed = packages(LAYERS.subList(0, layer + 1));
    classes()
        .that()
        .resideInAnyPackage(packages(LAYERS.subList(layer, layer + 1)))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(allowed)
                .or(
                    resideInAnyPackage(
                        "java..", "javax.net.ssl", "jdk.jfr..", "org.jspecify.annotations")))
        .check(LIBRARY);
  }

  /** A new package needs a layer. */
  @Test
  void everyPackageHasALayer() {
    assertThat(LIBRARY)
        .extracting(JavaClass::getPackageName)
        .filteredOn(name -> !name.isEmpty())
        .containsOnly(
            Stream.concat(Stream.of(PUBLIC), Stream.of(packages(LAYERS))).toArray(String[]::new));
  }

  @Test
  void theModuleExportsThePublicPackagesAndNeedsOnlyJava() throws IOException {
    ModuleDescriptor descriptor;
    try (InputStream file = Files.newInputStream(CLASSES.resolve("module-info.class"))) {
      descriptor = ModuleDescriptor.read(file);
    }
    assertThat(descriptor.exports())
        .filteredOn(exported -> !exported.isQualified())
        .extracting(Exports::source)
        .containsExactlyInAnyOrder(PUBLIC);
    Map<String, Set<String>> targets =
        descriptor.exports().stream()
            .filter(Exports::isQualified)
            .collect(Collectors.toMap(Exports::source, Exports::targets));
    Set<String> stores = Set.of("io.disky.s3", "io.disky.gcs");
    assertThat(targets.get("io.disky.http")).isEqualTo(stores);
    assertThat(targets.get("io.disky.objects")).isEqualTo(stores);
    // The jars that contain nothing but a native library implement a service of this room.
    assertThat(targets.get("io.disky.library"))
        .allSatisfy(target -> assertThat(target).startsWith("io.disky.natives."));
    assertThat(targets).hasSize(3);
    assertThat(descriptor.opens()).isEmpty();
    assertThat(descriptor.requires())
        .extracting(Requires::name)
        .containsExactlyInAnyOrder("java.base", "java.net.http", "jdk.jfr", "org.jspecify");
    assertThat(descriptor.requires())
        .filteredOn(required -> !required.name().startsWith("java."))
        .allSatisfy(
            required -> assertThat(required.modifiers()).contains(Requires.Modifier.STATIC));
  }
}
