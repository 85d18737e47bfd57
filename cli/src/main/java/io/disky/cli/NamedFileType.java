package io.disky.cli;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import io.disky.RecordsMetadata;

/** Declares the type {@code disky.NamedFile} in the metadata of a file. */
final class NamedFileType {
  static final String NAME = "disky.NamedFile";

  private NamedFileType() {}

  /** {@code metadata} with the type and its descriptor. */
  static RecordsMetadata addTo(RecordsMetadata metadata) {
    DescriptorProto type =
        DescriptorProto.newBuilder()
            .setName("NamedFile")
            .addField(field("path", NamedFile.PATH, FieldDescriptorProto.Type.TYPE_STRING))
            .addField(field("contents", NamedFile.CONTENTS, FieldDescriptorProto.Type.TYPE_BYTES))
            .addField(field("mode", NamedFile.MODE, FieldDescriptorProto.Type.TYPE_UINT32))
            .addField(
                field("modified_nanos", NamedFile.MODIFIED, FieldDescriptorProto.Type.TYPE_INT64))
            .build();
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("disky/named_file.proto")
            .setPackage("disky")
            .setSyntax("proto3")
            .addMessageType(type)
            .build();
    return metadata.withRecordTypeName(NAME).withFileDescriptor(file.toByteArray());
  }

  private static FieldDescriptorProto field(
      String name, int number, FieldDescriptorProto.Type type) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setType(type)
        .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
        .build();
  }
}
