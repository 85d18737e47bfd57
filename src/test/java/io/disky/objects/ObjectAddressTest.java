package io.disky.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses are divided into bucket and key, and messages show nothing secret. */
class ObjectAddressTest {
  private static final StoreNames NAMES = new StoreNames("s3", "S3");

  private static ObjectAddress of(String address) {
    return ObjectAddress.of(NAMES, URI.create(address));
  }

  @ParameterizedTest
  @CsvSource({
    "s3://bucket/key,bucket,key",
    "S3://my.bucket/a/b%20c%3Fd,my.bucket,a/b c?d",
    "s3://bucket//key,bucket,/key",
    "s3://bucket_1/%C3%A4,bucket_1,ä"
  })
  void anAddressHasABucketAndADecodedKey(String address, String bucket, String key) {
    assertThat(of(address).bucket()).isEqualTo(bucket);
    assertThat(of(address).key()).isEqualTo(key);
    assertThat(of(address).name()).isEqualTo(address);
  }

  @Test
  void aPrefixMayHaveNoKey() {
    assertThat(ObjectAddress.prefix(NAMES, URI.create("s3://bucket")).key()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of("s3://bucket/"))
        .withMessage("s3://bucket/: names no object; s3://bucket/key does");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gs://bucket/key", "s3:key", "/bucket/key", "s3:///key"})
  void anotherAddressIsRefused(String address) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(address))
        .withMessageContaining("not an address of S3, as s3://bucket/key is");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://user:secret@bucket/key",
        "s3://bucket/key?signature=secret",
        "s3://bucket/key#secret",
        "gs://bucket/key?signature=secret",
        "gs://user:secret@bucket/key",
        "s3:secret"
      })
  void nothingSecretIsShown(String address) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(address))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  @Test
  void aSiblingIsEncoded() {
    URI sibling = of("s3://bucket/key").sibling("a b/ä?#%");
    assertThat(sibling.toString()).isEqualTo("s3://bucket/a%20b/%C3%A4%3F%23%25");
    assertThat(ObjectAddress.of(NAMES, sibling).key()).isEqualTo("a b/ä?#%");
  }
}
