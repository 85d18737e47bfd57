package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.disky.WriterOptions;
import io.disky.damage.FileDamage;
import io.disky.oracle.OracleReader;
import io.disky.testing.UploadStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that write to a store, and that read the files that it lists. */
class RemoteOutputTest {
  private static final String OUT = "s3://bucket/out";

  @TempDir Path directory;
  private final ClassLoader before = Thread.currentThread().getContextClassLoader();
  private UploadStore bucket;

  @BeforeEach
  void install() throws IOException {
    bucket = BucketStore.renew();
    Thread.currentThread().setContextClassLoader(BucketStore.loader(directory));
  }

  @AfterEach
  void remove() {
    Thread.currentThread().setContextClassLoader(before);
    assertThat(bucket.openUploads()).isZero();
    assertThat(BucketStore.open()).isZero();
  }

  private List<String> records(String address) throws IOException {
    return RecordTexts.in(bucket.files().get(address));
  }

  @Test
  void aFileIsWritten() throws IOException {
    CliRun.with("one\ntwo\n", "write", OUT, "-").succeeds();
    assertThat(records(OUT)).containsExactly("one", "two");
    assertThat(CliRun.of("cat", OUT).succeeds().text()).isEqualTo("one\ntwo\n");
    CliRun.with("three\n", "write", OUT, "-").fails(OUT, "exists already; --force overwrites it");
    assertThat(records(OUT)).containsExactly("one", "two");
    CliRun.with("three\n", "write", "--force", "--atomic", OUT, "-").succeeds();
    assertThat(records(OUT)).containsExactly("three");
  }

  @Test
  void filesAreConvertedMergedRecoveredShuffledAndSampled() throws IOException {
    Path in = RecordTexts.write(directory.resolve("in"), "a", "b", "c");
    for (String command : List.of("convert", "merge", "shuffle", "recover")) {
      CliRun run = CliRun.of(command, "-f", in, OUT);
      assertThat(run.status()).as(run.messages()).isZero();
      assertThat(records(OUT)).containsExactlyInAnyOrder("a", "b", "c");
    }
    CliRun.of("sample", "-n", "3", "-o", OUT + "2", OUT).succeeds();
    assertThat(records(OUT + "2")).hasSize(3);
    CliRun.of("convert", in, OUT + ".array_record").succeeds();
    assertThat(CliRun.of("describe", OUT + ".array_record").succeeds().text())
        .contains("array_record\nrecords        3");
  }

  /** A file of several chunks, whose second chunk header is damaged after its index was saved. */
  private void damageHeader() throws IOException {
    byte[] content = bucket.files().get(OUT);
    long second = OracleReader.parse(content).chunks().get(2).begin();
    bucket.files().put(OUT, FileDamage.flip(content, second));
  }

  private void writeFourChunks() {
    CliRun.with("a\nb\nc\nd\n", "write", "--chunk-size=1", OUT, "-").succeeds();
  }

  @Test
  void anIndexIsWrittenNextToItsFileAndUsed() throws IOException {
    writeFourChunks();
    String index = OUT + ".index";
    assertThat(CliRun.of("index", OUT).succeeds().text()).isEqualTo("4  " + index + "\n");
    byte[] first = bucket.files().get(index);
    assertThat(CliRun.of("index", "--json", OUT).succeeds().text())
        .contains("\"index\": \"" + index + "\"", "\"records\": 4");
    assertThat(bucket.files().get(index)).isEqualTo(first);
    damageHeader();
    assertThat(CliRun.of("cat", "-r", "3,0", OUT).succeeds().text()).isEqualTo("d\na\n");
    CliRun.of("sample", "-n4", OUT).fails(OUT, "damaged chunk header");
    bucket.files().remove(index);
    CliRun.of("cat", "-r", "0", OUT).fails(OUT, "damaged chunk header");
  }

  @Test
  void anIndexIsSavedLocallyAndUsed() throws IOException {
    writeFourChunks();
    Path indexes = Files.createDirectory(directory.resolve("indexes"));
    String saved = CliRun.of("index", "--directory", indexes, OUT).succeeds().text();
    assertThat(saved).startsWith("4  " + indexes);
    assertThat(bucket.files()).containsOnlyKeys(OUT);
    damageHeader();
    assertThat(CliRun.of("cat", "-r3", "--index-directory", indexes, OUT).succeeds().text())
        .isEqualTo("d\n");
    CliRun.of("cat", "-r3", OUT).fails("damaged chunk header");
    CliRun.of("cat", "--index-directory", indexes, OUT)
        .isRefused("--index-directory needs --record");
  }

  @Test
  void anotherFileIsNotReplacedByAnIndex() throws IOException {
    writeFourChunks();
    String index = OUT + ".index";
    for (byte[] other : List.of("no record file".getBytes(UTF_8), bucket.files().get(OUT))) {
      bucket.files().put(index, other);
      CliRun.of("index", OUT).fails(index, "is not a saved index", "--directory");
      assertThat(bucket.files().get(index)).isEqualTo(other);
    }
  }

  @Test
  void patternsStandForFiles() throws IOException {
    for (String name : List.of("s_2", "s_10", "s_1", "t_1", ".s_3", "s_1.index", "deep/s_4")) {
      CliRun.with(name + "\n", "write", "s3://bucket/dir/" + name, "-").succeeds();
    }
    CliRun run = CliRun.of("cat", "s3://bucket/dir/s_*");
    assertThat(run.text()).isEqualTo("s_1\ns_2\ns_10\n");
    assertThat(run.messages())
        .isEqualTo(
            "disky: s3://bucket/dir/s_1.index: left out: it has the name of a saved index\n");
    assertThat(CliRun.of("cat", "s3://bucket/dir/[st]_?").succeeds().text())
        .isEqualTo("s_1\nt_1\ns_2\n");
    assertThat(CliRun.of("count", "s3://bucket/dir/{s,t}_1").succeeds().text())
        .isEqualTo("1  s3://bucket/dir/s_1\n1  s3://bucket/dir/t_1\n2  total\n");
    assertThat(CliRun.of("cat", "s3://bucket/dir/deep/").succeeds().text()).isEqualTo("deep/s_4\n");
    CliRun.of("cat", "s3://bucket/dir/x*").fails("s3://bucket/dir/x*", "no file matches");
    CliRun.of("cat", "s3://bucket/dir/[").fails("not a valid pattern");
    CliRun.of("digest", "s3://bucket/dir/deep/").isRefused("one set of shards");
    assertThat(CliRun.of("digest", "s3://bucket/dir/t*").succeeds().text()).contains("dir/t_1");
  }

  @Test
  void anInputIsNotTheOutput() throws IOException {
    CliRun.with("a\n", "write", OUT, "-").succeeds();
    for (String command : List.of("convert", "merge", "recover", "shuffle")) {
      CliRun.of(command, "-f", OUT, OUT).isRefused(OUT + " is both IN and OUT");
      CliRun.of(command, "-f", "s3://bucket/o*", "S3://bucket/o%75t").isRefused("is both IN");
    }
    CliRun.of("sample", "-n", "1", "-f", "-o", OUT, OUT).isRefused("is both OUT and a FILE");
    assertThat(records(OUT)).containsExactly("a");
  }

  @Test
  void whatCannotBeWrittenIsRefused() throws IOException {
    CliRun.with("a\n", "write", "--append", OUT, "-").isRefused("--append needs a local file");
    CliRun.with("a\n", "write", "s3://bucket/o*", "-").isRefused("is a pattern");
    CliRun.with("a\n", "write", "--shards=2", OUT, "-").isRefused("is an address");
    assertThat(bucket.begun()).isZero();
    assertThat(bucket.files()).isEmpty();
  }

  @Test
  void aFailureHalfWayLeavesNothing() throws IOException {
    Path in = directory.resolve("in");
    String lines = "a line that is not compressed\n".repeat(20_000);
    CliRun.with(lines, "write", "-c", "none", "--chunk-size=64KiB", in).succeeds();
    byte[] bytes = Files.readAllBytes(in);
    bytes[bytes.length - 100] ^= 1;
    Files.write(in, bytes);
    CliRun run = CliRun.of("convert", "-c", "none", "--chunk-size=64KiB", in, OUT);
    run.fails(OUT + ": not written, because it is incomplete", in.toString());
    assertThat(bucket.begun()).isOne();
    assertThat(bucket.files()).isEmpty();

    bucket.answering((request, part, _) ->
        request.equals("send") && part == 2
            ? CompletableFuture.failedFuture(new IOException("no space"))
            : null);
    CliRun.with(lines, "write", "-c", "none", "--chunk-size=64KiB", OUT, "-")
        .fails("no space", OUT + ": not written, because it is incomplete");
    assertThat(bucket.files()).isEmpty();
  }

  @Test
  void aSignalAbortsTheUpload() throws Exception {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    bucket
        .withPartSize(1024)
        .answering((request, part, _) -> request.equals("send") && part == 1 ? answer : null);
    WriterOptions options = WriterOptions.defaults().withChunkSize(1024);
    UnfinishedUpload upload;
    try (BucketStore store = new BucketStore()) {
      upload = UnfinishedUpload.open(store, URI.create(OUT), false, options);
    }
    byte[] record = new byte[5000];
    new Random(1).nextBytes(record);
    upload.writer().write(record);
    upload.writer().flush();
    // The upload is aborted when the answer has come, because a part may not be on its way then.
    CompletableFuture<String> outcome = new CompletableFuture<>();
    Thread remover =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                outcome.complete(upload.remove());
              } catch (IOException e) {
                outcome.completeExceptionally(e);
              }
            });
    while (remover.getState() != Thread.State.TIMED_WAITING && remover.isAlive()) {
      Thread.onSpinWait();
    }
    assertThat(bucket.openUploads()).isOne();
    answer.complete(null);
    assertThat(outcome.get()).isEqualTo(OUT + ": not written, because it is incomplete");
    assertThat(bucket.openUploads()).isZero();
    assertThatThrownBy(() -> upload.writer().close()).hasMessageContaining("ended by a signal");
    assertThat(bucket.files()).isEmpty();
    assertThat(upload.remove()).isEqualTo(OUT + ": not written, because it is incomplete");
  }

  @Test
  void aSignalAfterTheEndLeavesTheFile() throws Exception {
    UnfinishedUpload upload;
    try (BucketStore store = new BucketStore()) {
      upload = UnfinishedUpload.open(store, URI.create(OUT), false, WriterOptions.defaults());
    }
    upload.writer().write("a".getBytes(UTF_8));
    upload.writer().close();
    assertThat(upload.remove()).isEmpty();
    assertThat(records(OUT)).containsExactly("a");
  }
}
