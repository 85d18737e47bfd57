package io.disky.loading;

import io.disky.memory.BufferPool;
import java.util.List;

/**
 * The objects that all parts of a pipeline use.
 *
 * @param sources the sources, by index
 * @param settings how to load
 * @param buffers the memory for batches
 * @param damage counts the records that are left out
 */
record Loading(
    List<LoadedSource> sources,
    LoadingSettings settings,
    BufferPool buffers,
    DamageBudget damage) {}
