/**
 * Benchmarks, each next to the limit that no library could pass: the same work done natively, in
 * the same run, without records. {@link io.disky.bench.Comparison} runs them and prints a table.
 */
package io.disky.bench;
