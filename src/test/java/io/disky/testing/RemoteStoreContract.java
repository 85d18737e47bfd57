package io.disky.testing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.disky.Compression;
import io.disky.MultiThreadedWriter;
import io.disky.MultiThreadedWriterOptions;
import io.disky.OpenMode;
import io.disky.RecordReader;
import io.disky.RecordWriter;
import io.disky.RemoteTarget;
import io.disky.ShardTarget;
import io.disky.WriterOptions;
import io.disky.remote.RemoteOptions;
import io.disky.remote.RemoteUpload;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The promises of a store that lists, writes and removes files. */
public interface RemoteStoreContract extends RemoteFileContract {
  /** Uncompressed records. */
  WriterOptions PLAIN = WriterOptions.defaults().withCompression(Compression.none());

  /** Reads a file without the store; {@code null} if it does not exist. */
  byte @Nullable [] get(String key) throws IOException;

  /** The keys of all files, without the store. */
  List<String> keys() throws IOException;

  /** Number of uploads that are neither complete nor aborted. */
  long openUploads();

  private RemoteTarget target() {
    return RemoteTarget.of(store(), address("file"));
  }

  /** Size of the first part of an upload. */
  default int partSize() throws IOException {
    RemoteUpload upload = store().create(address("size"), true);
    int size = Math.toIntExact(upload.partSize(0));
    upload.abort().join();
    return size;
  }

  private static byte[] record(int number, int size) {
    return RemoteFileContract.random(size + number);
  }

  /** Writes this many parts, in records of a quarter of a part; less than a part if it is 0. */
  static void write(RecordWriter writer, int parts, int partSize) throws IOException {
    for (int i = 0; i < records(parts); i++) {
      writer.write(record(i, partSize / 4));
    }
  }

  private static int records(int parts) {
    return parts == 0 ? 2 : parts * 4 + 1;
  }

  /** Checks that the file has these records and nothing else. */
  default void assertRecords(int parts, int partSize) throws IOException {
    try (RecordReader reader = RecordReader.open(MemorySegment.ofArray(get("file")))) {
      for (int i = 0; i < records(parts); i++) {
        assertThat(Arrays.equals(reader.next().toArray(JAVA_BYTE), record(i, partSize / 4)))
            .as("record %s", i)
            .isTrue();
      }
      assertThat(reader.next()).isNull();
    }
  }

  /** Uploads bytes in parts, all that the store takes at a time. */
  private static void upload(RemoteUpload upload, byte[] bytes) throws Throwable {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment all = arena.allocate(Math.max(1, bytes.length));
      all.copyFrom(MemorySegment.ofArray(bytes));
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      long at = 0;
      for (int part = 0; at < bytes.length; part++) {
        long size = Math.min(upload.partSize(part), bytes.length - at);
        if (part >= upload.maxParts()) {
          RemoteFileContract.joined(sent.get(part - upload.maxParts()));
        }
        sent.add(upload.send(part, all.asSlice(at, size)));
        at += size;
      }
      for (CompletableFuture<Void> each : sent) {
        RemoteFileContract.joined(each);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"empty", "small", "a part", "a part and a byte", "parts", "parts and more"})
  default void anUploadAppearsWhenItIsComplete(String kind) throws Throwable {
    int part = partSize();
    byte[] bytes =
        RemoteFileContract.random(
            switch (kind) {
              case "empty" -> 0;
              case "small" -> 100;
              case "a part" -> part;
              case "a part and a byte" -> part + 1;
              case "parts" -> 2 * part;
              default -> 2 * part + 100_000;
            });
    RemoteUpload upload = store().create(address("file"), false);
    upload(upload, bytes);
    assertThat(keys()).isEmpty();
    RemoteFileContract.joined(upload.complete());
    assertThat(Arrays.equals(get("file"), bytes)).isTrue();
    assertThat(openUploads()).isZero();
    // The answer was lost, for all that the library knows.
    RemoteFileContract.joined(upload.complete());
    assertThat(Arrays.equals(get("file"), bytes)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  default void anAbortedUploadLeavesNothing(int parts) throws Throwable {
    RemoteUpload upload = store().create(address("file"), false);
    upload(upload, RemoteFileContract.random(parts * partSize()));
    RemoteFileContract.joined(upload.abort());
    assertThat(keys()).isEmpty();
    assertThat(openUploads()).isZero();
    RemoteFileContract.joined(upload.abort());
    assertThat(openUploads()).isZero();
  }

  /** One of them wins, and its file is complete. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  default void twoUploadsToTheSameName(boolean replace) throws Throwable {
    int part = partSize();
    byte[] first = RemoteFileContract.random(part + 10);
    byte[] second = RemoteFileContract.random(2 * part + 20);
    RemoteUpload one = store().create(address("file"), replace);
    RemoteUpload two = store().create(address("file"), replace);
    upload(one, first);
    upload(two, second);
    RemoteFileContract.joined(two.complete());
    assertThat(Arrays.equals(get("file"), second)).isTrue();
    if (replace) {
      RemoteFileContract.joined(one.complete());
      assertThat(Arrays.equals(get("file"), first)).isTrue();
    } else {
      assertThat(catchThrowable(() -> RemoteFileContract.joined(one.complete())))
          .isInstanceOf(FileAlreadyExistsException.class)
          .hasMessageContaining(address("file").toString());
      RemoteFileContract.joined(one.abort());
      assertThat(Arrays.equals(get("file"), second)).isTrue();
    }
    assertThat(openUploads()).isZero();
  }

  @Test
  default void aNewFileMustNotExist() throws IOException {
    put("file", new byte[7]);
    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> store().create(address("file"), false))
        .withMessageContaining(address("file").toString());
    assertThat(openUploads()).isZero();
  }

  @Test
  default void removedTwice() throws IOException {
    put("file", new byte[7]);
    put("file2", new byte[7]);
    store().delete(address("file"));
    assertThat(keys()).containsExactly("file2");
    store().delete(address("file"));
    assertThat(keys()).containsExactly("file2");
  }

  @Test
  default void aPrefixIsListed() throws Throwable {
    for (String key : List.of("train/shard_0", "train/shard_10", "train/a b%é?#*", "other/x")) {
      put(key, new byte[1]);
    }
    List<URI> found = store().list(address("train/"));
    assertThat(found)
        .containsExactly(
            address("train/a b%é?#*"), address("train/shard_0"), address("train/shard_10"));
    assertThat(store().list(address("train/shard_1"))).containsExactly(address("train/shard_10"));
    assertThat(store().list(address("tr"))).hasSize(3);
    assertThat(store().list(address("none"))).isEmpty();
    for (URI each : found) {
      assertThat(RemoteFileContract.read(store().file(each), 0, 10, Optional.empty())).hasSize(1);
    }
  }

  /** More than one page, in the order of names, which is that of the numbers of shards. */
  @Test
  default void manyFilesAreListedInOrder() throws IOException {
    TreeSet<String> keys = new TreeSet<>();
    for (int i = 0; i < 1_003; i++) {
      keys.add(String.format("many/shard-%05d-of-01003", (i * 7) % 1_003));
    }
    putAll(List.copyOf(keys));
    put("many0", new byte[1]);
    assertThat(store().list(address("many/"))).isEqualTo(keys.stream().map(this::address).toList());
  }

  /** Writes files of 1 byte without the store. */
  default void putAll(List<String> keys) throws IOException {
    for (String key : keys) {
      put(key, new byte[1]);
    }
  }

  @Test
  default void addressesThatAreNone() {
    for (String wrong :
        List.of(
            root(),
            root() + "/",
            root().substring(0, root().indexOf(':')) + ":file",
            "other://records/file",
            root().replace("://", "://id:secret@") + "/file",
            root() + "/file?signature=secret",
            root() + "/file#secret",
            "file?secret",
            "other:secret@x",
            "other://id:secret@records/file",
            "file")) {
      assertThatIllegalArgumentException()
          .as(wrong)
          .isThrownBy(() -> store().file(URI.create(wrong)))
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  default void aWriterMakesAFile(int parts) throws IOException {
    int partSize = partSize();
    RecordWriter writer = RecordWriter.open(target(), PLAIN);
    write(writer, parts, partSize);
    assertThat(keys()).isEmpty();
    writer.close();
    writer.close();
    assertRecords(parts, partSize);
    assertThat(openUploads()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  default void aDiscardedWriterLeavesNothing(int parts) throws IOException {
    int partSize = partSize();
    RecordWriter writer = RecordWriter.open(target(), PLAIN);
    write(writer, parts, partSize);
    writer.discard();
    writer.close();
    assertThat(keys()).isEmpty();
    assertThat(openUploads()).isZero();
    assertThatIOException()
        .isThrownBy(() ->
            RecordWriter.writeAtomically(
                target(),
                PLAIN,
                failing -> {
                  write(failing, parts, partSize);
                  throw new IOException("planted");
                }))
        .withMessage("planted");
    assertThat(keys()).isEmpty();
    assertThat(openUploads()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  default void anExistingFileIsReplacedOnlyOnRequest(int parts) throws IOException {
    int partSize = partSize();
    put("file", new byte[7]);
    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(() -> RecordWriter.open(target(), PLAIN));
    RecordWriter.writeAtomically(
        target(), PLAIN.withOpenMode(OpenMode.OVERWRITE), writer -> write(writer, parts, partSize));
    assertRecords(parts, partSize);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  default void aFileThatHasAppearedMeanwhileStays(int parts) throws IOException {
    RecordWriter writer = RecordWriter.open(target(), PLAIN);
    write(writer, parts, partSize());
    put("file", new byte[7]);
    assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(writer::close);
    assertThat(get("file")).hasSize(7);
    assertThat(openUploads()).isZero();
  }

  @Test
  default void shardsOfManyThreads() throws IOException {
    ShardTarget shards =
        ShardTarget.inStore(store(), address("train/shard"), RemoteOptions.defaults());
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults().withNumShards(2).withWriterOptions(PLAIN);
    try (MultiThreadedWriter writer = MultiThreadedWriter.open(shards, options)) {
      for (int i = 0; i < 40; i++) {
        writer.write(record(i, 100_000));
      }
    }
    List<Long> sizes = new ArrayList<>();
    for (URI shard : store().list(address("train/shard_"))) {
      MemorySegment bytes = MemorySegment.ofArray(get(shard.getPath().substring(1)));
      try (RecordReader reader = RecordReader.open(bytes)) {
        reader.stream().forEach(record -> sizes.add(record.byteSize()));
      }
    }
    assertThat(sizes).hasSize(40).doesNotHaveDuplicates();
    shards.clear();
    assertThat(keys()).isEmpty();
  }
}
