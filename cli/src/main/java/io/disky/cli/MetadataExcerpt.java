package io.disky.cli;

import io.disky.RecordsMetadata;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The metadata of a file, without the parts that can be large: only the beginning of long texts,
 * and only the first fields.
 *
 * @param fields the first fields of the record type
 * @param moreFields number of further fields
 * @param size size of the complete metadata in bytes
 */
record MetadataExcerpt(
    Optional<String> fileComment,
    Optional<String> recordTypeName,
    Optional<String> recordWriterOptions,
    OptionalLong numRecords,
    List<MessageField> fields,
    int moreFields,
    int size) {
  private static final int MAX_TEXT = 2000;
  private static final int MAX_FIELDS = 100;

  static MetadataExcerpt of(RecordsMetadata metadata) {
    List<MessageField> fields = MessageField.of(metadata);
    int shown = Math.min(fields.size(), MAX_FIELDS);
    return new MetadataExcerpt(
        metadata.fileComment().map(MetadataExcerpt::cut),
        metadata.recordTypeName().map(MetadataExcerpt::cut),
        metadata.recordWriterOptions().map(MetadataExcerpt::cut),
        metadata.numRecords(),
        fields.stream().limit(shown).map(MetadataExcerpt::cut).toList(),
        fields.size() - shown,
        metadata.toByteArray().length);
  }

  private static MessageField cut(MessageField field) {
    return new MessageField(field.number(), cut(field.name()), cut(field.type()));
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT
        ? text
        : text.substring(0, MAX_TEXT) + " … (" + text.length() + " characters)";
  }
}
