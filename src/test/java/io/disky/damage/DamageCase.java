package io.disky.damage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.disky.CorruptFileException.Damage;
import io.disky.oracle.ForgedChunk;
import io.disky.oracle.RecordFileForge;
import io.disky.oracle.ZstdDialect;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file with one thing wrong behind three good records, and what a reader is to say of it. */
public final class DamageCase {
  private final String name;
  private final byte[] content;
  private final @Nullable Damage damage;
  private final long position;

  /**
   * @param damage what is damaged; {@code null} if the file is of a kind that is not supported
   * @param position where, as an offset in bytes
   */
  DamageCase(String name, byte[] content, @Nullable Damage damage, long position) {
    this.name = name;
    this.content = content.clone();
    this.damage = damage;
    this.position = position;
  }

  /** A chunk is wrong; one more follows it. */
  public static DamageCase chunk(String name, @Nullable Damage damage, ForgedChunk chunk) {
    RecordFileForge forge = intact();
    long position = forge.position();
    byte[] content = forge.chunk(chunk).simpleChunk(new byte[6]).bytes();
    return new DamageCase(name, content, damage, position);
  }

  /** What follows the last chunk is wrong. */
  static DamageCase tail(String name, @Nullable Damage damage, byte[] tail) {
    RecordFileForge forge = intact();
    long position = forge.position();
    return new DamageCase(name, forge.raw(tail).bytes(), damage, position);
  }

  /** The beginning of each file: the signature and chunks with {@link #recordsBefore()}. */
  static RecordFileForge intact() {
    return RecordFileForge.withSignature()
        .simpleChunk(recordsBefore().subList(0, 2))
        .zstdChunk(ZstdDialect.DISKY, recordsBefore().subList(2, 3));
  }

  /** The records before what is wrong. */
  public static List<byte[]> recordsBefore() {
    return List.of("first".getBytes(UTF_8), new byte[0], "third".getBytes(UTF_8));
  }

  /** What is in the file. */
  public byte[] content() {
    return content.clone();
  }

  /** What is damaged; {@code null} if the file is of a kind that is not supported. */
  public @Nullable Damage damage() {
    return damage;
  }

  /** Where, as an offset in bytes. */
  public long position() {
    return position;
  }

  @Override
  public String toString() {
    return name;
  }
}
