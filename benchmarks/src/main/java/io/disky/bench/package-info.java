/**
 * Measures the library next to the limits that no library could pass, and next to others. {@link
 * io.disky.bench.Benchmarks} starts a process per contestant ({@link io.disky.bench.Worker}, and
 * its like in Rust and Python), has them work in turn, and writes what it finds.
 */
package io.disky.bench;
