package io.disky.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@link Json}. */
class JsonTest {
  @Test
  void escapesWhatJsonAndAsciiForbid() {
    Json json = new Json();
    StringBuilder all = new StringBuilder();
    for (char c = 0; c < 0x300; c++) {
      all.append(c);
    }
    all.append("\u2028\ud83d\ude00\ud800");
    String text = json.value(all.toString()).take();
    assertThat(JsonText.parse(text)).isEqualTo(all.toString());
    assertThat(text.chars()).allMatch(c -> c >= ' ' && c < 0x7f);
  }

  @Test
  void nestsObjectsAndArrays() {
    Json json = new Json();
    json.beginObject();
    json.name("empty").beginObject().endObject();
    json.name("none").beginArray().endArray();
    json.name("list").beginArray();
    json.element().value(1);
    json.element().value(-0.5);
    json.element().value((String) null);
    json.element().beginArray().endArray();
    json.endArray();
    json.endObject();
    Map<?, ?> parsed = (Map<?, ?>) JsonText.parse(json.take());
    assertThat(parsed.get("empty")).isEqualTo(Map.of());
    assertThat(parsed.get("none")).isEqualTo(List.of());
    assertThat((List<?>) parsed.get("list")).asString().isEqualTo("[1, -0.5, null, []]");
  }

  @Test
  void givesItsTextOnce() {
    Json json = new Json();
    json.beginArray().element().value(1);
    assertThat(json.take()).isEqualTo("[\n  1");
    assertThat(json.endArray().take()).isEqualTo("\n]");
  }
}
