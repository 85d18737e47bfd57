/**
 * Compares the library with limits that no library can pass, and with other libraries. {@link
 * io.disky.bench.Benchmarks} starts a process for each contestant ({@link io.disky.bench.Worker},
 * and corresponding programs in Rust and Python), lets them work in turn, and writes the results.
 */
package io.disky.bench;
