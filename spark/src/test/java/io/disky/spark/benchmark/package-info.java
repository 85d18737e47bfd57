/** Measures the data source. No test. */
package io.disky.spark.benchmark;
