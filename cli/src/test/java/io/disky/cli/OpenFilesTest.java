package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Commands that may open no more files. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(300) // Only so that a command that waits in vain fails.
class OpenFilesTest {
  @TempDir Path directory;

  @Test
  void theMessageNamesTheFileAndTheLimitThatCanBeRaised() throws Exception {
    String output =
        CliProcess.script(
            directory,
            "mkdir out",
            "ulimit -n 40", // what a JVM needs, and not 64 shards beside it
            "seq 1 1000 | disky write --shards 64 out -",
            "echo \"status $? $(ls out | wc -l | tr -d ' ')\"");
    assertThat(output)
        .containsPattern(
            "disky: shard out/shard_\\d+: cannot open for writing: Too many open files")
        .contains("raise the limit (ulimit -n)")
        .doesNotContain("defect")
        .endsWith("status 1 0\n");
  }
}
