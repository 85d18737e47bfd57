package io.disky.loader;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.disky.testing.SampleRecords;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Fields of records as columns. */
class ColumnsTest {
  private static final long SEED = 20_261_130;
  private static final int LAYOUTS = 200;

  private static final List<ValueLayout> VALUES =
      List.of(
          ValueLayout.JAVA_BYTE,
          ValueLayout.JAVA_BOOLEAN,
          ValueLayout.JAVA_SHORT_UNALIGNED,
          ValueLayout.JAVA_CHAR_UNALIGNED,
          ValueLayout.JAVA_INT_UNALIGNED,
          ValueLayout.JAVA_FLOAT_UNALIGNED,
          ValueLayout.JAVA_LONG_UNALIGNED,
          ValueLayout.JAVA_DOUBLE_UNALIGNED);

  private static List<byte[]> records(Random random, int count, int size) {
    return IntStream.range(0, count).mapToObj(i -> SampleRecords.random(random, size)).toList();
  }

  @Test
  void randomLayouts() {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    for (int i = 0; i < LAYOUTS; i++) {
      StructLayout layout = layout(random);
      List<byte[]> records = records(random, random.nextInt(300), (int) layout.byteSize());
      try (LoadedBatch batch = LoadedBatches.of(records);
          Arena arena = Arena.ofConfined()) {
        assertColumns(batch.columns(layout), layout, records);
        assertColumns(batch.columns(layout, arena), layout, records);
      }
    }
  }

  private static StructLayout layout(Random random) {
    List<MemoryLayout> members = new ArrayList<>();
    int count = 1 + random.nextInt(8);
    for (int i = 0; i < count; i++) {
      if (random.nextInt(4) == 0) {
        members.add(MemoryLayout.paddingLayout(1 + random.nextInt(5)));
      }
      ValueLayout value =
          VALUES
              .get(random.nextInt(VALUES.size()))
              .withOrder(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      members.add(member(random, value).withName("column" + i));
    }
    return MemoryLayout.structLayout(members.toArray(MemoryLayout[]::new));
  }

  private static MemoryLayout member(Random random, ValueLayout value) {
    return switch (random.nextInt(4)) {
      case 0 -> MemoryLayout.sequenceLayout(random.nextInt(40), value);
      case 1 -> MemoryLayout.sequenceLayout(2, MemoryLayout.sequenceLayout(3, value));
      default -> value;
    };
  }

  /** Byte by byte: a value of the other byte order comes reversed. */
  private static void assertColumns(Columns columns, StructLayout layout, List<byte[]> records) {
    assertThat(columns.rowCount()).isEqualTo(records.size());
    int offset = 0;
    List<String> names = new ArrayList<>();
    for (MemoryLayout member : layout.memberLayouts()) {
      if (member.name().isPresent()) {
        String name = member.name().orElseThrow();
        names.add(name);
        MemorySegment column = columns.column(name);
        assertThat(column.address() % 64).isZero();
        assertThat(column.toArray(JAVA_BYTE))
            .as("column %s of %s", name, layout)
            .isEqualTo(expected(records, offset, (int) member.byteSize(), value(member)));
        assertThat(columns.buffer(name).order()).isEqualTo(ByteOrder.nativeOrder());
        assertThat(MemorySegment.ofBuffer(columns.buffer(name)).mismatch(column)).isEqualTo(-1);
      }
      offset += (int) member.byteSize();
    }
    assertThat(columns.names()).isEqualTo(names);
  }

  private static ValueLayout value(MemoryLayout member) {
    MemoryLayout element = member;
    while (element instanceof SequenceLayout sequence) {
      element = sequence.elementLayout();
    }
    return (ValueLayout) element;
  }

  private static byte[] expected(List<byte[]> records, int offset, int size, ValueLayout value) {
    int width = (int) value.byteSize();
    boolean reversed = !value.order().equals(ByteOrder.nativeOrder());
    byte[] column = new byte[records.size() * size];
    for (int i = 0; i < column.length; i++) {
      int inField = i % size;
      int inValue = inField % width;
      int from = reversed ? inField - inValue + width - 1 - inValue : inField;
      column[i] = records.get(i / size)[offset + from];
    }
    return column;
  }

  /** More records than are copied at a time, and records that are larger than that amount. */
  @Test
  void manyAndLargeRecords() {
    Random random = new Random(SEED);
    StructLayout small =
        MemoryLayout.structLayout(
            ValueLayout.JAVA_INT_UNALIGNED.withName("a"),
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN).withName("b"));
    StructLayout large =
        MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(
                    70_000, ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN))
                .withName("a"),
            ValueLayout.JAVA_FLOAT_UNALIGNED.withName("b"));
    for (StructLayout layout : List.of(small, large)) {
      int count = (int) (700_000 / layout.byteSize());
      List<byte[]> records = records(random, count, (int) layout.byteSize());
      try (LoadedBatch batch = LoadedBatches.of(records)) {
        assertColumns(batch.columns(layout), layout, records);
      }
    }
  }

  /** A layout that no column can be made of, and a part of the message. */
  record Refused(String name, MemoryLayout member, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  static final List<Refused> REFUSED =
      List.of(
          new Refused("nameless", ValueLayout.JAVA_INT, "byte 4 has no name"),
          new Refused("same name", ValueLayout.JAVA_INT.withName("first"), "the name first"),
          new Refused(
              "struct",
              MemoryLayout.structLayout(ValueLayout.JAVA_INT.withName("inner")).withName("outer"),
              "outer is not a number"),
          new Refused(
              "sequence of structs",
              MemoryLayout.sequenceLayout(2, MemoryLayout.structLayout(ValueLayout.JAVA_INT))
                  .withName("outer"),
              "outer is not a number"),
          new Refused(
              "union",
              MemoryLayout.unionLayout(ValueLayout.JAVA_INT).withName("outer"),
              "outer is not a number"),
          new Refused(
              "address", ValueLayout.ADDRESS_UNALIGNED.withName("outer"), "outer is not a number"));

  @ParameterizedTest
  @FieldSource("REFUSED")
  void layoutsThatHaveNoColumns(Refused refused) {
    StructLayout layout =
        MemoryLayout.structLayout(ValueLayout.JAVA_INT.withName("first"), refused.member());
    try (LoadedBatch batch = LoadedBatches.of(List.of(new byte[(int) layout.byteSize()]))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batch.columns(layout))
          .withMessageContaining(refused.message());
    }
  }

  @Test
  void layoutsOfNothing() {
    try (LoadedBatch batch = LoadedBatches.of(List.of(new byte[4]))) {
      for (StructLayout layout :
          List.of(
              MemoryLayout.structLayout(),
              MemoryLayout.structLayout(MemoryLayout.paddingLayout(4)))) {
        assertThatIllegalArgumentException().isThrownBy(() -> batch.columns(layout));
      }
    }
  }

  @Test
  void recordsOfOtherSizesThanTheLayout() {
    StructLayout layout = MemoryLayout.structLayout(JAVA_INT.withName("a"));
    for (int other : new int[] {3, 5}) {
      List<byte[]> records = List.of(new byte[4], new byte[4], new byte[other]);
      try (LoadedBatch batch = LoadedBatches.of(records)) {
        assertThatIllegalStateException()
            .isThrownBy(() -> batch.columns(layout))
            .withMessageContaining("record 2")
            .withMessageContaining(other + " bytes, but the layout has 4");
      }
    }
    try (LoadedBatch batch = LoadedBatches.of(List.of(new byte[8]))) {
      assertThatIllegalStateException().isThrownBy(() -> batch.columns(layout));
    }
  }

  @Test
  void columnsThatThereAreNot() {
    StructLayout layout = MemoryLayout.structLayout(JAVA_INT.withName("a"));
    try (LoadedBatch batch = LoadedBatches.of(List.of(new byte[4]))) {
      Columns columns = batch.columns(layout);
      assertThat(columns).hasToString("Columns[names=[a], rowCount=1]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> columns.column("b"))
          .withMessageContaining("[a]");
    }
  }
}
