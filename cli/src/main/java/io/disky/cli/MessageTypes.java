package io.disky.cli;

import com.google.protobuf.AnyProto;
import com.google.protobuf.ApiProto;
import com.google.protobuf.DescriptorProtos;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DurationProto;
import com.google.protobuf.EmptyProto;
import com.google.protobuf.FieldMaskProto;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.SourceContextProto;
import com.google.protobuf.StructProto;
import com.google.protobuf.TimestampProto;
import com.google.protobuf.TypeProto;
import com.google.protobuf.WrappersProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Types of protocol buffer messages, from descriptors that are not trusted. */
final class MessageTypes {
  /** The files that come with protocol buffers and that descriptors may leave out. */
  private static final List<FileDescriptor> KNOWN =
      List.of(
          AnyProto.getDescriptor(),
          ApiProto.getDescriptor(),
          DescriptorProtos.getDescriptor(),
          DurationProto.getDescriptor(),
          EmptyProto.getDescriptor(),
          FieldMaskProto.getDescriptor(),
          SourceContextProto.getDescriptor(),
          StructProto.getDescriptor(),
          TimestampProto.getDescriptor(),
          TypeProto.getDescriptor(),
          WrappersProto.getDescriptor());

  private static final int MAX_IMPORT_DEPTH = 500;

  private final Map<String, FileDescriptorProto> sources = new LinkedHashMap<>();
  private final Map<String, FileDescriptor> built = new LinkedHashMap<>();
  private final Set<String> begun = new HashSet<>();

  private MessageTypes() {
    KNOWN.forEach(file -> built.put(file.getName(), file));
  }

  /**
   * The types of several files.
   *
   * @param files serialized {@code FileDescriptorProto} messages in any order
   * @throws IOException if a message is not a descriptor, or imports a file that is missing
   */
  static MessageTypes of(List<byte[]> files) throws IOException {
    List<FileDescriptorProto> parsed = new ArrayList<>();
    try {
      for (byte[] file : files) {
        parsed.add(FileDescriptorProto.parseFrom(file));
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("not a descriptor: " + e.getMessage(), e);
    }
    return ofParsed(parsed);
  }

  /**
   * The types of a serialized {@code FileDescriptorSet}.
   *
   * @throws IOException if it is not one, or if a file that a file of the set imports is missing
   */
  static MessageTypes ofSet(byte[] set) throws IOException {
    try {
      return ofParsed(FileDescriptorSet.parseFrom(set).getFileList());
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("not a set of descriptors: " + e.getMessage(), e);
    }
  }

  private static MessageTypes ofParsed(List<FileDescriptorProto> files) throws IOException {
    MessageTypes types = new MessageTypes();
    files.forEach(file -> types.sources.putIfAbsent(file.getName(), file));
    for (FileDescriptorProto file : types.sources.values()) {
      types.build(file, 0);
    }
    return types;
  }

  private FileDescriptor build(FileDescriptorProto file, int depth) throws IOException {
    FileDescriptor earlier = built.get(file.getName());
    if (earlier != null) {
      return earlier;
    }
    if (!begun.add(file.getName()) || depth > MAX_IMPORT_DEPTH) {
      throw new IOException("the file '" + file.getName() + "' imports itself");
    }
    List<FileDescriptor> imports = new ArrayList<>();
    for (String name : file.getDependencyList()) {
      imports.add(imported(name, file, depth));
    }
    try {
      FileDescriptor result =
          FileDescriptor.buildFrom(file, imports.toArray(FileDescriptor[]::new));
      built.put(file.getName(), result);
      return result;
    } catch (DescriptorValidationException | RuntimeException e) {
      // Some wrong descriptors cause other exceptions than the declared one.
      throw new IOException("the file '" + file.getName() + "' is not valid: " + e.getMessage(), e);
    }
  }

  /** The file called {@code name}, which {@code importing} imports. */
  private FileDescriptor imported(String name, FileDescriptorProto importing, int depth)
      throws IOException {
    FileDescriptor ready = built.get(name);
    if (ready != null) {
      return ready;
    }
    FileDescriptorProto source = sources.get(name);
    if (source == null) {
      throw new IOException(
          "the file '" + importing.getName() + "' imports '" + name + "', which is missing");
    }
    return build(source, depth + 1);
  }

  /** The type called {@code name}, such as {@code example.Event}; empty if there is none. */
  Optional<Descriptor> find(String name) {
    for (FileDescriptor file : built.values()) {
      for (Descriptor type : file.getMessageTypes()) {
        Descriptor found = find(type, name);
        if (found != null) {
          return Optional.of(found);
        }
      }
    }
    return Optional.empty();
  }

  private static @Nullable Descriptor find(Descriptor type, String name) {
    if (type.getFullName().equals(name)) {
      return type;
    }
    if (name.startsWith(type.getFullName() + ".")) {
      for (Descriptor inner : type.getNestedTypes()) {
        Descriptor found = find(inner, name);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  /** All types that are not inside others. */
  List<Descriptor> all() {
    return built.values().stream().flatMap(file -> file.getMessageTypes().stream()).toList();
  }
}
