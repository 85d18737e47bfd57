package io.disky.order;

import io.disky.files.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/** A hash of 128 bits that identifies the records of a data set. Immutable. */
public record Fingerprint(long high, long low) {
  private static final int DIGITS = 32;

  /**
   * The fingerprint of sources, in their order.
   *
   * @param identities the bytes that identify the records of each source
   */
  public static Fingerprint of(List<byte[]> identities, List<ChunkLayout> layouts) {
    MessageDigest digest = Sha256.digest();
    for (int i = 0; i < identities.size(); i++) {
      byte[] identity = identities.get(i);
      ByteBuffer numbers = ByteBuffer.allocate(3 * Long.BYTES);
      numbers.putLong(layouts.get(i).records());
      numbers.putLong(layouts.get(i).chunks());
      numbers.putLong(identity.length);
      digest.update(numbers.array());
      digest.update(identity);
    }
    ByteBuffer hash = ByteBuffer.wrap(digest.digest());
    return new Fingerprint(hash.getLong(), hash.getLong());
  }

  /**
   * Reads a text that {@link #toString} has returned.
   *
   * @throws IllegalArgumentException if the text is not 32 lower-case hexadecimal digits
   */
  public static Fingerprint parse(String text) {
    if (text.length() != DIGITS || !text.chars().allMatch(Fingerprint::isDigit)) {
      throw new IllegalArgumentException(
          "the fingerprint \"" + text + "\" does not have " + DIGITS + " hexadecimal digits");
    }
    return new Fingerprint(
        HexFormat.fromHexDigitsToLong(text, 0, DIGITS / 2),
        HexFormat.fromHexDigitsToLong(text, DIGITS / 2, DIGITS));
  }

  private static boolean isDigit(int letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
  }

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
  }
}
