package io.disky.spark.read;

import io.disky.spark.columns.ConstantColumn;
import io.disky.spark.columns.StructColumn;
import io.disky.spark.files.FileListing;
import io.disky.spark.files.FileOptions;
import io.disky.spark.files.FileSelection;
import io.disky.spark.files.FoundFile;
import io.disky.spark.files.HadoopSettings;
import io.disky.spark.files.OptionReader;
import io.disky.spark.files.PartitionColumns;
import io.disky.spark.files.PartitionKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.PartitionFieldReference;
import org.apache.spark.sql.connector.expressions.filter.PartitionPredicate;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of a query, on the driver. They are listed when they are first needed, and only once,
 * so that all parts of a query see the same files.
 */
final class QueryFiles {
  private final SparkSession session;
  private final CaseInsensitiveStringMap options;
  private final PartitionColumns columns;
  private final ReadOptions readOptions;
  private final Configuration configuration;
  private final FileSelection selection;
  private final List<String> paths;
  private final List<PartitionPredicate> predicates = new ArrayList<>();
  private @Nullable List<FoundFile> listed;
  private @Nullable SizeSample sample;

  QueryFiles(
      SparkSession session,
      CaseInsensitiveStringMap options,
      PartitionColumns columns,
      ReadOptions readOptions) {
    this.session = session;
    this.options = options;
    this.columns = columns;
    this.readOptions = readOptions;
    this.configuration = HadoopSettings.onDriver(session, options);
    this.paths = FileOptions.paths(options);
    this.selection =
        FileSelection.of(new OptionReader(options), ZoneId.of(zone(session), ZoneId.SHORT_IDS));
  }

  private static String zone(SparkSession session) {
    return session.conf().get("spark.sql.session.timeZone", ZoneId.systemDefault().getId());
  }

  PartitionColumns columns() {
    return columns;
  }

  ReadOptions readOptions() {
    return readOptions;
  }

  List<String> paths() {
    return paths;
  }

  /** Leaves out directories that {@code added} excludes. */
  void add(List<PartitionPredicate> added) {
    predicates.addAll(added);
  }

  List<PartitionPredicate> predicates() {
    return List.copyOf(predicates);
  }

  /** The files, without those that predicates exclude. */
  synchronized List<FoundFile> files() {
    List<FoundFile> known = listed;
    if (known == null) {
      try {
        known =
            new FileListing(
                    configuration, selection, columns, this::isNeeded, readOptions.ignoreMissing())
                .files(paths);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      listed = known;
    }
    return known.stream().filter(file -> isNeeded(file.partition())).toList();
  }

  /** Whether no predicate excludes {@code key}, as far as its values are known. */
  private boolean isNeeded(PartitionKey key) {
    for (PartitionPredicate predicate : predicates) {
      if (isDecided(key, predicate) && !predicate.eval(row(key).getStruct(0))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDecided(PartitionKey key, PartitionPredicate predicate) {
    for (NamedReference reference : predicate.references()) {
      if (reference instanceof PartitionFieldReference field && !key.isKnown(field.ordinal())) {
        return false;
      }
    }
    return true;
  }

  /** A row of the partition columns. Predicates do not look at values that are not known. */
  private StructColumn row(PartitionKey key) {
    List<ConstantColumn> values = new ArrayList<>();
    for (StructField field : columns.fields()) {
      ConstantColumn column = new ConstantColumn(field.dataType());
      column.set(key.value(values.size()), 1);
      values.add(column);
    }
    return new StructColumn(columns.schema(), values);
  }

  /** The tasks that read the files, without those that a join does not need. */
  List<SplitPartition> plan(List<RuntimeValues> joined) {
    List<FoundFile> needed =
        files().stream()
            .filter(file -> joined.stream().allMatch(values -> values.need(file.partition())))
            .toList();
    return new SplitPlanner(SplitSizes.of(new OptionReader(options), session)).plan(needed);
  }

  /** The configuration for tasks; {@code null} if all files are local. */
  @Nullable HadoopSettings hadoop() {
    return files().stream().allMatch(FoundFile::local)
        ? null
        : HadoopSettings.share(session, configuration);
  }

  /** The sizes of a few chunks of these files. */
  synchronized SizeSample sample() {
    SizeSample known = sample;
    if (known == null) {
      known = SizeSample.of(files(), configuration);
      sample = known;
    }
    return known;
  }

  /**
   * Whether both read the same files, so that Spark can read them once for two parts of a query.
   */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof QueryFiles that
        && options.equals(that.options)
        && columns.schema().equals(that.columns.schema())
        && predicates.equals(that.predicates);
  }

  @Override
  public int hashCode() {
    return Objects.hash(options, columns.schema(), predicates);
  }
}
