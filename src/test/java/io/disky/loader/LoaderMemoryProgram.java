package io.disky.loader;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Loads in a JVM of its own, and prints how much memory the process has taken. */
public final class LoaderMemoryProgram {
  private LoaderMemoryProgram() {}

  /** Arguments: {@code load} FILE MEMORY, or {@code abandon} FILE COUNT. */
  public static void main(String[] args) throws Exception {
    RecordSource source = RecordSource.files(Path.of(args[1]));
    int number = Integer.parseInt(args[2]);
    LoaderOptions warm = LoaderOptions.defaults().withMemory(1 << 20).withBatchSize(16);
    try (DataLoader loader = DataLoader.open(source, warm)) {
      loader.next().close();
    }
    System.out.println("before " + status("VmRSS"));
    if (args[0].equals("load")) {
      load(source, number);
    } else {
      abandon(source, number);
    }
    System.out.println("peak " + status("VmHWM"));
  }

  private static void load(RecordSource source, int memory) throws Exception {
    LoaderOptions options =
        LoaderOptions.defaults()
            .withShuffle(Shuffle.windowed(memory / 4))
            .withMemory(memory)
            .withWorkers(2)
            .withEpochs(3);
    long records = 0;
    try (DataLoader loader = DataLoader.open(source, options)) {
      for (LoadedBatch batch : loader) {
        records += batch.recordCount();
        if (batch.step() % 50 == 0) {
          Thread.sleep(20); // The workers load ahead as far as they may.
        }
      }
    }
    System.out.println("records " + records);
  }

  private static void abandon(RecordSource source, int count) throws Exception {
    long early = 0;
    for (int i = 0; i < count; i++) {
      forget(source, i);
      if (i == count / 2) {
        early = status("VmRSS");
      }
    }
    System.out.println("early " + early);
    System.out.println("late " + status("VmRSS"));
  }

  private static void forget(RecordSource source, int number) throws IOException {
    LoaderOptions options = LoaderOptions.defaults().withWorkers(number % 3).withBatchSize(16);
    DataLoader.open(source, options).next();
  }

  /** A line of the status of the process, in bytes. */
  private static long status(String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IOException("/proc/self/status has no " + name);
  }
}
