/** What the data source needs. Compiled for the oldest JDK that runs Spark. */
@org.jspecify.annotations.NullMarked
package io.disky.spark.requirements;
