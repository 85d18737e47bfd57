package io.disky.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A model of one multiplication in the ONNX format, written field by field: {@code y = x * w}, with
 * a weight for each column of x.
 */
final class LinearModel {
  private static final int FLOAT = 1;
  private static final int IR_VERSION = 8;
  private static final int OPERATORS_VERSION = 13;

  private LinearModel() {}

  static byte[] of(float... weights) {
    Message opset = new Message().number(2, OPERATORS_VERSION);
    return new Message().number(1, IR_VERSION).message(7, graph(weights)).message(8, opset).bytes();
  }

  private static Message graph(float[] weights) {
    Message node = new Message().text(1, "x").text(1, "w").text(2, "y").text(4, "MatMul");
    ByteBuffer raw = ByteBuffer.allocate(4 * weights.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(weights);
    Message tensor =
        new Message()
            .number(1, weights.length)
            .number(1, 1)
            .number(2, FLOAT)
            .text(8, "w")
            .bytes(9, raw.array());
    return new Message()
        .message(1, node)
        .text(2, "linear")
        .message(5, tensor)
        .message(11, matrix("x", weights.length))
        .message(12, matrix("y", 1));
  }

  /** A matrix of floats with any number of rows. */
  private static Message matrix(String name, int width) {
    Message rows = new Message().text(2, "rows");
    Message columns = new Message().number(1, width);
    Message shape = new Message().message(1, rows).message(1, columns);
    Message tensor = new Message().number(1, FLOAT).message(2, shape);
    return new Message().text(1, name).message(2, new Message().message(1, tensor));
  }

  /** A message of protocol buffers. */
  private static final class Message {
    private static final int VARINT = 0;
    private static final int LENGTH = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message number(int field, long value) {
      varint((long) field << 3 | VARINT);
      varint(value);
      return this;
    }

    Message bytes(int field, byte[] value) {
      varint((long) field << 3 | LENGTH);
      varint(value.length);
      out.writeBytes(value);
      return this;
    }

    Message text(int field, String value) {
      return bytes(field, value.getBytes(UTF_8));
    }

    Message message(int field, Message value) {
      return bytes(field, value.bytes());
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private void varint(long value) {
      long left = value;
      while (left > 127) {
        out.write((int) ((left & 127) | 128));
        left >>>= 7;
      }
      out.write((int) left);
    }
  }
}
