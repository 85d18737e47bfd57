package io.disky;

import io.disky.CorruptFileException.Damage;
import io.disky.engine.EngineException;
import io.disky.engine.NativeReader;
import java.util.Optional;

/**
 * A part of a file that a reader skipped, because it is damaged, or has a type or compression that
 * this version does not know; see {@link CorruptionStrategy#RECOVER}. Regions do not overlap.
 *
 * @param begin offset of its first byte
 * @param end offset just past its last byte
 * @param damage the part of the file that is damaged; empty for a type of chunk or compression that
 *     this version does not know
 * @param reason the damage and its position, without the name of the file
 * @param scanned whether only a search has found its end; see {@link RecordBatch#isScanned()}
 */
public record SkippedRegion(
    long begin, long end, Optional<Damage> damage, String reason, boolean scanned) {

  /** The region that the engine has skipped. */
  static SkippedRegion of(NativeReader.SkippedRegion region) {
    EngineException reason = region.reason();
    return new SkippedRegion(
        region.begin(),
        region.end(),
        Optional.ofNullable(RecordFileException.damage(reason.kind())),
        reason.detail(),
        region.scanned());
  }

  /** The size in bytes. */
  public long size() {
    return end - begin;
  }
}
