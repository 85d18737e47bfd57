/**
 * Programs that {@code scripts/check-spark} starts with Spark's own distribution and the packed
 * jar. They use no library of tests.
 */
package io.disky.spark.programs;
