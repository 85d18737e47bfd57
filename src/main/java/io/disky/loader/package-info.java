/** Loads records for training, in an order that is a pure function of its options. */
@org.jspecify.annotations.NullMarked
package io.disky.loader;
