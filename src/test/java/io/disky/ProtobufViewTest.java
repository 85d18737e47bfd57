package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldOptions;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.disky.ProtobufCursor.WireType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Fields of messages are those that protobuf-java finds. */
class ProtobufViewTest {
  private static final List<FieldDescriptorProto.Type> SCALARS =
      List.of(
          FieldDescriptorProto.Type.TYPE_INT32,
          FieldDescriptorProto.Type.TYPE_INT64,
          FieldDescriptorProto.Type.TYPE_UINT32,
          FieldDescriptorProto.Type.TYPE_UINT64,
          FieldDescriptorProto.Type.TYPE_SINT32,
          FieldDescriptorProto.Type.TYPE_SINT64,
          FieldDescriptorProto.Type.TYPE_BOOL,
          FieldDescriptorProto.Type.TYPE_FIXED32,
          FieldDescriptorProto.Type.TYPE_SFIXED32,
          FieldDescriptorProto.Type.TYPE_FIXED64,
          FieldDescriptorProto.Type.TYPE_SFIXED64,
          FieldDescriptorProto.Type.TYPE_FLOAT,
          FieldDescriptorProto.Type.TYPE_DOUBLE);
  private static final int UNPACKED = 100;
  private static final int PACKED = 200;
  private static final int STRING = 300;
  private static final int BYTES = 301;
  private static final int STRINGS = 302;
  private static final int MESSAGE = 400;
  private static final int MESSAGES = 401;
  private static final int GROUP = 536_870_911;

  /** A message with fields of all types: each alone, repeated, and packed. */
  private static final Descriptor TYPE = type();

  private static Descriptor type() {
    DescriptorProto.Builder message = DescriptorProto.newBuilder().setName("All");
    for (int i = 0; i < SCALARS.size(); i++) {
      message.addField(field(1 + i, SCALARS.get(i), FieldDescriptorProto.Label.LABEL_OPTIONAL));
      message.addField(
          field(UNPACKED + i, SCALARS.get(i), FieldDescriptorProto.Label.LABEL_REPEATED));
      message.addField(
          field(PACKED + i, SCALARS.get(i), FieldDescriptorProto.Label.LABEL_REPEATED)
              .setOptions(FieldOptions.newBuilder().setPacked(true)));
    }
    message
        .addField(
            field(
                STRING,
                FieldDescriptorProto.Type.TYPE_STRING,
                FieldDescriptorProto.Label.LABEL_OPTIONAL))
        .addField(
            field(
                BYTES,
                FieldDescriptorProto.Type.TYPE_BYTES,
                FieldDescriptorProto.Label.LABEL_OPTIONAL))
        .addField(
            field(
                STRINGS,
                FieldDescriptorProto.Type.TYPE_STRING,
                FieldDescriptorProto.Label.LABEL_REPEATED))
        .addField(
            field(
                    MESSAGE,
                    FieldDescriptorProto.Type.TYPE_MESSAGE,
                    FieldDescriptorProto.Label.LABEL_OPTIONAL)
                .setTypeName("All"))
        .addField(
            field(
                    MESSAGES,
                    FieldDescriptorProto.Type.TYPE_MESSAGE,
                    FieldDescriptorProto.Label.LABEL_REPEATED)
                .setTypeName("All"))
        .addField(
            field(
                    GROUP,
                    FieldDescriptorProto.Type.TYPE_GROUP,
                    FieldDescriptorProto.Label.LABEL_OPTIONAL)
                .setTypeName("All"));
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder().setName("all.proto").addMessageType(message).build();
    try {
      return FileDescriptor.buildFrom(file, new FileDescriptor[0]).findMessageTypeByName("All");
    } catch (DescriptorValidationException e) {
      throw new AssertionError(e);
    }
  }

  private static FieldDescriptorProto.Builder field(
      int number, FieldDescriptorProto.Type type, FieldDescriptorProto.Label label) {
    return FieldDescriptorProto.newBuilder()
        .setName("f" + number)
        .setNumber(number)
        .setType(type)
        .setLabel(label);
  }

  private static FieldDescriptor field(int number) {
    return TYPE.findFieldByNumber(number);
  }

  private static DynamicMessage message(Random random, int depth) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(TYPE);
    for (FieldDescriptor field : TYPE.getFields()) {
      boolean nested = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      if (random.nextInt(3) == 0 || (nested && depth == 0)) {
        continue;
      }
      int count = field.isRepeated() ? random.nextInt(4) : 1;
      for (int i = 0; i < count; i++) {
        Object value = value(field, random, depth);
        if (field.isRepeated()) {
          message.addRepeatedField(field, value);
        } else {
          message.setField(field, value);
        }
      }
    }
    return message.build();
  }

  private static Object value(FieldDescriptor field, Random random, int depth) {
    long number = random.nextLong() >> random.nextInt(64);
    return switch (field.getJavaType()) {
      case INT -> (int) number;
      case LONG -> number;
      case FLOAT -> Float.intBitsToFloat(random.nextInt() & 0x7f7fffff);
      case DOUBLE -> random.nextGaussian();
      case BOOLEAN -> random.nextBoolean();
      case STRING -> "string \u00e4\ud83d\ude00 " + random.nextInt(1000);
      case BYTE_STRING -> {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        yield ByteString.copyFrom(bytes);
      }
      default -> message(random, depth - 1);
    };
  }

  private static Object get(ProtobufView view, int number, FieldDescriptor.Type type) {
    return switch (type) {
      case INT32, UINT32 -> view.getInt32(number);
      case INT64, UINT64 -> view.getInt64(number);
      case SINT32 -> view.getSint32(number);
      case SINT64 -> view.getSint64(number);
      case BOOL -> view.getBool(number);
      case FIXED32, SFIXED32 -> view.getFixed32(number);
      case FIXED64, SFIXED64 -> view.getFixed64(number);
      case FLOAT -> view.getFloat(number);
      case DOUBLE -> view.getDouble(number);
      case STRING -> view.getString(number);
      case BYTES -> ByteString.copyFrom(bytes(view.getBytes(number)));
      default -> throw new AssertionError(type);
    };
  }

  private static Object get(ProtobufCursor cursor, FieldDescriptor.Type type) {
    return switch (type) {
      case INT32, UINT32 -> cursor.getInt32();
      case INT64, UINT64 -> cursor.getInt64();
      case SINT32 -> cursor.getSint32();
      case SINT64 -> cursor.getSint64();
      case BOOL -> cursor.getBool();
      case FIXED32, SFIXED32 -> cursor.getFixed32();
      case FIXED64, SFIXED64 -> cursor.getFixed64();
      case FLOAT -> cursor.getFloat();
      case DOUBLE -> cursor.getDouble();
      case STRING -> cursor.getString();
      case BYTES -> ByteString.copyFrom(bytes(cursor.getBytes()));
      default -> throw new AssertionError(type);
    };
  }

  private static WireType wireType(FieldDescriptor.Type type) {
    return switch (type) {
      case FIXED32, SFIXED32, FLOAT -> WireType.FIXED32;
      case FIXED64, SFIXED64, DOUBLE -> WireType.FIXED64;
      case STRING, BYTES, MESSAGE -> WireType.LENGTH_DELIMITED;
      case GROUP -> WireType.GROUP;
      default -> WireType.VARINT;
    };
  }

  private static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  private static void assertSame(ProtobufView view, DynamicMessage message) {
    for (FieldDescriptor field : TYPE.getFields()) {
      int number = field.getNumber();
      if (field.isRepeated()) {
        assertRepeated(view, message, field);
      } else if (field.getType() == FieldDescriptor.Type.MESSAGE) {
        assertNested(view.getMessage(number), message, field);
      } else if (field.getType() == FieldDescriptor.Type.GROUP) {
        assertNested(view.getGroup(number), message, field);
      } else {
        assertThat(view.has(number)).isEqualTo(message.hasField(field));
        assertThat(get(view, number, field.getType())).isEqualTo(message.getField(field));
      }
    }
  }

  private static void assertNested(
      ProtobufView nested, DynamicMessage message, FieldDescriptor field) {
    if (message.hasField(field)) {
      assertSame(nested, (DynamicMessage) message.getField(field));
    } else {
      assertThat(nested).isNull();
    }
  }

  private static void assertRepeated(
      ProtobufView view, DynamicMessage message, FieldDescriptor field) {
    ProtobufCursor values = view.repeated(field.getNumber(), wireType(field.getType()));
    List<?> expected = (List<?>) message.getField(field);
    for (Object value : expected) {
      assertThat(values.next()).isTrue();
      assertThat(values.number()).isEqualTo(field.getNumber());
      if (value instanceof DynamicMessage nested) {
        assertSame(values.getMessage(), nested);
      } else {
        assertThat(get(values, field.getType())).isEqualTo(value);
      }
    }
    assertThat(values.next()).isFalse();
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 20);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void fieldsOfAllTypes(long seed) {
    DynamicMessage message = message(new Random(seed), 3);
    byte[] bytes = message.toByteArray();
    assertSame(ProtobufView.of(MemorySegment.ofArray(bytes)), message);
    try (Arena arena = Arena.ofConfined()) {
      // In the middle of other bytes, at any alignment.
      MemorySegment memory = arena.allocate(bytes.length + 20L, 1);
      memory.fill((byte) 0xff);
      MemorySegment record = memory.asSlice(3, bytes.length);
      record.copyFrom(MemorySegment.ofArray(bytes));
      assertSame(ProtobufView.of(record), message);
    }
  }

  @Test
  void theDefaultsOfFieldsThatDoNotOccur() {
    assertSame(
        ProtobufView.of(MemorySegment.ofArray(new byte[0])),
        DynamicMessage.getDefaultInstance(TYPE));
  }

  /** As for a parser, the last value counts, and values of other wire types do not. */
  @Test
  void fieldsThatOccurAgain() throws IOException {
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(both);
      for (int i = 0; i < 60; i++) {
        int number = 1 + random.nextInt(SCALARS.size());
        switch (random.nextInt(4)) {
          case 0 -> out.writeUInt64(number, random.nextLong() >>> random.nextInt(64));
          case 1 -> out.writeFixed32(number, random.nextInt());
          case 2 -> out.writeFixed64(number, random.nextLong());
          // A parser also accepts a packed value for a field that is not repeated only if it is
          // repeated, so this is an unknown field.
          default -> out.writeString(number, "other");
        }
      }
      out.flush();
      ProtobufView view = ProtobufView.of(MemorySegment.ofArray(both.toByteArray()));
      DynamicMessage parsed = DynamicMessage.parseFrom(TYPE, both.toByteArray());
      for (int i = 0; i < SCALARS.size(); i++) {
        FieldDescriptor field = field(1 + i);
        assertThat(get(view, field.getNumber(), field.getType())).isEqualTo(parsed.getField(field));
      }
    }
  }

  @Test
  void packedAndUnpackedValuesOfOneField() throws IOException {
    Random random = new Random(4);
    DynamicMessage.Builder expected = DynamicMessage.newBuilder(TYPE);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (int part = 0; part < 30; part++) {
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      CodedOutputStream values = CodedOutputStream.newInstance(packed);
      int count = random.nextInt(4);
      for (int i = 0; i < count; i++) {
        long value = random.nextLong() >> random.nextInt(64);
        values.writeInt64NoTag(value);
        expected.addRepeatedField(field(PACKED + 1), value);
      }
      values.flush();
      out.writeByteArray(PACKED + 1, packed.toByteArray());
      out.writeInt64(PACKED + 1, part);
      expected.addRepeatedField(field(PACKED + 1), (long) part);
    }
    out.flush();
    ProtobufView view = ProtobufView.of(MemorySegment.ofArray(bytes.toByteArray()));
    assertRepeated(view, expected.build(), field(PACKED + 1));
    assertRepeated(view, DynamicMessage.parseFrom(TYPE, bytes.toByteArray()), field(PACKED + 1));
  }

  // All fields

  /**
   * All fields of a message as text, in the order of their numbers, as protobuf-java finds them.
   */
  private static List<String> fieldsOf(UnknownFieldSet message) {
    List<String> all = new ArrayList<>();
    message
        .asMap()
        .forEach((number, field) -> {
          field.getVarintList().forEach(value -> all.add(number + " VARINT " + value));
          field.getFixed32List().forEach(value -> all.add(number + " FIXED32 " + value));
          field.getFixed64List().forEach(value -> all.add(number + " FIXED64 " + value));
          field
              .getLengthDelimitedList()
              .forEach(value ->
                  all.add(number + " LENGTH_DELIMITED " + Arrays.toString(value.toByteArray())));
          field.getGroupList().forEach(value -> all.add(number + " GROUP " + fieldsOf(value)));
        });
    return all.stream().sorted().toList();
  }

  private static List<String> fieldsOf(ProtobufView message) {
    List<String> all = new ArrayList<>();
    ProtobufCursor fields = message.fields();
    while (fields.next()) {
      Object value =
          switch (fields.wireType()) {
            case VARINT -> fields.getInt64();
            case FIXED32 -> fields.getFixed32();
            case FIXED64 -> fields.getFixed64();
            case LENGTH_DELIMITED -> Arrays.toString(bytes(fields.getBytes()));
            case GROUP -> fieldsOf(fields.getGroup());
          };
      all.add(fields.number() + " " + fields.wireType() + " " + value);
    }
    return all.stream().sorted().toList();
  }

  /** Damaged messages are refused, or have the fields that protobuf-java finds. */
  @ParameterizedTest
  @MethodSource("seeds")
  void damagedMessages(long seed) {
    Random random = new Random(seed);
    byte[] intact = message(random, 2).toByteArray();
    int refused = 0;
    int read = 0;
    for (int round = 0; round < 500; round++) {
      byte[] bytes = Arrays.copyOf(intact, intact.length);
      int changes = 1 + random.nextInt(3);
      for (int i = 0; i < changes; i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      if (random.nextInt(3) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      List<String> expected = parsed(bytes);
      try {
        ProtobufView view = ProtobufView.of(MemorySegment.ofArray(bytes));
        List<String> found = fieldsOf(view);
        assertThat(found).isEqualTo(expected);
        view.getMessage(MESSAGE);
        view.getInt64(1);
        read++;
      } catch (MalformedMessageException e) {
        assertThat(e.position()).isBetween(0L, (long) bytes.length);
        assertThat(e).hasMessageStartingWith("byte " + e.position() + ": ");
        // protobuf-java drops the highest bits of tags and lengths of more than 32 bits, and ends a
        // number after its tenth byte even if that byte says that it goes on.
        boolean laxer =
            e.getMessage().matches(".*(field number|number takes|a value of \\d{10,}).*");
        assertThat(laxer || expected == null).as(e.getMessage()).isTrue();
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(50);
    assertThat(read).isGreaterThan(50);
  }

  private static List<String> parsed(byte[] bytes) {
    try {
      return fieldsOf(UnknownFieldSet.parseFrom(bytes));
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void bytesThatAreNotAMessage(byte[] bytes, long position, String detail) {
    ProtobufView view = ProtobufView.of(MemorySegment.ofArray(bytes));
    assertThatThrownBy(() -> view.getInt32(1))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("byte " + position + ": " + detail)
        .extracting(e -> ((MalformedMessageException) e).position())
        .isEqualTo(position);
    assertThatThrownBy(() -> fieldsOf(view)).hasMessage("byte " + position + ": " + detail);
  }

  static List<Object[]> malformed() {
    byte[] deep = new byte[101];
    Arrays.fill(deep, (byte) 0x0b);
    byte[] longNumber = new byte[12];
    Arrays.fill(longNumber, (byte) 0x80);
    longNumber[0] = 8;
    return List.of(
        new Object[] {new byte[] {8}, 1L, "the message ends within a number"},
        new Object[] {new byte[] {8, 1, 8, (byte) 0x80}, 3L, "the message ends within a number"},
        new Object[] {longNumber, 1L, "a number takes more than 10 bytes"},
        new Object[] {new byte[] {0}, 0L, "field number 0"},
        new Object[] {new byte[] {8, 1, 14}, 2L, "field 1 has wire type 6"},
        new Object[] {new byte[] {13, 1, 2}, 1L, "field 1 has a value of 4 bytes, where 2 follow"},
        new Object[] {new byte[] {9, 1}, 1L, "field 1 has a value of 8 bytes, where 1 follow"},
        new Object[] {new byte[] {10, 3, 1}, 1L, "field 1 has a value of 3 bytes, where 1 follow"},
        new Object[] {new byte[] {12}, 0L, "group 1 ends, but has not begun"},
        new Object[] {new byte[] {11, 8, 1}, 1L, "group 1 does not end"},
        new Object[] {new byte[] {11, 20}, 1L, "group 2 ends within group 1"},
        new Object[] {deep, 101L, "groups are more than 100 deep"});
  }

  /** A length of a submessage that reaches past the end of its message, but not of the segment. */
  @Test
  void noFieldReachesBeyondItsMessage() {
    byte[] bytes = {10, 3, 18, 5, 1, 8, 7, 8, 7};
    ProtobufView inner = ProtobufView.of(MemorySegment.ofArray(bytes)).getMessage(1);
    assertThatThrownBy(() -> inner.getBytes(2))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("byte 3: field 2 has a value of 5 bytes, where 1 follow");
  }

  // Segments and arguments

  @Test
  void valuesArePartsOfTheSegment() {
    byte[] bytes = {10, 2, 8, 5};
    MemorySegment segment = MemorySegment.ofArray(bytes);
    ProtobufView view = ProtobufView.of(segment);
    MemorySegment value = view.getBytes(1);
    segment.set(ValueLayout.JAVA_BYTE, 3, (byte) 6);
    assertThat(bytes(value)).containsExactly(8, 6);
    assertThat(view.getMessage(1).getInt32(1)).isEqualTo(6);
    assertThat(bytes(view.getMessage(1).segment())).containsExactly(8, 6);
    assertThat(bytes(view.segment())).isEqualTo(bytes);
    assertThat(view.getMessage(1)).hasToString("ProtobufView[bytes 2 to 4]");
  }

  @Test
  void aViewEndsWithItsSegment() throws InterruptedException {
    ProtobufView view;
    ProtobufCursor cursor;
    try (Arena arena = Arena.ofConfined()) {
      view = ProtobufView.of(arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 8, (byte) 5));
      cursor = view.fields();
      assertThat(view.getInt32(1)).isEqualTo(5);
      Throwable[] thrown = new Throwable[1];
      Thread other =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  view.getInt32(1);
                } catch (WrongThreadException e) {
                  thrown[0] = e;
                }
              });
      other.join();
      assertThat(thrown[0]).isInstanceOf(WrongThreadException.class);
    }
    assertThatThrownBy(() -> view.getInt32(1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(cursor::next).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void argumentsAndStatesThatAreWrong() {
    ProtobufView view = ProtobufView.of(MemorySegment.ofArray(new byte[] {8, 5}));
    for (int number : new int[] {Integer.MIN_VALUE, -1, 0, 1 << 29}) {
      assertThatThrownBy(() -> view.getInt32(number))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("field number " + number + " is outside 1 to 536870911");
      assertThatThrownBy(() -> view.repeated(number, WireType.VARINT))
          .isInstanceOf(IllegalArgumentException.class);
    }
    ProtobufCursor fields = view.fields();
    assertThatThrownBy(fields::number).isInstanceOf(IllegalStateException.class);
    assertThat(fields.next()).isTrue();
    assertThatThrownBy(fields::getBytes)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("field 1 has the wire type VARINT, not LENGTH_DELIMITED");
    assertThat(fields.next()).isFalse();
    assertThatThrownBy(fields::getInt32)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not at a field");
  }
}
