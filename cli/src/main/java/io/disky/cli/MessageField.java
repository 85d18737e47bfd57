package io.disky.cli;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.disky.RecordsMetadata;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * A field of the type of the records of a file.
 *
 * @param type the type as in a {@code .proto} file, for example {@code repeated int32}
 */
record MessageField(int number, String name, String type) {
  /**
   * The fields of the record type that {@code metadata} state and describe; empty if they do not,
   * or if their descriptors are not valid.
   */
  static List<MessageField> of(RecordsMetadata metadata) {
    String typeName = metadata.recordTypeName().orElse("");
    if (typeName.isEmpty() || metadata.fileDescriptors().isEmpty()) {
      return List.of();
    }
    try {
      return MessageTypes.of(metadata.fileDescriptors())
          .find(typeName)
          .map(type -> type.getFields().stream().map(MessageField::of).toList())
          .orElse(List.of());
    } catch (IOException e) {
      return List.of(); // metadata are for information only
    }
  }

  private static MessageField of(FieldDescriptor field) {
    return new MessageField(field.getNumber(), field.getName(), type(field));
  }

  private static String type(FieldDescriptor field) {
    if (field.isMapField()) {
      Descriptor entry = field.getMessageType();
      return "map<"
          + scalar(entry.findFieldByNumber(1))
          + ", "
          + scalar(entry.findFieldByNumber(2))
          + ">";
    }
    return (field.isRepeated() ? "repeated " : "") + scalar(field);
  }

  private static String scalar(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case MESSAGE -> field.getMessageType().getFullName();
      case ENUM -> field.getEnumType().getFullName();
      default -> field.getType().name().toLowerCase(Locale.ROOT);
    };
  }
}
