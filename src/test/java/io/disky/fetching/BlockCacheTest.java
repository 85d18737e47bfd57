package io.disky.fetching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.fetching.FaultySource.Fault;
import io.disky.retrying.RetryPolicy;
import io.disky.transfer.ByteSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BlockCacheTest {
  private static final int BLOCK = BlockCache.BLOCK;
  private static final String FILE = BlockCache.fileKey("name", "v1", 10);

  @TempDir private Path parent;
  private Path directory;
  private BlockCache cache;
  private final Arena arena = Arena.ofShared();

  @BeforeEach
  void open() throws IOException {
    directory = parent.resolve("new/cache");
    cache = BlockCache.open(directory, 16L * BLOCK);
  }

  @AfterEach
  void close() {
    arena.close();
  }

  private MemorySegment block(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    MemorySegment segment = arena.allocate(size);
    segment.copyFrom(MemorySegment.ofArray(bytes));
    return segment;
  }

  private boolean has(BlockCache cache, long number, MemorySegment expected) {
    MemorySegment target = arena.allocate(expected.byteSize());
    return cache.read(FILE, number, target) && target.mismatch(expected) < 0;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.endsWith("lock"))
          .sorted()
          .toList();
    }
  }

  private static long size(Path file) {
    return file.toFile().length();
  }

  @Test
  void blocksAreReadByAnyProcess() throws IOException {
    MemorySegment first = block(1, BLOCK);
    MemorySegment second = block(2, 100);
    cache.write(FILE, 0, first);
    cache.write(FILE, 1, second);
    BlockCache another = BlockCache.open(directory, 16L * BLOCK);
    assertThat(has(another, 0, first)).isTrue();
    assertThat(has(another, 1, second)).isTrue();
    assertThat(has(another, 2, second)).isFalse();
    assertThat(another.read(BlockCache.fileKey("name", "v2", 10), 0, first)).isFalse();
    assertThat(another.read(BlockCache.fileKey("nam", "ev1", 10), 0, first)).isFalse();
    assertThat(files()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bit", "header", "short", "long", "empty", "number", "size"})
  void aDamagedBlockIsRemoved(String damage) throws IOException {
    MemorySegment block = block(1, 1000);
    cache.write(FILE, 0, block);
    Path file = files().getFirst();
    byte[] bytes = Files.readAllBytes(file);
    MemorySegment expected = block;
    switch (damage) {
      case "bit" -> bytes[500] ^= 4;
      case "header" -> bytes[3] ^= 4;
      case "short" -> bytes = Arrays.copyOf(bytes, bytes.length - 1);
      case "long" -> bytes = Arrays.copyOf(bytes, bytes.length + 1);
      case "empty" -> bytes = new byte[0];
      case "number" -> {
        Path other = file.resolveSibling(FILE + "-7");
        Files.move(file, other);
        file = other;
      }
      default -> expected = block(1, 900);
    }
    Files.write(file, bytes);
    assertThat(has(cache, damage.equals("number") ? 7 : 0, expected)).isFalse();
    assertThat(file).doesNotExist();
    cache.write(FILE, 0, block);
    assertThat(has(cache, 0, block)).isTrue();
  }

  @Test
  void theBlocksThatWereUsedLeastRecentlyAreRemoved() throws IOException {
    for (int i = 0; i < 15; i++) {
      cache.write(FILE, i, block(i, BLOCK));
      Path file = directory.resolve(FILE.substring(0, 2)).resolve(FILE + "-" + i);
      Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000 + i));
    }
    Path foreign = directory.resolve("foreign");
    Files.writeString(foreign, "not the cache's");
    Files.setLastModifiedTime(foreign, FileTime.fromMillis(1));
    assertThat(has(cache, 0, block(0, BLOCK))).isTrue(); // used now
    for (int i = 15; i < 40; i++) {
      cache.write(FILE, i, block(i, BLOCK));
      long size = files().stream().mapToLong(BlockCacheTest::size).sum();
      assertThat(size).isLessThanOrEqualTo(16L * BLOCK);
      if (i == 16) {
        assertThat(has(cache, 1, block(1, BLOCK))).isFalse();
        assertThat(has(cache, 0, block(0, BLOCK))).isTrue();
        assertThat(has(cache, 14, block(14, BLOCK))).isTrue();
      }
    }
    assertThat(foreign).exists();
  }

  @Test
  void whatKilledProcessesLeftIsRemoved() throws IOException {
    cache.write(FILE, 0, block(0, 10));
    Path old = directory.resolve(FILE.substring(0, 2)).resolve(FILE + "-1.1234.tmp");
    Path young = directory.resolve(FILE.substring(0, 2)).resolve(FILE + "-2.1234.tmp");
    Files.writeString(old, "torn");
    Files.writeString(young, "is being written");
    Files.setLastModifiedTime(old, FileTime.fromMillis(System.currentTimeMillis() - 3_700_000));
    BlockCache.open(directory, 16L * BLOCK).write(FILE, 1, block(1, 10));
    assertThat(old).doesNotExist();
    assertThat(young).exists();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void onlyTheOwnerCanReadIt() throws IOException {
    cache.write(FILE, 0, block(0, 10));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files().getFirst())))
        .isEqualTo("rw-------");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwx---"));
    assertThatThrownBy(() -> BlockCache.open(directory, 16L * BLOCK))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("other users may write to this directory");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aDiskThatFailsIsNoFailure() throws IOException {
    MemorySegment block = block(0, 10);
    Files.writeString(directory.resolve(FILE.substring(0, 2)), "not a directory");
    cache.write(FILE, 0, block);
    assertThat(has(cache, 0, block)).isFalse();
    Path file = parent.resolve("file");
    Files.writeString(file, "");
    assertThatThrownBy(() -> BlockCache.open(file, 16L * BLOCK)).isInstanceOf(IOException.class);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(1);
    }
  }

  @Test
  void aFileIsReadFromTheCacheTheSecondTime() throws Exception {
    byte[] bytes = new byte[9 * BLOCK + 300_000];
    new Random(1).nextBytes(bytes);
    try (VirtualClock clock = new VirtualClock(1)) {
      FaultySource source = new FaultySource(bytes, clock, request -> Fault.NONE);
      BlockCache large = BlockCache.open(parent.resolve("large"), 64L * BLOCK);
      FetchCounters counters = new FetchCounters();
      FetchSettings settings =
          new FetchSettings(
              2 * BLOCK,
              4,
              32L * BLOCK,
              Long.MAX_VALUE,
              0,
              RetryPolicy.DEFAULT,
              Hedging.NEVER,
              clock,
              counters,
              large);
      directory = large.directory();
      read(source, settings, bytes);
      assertThat(counters.cacheHits()).isZero();
      await(() -> {
        try {
          return files().size() == 10 && files().stream().noneMatch(f -> f.endsWith(".tmp"));
        } catch (IOException e) {
          return false;
        }
      });
      int before = source.requests().size();
      read(source, settings, bytes);
      assertThat(source.requests()).hasSize(before + 1); // the end
      assertThat(counters.cacheHits()).isEqualTo(10);
      assertThat(counters.cacheBytes()).isEqualTo(bytes.length - 256 * 1024);

      // Another version has blocks of its own.
      source.version = "v2";
      bytes[5] ^= 1;
      read(source, settings, bytes);
      assertThat(counters.cacheHits()).isEqualTo(10);

      // Announced ranges are read by the same blocks.
      source.version = "v1";
      bytes[5] ^= 1;
      before = source.requests().size();
      try (FetchedFile file = FetchedFile.open(source, settings);
          ByteSource reading = file.source()) {
        file.announce(
            List.of(
                new ByteRange(10, 20),
                new ByteRange(BLOCK - 5, BLOCK + 5),
                new ByteRange(5 * BLOCK + 7, 5 * BLOCK + 8)));
        assertThat(reading.read(BLOCK - 5, 5).toArray(ValueLayout.JAVA_BYTE))
            .isEqualTo(Arrays.copyOfRange(bytes, BLOCK - 5, BLOCK));
        assertThat(reading.read(5 * BLOCK + 7, 1).get(ValueLayout.JAVA_BYTE, 0))
            .isEqualTo(bytes[5 * BLOCK + 7]);
      }
      assertThat(source.requests()).hasSize(before + 1);
    }
  }

  private static void read(FaultySource source, FetchSettings settings, byte[] bytes)
      throws IOException {
    try (FetchedFile file = FetchedFile.open(source, settings);
        ByteSource reading = file.source()) {
      byte[] read = new byte[bytes.length];
      for (int at = 0; at < read.length; ) {
        MemorySegment part = reading.read(at, read.length);
        int size = (int) part.byteSize();
        MemorySegment.copy(part, ValueLayout.JAVA_BYTE, 0, read, at, size);
        at += size;
      }
      assertThat(Arrays.equals(read, bytes)).isTrue();
    }
  }
}
