package io.disky.spark.files;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The fields of the hidden column {@code _metadata}: where a record comes from. */
public final class MetadataFields {
  /** The name of the column. */
  public static final String COLUMN = "_metadata";

  /** The path of the file, with the scheme of its file system. */
  public static final String FILE_PATH = "file_path";

  /** The name of the file. */
  public static final String FILE_NAME = "file_name";

  /** The size of the file in bytes. */
  public static final String FILE_SIZE = "file_size";

  /** The time of the last change of the file. */
  public static final String FILE_MODIFICATION_TIME = "file_modification_time";

  /** The offset of the record's chunk in the file in bytes. */
  public static final String CHUNK_BEGIN = "chunk_begin";

  /** The index of the record in its chunk, from 0 on. */
  public static final String RECORD_INDEX = "record_index";

  /** The number of the record in the file, from 0 on; null if it is not known. */
  public static final String RECORD_NUMBER = "record_number";

  private MetadataFields() {}

  /** The type of the column. */
  public static StructType type() {
    return new StructType()
        .add(FILE_PATH, DataTypes.StringType, false)
        .add(FILE_NAME, DataTypes.StringType, false)
        .add(FILE_SIZE, DataTypes.LongType, false)
        .add(FILE_MODIFICATION_TIME, DataTypes.TimestampType, false)
        .add(CHUNK_BEGIN, DataTypes.LongType, false)
        .add(RECORD_INDEX, DataTypes.LongType, false)
        .add(RECORD_NUMBER, DataTypes.LongType, true);
  }
}
