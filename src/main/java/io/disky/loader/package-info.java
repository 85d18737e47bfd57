/** Loads records for training, in an order that is a specification. */
@org.jspecify.annotations.NullMarked
package io.disky.loader;
