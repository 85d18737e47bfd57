package io.disky.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Base64;
import java.util.Locale;

/** A protocol buffer message of unknown type as JSON. */
final class WireJson implements WireMessage.Visitor {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  /** The largest whole number that every JSON parser reads exactly. */
  private static final long MAX_EXACT = (1L << 53) - 1;

  private final JsonObject object = new JsonObject();
  private final int depth;

  private WireJson(int depth) {
    this.depth = depth;
  }

  /** A JSON object with the fields of {@code record}, without line feeds. */
  static String of(byte[] record) {
    return GSON.toJson(WireMessage.isMessage(record) ? object(record, 0) : binary(record));
  }

  private static JsonObject object(byte[] message, int depth) {
    WireJson json = new WireJson(depth);
    WireMessage.visit(message, depth, json);
    return json.object;
  }

  private static JsonObject binary(byte[] bytes) {
    JsonObject object = new JsonObject();
    object.addProperty("bytes", Base64.getEncoder().encodeToString(bytes));
    return object;
  }

  /** Adds a value. Fields that occur several times are arrays. */
  private void add(int number, JsonElement value) {
    String name = Integer.toString(number);
    JsonElement earlier = object.get(name);
    if (earlier == null) {
      object.add(name, value);
    } else if (earlier instanceof JsonArray array) {
      array.add(value);
    } else {
      JsonArray array = new JsonArray();
      array.add(earlier);
      array.add(value);
      object.add(name, array);
    }
  }

  @Override
  public void varint(int number, long value) {
    boolean exact = value >= 0 && value <= MAX_EXACT;
    add(number, exact ? new JsonPrimitive(value) : new JsonPrimitive(Long.toUnsignedString(value)));
  }

  @Override
  public void fixed32(int number, int value) {
    add(number, new JsonPrimitive(String.format(Locale.ROOT, "0x%08x", value)));
  }

  @Override
  public void fixed64(int number, long value) {
    add(number, new JsonPrimitive(String.format(Locale.ROOT, "0x%016x", value)));
  }

  @Override
  public void text(int number, String text) {
    add(number, new JsonPrimitive(text));
  }

  @Override
  public void bytes(int number, byte[] bytes) {
    add(number, binary(bytes));
  }

  @Override
  public void message(int number, byte[] message, boolean group) {
    add(number, object(message, depth + 1));
  }
}
