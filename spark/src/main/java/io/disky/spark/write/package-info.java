/** Writes: files of tasks, and how a job publishes them. */
@org.jspecify.annotations.NullMarked
package io.disky.spark.write;
