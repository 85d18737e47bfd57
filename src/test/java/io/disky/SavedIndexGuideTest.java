package io.disky;

import static org.assertj.core.api.Assertions.assertThat;

import io.disky.random.IndexSource;
import io.disky.remote.RemoteFile;
import io.disky.remote.RemoteStore;
import io.disky.remote.RemoteUpload;
import io.disky.testing.MarkdownSamples;
import io.disky.testing.MemoryRemoteFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples of docs/saved-index.md. */
class SavedIndexGuideTest {
  private static final URI ADDRESS = URI.create("mem://bucket/records");

  @TempDir private Path directory;

  private record MemoryStore(Map<URI, RemoteFile> files) implements RemoteStore {
    @Override
    public Set<String> schemes() {
      return Set.of("mem");
    }

    @Override
    public RemoteFile file(URI address) {
      return files.get(address);
    }

    @Override
    public List<URI> list(URI prefix) {
      throw new UnsupportedOperationException();
    }

    @Override
    public RemoteUpload create(URI address, boolean replace) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  private MemoryStore store() throws IOException {
    Path file = directory.resolve("records");
    RecordWriter.writeAtomically(
        file,
        WriterOptions.defaults().withChunkSize(4 << 10),
        writer -> {
          for (int i = 0; i < 10_000; i++) {
            writer.write("record " + i);
          }
        });
    MemoryStore store = new MemoryStore(new HashMap<>());
    store.files.put(ADDRESS, MemoryRemoteFile.of(file));
    return store;
  }

  @Test
  void anIndexIsSavedAndFoundInTheStore() throws Exception {
    Class<?> samples =
        MarkdownSamples.compile(
            """
            import io.disky.*;
            import io.disky.remote.*;
            import java.net.URI;
            import java.nio.file.Path;
            class Sample {
              static Path saved;
              static RandomAccessOptions run(RemoteStore store, URI address, Path indexes)
                  throws Exception {
            %s
                saved = index;
                reader.close();
                return others;
              }
            }
            """
                .formatted(String.join("\n", MarkdownSamples.of(Path.of("docs/saved-index.md")))),
            Files.createDirectory(directory.resolve("classes")),
            List.of());
    var run = samples.getDeclaredMethod("run", RemoteStore.class, URI.class, Path.class);
    run.setAccessible(true);
    var saved = samples.getDeclaredField("saved");
    saved.setAccessible(true);
    try (MemoryStore store = store()) {
      Path indexes = Files.createDirectory(directory.resolve("indexes"));
      var others = (RandomAccessOptions) run.invoke(null, store, ADDRESS, indexes);
      Path index = (Path) saved.get(null);
      assertThat(index).hasParent(indexes).isRegularFile();
      store.files.put(URI.create(ADDRESS + ".index"), MemoryRemoteFile.of(index));
      try (RandomAccessReader reader = RandomAccessReader.open(store.file(ADDRESS), others)) {
        assertThat(reader.indexSource(0)).isEqualTo(IndexSource.SAVED);
      }
    }
  }
}
