package io.disky.shards;

import java.io.IOException;

/** A listener for shards. Any thread may call it. Its methods may throw anything. */
public interface ShardEvents {
  /** A listener that does nothing. */
  ShardEvents NONE =
      new ShardEvents() {
        @Override
        public void opened(String shard) {}

        @Override
        public void finished(String shard, long records) {}

        @Override
        public void failed(String shard, IOException failure) {}
      };

  /** The shard was opened, or created. */
  void opened(String shard);

  /** The shard was read to its end, or written and closed; it has {@code records} records. */
  void finished(String shard, long records);

  /** The shard could not be opened, read or written. */
  void failed(String shard, IOException failure);
}
