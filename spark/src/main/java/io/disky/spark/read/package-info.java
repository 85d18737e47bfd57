/** Scans: from paths to splits, and from splits to columns. */
@org.jspecify.annotations.NullMarked
package io.disky.spark.read;
