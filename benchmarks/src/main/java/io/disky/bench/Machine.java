package io.disky.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Describes the machine and the software of a run. */
final class Machine {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

  private Machine() {}

  /** Facts by name, in the order of the report. */
  static Map<String, String> describe(Settings settings) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("processor", processor());
    facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    facts.put("memory", Units.bytes(system.getTotalMemorySize()));
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("file system", Files.getFileStore(settings.directory()).type());
    facts.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
    facts.put("Rust", System.getProperty("disky.bench.rust"));
    facts.put("revision", Build.current().revision());
    if (settings.earlier() != null) {
      facts.put("earlier revision", settings.earlier().revision());
    }
    return facts;
  }

  private static String processor() throws IOException {
    String architecture = System.getProperty("os.arch");
    if (!Files.isReadable(PROCESSORS)) {
      return architecture;
    }
    return Files.readAllLines(PROCESSORS).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).trim() + ", " + architecture)
        .findFirst()
        .orElse(architecture);
  }
}
