/**
 * Off-heap memory that is kept for further use, and memory of the user. Not exported: for use
 * inside this module alone.
 */
package io.disky.memory;
