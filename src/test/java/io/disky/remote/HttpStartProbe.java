package io.disky.remote;

import io.disky.RecordReader;
import java.io.IOException;
import java.net.URI;
import java.util.Objects;

/** A program that reads the first record at the first address, and opens the second one. */
final class HttpStartProbe {
  private HttpStartProbe() {}

  public static void main(String[] args) throws IOException {
    try (HttpStore store = new HttpStore()) {
      try (RecordReader reader = RecordReader.open(store.file(URI.create(args[0])))) {
        System.out.println("size " + Objects.requireNonNull(reader.next()).byteSize());
      }
      if (args.length > 1) {
        try (RecordReader reader = RecordReader.open(store.file(URI.create(args[1])))) {
          throw new AssertionError(reader);
        } catch (RemoteRequestException e) {
          boolean clear = e.getMessage().contains("no client for https");
          System.out.println((clear && !e.isRepeatable() ? "refused " : "wrong ") + 1);
        }
      }
    }
  }
}
