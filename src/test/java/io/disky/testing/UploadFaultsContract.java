package io.disky.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.disky.OpenMode;
import io.disky.RecordWriter;
import io.disky.RemoteTarget;
import io.disky.remote.RemoteStore;
import io.disky.testing.FaultyProxy.Fault;
import io.disky.testing.FaultyProxy.Request;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The promises of a store that writes to a server, through a proxy with faults. */
public interface UploadFaultsContract extends RemoteStoreContract, RemoteServerContract {
  /** Whether a request is the first attempt at a step of an upload other than its beginning. */
  boolean isFirstAttempt(Request request);

  /** Whether a request is the first one that completes a file of this many parts. */
  boolean isCompletion(Request request, int parts);

  /** Whether a request sends the second part. */
  boolean isSecondPart(Request request);

  /** The permission that messages name. */
  String writePermission();

  private RemoteTarget target() {
    return RemoteTarget.of(store(), address("file"));
  }

  /** The beginning of an answer is not taken for an empty list. */
  @Test
  default void listingSurvivesFaults() throws IOException {
    put("file", new byte[1]);
    for (long bytes : new long[] {20, 100, 150, 300, 400}) {
      proxy().faults(request -> request.number() > 1 ? Fault.NONE : Fault.truncated(bytes));
      assertThat(store().list(address("f"))).as("%s bytes", bytes).containsExactly(address("file"));
    }
  }

  /** The third kind has reached the server. */
  @ParameterizedTest
  @ValueSource(strings = {"throttled", "reset before", "reset after"})
  default void writingSurvivesFaults(String kind) throws IOException {
    int partSize = partSize();
    Fault fault =
        switch (kind) {
          case "throttled" -> Fault.status(503, "", "<Error><Code>SlowDown</Code></Error>");
          case "reset before" -> Fault.reset(0);
          default -> Fault.truncated(20);
        };
    proxy().faults(request -> isFirstAttempt(request) ? fault : Fault.NONE);
    for (int parts : new int[] {0, 2}) {
      RecordWriter.writeAtomically(
          target(),
          PLAIN.withOpenMode(OpenMode.OVERWRITE),
          writer -> RemoteStoreContract.write(writer, parts, partSize));
      assertRecords(parts, partSize);
      assertThat(openUploads()).isZero();
    }
  }

  /** The answer that the file is complete is lost: the repeated request finds its own file. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  default void aLostAnswerIsNotAFailure(int parts) throws IOException {
    int partSize = partSize();
    proxy().faults(request -> isCompletion(request, parts) ? Fault.truncated(10) : Fault.NONE);
    RecordWriter.writeAtomically(
        target(), PLAIN, writer -> RemoteStoreContract.write(writer, parts, partSize));
    assertRecords(parts, partSize);
  }

  @Test
  default void aFailureThatStaysLeavesNothing() throws IOException {
    int partSize = partSize();
    proxy().faults(request -> isSecondPart(request) ? Fault.status(403, "", "") : Fault.NONE);
    assertThatIOException()
        .isThrownBy(() ->
            RecordWriter.writeAtomically(
                target(), PLAIN, writer -> RemoteStoreContract.write(writer, 3, partSize)))
        .withMessageContaining(
            address("file") + ": part 1 (bytes " + partSize + " to " + 2L * partSize + ")")
        .withMessageContaining(writePermission())
        .withCauseInstanceOf(AccessDeniedException.class);
    assertThat(keys()).isEmpty();
    assertThat(openUploads()).isZero();
  }

  /** Every request that lists or writes fails. */
  @Override
  default void failFurther(RemoteStore store, Report report) {
    for (int status : new int[] {400, 401, 403, 409, 412}) {
      proxy().faults(_ -> Fault.status(status, "", ""));
      report.add(catchThrowable(() -> store.list(address("f"))));
      report.add(
          catchThrowable(() ->
              RecordWriter.writeAtomically(
                  RemoteTarget.of(store, address("file")),
                  PLAIN.withOpenMode(OpenMode.OVERWRITE),
                  writer -> writer.write("record"))));
      report.add(catchThrowable(() -> store.create(address("f"), false)));
    }
  }
}
