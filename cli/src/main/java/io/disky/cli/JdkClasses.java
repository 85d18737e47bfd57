package io.disky.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;

/** The class files of the running JDK as records: real data that every machine has. */
final class JdkClasses implements RecordsToWrite {
  /** Takes a class file. */
  @FunctionalInterface
  interface Visitor {
    void visit(byte[] classFile) throws IOException;
  }

  /** Visits each class file, always in the same order: by module, package and name. */
  static void forEach(Visitor visitor) throws IOException {
    Path modules = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules");
    SortedFileTree.walk(
        modules,
        (file, attributes) -> {
          if (file.toString().endsWith(".class")) {
            visitor.visit(Files.readAllBytes(file));
          }
        });
  }

  @Override
  public void writeTo(RecordSink sink, Progress progress) throws IOException {
    forEach(classFile -> {
      sink.write(classFile);
      progress.stepBy(classFile.length);
    });
  }
}
