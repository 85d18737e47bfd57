package io.disky.cli;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.disky.files.QuotedText;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Prints records that are protocol buffer messages of a known type, with the names of fields. */
final class TypedPrinter implements RecordPrinter {
  private final Descriptor type;
  private final boolean json;
  private final JsonFormat.Printer jsonPrinter;
  private final TextFormat.Printer textPrinter;

  private TypedPrinter(Descriptor type, MessageTypes types, boolean json) {
    this.type = type;
    this.json = json;
    TypeRegistry registry = TypeRegistry.newBuilder().add(types.all()).build();
    this.jsonPrinter =
        JsonFormat.printer().usingTypeRegistry(registry).omittingInsignificantWhitespace();
    this.textPrinter = TextFormat.printer().usingTypeRegistry(registry).escapingNonAscii(false);
  }

  /**
   * A printer of messages of a type.
   *
   * @param files serialized {@code FileDescriptorProto} messages, in any order
   * @param json whether to print JSON, a line for each record; otherwise text, and an empty line
   *     after each record
   * @param source the origin of the descriptors in messages
   * @throws IOException if the descriptors are not valid, or do not contain the type
   */
  static RecordPrinter of(List<byte[]> files, String typeName, boolean json, String source)
      throws IOException {
    return of(() -> MessageTypes.of(files), typeName, json, source);
  }

  /**
   * A printer of messages of a type.
   *
   * @param set a serialized {@code FileDescriptorSet}
   * @param json as for {@link #of}
   * @param source the origin of the descriptors in messages
   * @throws IOException if the descriptors are not valid, or do not contain the type
   */
  static RecordPrinter ofSet(byte[] set, String typeName, boolean json, String source)
      throws IOException {
    return of(() -> MessageTypes.ofSet(set), typeName, json, source);
  }

  /** Parses descriptors. */
  @FunctionalInterface
  private interface Parsing {
    MessageTypes parse() throws IOException;
  }

  private static RecordPrinter of(Parsing descriptors, String typeName, boolean json, String source)
      throws IOException {
    try {
      MessageTypes types = descriptors.parse();
      Descriptor type =
          types
              .find(typeName)
              .orElseThrow(() -> new IOException("there is no type " + QuotedText.line(typeName)));
      return new TypedPrinter(type, types, json);
    } catch (IOException e) {
      throw new IOException(source + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void print(MemorySegment data, long offset, long length, OutputBuffer to)
      throws IOException {
    to.put((text(RecordBytes.of(data, offset, length)) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private String text(byte[] record) throws IOException {
    try {
      // A message whose required fields are missing is printed, too.
      DynamicMessage message = DynamicMessage.newBuilder(type).mergeFrom(record).buildPartial();
      return json ? jsonPrinter.print(message) : textPrinter.printToString(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IOException(
          "a record of "
              + record.length
              + " bytes is not a valid message of the type "
              + QuotedText.line(type.getFullName())
              + ": "
              + e.getMessage(),
          e);
    }
  }
}
