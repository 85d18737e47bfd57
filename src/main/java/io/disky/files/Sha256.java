package io.disky.files;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, which every Java platform has. */
public final class Sha256 {
  private Sha256() {}

  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The first 8 bytes of the SHA-256 of {@code bytes}. */
  public static long first(byte[] bytes) {
    long hash = 0;
    byte[] digest = digest().digest(bytes);
    for (int i = 0; i < Long.BYTES; i++) {
      hash = (hash << Byte.SIZE) | (digest[i] & 0xff);
    }
    return hash;
  }
}
