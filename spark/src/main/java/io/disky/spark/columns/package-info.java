/** Columns of a batch of records, as Spark reads them. */
@org.jspecify.annotations.NullMarked
package io.disky.spark.columns;
