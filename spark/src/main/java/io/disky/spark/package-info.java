/** The data source {@code disky} of Apache Spark. */
@org.jspecify.annotations.NullMarked
package io.disky.spark;
