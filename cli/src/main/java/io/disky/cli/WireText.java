package io.disky.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.TextFormat;
import java.util.Locale;

/** A protocol buffer message of unknown type as text. */
final class WireText implements WireMessage.Visitor {
  private final StringBuilder text;
  private final int depth;

  private WireText(StringBuilder text, int depth) {
    this.text = text;
    this.depth = depth;
  }

  /** The fields of {@code record}, each in a line of its own. */
  static String of(byte[] record) {
    StringBuilder text = new StringBuilder();
    if (WireMessage.isMessage(record)) {
      WireMessage.visit(record, 0, new WireText(text, 0));
    } else {
      text.append("# not a protocol buffer message: \"").append(escaped(record)).append("\"\n");
    }
    return text.toString();
  }

  private static String escaped(byte[] bytes) {
    return TextFormat.escapeBytes(ByteString.copyFrom(bytes));
  }

  private StringBuilder indented(int number) {
    return text.repeat("  ", depth).append(number);
  }

  @Override
  public void varint(int number, long value) {
    indented(number).append(": ").append(Long.toUnsignedString(value)).append('\n');
  }

  @Override
  public void fixed32(int number, int value) {
    indented(number)
        .append(String.format(Locale.ROOT, ": 0x%08x  # %s\n", value, Float.intBitsToFloat(value)));
  }

  @Override
  public void fixed64(int number, long value) {
    indented(number)
        .append(
            String.format(Locale.ROOT, ": 0x%016x  # %s\n", value, Double.longBitsToDouble(value)));
  }

  @Override
  public void text(int number, String value) {
    indented(number)
        .append(": \"")
        .append(
            TextFormat.escapeDoubleQuotesAndBackslashes(value)
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t"))
        .append("\"\n");
  }

  @Override
  public void bytes(int number, byte[] bytes) {
    indented(number).append(": \"").append(escaped(bytes)).append("\"\n");
  }

  @Override
  public void message(int number, byte[] message, boolean group) {
    indented(number).append(" {\n");
    WireMessage.visit(message, depth + 1, new WireText(text, depth + 1));
    text.repeat("  ", depth).append("}\n");
  }
}
