package io.disky.random;

import io.disky.engine.EngineException;
import io.disky.memory.MemoryFault;
import java.io.IOException;

/** Makes the exceptions that users see for the failures of one file. */
public interface IndexFailures {
  /** The exception for a failure of the engine. */
  IOException exception(EngineException failure);

  /**
   * The exception for a failure of the engine at a chunk whose place is from an index. If the
   * failure is damage, the index may be wrong instead.
   *
   * @param advice the end of the message, for damage only
   */
  IOException exception(EngineException failure, String advice);

  /** The exception for memory of the user to which a record of the file cannot be copied. */
  IOException exception(MemoryFault fault);

  /**
   * Whether reading a chunk failed because of the contents of the file, so that other chunks can
   * still be read.
   */
  boolean isOfChunk(IOException failure);

  /**
   * The exception for an index that disagrees with the chunks of the file.
   *
   * @param position offset in the file in bytes
   * @param detail the message without the name of the file and the position
   */
  IOException disagreement(long position, String detail);
}
