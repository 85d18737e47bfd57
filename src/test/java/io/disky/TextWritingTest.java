package io.disky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.disky.testing.ReadingWay;
import io.disky.testing.SampleRecords;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.CharBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link RecordWriter#write(CharSequence)}: the bytes of {@link String#getBytes}. */
class TextWritingTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void setUp() {
    file = directory.resolve("file");
  }

  private void assertWritten(List<String> texts, long chunkSize) throws IOException {
    Path expected = directory.resolve("expected");
    WriterOptions options = WriterOptions.defaults().withChunkSize(chunkSize);
    try (RecordWriter bytes = RecordWriter.open(expected, options);
        RecordWriter writer = RecordWriter.open(file, options)) {
      for (String text : texts) {
        bytes.write(text.getBytes(UTF_8));
        writer.write(text);
      }
      assertThat(writer.recordBytes()).isEqualTo(bytes.recordBytes());
    }
    assertThat(file).hasSameBinaryContentAs(expected);
  }

  @Test
  void everyCodePoint() throws IOException {
    List<String> texts = new ArrayList<>();
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint += 37) {
      if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
        texts.add(Character.toString(codePoint));
      }
    }
    for (int edge : new int[] {0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000}) {
      texts.add(Character.toString(edge));
    }
    texts.add(Character.toString(Character.MAX_CODE_POINT));
    texts.add("");
    assertWritten(texts, 1 << 20);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 1_000, 1 << 20})
  void longTexts(long chunkSize) throws IOException {
    Random random = new Random(3);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      StringBuilder text = new StringBuilder();
      int most = 1 << (1 + random.nextInt(20));
      for (int j = random.nextInt(2_000); j > 0; j--) {
        int codePoint = random.nextInt(most);
        text.appendCodePoint(
            codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE
                ? 'x'
                : codePoint);
      }
      texts.add(text.toString());
    }
    assertWritten(texts, chunkSize);
  }

  @Test
  void anyCharSequence() throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.write(new StringBuilder("redliub").reverse());
      writer.write(CharBuffer.wrap("buffer"));
      writer.write("String");
    }
    SampleRecords.assertSame(
        ReadingWay.ITERATION.read(file),
        List.of("builder".getBytes(UTF_8), "buffer".getBytes(UTF_8), "String".getBytes(UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\uD83D", "ab\uD83D", "ab\uD83Dc", "ab\uDE00", "\uDE00\uD83D", "\uD83D\uD83D"})
  void unpairedSurrogatesAreRefused(String text) throws IOException {
    try (RecordWriter writer = RecordWriter.open(file)) {
      writer.write("\uD83D\uDE00");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> writer.write(text))
          .withMessageContaining("char " + (text.startsWith("ab") ? 2 : 0) + " of ")
          .withMessageContaining("unpaired surrogate U+D");
      assertThat(writer.recordCount()).isEqualTo(1);
      writer.write("after");
    }
    SampleRecords.assertSame(
        ReadingWay.ITERATION.read(file),
        List.of("\uD83D\uDE00".getBytes(UTF_8), "after".getBytes(UTF_8)));
  }

  @Test
  void refusedWhereOthersAre() throws IOException {
    RecordWriter writer = RecordWriter.open(file);
    assertThatNullPointerException().isThrownBy(() -> writer.write((CharSequence) null));
    writer.write(
        10,
        slot -> {
          assertThatIllegalStateException().isThrownBy(() -> writer.write("text"));
          return 0;
        });
    writer.close();
    assertThatIllegalStateException().isThrownBy(() -> writer.write("text"));
  }

  /** Slots after a text are zero, as all are. */
  @Test
  void aSlotDoesNotShowATextOfAnEarlierChunk() throws IOException {
    try (RecordWriter writer =
        RecordWriter.open(file, WriterOptions.defaults().withChunkSize(200))) {
      for (int i = 0; i < 10; i++) {
        writer.write("x".repeat(150));
        writer.write(
            100,
            slot -> {
              assertThat(slot.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
              return 0;
            });
        writer.flush();
      }
    }
  }
}
