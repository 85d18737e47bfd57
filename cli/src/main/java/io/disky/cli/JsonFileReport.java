package io.disky.cli;

import io.disky.ChunkDescription;
import io.disky.ChunkType;
import io.disky.Compression;
import io.disky.Dialect;
import io.disky.FileDescription;
import io.disky.RecordsMetadata;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Prints the description of a file as a JSON object for programs. */
final class JsonFileReport extends FileReport {
  private final Json json = new Json();

  JsonFileReport(StandardOutput output) {
    super(output);
  }

  @Override
  void begin(String name, FileDescription file) throws StandardOutputException {
    json.beginObject();
    json.name("file").value(name);
    json.name("fileSize").value(file.fileSize());
    json.name("container").value(ConstantConverter.name(file.container()));
    json.name("lacksIndex").value(ArrayRecordIndex.isMissing(name, file));
    json.name("records").value(file.recordCount());
    json.name("recordBytes").value(file.recordBytes());
    json.name("encodedBytes").value(file.encodedBytes());
    json.name("compressionRatio").value(file.compressionRatio());
    addDialects(file);
    addCodecs(file);
    addTypes(file);
    SizesJson.add(json, "recordSizes", file.recordSizes());
    SizesJson.add(json, "chunkSizes", file.chunkSizes());
    addMetadata(file.metadata().orElse(null));
    append(json.take());
  }

  private void addMetadata(@Nullable RecordsMetadata metadata) {
    json.name("metadata");
    if (metadata == null) {
      json.value(null);
      return;
    }
    json.beginObject();
    json.name("fileComment").value(metadata.fileComment().orElse(null));
    json.name("recordTypeName").value(metadata.recordTypeName().orElse(null));
    json.name("fields").beginArray();
    for (MessageField field : MessageField.of(metadata)) {
      json.element().beginObject();
      json.name("number").value(field.number());
      json.name("name").value(field.name());
      json.name("type").value(field.type());
      json.endObject();
    }
    json.endArray();
    json.name("recordWriterOptions").value(metadata.recordWriterOptions().orElse(null));
    json.name("numRecords");
    if (metadata.numRecords().isPresent()) {
      json.value(metadata.numRecords().getAsLong());
    } else {
      json.value(null);
    }
    json.name("fileDescriptors").value(metadata.fileDescriptors().size());
    json.name("size").value(metadata.toByteArray().length);
    json.endObject();
  }

  private void addDialects(FileDescription file) {
    json.name("dialects").beginArray();
    for (Dialect dialect : file.dialects()) {
      json.element().value(ConstantConverter.name(dialect));
    }
    json.endArray();
  }

  private void addCodecs(FileDescription file) {
    json.name("chunksByCodec").beginObject();
    for (Map.Entry<String, Long> codec : chunksByCodec(file).entrySet()) {
      json.name(codec.getKey()).value(codec.getValue());
    }
    json.endObject();
  }

  /** Number of chunks by the name of their codec, in the order of names. */
  static SortedMap<String, Long> chunksByCodec(FileDescription file) {
    SortedMap<String, Long> byName = new TreeMap<>();
    file.codecs().forEach((codec, chunks) -> byName.put(codec.toString(), chunks));
    return byName;
  }

  private void addTypes(FileDescription file) {
    json.name("chunksByType").beginObject();
    for (Map.Entry<ChunkType, Long> type : file.chunks().entrySet()) {
      json.name(ConstantConverter.name(type.getKey())).value(type.getValue());
    }
    json.endObject();
  }

  @Override
  void beginChunks() {
    json.name("chunks").beginArray();
  }

  @Override
  void addChunk(ChunkDescription chunk) throws StandardOutputException {
    json.element().beginObject();
    json.name("begin").value(chunk.begin());
    json.name("end").value(chunk.end());
    json.name("type").value(ConstantConverter.name(chunk.type()));
    json.name("codec").value(chunk.codec().map(Compression.Codec::toString).orElse(null));
    json.name("dialect").value(chunk.dialect().map(ConstantConverter::name).orElse(null));
    json.name("records").value(chunk.recordCount());
    json.name("recordBytes").value(chunk.recordBytes());
    json.name("encodedBytes").value(chunk.encodedBytes());
    json.endObject();
    append(json.take());
  }

  @Override
  void endChunks() {
    json.endArray();
  }

  @Override
  void end() throws StandardOutputException {
    append(json.endObject().take() + "\n");
    super.end();
  }
}
