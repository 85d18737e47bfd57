package io.disky.cli;

import io.disky.ChunkDescription;
import io.disky.ChunkType;
import io.disky.Compression;
import io.disky.Dialect;
import io.disky.FileDescription;
import io.disky.RecordsMetadata;
import io.disky.files.QuotedText;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** Prints the description of a file as text for people. */
final class TextFileReport extends FileReport {
  TextFileReport(StandardOutput output) {
    super(output);
  }

  @Override
  void begin(String name, FileDescription file) throws StandardOutputException {
    line("file", QuotedText.name(name));
    line("size", number(file.fileSize()) + " bytes");
    line("container", ConstantConverter.name(file.container()));
    if (ArrayRecordIndex.isMissing(name, file)) {
      line("index", "missing: this ArrayRecord is incomplete");
    }
    line("records", number(file.recordCount()));
    line("record bytes", number(file.recordBytes()));
    line("encoded bytes", number(file.encodedBytes()));
    line("ratio", String.format(Locale.ROOT, "%.2f", file.compressionRatio()));
    line("compression", codecs(file));
    line("dialect", dialects(file));
    line("chunks", chunks(file));
    line("chunk sizes", SizesText.summary(file.chunkSizes()));
    line("record sizes", SizesText.summary(file.recordSizes()));
    append(SizesText.histogram(file.recordSizes()));
    if (file.metadata().isPresent()) {
      addMetadata(file.metadata().get());
    }
  }

  private void addMetadata(RecordsMetadata metadata) throws StandardOutputException {
    optionalLine("file comment", metadata.fileComment().map(QuotedText::line));
    optionalLine("record type", metadata.recordTypeName().map(QuotedText::line));
    String label = "fields";
    for (MessageField field : MessageField.of(metadata)) {
      line(label, field.number() + " " + QuotedText.line(field.name() + ": " + field.type()));
      label = "";
    }
    optionalLine("written with", metadata.recordWriterOptions().map(QuotedText::line));
    if (metadata.numRecords().isPresent()) {
      line("stated records", number(metadata.numRecords().getAsLong()));
    }
    line("metadata", number(metadata.toByteArray().length) + " bytes");
  }

  private void optionalLine(String label, Optional<String> value) throws StandardOutputException {
    if (value.isPresent()) {
      line(label, value.get());
    }
  }

  private void line(String label, String value) throws StandardOutputException {
    append(String.format(Locale.ROOT, "%-15s%s\n", label, value));
  }

  /** The compressions of the chunks. */
  static String codecs(FileDescription file) {
    StringJoiner codecs = new StringJoiner(", ");
    JsonFileReport.chunksByCodec(file).keySet().forEach(codecs::add);
    return orDash(codecs);
  }

  /** The dialects of the chunks. */
  static String dialects(FileDescription file) {
    StringJoiner dialects = new StringJoiner(", ");
    for (Dialect dialect : file.dialects()) {
      dialects.add(ConstantConverter.name(dialect));
    }
    return file.dialects().isEmpty()
        ? "disky or riegeli: no chunk is compressed"
        : dialects.toString();
  }

  /** The number of chunks of each type. */
  static String chunks(FileDescription file) {
    StringJoiner chunks = new StringJoiner(", ");
    for (Map.Entry<ChunkType, Long> type : file.chunks().entrySet()) {
      chunks.add(number(type.getValue()) + " " + ConstantConverter.name(type.getKey()));
    }
    return orDash(chunks);
  }

  private static String orDash(StringJoiner names) {
    return names.length() == 0 ? "-" : names.toString();
  }

  @Override
  void beginChunks() throws StandardOutputException {
    append("\n");
    row("begin", "end", "type", "codec", "dialect", "records", "record bytes", "encoded bytes");
  }

  @Override
  void addChunk(ChunkDescription chunk) throws StandardOutputException {
    row(
        number(chunk.begin()),
        number(chunk.end()),
        ConstantConverter.name(chunk.type()),
        chunk.codec().map(Compression.Codec::toString).orElse("-"),
        chunk.dialect().map(ConstantConverter::name).orElse("-"),
        number(chunk.recordCount()),
        number(chunk.recordBytes()),
        number(chunk.encodedBytes()));
  }

  @Override
  void endChunks() {}

  private void row(String... cells) throws StandardOutputException {
    append(
        String.format(
            Locale.ROOT, "%15s %15s  %-10s %-7s %-7s %12s %15s %15s\n", (Object[]) cells));
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
