package io.disky;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriterOptionsTest {
  private static final WriterOptions DEFAULTS = WriterOptions.defaults();
  private static final RecordsMetadata METADATA = RecordsMetadata.empty().withFileComment("cats");

  /** Each option by its name, as {@code toString} has it. */
  private static Map<String, Object> options(WriterOptions options) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("openMode", options.openMode());
    values.put("compression", options.compression());
    values.put("dialect", options.dialect());
    values.put("chunkSize", options.chunkSize());
    values.put("container", options.container());
    values.put("groupSize", options.groupSize());
    values.put("transpose", options.transpose());
    values.put("bucketFraction", options.bucketFraction());
    values.put("initialPadding", options.initialPadding());
    values.put("finalPadding", options.finalPadding());
    values.put("metadata", options.metadata());
    values.put("repair", options.repair());
    values.put("atomicCreation", options.atomicCreation());
    values.put("upstreamCompatibility", options.upstreamCompatibility());
    values.put("parallelism", options.parallelism());
    return values;
  }

  private static Map<String, Object> defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("openMode", OpenMode.CREATE_NEW);
    values.put("compression", Compression.zstd(3));
    values.put("dialect", Dialect.DISKY);
    values.put("chunkSize", 1L << 20);
    values.put("container", Container.RECORDS);
    values.put("groupSize", 1);
    values.put("transpose", false);
    values.put("bucketFraction", 1.0);
    values.put("initialPadding", 1L);
    values.put("finalPadding", 1L);
    values.put("metadata", Optional.empty());
    values.put("repair", false);
    values.put("atomicCreation", false);
    values.put("upstreamCompatibility", true);
    values.put("parallelism", 0);
    return values;
  }

  /** A change of each option, by the name of the option. */
  private static Map<String, UnaryOperator<WriterOptions>> changes() {
    Map<String, UnaryOperator<WriterOptions>> changes = new LinkedHashMap<>();
    changes.put("openMode", options -> options.withOpenMode(OpenMode.OVERWRITE));
    changes.put("compression", options -> options.withCompression(Compression.zstd(9)));
    changes.put("dialect", options -> options.withDialect(Dialect.RIEGELI));
    changes.put("chunkSize", options -> options.withChunkSize(77));
    changes.put("container", options -> options.withContainer(Container.ARRAY_RECORD));
    changes.put("groupSize", options -> options.withGroupSize(64));
    changes.put("transpose", options -> options.withTranspose(true));
    changes.put("bucketFraction", options -> options.withBucketFraction(0.3));
    changes.put("initialPadding", options -> options.withInitialPadding(8));
    changes.put("finalPadding", options -> options.withFinalPadding(65_536));
    changes.put("metadata", options -> options.withMetadata(METADATA));
    changes.put("repair", options -> options.withRepair(true));
    changes.put("atomicCreation", options -> options.withAtomicCreation(true));
    changes.put("upstreamCompatibility", options -> options.withUpstreamCompatibility(false));
    changes.put("parallelism", options -> options.withParallelism(3));
    return changes;
  }

  private static Map<String, Object> changed() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("openMode", OpenMode.OVERWRITE);
    values.put("compression", Compression.zstd(9));
    values.put("dialect", Dialect.RIEGELI);
    values.put("chunkSize", 77L);
    values.put("container", Container.ARRAY_RECORD);
    values.put("groupSize", 64);
    values.put("transpose", true);
    values.put("bucketFraction", 0.3);
    values.put("initialPadding", 8L);
    values.put("finalPadding", 65_536L);
    values.put("metadata", Optional.of(METADATA));
    values.put("repair", true);
    values.put("atomicCreation", true);
    values.put("upstreamCompatibility", false);
    values.put("parallelism", 3);
    return values;
  }

  @Test
  void defaultsAreTheDocumentedOnes() {
    assertThat(options(DEFAULTS)).isEqualTo(defaults());
  }

  @Test
  void eachMethodChangesOneOption() {
    changes()
        .forEach((name, change) -> {
          Map<String, Object> expected = defaults();
          expected.put(name, changed().get(name));
          if (name.equals("container")) {
            expected.put("dialect", Dialect.RIEGELI);
          }
          assertThat(options(change.apply(DEFAULTS))).as(name).isEqualTo(expected);
        });
  }

  @Test
  void changesAddUpAndLeaveTheOriginalAlone() {
    WriterOptions all = DEFAULTS;
    for (UnaryOperator<WriterOptions> change : changes().values()) {
      all = change.apply(all);
    }

    assertThat(options(all)).isEqualTo(changed());
    assertThat(options(DEFAULTS)).isEqualTo(defaults());
  }

  @Test
  void arrayRecordsAreOfTheDialectRiegeli() {
    WriterOptions disky = DEFAULTS.withDialect(Dialect.DISKY);
    WriterOptions arrayRecord = disky.withContainer(Container.ARRAY_RECORD);
    assertThat(arrayRecord.dialect()).isEqualTo(Dialect.RIEGELI);
    assertThat(disky.withContainer(Container.RECORDS).dialect()).isEqualTo(Dialect.DISKY);
    assertThat(arrayRecord.withContainer(Container.RECORDS).dialect()).isEqualTo(Dialect.RIEGELI);
    assertThat(arrayRecord.withDialect(Dialect.DISKY).dialect()).isEqualTo(Dialect.DISKY);
  }

  @Test
  void paddingIsInitialAndFinalPadding() {
    assertThat(DEFAULTS.withPadding(24))
        .isEqualTo(DEFAULTS.withInitialPadding(24).withFinalPadding(24));
  }

  @Test
  void metadataCanBeTakenAway() {
    assertThat(DEFAULTS.withMetadata(METADATA).withoutMetadata()).isEqualTo(DEFAULTS);
    assertThat(DEFAULTS.withMetadata(RecordsMetadata.empty()).metadata())
        .contains(RecordsMetadata.empty());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 1 << 30})
  void sizesThatThereAre(long bytes) {
    assertThat(DEFAULTS.withChunkSize(bytes).chunkSize()).isEqualTo(bytes);
    assertThat(DEFAULTS.withInitialPadding(bytes).initialPadding()).isEqualTo(bytes);
    assertThat(DEFAULTS.withFinalPadding(bytes).finalPadding()).isEqualTo(bytes);
    assertThat(DEFAULTS.withPadding(bytes).finalPadding()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, (1 << 30) + 1, Long.MAX_VALUE})
  void sizesThatThereAreNot(long bytes) {
    String range = bytes + " is outside 1 to 1073741824 bytes";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withChunkSize(bytes))
        .withMessage("chunk size " + range);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withPadding(bytes))
        .withMessage("padding " + range);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withInitialPadding(bytes))
        .withMessage("initial padding " + range);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withFinalPadding(bytes))
        .withMessage("final padding " + range);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, Integer.MAX_VALUE})
  void groupSizesThatThereAre(int records) {
    assertThat(DEFAULTS.withGroupSize(records).groupSize()).isEqualTo(records);
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0})
  void groupSizesThatThereAreNot(int records) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withGroupSize(records))
        .withMessage("group size " + records + " is outside 1 to 2147483647 records");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.0, Double.MIN_VALUE, 0.5, 1.0})
  void bucketFractionsThatThereAre(double fraction) {
    assertThat(DEFAULTS.withBucketFraction(fraction).bucketFraction()).isEqualTo(fraction);
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        Double.NEGATIVE_INFINITY,
        -1.0,
        -Double.MIN_VALUE,
        1.0000000000000002,
        Double.POSITIVE_INFINITY,
        Double.NaN
      })
  void bucketFractionsThatThereAreNot(double fraction) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DEFAULTS.withBucketFraction(fraction))
        .withMessage("bucket fraction " + fraction + " is outside 0.0 to 1.0");
  }

  @Test
  void nullIsRefused() {
    assertThatNullPointerException()
        .isThrownBy(() -> DEFAULTS.withOpenMode(null))
        .withMessage("openMode");
    assertThatNullPointerException()
        .isThrownBy(() -> DEFAULTS.withCompression(null))
        .withMessage("compression");
    assertThatNullPointerException()
        .isThrownBy(() -> DEFAULTS.withDialect(null))
        .withMessage("dialect");
    assertThatNullPointerException()
        .isThrownBy(() -> DEFAULTS.withContainer(null))
        .withMessage("container");
    assertThatNullPointerException()
        .isThrownBy(() -> DEFAULTS.withMetadata(null))
        .withMessage("metadata");
  }

  @Test
  void textNamesEachOption() {
    assertThat(DEFAULTS)
        .hasToString(
            "WriterOptions[openMode=CREATE_NEW, compression=zstd:3, dialect=DISKY,"
                + " chunkSize=1048576, container=RECORDS, groupSize=1, transpose=false,"
                + " bucketFraction=1.0, initialPadding=1, finalPadding=1, metadata=none, repair=false,"
                + " atomicCreation=false, upstreamCompatibility=true, parallelism=0]");
    assertThat(DEFAULTS.withMetadata(METADATA).toString())
        .contains(", metadata=RecordsMetadata[fileComment=cats, 6 bytes], ");
  }

  @Test
  void equalOptionsAreEqual() {
    WriterOptions changed = WriterOptions.defaults().withChunkSize(5).withDialect(Dialect.RIEGELI);
    WriterOptions again = WriterOptions.defaults().withDialect(Dialect.RIEGELI).withChunkSize(5);
    assertThat(changed).isEqualTo(again).hasSameHashCodeAs(again);
    assertThat(changed).isNotEqualTo("WriterOptions");
    assertThat(DEFAULTS.withBucketFraction(-0.0)).isEqualTo(DEFAULTS.withBucketFraction(0.0));
  }

  @Test
  void differentOptionsAreNotEqual() {
    List<WriterOptions> different = new ArrayList<>(List.of(DEFAULTS));
    changes().values().forEach(change -> different.add(change.apply(DEFAULTS)));
    assertThat(different).doesNotHaveDuplicates();
  }
}
