package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.disky.damage.FileDamage;
import io.disky.testing.LogCapture;
import io.disky.testing.NumberedRecords;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names with control characters in exceptions, texts of objects and the log. */
class NamesInMessagesTest {
  private static final String NAME = "a\n\u001b[2Jb";
  private static final String QUOTED = "'$'\\n\\033''[2Jb";

  @TempDir private Path directory;
  private Path file;
  private LogCapture log;

  @BeforeEach
  void setUp() throws IOException {
    file = NumberedRecords.write(directory.resolve(NAME), Compression.none(), 2, 2);
    log = new LogCapture();
  }

  @AfterEach
  void tearDown() {
    assertThat(String.join("|", log.messages(""))).doesNotContain("\u001b");
    log.close();
  }

  private static void assertQuoted(String text) {
    assertThat(text).contains(QUOTED).doesNotContain("\u001b", "\n");
  }

  private static Throwable thrown(ThrowingCallable call) {
    Throwable failure = catchThrowable(call);
    assertThat(failure).isNotNull();
    assertQuoted(failure.getMessage());
    assertQuoted(failure.toString());
    return failure;
  }

  @Test
  void exceptionsQuoteThem() throws IOException {
    Path missing = directory.resolve("missing" + NAME);
    Throwable none = thrown(() -> RecordReader.open(missing));
    assertThat(none).isInstanceOf(NoSuchFileException.class);
    assertThat(none.toString()).startsWith("java.nio.file.NoSuchFileException: ");
    assertThat(((FileSystemException) none).getFile()).isEqualTo(missing.toString());
    assertThat(thrown(() -> RecordWriter.open(file)))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(thrown(() -> RandomAccessReader.open(missing)))
        .isInstanceOf(NoSuchFileException.class);
    Path folder = Files.createDirectory(directory.resolve("folder" + NAME));
    assertThat(thrown(() -> RecordReader.open(folder))).isInstanceOf(FileSystemException.class);
    assertThat(thrown(() -> Shards.inDirectory(missing, "x")))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(thrown(() -> Shards.inDirectory(folder, "x")))
        .isInstanceOf(NoSuchFileException.class);
    Path damaged = directory.resolve("damaged" + NAME);
    Files.write(damaged, FileDamage.flip(Files.readAllBytes(file), 110));
    assertThat(thrown(() -> Records.recordCount(Files.writeString(damaged, "junk"))))
        .isInstanceOf(CorruptFileException.class);
    thrown(() -> {
      try (MultiThreadedReader reader =
          MultiThreadedReader.open(Shards.of(List.of(damaged)).inOrder())) {
        reader.next();
      }
    });
    Files.createDirectory(directory.resolve(NAME + ".index"));
    try (RandomAccessReader reader = RandomAccessReader.open(file)) {
      thrown(reader::saveIndex);
    }
    RecordReader closed = RecordReader.open(file);
    closed.close();
    thrown(closed::nextBatch);
    RecordReader memory = RecordReader.open(MemorySegment.ofArray(Files.readAllBytes(file)));
    memory.close();
  }

  @Test
  void deniedAccessQuotesThem() throws IOException {
    Files.setPosixFilePermissions(file, java.util.Set.of());
    assumeTrue(!Files.isReadable(file), "the superuser reads all");
    assertThat(thrown(() -> RecordReader.open(file))).isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void textsOfObjectsQuoteThem() throws IOException {
    assertQuoted(Shard.of(file).toString());
    assertThat(Shard.of(file).name()).isEqualTo(file.toString());
    assertQuoted(Shard.of(NAME, MemorySegment.ofArray(new byte[1])).toString());
    assertQuoted(Shards.of(List.of(file)).toString());
    assertQuoted(RandomAccessOptions.defaults().withIndexDirectory(file).toString());
    assertQuoted(MultiThreadedWriterOptions.defaults().withPrefix("x" + NAME).toString());
    RecordsMetadata metadata =
        RecordsMetadata.empty().withFileComment("x" + NAME).withRecordTypeName("x" + NAME);
    assertQuoted(metadata.toString());
    List<WrittenShard> shards = new ArrayList<>();
    MultiThreadedWriterOptions options =
        MultiThreadedWriterOptions.defaults().withPrefix("x" + NAME);
    try (MultiThreadedWriter writer =
        MultiThreadedWriter.open(directory.resolve("shards"), options)) {
      shards.addAll(writer.shards());
    }
    shards.forEach(shard -> assertQuoted(shard.toString()));
    assertThat(shards).isNotEmpty();
  }

  @Test
  void theLogQuotesThem() throws IOException {
    Path torn = Files.copy(file, directory.resolve("torn" + NAME));
    Files.write(torn, new byte[30], java.nio.file.StandardOpenOption.APPEND);
    WriterOptions repair = WriterOptions.defaults().withOpenMode(OpenMode.APPEND).withRepair(true);
    RecordWriter.open(torn, repair).close();
    Path damaged = directory.resolve("damaged" + NAME);
    Files.write(damaged, FileDamage.flip(Files.readAllBytes(file), 110));
    ReaderOptions recover =
        ReaderOptions.defaults().withCorruptionStrategy(CorruptionStrategy.RECOVER);
    try (RecordReader reader = RecordReader.open(damaged, recover)) {
      reader.recordCount();
      reader.verify();
    }
    Files.write(directory.resolve(NAME + ".index"), new byte[10]);
    RandomAccessOptions save =
        RandomAccessOptions.defaults().withSavedIndex(SavedIndex.LOAD_OR_SAVE);
    RandomAccessReader.open(file, save).close();
    List<String> messages = log.messages("");
    assertThat(messages).hasSizeGreaterThanOrEqualTo(4);
    messages.forEach(NamesInMessagesTest::assertQuoted);
  }
}
