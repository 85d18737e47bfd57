package io.disky.spark.files;

import java.util.List;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.Path;

/**
 * A file that a listing has found, on the driver.
 *
 * @param path its path, with the scheme of its file system
 * @param local whether it is a file of the machine, which is opened without Hadoop
 * @param size in bytes
 * @param modified the time of its last change in milliseconds since 1970-01-01 UTC
 * @param partition the values of the partition columns
 * @param blocks on which hosts its bytes are; empty if the file system does not state it
 */
public record FoundFile(
    Path path,
    boolean local,
    long size,
    long modified,
    PartitionKey partition,
    List<BlockLocation> blocks) {}
