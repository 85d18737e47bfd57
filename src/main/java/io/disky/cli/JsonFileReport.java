package io.disky.cli;

import io.disky.ChunkDescription;
import io.disky.ChunkType;
import io.disky.Dialect;
import io.disky.FileDescription;
import java.util.Map;

/** A description of a file for programs: one JSON object. */
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
    json.name("records").value(file.records());
    json.name("recordBytes").value(file.recordBytes());
    json.name("encodedBytes").value(file.encodedBytes());
    json.name("compressionRatio").value(file.compressionRatio());
    addDialects(file);
    addCodecs(file);
    addTypes(file);
    append(json.take());
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
    for (Map.Entry<String, Long> codec : file.codecs().entrySet()) {
      json.name(codec.getKey()).value(codec.getValue());
    }
    json.endObject();
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
    json.name("codec").value(chunk.codec().isEmpty() ? null : chunk.codec());
    json.name("dialect").value(chunk.dialect().map(ConstantConverter::name).orElse(null));
    json.name("records").value(chunk.records());
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
