package io.disky.loading;

import java.util.List;

/**
 * A batch that will be gathered.
 *
 * @param epoch the number of the epoch
 * @param step the number of the step in the epoch
 * @param position the position of the first record
 * @param padding number of records at the end that are padding
 * @param after where loading continues after the batch
 * @param picks the records
 * @param holds chunks of these records, which are released after the batch is gathered
 * @param expected the memory that is counted for the batch before it is gathered, in bytes
 */
record PlannedBatch(
    long epoch,
    long step,
    long position,
    int padding,
    Progress after,
    SortedPicks picks,
    List<SharedHold> holds,
    long expected) {}
