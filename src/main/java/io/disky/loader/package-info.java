/** Loads records for training: in a shuffled order, in batches, outside the Java heap. */
@NullMarked
package io.disky.loader;

import org.jspecify.annotations.NullMarked;
