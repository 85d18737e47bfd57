package io.disky.cli;

import io.disky.SizeDistribution;
import java.util.Map;

/** A {@link SizeDistribution} as JSON. */
final class SizesJson {
  private SizesJson() {}

  /** Adds a member {@code name} to the object that {@code json} has begun. */
  static void add(Json json, String name, SizeDistribution sizes) {
    json.name(name).beginObject();
    json.name("smallest").value(sizes.smallest());
    json.name("largest").value(sizes.largest());
    json.name("mean").value(sizes.mean());
    json.name("histogram").beginArray();
    for (Map.Entry<Long, Long> similar : sizes.histogram().entrySet()) {
      long from = similar.getKey();
      json.element().beginObject();
      json.name("from").value(from);
      json.name("to").value(SizeRanges.to(from));
      json.name("count").value(similar.getValue());
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }
}
