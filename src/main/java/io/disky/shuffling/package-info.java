/** Puts more records than memory can hold into another order, by means of a temporary file. */
@org.jspecify.annotations.NullMarked
package io.disky.shuffling;
