/**
 * Helpers for tests of lifetimes: memory that is freed, objects that are closed, records that are
 * no longer valid.
 */
package io.disky.lifetime;
