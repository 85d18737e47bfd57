/** The order in which a loader visits records: pure functions of keys and counts. */
@org.jspecify.annotations.NullMarked
package io.disky.order;
