/**
 * Off-heap memory that is kept for further use, and memory of the user. Not exported: only this
 * module uses it.
 */
package io.disky.memory;
