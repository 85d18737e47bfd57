package io.disky.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HttpVersionTest {
  private static final String TEN = "Mon, 30 Nov 2026 10:00:00 GMT";
  private static final String SECOND_LATER = "Mon, 30 Nov 2026 10:00:01 GMT";

  /** Headers: names and values take turns. */
  private static HttpHeaders headers(String... namesAndValues) {
    Map<String, List<String>> all = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      all.put(namesAndValues[i], List.of(namesAndValues[i + 1]));
    }
    return HttpHeaders.of(all, (_, _) -> true);
  }

  private static HttpVersion version(String... namesAndValues) {
    return HttpVersion.of(headers(namesAndValues));
  }

  @Test
  void onlyAStrongTagOrAnOldTimeIsStrong() {
    assertThat(version("ETag", "\"a\"", "Last-Modified", TEN))
        .isEqualTo(new HttpVersion("\"a\"", false));
    assertThat(version("Last-Modified", TEN, "Date", SECOND_LATER))
        .isEqualTo(new HttpVersion(TEN, false));
    assertThat(version("ETag", "W/\"a\"", "Last-Modified", TEN, "Date", SECOND_LATER))
        .isEqualTo(new HttpVersion(TEN, false));
    assertThat(version("ETag", "W/\"a\"")).isEqualTo(new HttpVersion("W/\"a\"", true));
    assertThat(version("X", "y")).isEqualTo(new HttpVersion("", true));
  }

  /** Within the second of the answer, the file can change again without another time. */
  @Test
  void aTimeThatIsNotEarlierThanTheAnswerIsWeak() {
    assertThat(version("Last-Modified", TEN, "Date", TEN)).isEqualTo(new HttpVersion(TEN, true));
    assertThat(version("Last-Modified", SECOND_LATER, "Date", TEN).weak()).isTrue();
    assertThat(version("Last-Modified", TEN).weak()).isTrue();
    assertThat(version("Last-Modified", TEN, "Date", "soon").weak()).isTrue();
    assertThat(version("Last-Modified", "soon", "Date", TEN).weak()).isTrue();
  }

  /** Apache sends a weak tag in the first second after a change, and then the strong one. */
  @Test
  void aServerMayAddAStrongTagToTheSameVersion() {
    HttpHeaders later = headers("ETag", "\"a\"", "Last-Modified", TEN, "Date", SECOND_LATER);
    assertThat(HttpVersion.of(later, TEN).text()).isEqualTo(TEN);
    assertThat(HttpVersion.of(later, "W/\"a\"").text()).isEqualTo("W/\"a\"");
    assertThat(HttpVersion.of(later, "W/\"b\"").text()).isEqualTo("\"a\"");
    assertThat(HttpVersion.of(later, SECOND_LATER).text()).isEqualTo("\"a\"");
    assertThat(HttpVersion.of(headers("ETag", "W/\"a\""), "\"a\"").text()).isEqualTo("W/\"a\"");
  }
}
