/** Finds files on the file systems that Spark reaches, and opens them for disky. */
@org.jspecify.annotations.NullMarked
package io.disky.spark.files;
