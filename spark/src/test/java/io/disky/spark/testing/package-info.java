/** What many tests use. */
package io.disky.spark.testing;
