package io.disky.spark.read;

import io.disky.ChunkDescription;
import io.disky.ReaderOptions;
import io.disky.RecordReader;
import io.disky.spark.files.FoundFile;
import io.disky.spark.files.HadoopChannel.Access;
import io.disky.spark.files.PartitionKey;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * The sizes of records in a few chunks, by the headers of these chunks. What the others have is an
 * estimate.
 */
final class SizeSample {
  /** A sample without a record. */
  static final SizeSample NONE = new SizeSample();

  private static final System.Logger LOG = System.getLogger("io.disky");
  private static final int FILES = 3;
  private static final int CHUNKS_OF_FILE = 3;

  private double fileBytes;
  private double records;
  private double recordBytes;
  private int chunks;

  /** Ends the look at a file. */
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1;

    Enough() {
      super(null, null, false, false);
    }
  }

  private SizeSample() {}

  /** A sample of the first, the last and the middle one of {@code files}. */
  static SizeSample of(List<FoundFile> files, Configuration configuration) {
    SizeSample sample = new SizeSample();
    List<FoundFile> filled = files.stream().filter(file -> file.size() > 0).toList();
    int count = Math.min(FILES, filled.size());
    for (int i = 0; i < count; i++) {
      int index = count == 1 ? 0 : (int) ((long) i * (filled.size() - 1) / (count - 1));
      sample.add(filled.get(index), configuration);
    }
    return sample;
  }

  private void add(FoundFile file, Configuration configuration) {
    FileSplit split =
        new FileSplit(
            file.path().toString(),
            file.local(),
            file.size(),
            file.modified(),
            0,
            file.size(),
            PartitionKey.NONE);
    SplitOpening opening = new SplitOpening(configuration, new ReadCounts());
    chunks = 0;
    try (RecordReader reader = opening.open(split, ReaderOptions.defaults(), Access.RANDOM)) {
      reader.forEachChunk(this::add);
    } catch (Enough _) {
      // The chunks that were seen are the sample.
    } catch (IOException e) {
      // The task that reads the file reports this; an estimate needs no file in particular.
      LOG.log(Level.DEBUG, "{0}: left out of the estimate: {1}", split.path(), e);
    }
  }

  private void add(ChunkDescription chunk) {
    if (chunk.recordCount() > 0 && chunk.type().holdsRecords()) {
      fileBytes += chunk.end() - chunk.begin();
      records += chunk.recordCount();
      recordBytes += chunk.recordBytes();
    }
    if (++chunks >= CHUNKS_OF_FILE) {
      throw new Enough();
    }
  }

  /** Whether the sample has a record. */
  boolean isKnown() {
    return records > 0 && fileBytes > 0;
  }

  /** How many records a byte of a file has. */
  double recordsPerFileByte() {
    return records / fileBytes;
  }

  /** The average size of a record in bytes. */
  double recordSize() {
    return recordBytes / records;
  }
}
