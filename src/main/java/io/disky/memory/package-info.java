/**
 * Off-heap memory that is used again, and memory of the user. Not exported: for use inside this
 * module alone.
 */
package io.disky.memory;
