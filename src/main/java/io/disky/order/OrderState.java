package io.disky.order;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A position in the order of an epoch, with the values on which the order depends, so that a state
 * is used with the same order only. Immutable and thread-safe.
 */
public final class OrderState {
  private static final String FORMAT = "disky-loader-state/";
  private static final String NOTHING = "none";
  private static final int CRC_DIGITS = 8;

  private final DataSet data;
  private final long seed;
  private final String shuffle;
  private final String mix;
  private final long epoch;
  private final long position;
  private final long[] checkpoint;

  /**
   * A state. This copies nothing.
   *
   * @param shuffle the result of {@link OrderSpec#shuffleText}
   * @param mix the result of {@link OrderSpec#mixText}
   * @param checkpoint the result of {@link EpochOrder#checkpoint} for the position
   */
  public OrderState(
      DataSet data,
      long seed,
      String shuffle,
      String mix,
      long epoch,
      long position,
      long[] checkpoint) {
    this.data = data;
    this.seed = seed;
    this.shuffle = shuffle;
    this.mix = mix;
    this.epoch = epoch;
    this.position = position;
    this.checkpoint = checkpoint;
  }

  /** The data set. */
  public DataSet data() {
    return data;
  }

  /** The seed. */
  public long seed() {
    return seed;
  }

  /** The shuffle with its parameter. */
  public String shuffle() {
    return shuffle;
  }

  /** The method of mixing, what happens to exhausted sources, and the weights. */
  public String mix() {
    return mix;
  }

  /** Number of the epoch. */
  public long epoch() {
    return epoch;
  }

  /** The position of the next record. */
  public long position() {
    return position;
  }

  /** The numbers from which the order is restored. Must not be changed. */
  public long[] checkpoint() {
    return checkpoint;
  }

  /**
   * Checks that this state is from the order of {@code spec} over these data.
   *
   * @throws IllegalArgumentException if it is not
   */
  public void requireFits(OrderSpec spec, DataSet sources) {
    requireEqual(
        "data", data, sources, "open the same files in the same order, or begin a new run");
    requireEqual("seed", seed, spec.seed(), "open the loader with the seed of the state");
    requireEqual(
        "shuffle", shuffle, spec.shuffleText(), "open the loader with the shuffle of the state");
    requireEqual("mix", mix, spec.mixText(), "open the loader with the mix of the state");
  }

  private static void requireEqual(String field, Object state, Object loader, String remedy) {
    if (!state.equals(loader)) {
      throw new IllegalArgumentException(
          "the state does not fit the loader: its "
              + field
              + " is "
              + state
              + ", the one of the loader is "
              + loader
              + ": "
              + remedy);
    }
  }

  /**
   * The order of the epoch of this state, restored at its position.
   *
   * @throws IllegalArgumentException if the epoch does not have the position, or the checkpoint
   *     does not fit
   */
  public SpecifiedEpoch restore(OrderSpec spec) {
    try {
      return spec.epoch(epoch, position, checkpoint);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the state does not fit the loader: its position is "
              + position
              + " of epoch "
              + epoch
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** One line of printable ASCII, which {@link #parse} reads. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(256 + 8 * checkpoint.length);
    text.append(FORMAT).append(OrderSpec.VERSION);
    text.append(" data=").append(data.fingerprint());
    text.append(" files=").append(data.files());
    text.append(" records=").append(data.records());
    text.append(" seed=").append(seed);
    text.append(" shuffle=").append(shuffle);
    text.append(" mix=").append(mix);
    text.append(" epoch=").append(epoch);
    text.append(" position=").append(position);
    text.append(" checkpoint=");
    for (int i = 0; i < checkpoint.length; i++) {
      text.append(i == 0 ? "" : ",").append(checkpoint[i]);
    }
    text.append(checkpoint.length == 0 ? NOTHING : "");
    String body = text.toString();
    return body + " crc=" + crc(body);
  }

  private static String crc(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    String digits = Long.toHexString(crc.getValue());
    return "0".repeat(CRC_DIGITS - digits.length()) + digits;
  }

  /**
   * Reads a text that {@link #toString} has returned.
   *
   * @throws IllegalArgumentException if the text is not a state; the message names the field
   */
  public static OrderState parse(String text) {
    StateFields fields = new StateFields(text);
    String format = fields.word();
    if (!format.equals(FORMAT + OrderSpec.VERSION)) {
      throw new IllegalArgumentException(
          format.startsWith(FORMAT)
              ? "the version of the state is "
                  + StateFields.quoted(format.substring(FORMAT.length()))
                  + ", but this library knows version "
                  + OrderSpec.VERSION
                  + " only: use the library that made the state"
              : StateFields.quoted(text) + " is not a state: it does not begin with " + FORMAT);
    }
    DataSet data =
        new DataSet(
            Fingerprint.parse(fields.value("data")),
            fields.number("files", 0),
            fields.number("records", 0));
    long seed = fields.number("seed", Long.MIN_VALUE);
    String shuffle = fields.value("shuffle");
    String mix = fields.value("mix");
    long epoch = fields.number("epoch", 0);
    long position = fields.number("position", 0);
    long[] checkpoint = numbers(fields);
    String body = fields.before();
    String stated = fields.value("crc");
    fields.end();
    if (!stated.equals(crc(body))) {
      throw new IllegalArgumentException(
          "the crc of the state is "
              + StateFields.quoted(stated)
              + ", but its text has the crc "
              + crc(body)
              + ": the text was changed or cut; use an intact copy");
    }
    return new OrderState(data, seed, shuffle, mix, epoch, position, checkpoint);
  }

  private static long[] numbers(StateFields fields) {
    String text = fields.value("checkpoint");
    if (text.equals(NOTHING)) {
      return new long[0];
    }
    String[] parts = text.split(",", -1);
    long[] numbers = new long[parts.length];
    for (int i = 0; i < parts.length; i++) {
      numbers[i] = StateFields.number("checkpoint", parts[i], Long.MIN_VALUE);
    }
    return numbers;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof OrderState that
        && data.equals(that.data)
        && seed == that.seed
        && shuffle.equals(that.shuffle)
        && mix.equals(that.mix)
        && epoch == that.epoch
        && position == that.position
        && Arrays.equals(checkpoint, that.checkpoint);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * data.hashCode() + Long.hashCode(epoch)) + Long.hashCode(position);
  }
}
