package io.disky.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.disky.Compression;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.WriterOptions;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteFileChangedException;
import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteRange;
import io.disky.remote.RemoteStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The promises of {@link RemoteFile}, which each store keeps. The test of a store implements this
 * interface, and so inherits the tests.
 */
public interface RemoteFileContract {
  /** The store, the same during a test. It is open, and has no files at first. */
  RemoteStore store();

  /** The part of addresses before the path: {@code s3://bucket}, for example. */
  String root();

  /** Writes a file without the store. */
  void put(String key, byte[] bytes) throws IOException;

  /**
   * Whether the server of the test cannot store a file of this name. Then the test of the store
   * checks what the store sends.
   */
  default boolean isRefusedByServer(String key) {
    return false;
  }

  /** The address of a file. */
  default URI address(String key) {
    try {
      return URI.create(root() + new URI(null, null, "/" + key, null).toASCIIString());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** Bytes that are different for each size. */
  static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  /** The result of a future, or its failure as it is. */
  static <T> T joined(CompletableFuture<T> future) throws Throwable {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw e.getCause();
    }
  }

  /** Reads with a target of {@code size} bytes, and checks that no byte after it changes. */
  static byte[] read(RemoteFile file, long position, int size, Optional<String> version)
      throws Throwable {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment bytes = arena.allocate(size + 64L);
      RemoteRange range;
      try {
        range = joined(file.read(position, bytes.asSlice(0, size), version));
      } finally {
        assertThat(bytes.asSlice(size).toArray(JAVA_BYTE)).containsOnly(0);
      }
      assertThat(range.position()).isEqualTo(position);
      return bytes.asSlice(0, range.length()).toArray(JAVA_BYTE);
    }
  }

  /** Reads the end of a file. */
  static RemoteRange end(RemoteFile file, int size) throws Throwable {
    try (Arena arena = Arena.ofShared()) {
      return joined(file.readEnd(arena.allocate(size)));
    }
  }

  @Test
  default void rangesAndTheEndAreRead() throws Throwable {
    byte[] bytes = random(300_000);
    put("file", bytes);
    RemoteFile file = store().file(address("file"));
    try (Arena arena = Arena.ofShared()) {
      MemorySegment end = arena.allocate(1_000);
      RemoteRange range = joined(file.readEnd(end));
      assertThat(range).isEqualTo(new RemoteRange(299_000, 1_000, 300_000, range.version()));
      assertThat(end.toArray(JAVA_BYTE)).isEqualTo(Arrays.copyOfRange(bytes, 299_000, 300_000));

      Optional<String> version = Optional.of(range.version());
      MemorySegment target = arena.allocate(100_000);
      assertThat(joined(file.read(0, target, version)))
          .isEqualTo(new RemoteRange(0, 100_000, 300_000, range.version()));
      assertThat(target.toArray(JAVA_BYTE)).isEqualTo(Arrays.copyOf(bytes, 100_000));
      assertThat(read(file, 123_456, 7, version))
          .isEqualTo(Arrays.copyOfRange(bytes, 123_456, 123_463));
      assertThat(read(file, 5, 100, Optional.empty())).isEqualTo(Arrays.copyOfRange(bytes, 5, 105));

      MemorySegment large = arena.allocate(400_000);
      assertThat(joined(file.readEnd(large)))
          .isEqualTo(new RemoteRange(0, 300_000, 300_000, range.version()));
      assertThat(large.asSlice(0, 300_000).toArray(JAVA_BYTE)).isEqualTo(bytes);
    }
  }

  @Test
  default void aRangeEndsWithTheFile() throws Throwable {
    byte[] bytes = random(1_000);
    put("file", bytes);
    RemoteFile file = store().file(address("file"));
    String version = end(file, 10).version();
    assertThat(read(file, 990, 100, Optional.of(version)))
        .isEqualTo(Arrays.copyOfRange(bytes, 990, 1_000));
    assertThat(read(file, 999, 1, Optional.of(version))).containsExactly(bytes[999]);
  }

  @Test
  default void aRangeBeyondTheEndIsAFailure() throws Throwable {
    put("file", random(1_000));
    RemoteFile file = store().file(address("file"));
    Optional<String> version = Optional.of(end(file, 10).version());
    for (long position : new long[] {1_000, 1_001, 1L << 40}) {
      assertThat(catchThrowable(() -> read(file, position, 10, version)))
          .as("byte %s", position)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.name());
    }
  }

  @Test
  default void anEmptyFile() throws Throwable {
    put("file", new byte[0]);
    RemoteFile file = store().file(address("file"));
    RemoteRange end = end(file, 10);
    assertThat(end).isEqualTo(new RemoteRange(0, 0, 0, end.version()));
    try (RecordReader reader = RecordReader.open(file)) {
      assertThat(reader.next()).isNull();
    }
    put("file", random(1));
    assertThat(end(file, 10).version()).isNotEqualTo(end.version());
  }

  @Test
  default void aFileThatIsReplacedIsAFailure() throws Throwable {
    put("file", random(1_000));
    RemoteFile file = store().file(address("file"));
    String version = end(file, 10).version();
    assertThat(end(file, 10).version()).isEqualTo(version);
    put("file", random(1_001));
    assertThatExceptionOfType(RemoteFileChangedException.class)
        .isThrownBy(() -> read(file, 0, 10, Optional.of(version)))
        .withMessageContaining(file.name());
    assertThat(end(file, 10).version()).isNotEqualTo(version);
    put("file", random(10)); // the position is beyond its end
    assertThat(catchThrowable(() -> read(file, 500, 10, Optional.of(version))))
        .isInstanceOf(RemoteFileChangedException.class);
  }

  /** Records of two versions are never mixed. */
  @Test
  default void aReaderNoticesThatItsFileIsReplaced() throws Throwable {
    put("file", records(0, 60));
    RemoteOptions small = RemoteOptions.defaults().withRequestSize(64 << 10).withMaxReadAhead(0);
    ReaderOptions options = ReaderOptions.defaults().withRemote(small);
    try (RecordReader reader = RecordReader.open(store().file(address("file")), options)) {
      assertThat(reader.next().toArray(JAVA_BYTE)).isEqualTo(record(0));
      put("file", records(1_000, 60));
      List<byte[]> rest = new ArrayList<>();
      assertThatExceptionOfType(RemoteFileChangedException.class)
          .isThrownBy(() -> ReadingWay.NEXT.read(reader, rest::add))
          .withMessageContaining(store().file(address("file")).name());
      for (int i = 0; i < rest.size(); i++) {
        assertThat(rest.get(i)).isEqualTo(record(i + 1));
      }
    }
  }

  private static byte[] record(int number) {
    return random(100_000 + number);
  }

  private static byte[] records(int first, int count) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    WriterOptions plain =
        WriterOptions.defaults().withCompression(Compression.none()).withChunkSize(200_000);
    try (RecordWriter writer = RecordWriter.open(bytes, plain)) {
      for (int i = first; i < first + count; i++) {
        writer.write(record(i));
      }
    }
    return bytes.toByteArray();
  }

  @Test
  default void aMissingFile() {
    RemoteFile file = store().file(address("missing"));
    for (Throwable failure :
        List.of(
            catchThrowable(() -> end(file, 10)),
            catchThrowable(() -> read(file, 0, 10, Optional.empty())))) {
      assertThat(failure).isInstanceOf(NoSuchFileException.class).hasMessageContaining(file.name());
    }
  }

  /** Each name is that of one file, which neither decoding twice nor tidying up changes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        "a%20b",
        "100%",
        "a+b",
        "é/漢字 🙂",
        "a..b",
        "..c",
        "x/../y",
        "x//y",
        "q?a=1&b#c",
        "semi;colon,comma",
        "'quoted'\"",
        "back\\slash",
        "[1]{2}|3^4`5",
        "trailing.",
        "~!$()*@:"
      })
  default void everyName(String key) throws Throwable {
    if (isRefusedByServer(key)) {
      return;
    }
    byte[] bytes = random(key.length() + 100);
    put(key, bytes);
    put("y", random(99));
    URI address = address(key);
    RemoteFile file = store().file(address);
    RemoteRange end = end(file, 1_000);
    assertThat(end.fileSize()).isEqualTo(bytes.length);
    assertThat(read(file, 0, 1_000, Optional.of(end.version()))).isEqualTo(bytes);
    assertThat(file.name()).isEqualTo(address.toString());
  }

  @Test
  default void manyRequestsAtOnce() throws Throwable {
    byte[] bytes = random(1 << 20);
    put("file", bytes);
    RemoteFile file = store().file(address("file"));
    try (Arena arena = Arena.ofShared()) {
      MemorySegment all = arena.allocate(bytes.length);
      int part = 1 << 15;
      List<CompletableFuture<RemoteRange>> ranges = new ArrayList<>();
      for (int at = 0; at < bytes.length; at += part) {
        ranges.add(file.read(at, all.asSlice(at, part), Optional.empty()));
      }
      for (int i = 0; i < ranges.size(); i++) {
        RemoteRange range = joined(ranges.get(i));
        assertThat(range.position()).isEqualTo((long) i * part);
        assertThat(range.length()).isEqualTo(part);
      }
      assertThat(Arrays.equals(all.toArray(JAVA_BYTE), bytes)).isTrue();
    }
  }

  /** After its future is complete, a cancelled request does not touch its memory. */
  @Test
  default void aCancelledRequestLeavesItsMemoryAlone() throws Throwable {
    put("file", random(4 << 20));
    try (Arena arena = Arena.ofShared()) {
      MemorySegment bytes = arena.allocate(4 << 20);
      MemorySegment zeros = arena.allocate(4 << 20);
      for (int i = 0; i < 20; i++) {
        CompletableFuture<RemoteRange> range =
            store().file(address("file")).read(0, bytes, Optional.empty());
        long begun = System.nanoTime();
        while (!range.isDone() && System.nanoTime() - begun < i * 500_000L) {
          Thread.onSpinWait();
        }
        range.cancel(true);
        assertThat(range).isDone();
        bytes.fill((byte) 0);
        Thread.sleep(3);
        assertThat(bytes.mismatch(zeros)).isEqualTo(-1);
      }
    }
  }

  /** A request to a closed store fails. It does not wait for ever. */
  @Test
  default void closingTwice() throws Throwable {
    put("file", random(1_000));
    RemoteFile file = store().file(address("file"));
    end(file, 10);
    store().close();
    store().close();
    assertThat(catchThrowable(() -> end(file, 10)))
        .isInstanceOfAny(IOException.class, IllegalStateException.class);
    assertThat(catchThrowable(() -> end(store().file(address("file")), 10)))
        .isInstanceOfAny(IOException.class, IllegalStateException.class);
  }
}
