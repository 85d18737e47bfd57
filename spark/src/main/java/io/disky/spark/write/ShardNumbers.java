package io.disky.spark.write;

import java.io.IOException;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The numbers of the next files of each directory: they go on after the highest that exists. */
final class ShardNumbers {
  private final FileSystem fileSystem;
  private final String prefix;
  private final Map<Path, BigInteger> next = new HashMap<>();

  ShardNumbers(FileSystem fileSystem, String prefix) {
    this.fileSystem = fileSystem;
    this.prefix = prefix;
  }

  /** The next name in {@code directory}. Someone else may have taken it meanwhile. */
  Path next(Path directory) throws IOException {
    BigInteger number = next.get(directory);
    if (number == null) {
      number = first(directory);
    }
    next.put(directory, number.add(BigInteger.ONE));
    return new Path(directory, prefix + "_" + number);
  }

  private BigInteger first(Path directory) throws IOException {
    BigInteger highest = BigInteger.ONE.negate();
    for (FileStatus file : fileSystem.listStatus(directory)) {
      String name = file.getPath().getName();
      if (name.startsWith(prefix + "_")) {
        String digits = name.substring(prefix.length() + 1);
        if (isNumber(digits)) {
          highest = highest.max(new BigInteger(digits));
        }
      }
    }
    return highest.add(BigInteger.ONE);
  }

  private static boolean isNumber(String digits) {
    return !digits.isEmpty() && digits.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
