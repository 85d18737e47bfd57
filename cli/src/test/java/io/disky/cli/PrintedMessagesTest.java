package io.disky.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.UnknownFieldSet;
import io.disky.Dialect;
import io.disky.OpenMode;
import io.disky.RecordWriter;
import io.disky.RecordsMetadata;
import io.disky.WriterOptions;
import io.disky.formats.FormatFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records as protocol buffer messages: {@code disky cat --format proto} and {@code json}. */
class PrintedMessagesTest {
  private static final long SEED = 4_714;

  /** Written by the crate riegeli, with descriptors in its metadata. */
  private static final Path ANIMALS = FormatFiles.path("animals.riegeli");

  private static final Path DESCRIPTORS = FormatFiles.path("zoo.descriptors");

  @TempDir Path directory;

  private static String text(CliRun run) {
    return new String(run.succeeds().output(), UTF_8);
  }

  private Path file(byte[]... records) throws IOException {
    Path file = directory.resolve("file");
    WriterOptions options = WriterOptions.defaults().withOpenMode(OpenMode.OVERWRITE);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      for (byte[] record : records) {
        writer.write(record);
      }
    }
    return file;
  }

  // With descriptors

  @Test
  void namesComeFromTheMetadataOfAFileThatAnotherProgramWrote() {
    List<String> lines = text(CliRun.of("cat", "--format=json", ANIMALS)).lines().toList();
    assertThat(lines).hasSize(50);
    assertThat(lines.get(2))
        .isEqualTo(
            "{\"name\":\"animal 2\",\"legs\":4,\"kind\":\"DOG\",\"weights\":[1.0,1.0],"
                + "\"young\":[{\"name\":\"kitten \u00e9\",\"kind\":\"CAT\"}],\"picture\":\"Av8A\"}");
    for (int i = 0; i < lines.size(); i++) {
      JsonObject animal = JsonParser.parseString(lines.get(i)).getAsJsonObject();
      assertThat(animal.get("name").getAsString()).isEqualTo("animal " + i);
      assertThat(animal.get("legs").getAsInt()).isEqualTo(i % 2 == 0 ? 4 : -4);
    }
    assertThat(text(CliRun.of("cat", "--format=proto", "--record=2", ANIMALS)))
        .isEqualTo(
            """
            name: "animal 2"
            legs: 4
            kind: DOG
            weights: 1.0
            weights: 1.0
            young {
              name: "kitten \u00e9"
              kind: CAT
            }
            picture: "\\002\\377\\000"

            """);
    assertThat(text(CliRun.of("sample", "-n1", "--format=json", ANIMALS)))
        .startsWith("{\"name\":\"animal ");
  }

  @Test
  void readsSomeFieldsOfTransposedFiles() {
    Path transposed = directory.resolve("transposed");
    CliRun.of("convert", "--dialect=riegeli", "--transpose", ANIMALS, transposed).succeeds();
    String expected = "{\"name\":\"animal 2\",\"young\":[{\"kind\":\"CAT\"}]}\n";
    String fields = "--fields=1,5.3";
    assertThat(text(CliRun.of("cat", "--record=2", fields, "--format=json", transposed)))
        .isEqualTo(expected);
    assertThat(text(CliRun.of("cat", "--skip=2", fields, "--format=json", transposed)))
        .startsWith(expected);
    assertThat(text(CliRun.of("sample", "-n50", fields, "--format=json", transposed)))
        .contains(expected)
        .doesNotContain("legs");
    assertThat(text(CliRun.of("head", "-n3", "--fields=1,5.3", "--format=json", transposed)))
        .endsWith(expected);
    assertThat(text(CliRun.of("grep", "--fields=1", "--format=json", "animal 2$", transposed)))
        .isEqualTo("{\"name\":\"animal 2\"}\n");
    Path simple = directory.resolve("simple");
    CliRun.of("convert", "--dialect=riegeli", ANIMALS, simple).succeeds();
    assertThat(text(CliRun.of("cat", "--fields=1", "--format=json", "--record=2", simple)))
        .contains("legs");
    CliRun.of("cat", "--fields=1,x", transposed).isRefused("--fields", "x");
  }

  @Test
  void namesComeFromAFileOfDescriptors() throws IOException {
    Path plain = directory.resolve("plain");
    CliRun.of("convert", FormatFiles.path("animals.delimited"), plain).succeeds();
    String named = text(CliRun.of("cat", "--format=json", ANIMALS));
    Object[] options = {"cat", "--format=json", "--descriptors", DESCRIPTORS, "--type=zoo.Animal"};
    Object[] args = Arrays.copyOf(options, options.length + 1);
    args[options.length] = plain;
    assertThat(text(CliRun.of(args))).isEqualTo(named);
    args[options.length] = ANIMALS;
    assertThat(text(CliRun.of(args))).isEqualTo(named);
    assertThat(text(CliRun.of("cat", "--format=json", "--type=zoo.Animal", ANIMALS)))
        .isEqualTo(named);
    assertThat(text(CliRun.of("cat", "--format=json", "--descriptors", DESCRIPTORS, ANIMALS)))
        .isEqualTo(named);
  }

  @Test
  void refusesTypesThatAreNotDescribed() throws IOException {
    Path plain = file("x".getBytes(UTF_8));
    CliRun.of("cat", "--format=json", "--type=zoo.Stone", ANIMALS)
        .fails("the file metadata of ", "there is no type zoo.Stone");
    CliRun.of("cat", "--format=json", "--type=zoo.Animal", plain)
        .isRefused("--type needs --descriptors");
    CliRun.of("cat", "--format=json", "--descriptors", DESCRIPTORS, plain)
        .isRefused("--descriptors needs --type");
    CliRun.of("cat", "--type=zoo.Animal", ANIMALS).isRefused("need --format=proto");
    CliRun.of("cat", "--format=json", "--type=a", "--descriptors=missing", plain).fails("missing");
    CliRun.of("cat", "--format=json", "--type=zoo.Animal", "--descriptors", ANIMALS, plain)
        .fails(ANIMALS.toString(), "not a set of descriptors");
    CliRun run =
        CliRun.of("cat", "--format=json", "--type=zoo.Animal", "--descriptors", DESCRIPTORS, plain);
    run.fails("a record of 1 bytes is not a valid message of the type zoo.Animal");
  }

  private Path withDescriptors(String type, FileDescriptorProto... files) throws IOException {
    RecordsMetadata metadata = RecordsMetadata.empty().withRecordTypeName(type);
    for (FileDescriptorProto file : files) {
      metadata = metadata.withFileDescriptor(file.toByteArray());
    }
    return withMetadata(metadata);
  }

  private Path withMetadata(RecordsMetadata metadata) throws IOException {
    Path file = directory.resolve("described");
    WriterOptions options =
        WriterOptions.defaults()
            .withDialect(Dialect.RIEGELI)
            .withOpenMode(OpenMode.OVERWRITE)
            .withMetadata(metadata);
    try (RecordWriter writer = RecordWriter.open(file, options)) {
      writer.write(new byte[0]);
    }
    return file;
  }

  private static FileDescriptorProto importing(String name, String... imports) {
    return FileDescriptorProto.newBuilder()
        .setName(name)
        .addAllDependency(List.of(imports))
        .build();
  }

  /** Descriptors in a file are not trusted. */
  @Test
  void wrongDescriptorsAreErrors() throws IOException {
    CliRun.of(
            "cat", "--format=json", withDescriptors("T", importing("a", "b"), importing("b", "a")))
        .fails("the file 'a' imports itself");
    CliRun.of("cat", "--format=json", withDescriptors("T", importing("a", "missing")))
        .fails("imports 'missing', which is missing");
    CliRun.of("cat", "--format=json", withDescriptors("T", importing("a")))
        .fails("there is no type T");
    RecordsMetadata junk =
        RecordsMetadata.empty().withRecordTypeName("T").withFileDescriptor(new byte[] {1});
    CliRun.of("cat", "--format=json", withMetadata(junk)).fails("not a descriptor");
    assertThat(CliRun.of("describe", directory.resolve("described")).succeeds().text())
        .contains("record type    T\n")
        .doesNotContain("fields");
    FileDescriptorProto[] chain = new FileDescriptorProto[600];
    for (int i = 0; i < chain.length; i++) {
      chain[i] = importing("f" + i, "f" + (i + 1));
    }
    CliRun.of("cat", "--format=json", withDescriptors("T", chain)).fails("imports itself");
  }

  @Test
  void changedDescriptorsAreErrorsOrTypes() throws IOException {
    FileDescriptorSet set = FileDescriptorSet.parseFrom(Files.readAllBytes(DESCRIPTORS));
    Random random = new Random(SEED);
    byte[] animal = set.getFile(1).toByteArray();
    for (int round = 0; round < 300; round++) {
      byte[] changed = animal.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      Path file =
          withMetadata(
              RecordsMetadata.empty()
                  .withRecordTypeName("zoo.Animal")
                  .withFileDescriptor(set.getFile(0).toByteArray())
                  .withFileDescriptor(changed));
      for (List<Object> command :
          List.<List<Object>>of(List.of("cat", "--format=json", file), List.of("describe", file))) {
        CliRun run = CliRun.of(command.toArray());
        assertThat(run.messages()).as("seed %d, round %d", SEED, round).doesNotContain("defect");
      }
    }
  }

  @Test
  void describeListsTheFields() {
    assertThat(CliRun.of("describe", ANIMALS).succeeds().text())
        .contains(
            """
            record type    zoo.Animal
            fields         1 name: string
                           2 legs: int32
                           3 kind: zoo.Kind
                           4 weights: repeated double
                           5 young: repeated zoo.Animal
                           6 picture: bytes
            """);
    JsonObject json =
        JsonParser.parseString(CliRun.of("describe", "--json", ANIMALS).succeeds().text())
            .getAsJsonObject()
            .getAsJsonObject("metadata");
    assertThat(json.getAsJsonArray("fields")).hasSize(6);
    assertThat(json.getAsJsonArray("fields").get(3).toString())
        .isEqualTo("{\"number\":4,\"name\":\"weights\",\"type\":\"repeated double\"}");
  }

  // Without descriptors

  private static UnknownFieldSet.Field.Builder field() {
    return UnknownFieldSet.Field.newBuilder();
  }

  private static byte[] example() {
    UnknownFieldSet inner =
        UnknownFieldSet.newBuilder()
            .addField(1, field().addVarint(7).addVarint(-1).build())
            .build();
    return UnknownFieldSet.newBuilder()
        .addField(1, field().addVarint(5).build())
        .addField(2, field().addLengthDelimited(ByteString.copyFromUtf8("text \"é\"\n")).build())
        .addField(3, field().addLengthDelimited(inner.toByteString()).build())
        .addField(4, field().addLengthDelimited(ByteString.copyFrom(new byte[] {-1, 0})).build())
        .addField(5, field().addFixed32(Float.floatToIntBits(1.5f)).build())
        .addField(6, field().addFixed64(Double.doubleToLongBits(-2)).build())
        .addField(7, field().addGroup(inner).build())
        .addField(8, field().addLengthDelimited(ByteString.EMPTY).build())
        .build()
        .toByteArray();
  }

  @Test
  void printsTheWireFormatByPlausibility() throws IOException {
    assertThat(text(CliRun.of("cat", "--format=proto", file(example(), new byte[0]))))
        .isEqualTo(
            """
            1: 5
            2: "text \\"é\\"\\n"
            3 {
              1: 7
              1: 18446744073709551615
            }
            4: "\\377\\000"
            5: 0x3fc00000  # 1.5
            6: 0xc000000000000000  # -2.0
            7 {
              1: 7
              1: 18446744073709551615
            }
            8: ""


            """);
    assertThat(text(CliRun.of("cat", "--format=json", file(example(), new byte[0]))))
        .isEqualTo(
            "{\"1\":5,\"2\":\"text \\\"é\\\"\\n\",\"3\":{\"1\":[7,\"18446744073709551615\"]},"
                + "\"4\":{\"bytes\":\"/wA=\"},\"5\":\"0x3fc00000\",\"6\":\"0xc000000000000000\","
                + "\"7\":{\"1\":[7,\"18446744073709551615\"]},\"8\":\"\"}\n{}\n");
  }

  /** Messages with one text are printable UTF-8 themselves. */
  @Test
  void tellsMessagesWithTextFromText() throws IOException {
    UnknownFieldSet.Builder message = UnknownFieldSet.newBuilder();
    for (int size : new int[] {9, 10, 13, 40}) {
      ByteString text = ByteString.copyFromUtf8("x".repeat(size));
      message.mergeField(
          1,
          field()
              .addLengthDelimited(
                  UnknownFieldSet.newBuilder()
                      .addField(1, field().addLengthDelimited(text).build())
                      .build()
                      .toByteString())
              .build());
    }
    for (String text : List.of("hi", "H1", "\nnew", "2#abc")) {
      message.mergeField(2, field().addLengthDelimited(ByteString.copyFromUtf8(text)).build());
    }
    assertThat(text(CliRun.of("cat", "--format=json", file(message.build().toByteArray()))))
        .isEqualTo(
            "{\"1\":[{\"1\":\"%s\"},{\"1\":\"%s\"},{\"1\":\"%s\"},{\"1\":\"%s\"}],\"2\":[\"hi\",\"H1\",\"\\nnew\",\"2#abc\"]}\n"
                .formatted("x".repeat(9), "x".repeat(10), "x".repeat(13), "x".repeat(40)));
  }

  @Test
  void recordsThatAreNoMessagesAreNotRefused() throws IOException {
    Path file = file("no message\u001b".getBytes(UTF_8), new byte[] {(byte) 0x80});
    assertThat(text(CliRun.of("cat", "--format=proto", file)))
        .isEqualTo(
            """
            # not a protocol buffer message: "no message\\033"

            # not a protocol buffer message: "\\200"

            """);
    assertThat(text(CliRun.of("cat", "--format=json", file)))
        .isEqualTo("{\"bytes\":\"bm8gbWVzc2FnZRs=\"}\n{\"bytes\":\"gA==\"}\n");
  }

  /** Messages in each other, deeper than a parser of protocol buffers goes, and random bytes. */
  @Test
  void hostileRecordsArePrinted() throws IOException {
    byte[] deep = {8, 1};
    for (int i = 0; i < 5000; i++) {
      ByteArrayOutputStream outer = new ByteArrayOutputStream();
      outer.write(10);
      int size = deep.length;
      while (size > 127) {
        outer.write((size & 127) | 128);
        size >>= 7;
      }
      outer.write(size);
      outer.writeBytes(deep);
      deep = outer.toByteArray();
    }
    byte[] groups = new byte[100_000];
    Arrays.fill(groups, (byte) 11);
    assertThat(text(CliRun.of("cat", "--format=proto", file(deep, groups)))).contains("1 {");
    CliRun.of("cat", "--format=json", file(deep, groups)).succeeds();
    Random random = new Random(SEED);
    byte[][] records = new byte[3000][];
    for (int i = 0; i < records.length; i++) {
      records[i] = new byte[random.nextInt(30)];
      random.nextBytes(records[i]);
    }
    CliRun.of("cat", "--format=proto", file(records)).succeeds();
    String json = text(CliRun.of("cat", "--format=json", file(records)));
    assertThat(json.lines()).as("seed %d", SEED).hasSize(records.length);
    assertThat(json.lines()).allMatch(line -> JsonParser.parseString(line).isJsonObject());
  }

  @Test
  void printsRecordsAlone() throws IOException {
    Path file = file("a".getBytes(UTF_8), new byte[0], "b\n".getBytes(UTF_8));
    assertThat(text(CliRun.of("cat", "--format=raw", file))).isEqualTo("ab\n");
    assertThat(text(CliRun.of("cat", "--format=raw", "--record=0", file))).isEqualTo("a");
  }
}
