/** Programs that consume loaded batches without copying them into the Java heap. */
@org.jspecify.annotations.NullMarked
package io.disky.examples;
