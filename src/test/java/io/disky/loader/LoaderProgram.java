package io.disky.loader;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Loads epoch after epoch, as a training program does: writes which record came at which position,
 * and after each batch saves its state. It is killed at any time.
 */
public final class LoaderProgram {
  static final int RECORDS = 21 * 50 + 40 * 7;

  private LoaderProgram() {}

  /** The order called {@code name}. */
  static LoaderOptions options(String name) {
    LoaderOptions options = LoaderOptions.defaults().withSeed(11).withEpochs(Long.MAX_VALUE);
    return switch (name) {
      case "none" -> options;
      case "global" -> options.withShuffle(Shuffle.global());
      case "windowed" -> options.withShuffle(Shuffle.windowed(20_000));
      case "reservoir" -> options.withShuffle(Shuffle.reservoir(100));
      case "filtered" ->
          options.withShuffle(Shuffle.global()).withFilter((context, _) -> context.seed() % 3 != 0);
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** The records of {@link LoadedSequence#files}. */
  static Mix data(Path directory) {
    return Mix.concatenated(
        List.of(
            RecordSource.files(directory.resolve("first")),
            RecordSource.files(directory.resolve("second"))));
  }

  /** What stands for a record in the file of delivered records; never 0. */
  static long entry(LoadedBatch batch, int index) {
    return 1 + batch.source(index) + 2 * batch.number(index);
  }

  /** Arguments: the directory, the name of the order, the number of workers, the batch size. */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    Path saved = directory.resolve("state");
    Path next = directory.resolve("state.next");
    LoaderOptions options =
        options(args[1])
            .withWorkers(Integer.parseInt(args[2]))
            .withBatchSize(Integer.parseInt(args[3]));
    if (Files.exists(saved)) {
      options = options.withState(LoaderState.parse(Files.readString(saved)));
    }
    try (DataLoader loader = DataLoader.open(data(directory), options);
        FileChannel delivered =
            FileChannel.open(
                directory.resolve("delivered"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
      for (LoadedBatch batch : loader) {
        for (int i = 0; i < batch.recordCount(); i++) {
          long position = batch.epoch() * RECORDS + batch.position(i);
          ByteBuffer entry = ByteBuffer.allocate(Long.BYTES).putLong(0, entry(batch, i));
          delivered.write(entry, position * Long.BYTES);
        }
        Files.writeString(next, loader.state().toString());
        Files.move(next, saved, ATOMIC_MOVE, REPLACE_EXISTING);
        System.out.println(batch.step());
      }
    }
  }
}
