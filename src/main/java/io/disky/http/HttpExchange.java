package io.disky.http;

import io.disky.files.QuotedText;
import io.disky.http.AnswerCheck.Content;
import io.disky.http.HttpRange.Read;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * A request for a range, with the requests to which it is redirected. Cancelling it ends the
 * request; no byte is written after that.
 */
final class HttpExchange extends CompletableFuture<Read> {
  private static final int MOST_REDIRECTS = 5;

  private final HttpFiles files;
  private final HttpAddress address;
  private final HttpRange range;

  private int redirects;
  private @Nullable CompletableFuture<?> sent;
  private @Nullable SegmentBody body;
  private boolean cancelled;

  HttpExchange(HttpFiles files, HttpAddress address, HttpRange range) {
    this.files = files;
    this.address = address;
    this.range = range;
  }

  HttpExchange start() {
    if (files.isClosed()) {
      failed(HttpFailure.lasting(message("the store is closed")));
    } else {
      send(address.target());
    }
    return this;
  }

  private void send(URI target) {
    HttpRequest request;
    HttpClient client;
    try {
      request = files.request(address, target, range);
      client = files.client(target);
    } catch (IllegalArgumentException _) { // its message may contain the address
      failed(HttpFailure.lasting(message("a redirection leads to an address that is not valid")));
      return;
    } catch (UncheckedIOException e) {
      failed(HttpFailure.of(message("no client for https"), false, e.getCause()));
      return;
    }
    Answer answered = new Answer();
    CompletableFuture<HttpResponse<Long>> sending =
        client.sendAsync(request, answer -> subscriber(answer, answered));
    boolean stop;
    synchronized (this) {
      sent = sending;
      stop = cancelled;
    }
    if (stop) {
      sending.cancel(true);
    }
    CompletableFuture<?> _ =
        sending.whenComplete((answer, thrown) -> {
          if (answer == null) {
            failed(failure(thrown));
          } else {
            received(target, answered, answer.body());
          }
        });
  }

  /** What is known of an answer before its body. */
  private static final class Answer {
    @Nullable AnswerCheck check;
    @Nullable Content content;
  }

  /** Called when the headers have come. */
  private BodySubscriber<Long> subscriber(ResponseInfo info, Answer answer) {
    AnswerCheck check = new AnswerCheck(address.name(), range, info);
    answer.check = check;
    answer.content = check.content();
    if (!(answer.content instanceof AnswerCheck.Bytes bytes)) {
      return new IgnoredBody();
    }
    long length = bytes.length() < 0 ? range.target().byteSize() : bytes.length();
    // The size of a file is the length of its complete body, so a part is not an answer.
    SegmentBody made =
        new SegmentBody(
            range.target().asSlice(0, length),
            bytes.length() >= 0 && !range.isEnd(),
            files.idleTimeout());
    synchronized (this) {
      if (cancelled) {
        made.stop();
      }
      body = made;
    }
    return made;
  }

  private void received(URI from, Answer answer, long length) {
    switch (Objects.requireNonNull(answer.content)) {
      case AnswerCheck.Bytes bytes -> {
        if (bytes.length() < 0) {
          HttpVersion version = Objects.requireNonNull(answer.check).version();
          complete(new Read(0, length, length, version));
        } else if (length < bytes.length() && range.isEnd()) {
          failed(HttpFailure.passing(message("the body is shorter than stated"), null));
        } else {
          complete(new Read(bytes.position(), length, bytes.fileSize(), bytes.version()));
        }
      }
      case AnswerCheck.SizeOnly known ->
          complete(new Read(known.fileSize(), 0, known.fileSize(), known.version()));
      case AnswerCheck.Redirect redirect -> redirect(from, redirect.location());
      case AnswerCheck.Failure failure -> failed(failure.exception());
    }
  }

  private void redirect(URI from, String location) {
    URI target;
    try {
      target = HttpAddress.of(from.resolve(location)).target();
    } catch (IllegalArgumentException _) { // its message may contain the address
      failed(HttpFailure.lasting(message("a redirection leads to an address that is not HTTP")));
      return;
    }
    if (from.getScheme().equals("https") && target.getScheme().equals("http")) {
      failed(HttpFailure.lasting(message("a redirection leads from https to http: refused")));
    } else if (++redirects > MOST_REDIRECTS) {
      failed(HttpFailure.lasting(message("more than " + MOST_REDIRECTS + " redirections")));
    } else {
      send(target);
    }
  }

  private IOException failure(@Nullable Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof SegmentBody.TooLong) {
      return HttpFailure.lasting(message(AnswerCheck.NO_RANGES));
    }
    if (cause == null) {
      return HttpFailure.passing(message("no answer"), null);
    }
    String text = cause.getMessage();
    boolean repeatable = cause instanceof IOException && !(cause instanceof SSLHandshakeException);
    if (text == null || address.hasSecretOf(text) || redirects > 0) {
      // The cause could show an address that is secret.
      String kind = cause.getClass().getSimpleName();
      return HttpFailure.of(message(kind), repeatable, redirects > 0 ? null : withoutText(cause));
    }
    return HttpFailure.of(message(QuotedText.message(text)), repeatable, cause);
  }

  private @Nullable Throwable withoutText(Throwable cause) {
    return cause.getMessage() == null ? cause : null;
  }

  private String message(String text) {
    return QuotedText.name(address.name()) + ": " + text;
  }

  private void failed(IOException failure) {
    completeExceptionally(files.translation().apply(failure));
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    CompletableFuture<?> sending;
    SegmentBody receiving;
    synchronized (this) {
      cancelled = true;
      sending = sent;
      receiving = body;
    }
    if (receiving != null) {
      receiving.stop();
    }
    boolean result = super.cancel(mayInterrupt);
    if (sending != null) {
      sending.cancel(true);
    }
    return result;
  }
}
