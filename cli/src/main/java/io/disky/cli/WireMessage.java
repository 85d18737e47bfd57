package io.disky.cli;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The wire format of a protocol buffer message whose type is not known. Nothing in it states
 * whether bytes are text, a message or neither, so this class takes the most plausible: text if
 * they are printable UTF-8, except a message that begins with a line feed; otherwise a message if
 * they are one, and if not, bytes.
 */
final class WireMessage {
  /** How deep messages may be in each other. */
  static final int MAX_DEPTH = 100;

  /** How messages begin whose field 1 is text, bytes or a message. Text rarely does. */
  private static final String FIELD_1 = "\n";

  private WireMessage() {}

  /** Takes the fields of a message, in order. */
  interface Visitor {
    void varint(int number, long value);

    void fixed32(int number, int value);

    void fixed64(int number, long value);

    void text(int number, String text);

    void bytes(int number, byte[] bytes);

    /** Takes a message or a group, which the visitor visits itself. */
    void message(int number, byte[] message, boolean group);
  }

  /**
   * Visits the fields of {@code message}, which must be one.
   *
   * @param depth how deep the message is in others
   */
  static void visit(byte[] message, int depth, Visitor visitor) {
    CodedInputStream in = CodedInputStream.newInstance(message);
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        visit(in, tag, depth, visitor);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(e); // the caller has checked it
    }
  }

  private static void visit(CodedInputStream in, int tag, int depth, Visitor visitor)
      throws IOException {
    int number = WireFormat.getTagFieldNumber(tag);
    switch (WireFormat.getTagWireType(tag)) {
      case WireFormat.WIRETYPE_VARINT -> visitor.varint(number, in.readUInt64());
      case WireFormat.WIRETYPE_FIXED32 -> visitor.fixed32(number, in.readFixed32());
      case WireFormat.WIRETYPE_FIXED64 -> visitor.fixed64(number, in.readFixed64());
      case WireFormat.WIRETYPE_START_GROUP -> visitor.message(number, group(in, tag), true);
      default -> {
        byte[] bytes = in.readByteArray();
        String text = text(bytes);
        boolean canBeMessage = text == null || text.startsWith(FIELD_1);
        if (canBeMessage && depth < MAX_DEPTH && isMessage(bytes)) {
          visitor.message(number, bytes, false);
        } else if (text != null) {
          visitor.text(number, text);
        } else {
          visitor.bytes(number, bytes);
        }
      }
    }
  }

  /** The fields of the group that begins with {@code tag}. */
  private static byte[] group(CodedInputStream in, int tag) throws IOException {
    UnknownFieldSet.Builder fields = UnknownFieldSet.newBuilder();
    in.readGroup(
        WireFormat.getTagFieldNumber(tag), fields, ExtensionRegistryLite.getEmptyRegistry());
    return fields.build().toByteArray();
  }

  /** Returns whether {@code bytes} are the fields of a message. */
  static boolean isMessage(byte[] bytes) {
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    in.setRecursionLimit(MAX_DEPTH);
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (!in.skipField(tag)) {
          return false; // the end of a group that has not begun
        }
      }
      return in.isAtEnd();
    } catch (IOException e) {
      return false;
    }
  }

  /** The text that {@code bytes} are in UTF-8; null if they are not text that can be printed. */
  static @Nullable String text(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.codePoints().allMatch(WireMessage::isPrintable) ? text : null;
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static boolean isPrintable(int c) {
    return c == '\n'
        || c == '\r'
        || c == '\t'
        || switch (Character.getType(c)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED ->
              false;
          default -> true;
        };
  }
}
