package io.disky.uploading;

import io.disky.files.QuotedText;
import io.disky.memory.NativeMemory;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of an upload: gathers bytes into parts and sends them, several at a time. All requests
 * are begun, and repeated, by the thread that calls this object, so the user's code is called by
 * one thread at a time. Interrupts have no effect, because bytes of a file must not be missing.
 */
final class PartUpload {
  private static final long MAX_PART_SIZE = 5L << 30;

  private final PartTarget target;
  private final UploadSettings settings;
  private final String name;
  private final int maxParts;
  private final Answers<SentPart> answers = new Answers<>();
  private final List<SentPart> sent = new ArrayList<>();
  private final ArrayDeque<NativeMemory> unused = new ArrayDeque<>();

  // The part that is being gathered.
  private @Nullable SentPart gathering;
  private int parts;
  private long position;
  private @Nullable IOException failure;

  // Read by the thread that ends forgotten objects.
  private volatile boolean ended;

  PartUpload(PartTarget target, UploadSettings settings) {
    this.target = target;
    this.settings = settings;
    this.name = QuotedText.name(target.name());
    this.maxParts = Math.clamp(target.maxParts(), 1, settings.maxRequests());
  }

  void write(MemorySegment bytes) throws IOException {
    long from = 0;
    while (from < bytes.byteSize()) {
      SentPart part = gathering();
      from += part.add(bytes, from);
      if (part.isFull()) {
        sendGathered(part);
      }
    }
    check();
  }

  private SentPart gathering() throws IOException {
    if (gathering == null) {
      long size = checkedSize(parts);
      gathering = new SentPart(parts, position, size, awaitMemory(size));
      parts++;
    }
    return gathering;
  }

  private long checkedSize(int part) throws IOException {
    long size;
    try {
      size = target.partSize(part);
    } catch (Throwable e) {
      throw fail(new IOException(name + ": the upload has not stated the size of part " + part, e));
    }
    if (size < 1 || size > MAX_PART_SIZE) {
      throw fail(
          new IOException(
              name
                  + ": the upload states that part "
                  + part
                  + " has "
                  + size
                  + " bytes; 1 to "
                  + MAX_PART_SIZE
                  + " are possible"));
    }
    return size;
  }

  /**
   * Waits until a further part of {@code size} bytes is within the bound.
   *
   * @return memory of exactly this size that was used before, if there is any
   */
  private @Nullable NativeMemory awaitMemory(long size) throws IOException {
    long most = settings.maxMemory() - size;
    while (!sent.isEmpty() && onTheirWay() > most) {
      step();
    }
    NativeMemory memory = unused.pollLast();
    if (memory != null && memory.size() != size) {
      memory.free();
      memory = null;
    }
    while (!unused.isEmpty() && onTheirWay() + unusedBytes() > most) {
      unused.removeFirst().free();
    }
    return memory;
  }

  /** The memory of parts that are on their way, in bytes. */
  private long onTheirWay() {
    return sent.stream().mapToLong(part -> part.memory().size()).sum();
  }

  private long unusedBytes() {
    return unused.stream().mapToLong(NativeMemory::size).sum();
  }

  private void sendGathered(SentPart part) throws IOException {
    while (sent.size() >= maxParts) {
      step();
    }
    gathering = null;
    position += part.size();
    sent.add(part);
    part.firstAttempt = System.nanoTime();
    begin(part);
  }

  private void begin(SentPart part) {
    part.attempts++;
    part.underWay = true;
    part.due = System.nanoTime() + settings.retry().timeout().toNanos();
    answers.ask(part, part.attempts, part.memory(), () -> target.send(part.number, part.bytes()));
  }

  /** Reports a failure of an earlier request, and repeats those whose time has come. */
  void check() throws IOException {
    checkNotFailed();
    Answers.Answer<SentPart> answer = answers.poll(0);
    while (answer != null) {
      accept(answer);
      answer = answers.poll(0);
    }
    repeatDue();
  }

  private void checkNotFailed() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }

  /** Waits for the next answer, or until a part is due. */
  private void step() throws IOException {
    checkNotFailed();
    long now = System.nanoTime();
    long wait = Long.MAX_VALUE;
    for (SentPart part : sent) {
      wait = Math.min(wait, part.due - now);
    }
    Answers.Answer<SentPart> answer = answers.poll(Math.max(wait, 0));
    if (answer != null) {
      accept(answer);
    }
    repeatDue();
  }

  private void accept(Answers.Answer<SentPart> answer) throws IOException {
    SentPart part = answer.request();
    if (!part.underWay || answer.attempt() != part.attempts) {
      return; // late: the part was given up or sent again
    }
    part.underWay = false;
    part.failure = answer.failure();
    if (part.failure == null) {
      sent.remove(part);
      unused.addLast(part.memory());
    } else {
      part.due = System.nanoTime() + delay(part, part.failure);
    }
  }

  private long delay(SentPart part, Throwable cause) throws IOException {
    long age = System.nanoTime() - part.firstAttempt;
    long delay = Requests.delay(target, settings.retry(), cause, part.attempts, age);
    if (delay < 0) {
      throw fail(failed(part, Requests.text(cause), cause));
    }
    return delay;
  }

  private void repeatDue() throws IOException {
    long now = System.nanoTime();
    for (SentPart part : sent) {
      if (part.due - now <= 0) {
        if (part.underWay) {
          throw fail(failed(part, Requests.noAnswer(settings.retry().timeout()), null));
        }
        begin(part);
      }
    }
  }

  private IOException failed(SentPart part, String reason, @Nullable Throwable cause) {
    return new IOException(
        name
            + ": part "
            + part.number
            + " (bytes "
            + part.begin
            + " to "
            + (part.begin + part.size())
            + ") could not be sent in "
            + Requests.attempts(part.attempts)
            + ": "
            + reason,
        cause);
  }

  private IOException fail(IOException first) {
    failure = first;
    return first;
  }

  /** Sends the rest, and makes the file appear; if that fails, removes all parts. */
  void complete() throws IOException {
    try {
      checkNotFailed();
      if (gathering != null) {
        sendGathered(gathering);
      }
      while (!sent.isEmpty()) {
        step();
      }
      requests().make("completed", target::complete);
    } catch (Throwable e) {
      try {
        abort();
      } catch (IOException other) {
        e.addSuppressed(other);
      }
      throw e;
    } finally {
      end();
    }
  }

  /**
   * Removes all parts, after those on their way have arrived or failed: a store could keep a part
   * that arrives later.
   *
   * @throws IOException if they cannot be removed; the message says what to do
   */
  void abort() throws IOException {
    if (ended) {
      return;
    }
    try {
      awaitAnswers();
      requests().make("aborted", target::abort);
    } catch (IOException e) {
      throw new IOException(
          e.getMessage()
              + "; its parts may remain in the store until a lifecycle rule for incomplete uploads"
              + " removes them",
          e);
    } finally {
      end();
    }
  }

  private Requests requests() {
    return new Requests(name, target, settings);
  }

  private void awaitAnswers() {
    long end = System.nanoTime() + settings.retry().timeout().toNanos();
    sent.removeIf(part -> !part.underWay);
    while (!sent.isEmpty() && end - System.nanoTime() > 0) {
      Answers.Answer<SentPart> answer = answers.poll(Math.max(0, end - System.nanoTime()));
      if (answer != null && answer.attempt() == answer.request().attempts) {
        sent.remove(answer.request());
        answer.request().memory().free();
      }
    }
  }

  /** Frees the memory, except that of parts which the user's code may still read. */
  private void end() {
    ended = true;
    unused.forEach(NativeMemory::free);
    unused.clear();
    if (gathering != null) {
      gathering.memory().free();
      gathering = null;
    }
  }

  /** Aborts the upload of a writer that was never closed. Does not wait. */
  void forget() {
    if (!ended) {
      // The user's code may wait, and the thread that ends forgotten objects must not.
      Thread.ofPlatform().daemon().name("disky-upload-abort").start(this::abortForgotten);
    }
  }

  private void abortForgotten() {
    System.Logger log = System.getLogger("io.disky");
    log.log(Level.WARNING, "{0}: its writer was never closed; the upload is aborted", name);
    try {
      abort();
    } catch (Throwable e) {
      log.log(Level.WARNING, name + ": the upload could not be aborted", e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
