package io.disky.spark.read;

import io.disky.spark.files.FoundFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.fs.BlockLocation;

/**
 * Divides files among tasks, as Spark's own sources do: files are cut into ranges, and the ranges
 * are put together until a task has enough to read.
 */
final class SplitPlanner {
  private static final int MOST_HOSTS = 3;

  private final SplitSizes sizes;

  SplitPlanner(SplitSizes sizes) {
    this.sizes = sizes;
  }

  /** A range, and the file that it is a part of. */
  private record Piece(FoundFile file, long begin, long end) {
    long size() {
      return end - begin;
    }

    FileSplit split() {
      return new FileSplit(
          file.path().toString(),
          file.local(),
          file.size(),
          file.modified(),
          begin,
          end,
          file.partition());
    }
  }

  /** The tasks for {@code files}; none for files without a byte. */
  List<SplitPartition> plan(List<FoundFile> files) {
    long total = 0;
    for (FoundFile file : files) {
      total = sum(total, sum(file.size(), sizes.openCost()));
    }
    List<Piece> pieces = cut(files, sizes.splitSize(total));
    List<List<Piece>> tasks = pack(pieces, sizes.splitSize(total));
    if (sizes.maxPartitions().isPresent() && tasks.size() > sizes.maxPartitions().getAsLong()) {
      long most = Math.max(1, sizes.maxPartitions().getAsLong());
      tasks = pack(pieces, Math.ceilDiv(sizeWithCosts(pieces), most));
    }
    return tasks.stream().map(SplitPlanner::partition).toList();
  }

  private static List<Piece> cut(List<FoundFile> files, long size) {
    List<Piece> pieces = new ArrayList<>();
    for (FoundFile file : files) {
      for (long begin = 0; begin < file.size(); begin += Math.min(size, file.size() - begin)) {
        pieces.add(new Piece(file, begin, begin + Math.min(size, file.size() - begin)));
      }
    }
    pieces.sort(Comparator.comparingLong(Piece::size).reversed());
    return pieces;
  }

  private List<List<Piece>> pack(List<Piece> pieces, long most) {
    List<List<Piece>> tasks = new ArrayList<>();
    List<Piece> task = new ArrayList<>();
    long size = 0;
    for (Piece piece : pieces) {
      if (!task.isEmpty() && sum(size, piece.size()) > most) {
        tasks.add(task);
        task = new ArrayList<>();
        size = 0;
      }
      task.add(piece);
      size = sum(size, sum(piece.size(), sizes.openCost()));
    }
    if (!task.isEmpty()) {
      tasks.add(task);
    }
    return tasks;
  }

  private long sizeWithCosts(List<Piece> pieces) {
    long total = 0;
    for (Piece piece : pieces) {
      total = sum(total, sum(piece.size(), sizes.openCost()));
    }
    return total;
  }

  private static SplitPartition partition(List<Piece> task) {
    return new SplitPartition(task.stream().map(Piece::split).toList(), hosts(task));
  }

  /** The hosts that have most of the bytes of a task. */
  private static List<String> hosts(List<Piece> task) {
    Map<String, Long> bytes = new HashMap<>();
    for (Piece piece : task) {
      for (BlockLocation block : piece.file.blocks()) {
        long begin = Math.max(piece.begin, block.getOffset());
        long end = Math.min(piece.end, sum(block.getOffset(), block.getLength()));
        if (begin < end) {
          hosts(block).forEach(host -> bytes.merge(host, end - begin, SplitPlanner::sum));
        }
      }
    }
    return bytes.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(MOST_HOSTS)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static Stream<String> hosts(BlockLocation block) {
    try {
      return Stream.of(block.getHosts()).filter(host -> !host.equals("localhost"));
    } catch (IOException _) {
      return Stream.empty(); // Where a task runs is a matter of speed only.
    }
  }

  /** A sum that stops at the largest number. */
  private static long sum(long first, long second) {
    return second > Long.MAX_VALUE - first ? Long.MAX_VALUE : first + second;
  }
}
