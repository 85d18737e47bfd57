package io.disky.spark;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The packages use each other in one direction only. */
class StructureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.disky.spark");

  @Test
  void packagesUseTheLayersBelow() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("table")
        .definedBy("io.disky.spark")
        .layer("read")
        .definedBy("io.disky.spark.read..")
        .layer("write")
        .definedBy("io.disky.spark.write..")
        .layer("columns")
        .definedBy("io.disky.spark.columns")
        .layer("files")
        .definedBy("io.disky.spark.files")
        .layer("requirements")
        .definedBy("io.disky.spark.requirements")
        .whereLayer("table")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("read")
        .mayOnlyBeAccessedByLayers("table")
        .whereLayer("write")
        .mayOnlyBeAccessedByLayers("table")
        .whereLayer("columns")
        .mayOnlyBeAccessedByLayers("read")
        .whereLayer("files")
        .mayOnlyBeAccessedByLayers("table", "read", "write", "columns")
        .check(CLASSES);
  }
}
