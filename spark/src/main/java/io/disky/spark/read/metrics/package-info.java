/** The metrics of scans, which Spark's UI shows. Spark makes objects of these classes itself. */
@org.jspecify.annotations.NullMarked
package io.disky.spark.read.metrics;
