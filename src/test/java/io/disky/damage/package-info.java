/** Helpers for tests of damage: record files that are damaged in known ways. */
package io.disky.damage;
