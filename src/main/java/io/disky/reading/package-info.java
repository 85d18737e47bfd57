/**
 * Reads one file: opens it ({@code OpenSource}), decodes its chunks in order ({@code ChunkFeed}),
 * with other threads ahead of the reader ({@code ParallelDecoder}, {@code ChunkWindow}), goes
 * through their records ({@code RecordCursor}), and moves in the file ({@code Navigation}). Not
 * exported: only this module uses it.
 */
package io.disky.reading;
