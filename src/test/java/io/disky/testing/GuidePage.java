package io.disky.testing;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The code of a guide. A block of Java that declares a class is a unit; one with a {@code main} is
 * also a program. Any other block of Java is a fragment, the body of a method.
 */
public final class GuidePage {
  private static final Path GUIDES = Path.of("docs/guides");
  private static final Pattern TYPE =
      Pattern.compile(
          "^(?:(?:public|final|abstract|sealed) )*(?:class|record|enum|interface) (\\w+)",
          Pattern.MULTILINE);
  private static final Pattern MAIN = Pattern.compile("\\bstatic void main\\(String");

  private final String fileName;
  private final List<Block> blocks;

  private GuidePage(String fileName, List<Block> blocks) {
    this.fileName = fileName;
    this.blocks = blocks;
  }

  /**
   * A block of code.
   *
   * @param language the word after the opening fence, or an empty string
   * @param line the line of the page at which {@code text} begins, from 1 on
   * @param lead the last line before the fence that is not blank, or an empty string after another
   *     block
   */
  public record Block(String page, String language, int line, String text, String lead) {
    /** Returns the name of the first class of a unit, or null if this is a fragment. */
    public @Nullable String typeName() {
      Matcher type = TYPE.matcher(text);
      return type.find() ? type.group(1) : null;
    }

    /** Returns whether this is a class with a main method. */
    public boolean isProgram() {
      return typeName() != null && MAIN.matcher(text).find();
    }

    /** Returns the page and the line, as an editor opens them. */
    @Override
    public String toString() {
      return GUIDES.resolve(page) + ":" + line;
    }
  }

  /** The guides of this repository, ordered by name. */
  public static List<GuidePage> all() throws IOException {
    List<GuidePage> pages = new ArrayList<>();
    try (Stream<Path> files = Files.list(GUIDES)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".md")).sorted().toList()) {
        pages.add(parse(requireNonNull(file.getFileName()).toString(), Files.readString(file)));
      }
    }
    return pages;
  }

  /** Parses a page. A fence is a line that begins with three backticks. */
  public static GuidePage parse(String fileName, String page) {
    List<Block> blocks = new ArrayList<>();
    String lead = "";
    String language = null;
    int begin = 0;
    StringBuilder text = new StringBuilder();
    List<String> lines = page.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (language == null && line.startsWith("```")) {
        language = line.substring(3).strip();
        begin = i + 2;
        text.setLength(0);
      } else if (language != null && line.equals("```")) {
        blocks.add(new Block(fileName, language, begin, text.toString(), lead));
        language = null;
        lead = "";
      } else if (language != null) {
        text.append(line).append('\n');
      } else if (!line.isBlank()) {
        lead = line;
      }
    }
    if (language != null) {
      throw new IllegalArgumentException(fileName + ":" + begin + ": the block does not end");
    }
    return new GuidePage(fileName, List.copyOf(blocks));
  }

  /** Returns all blocks of the page, in its order. */
  public List<Block> blocks() {
    return blocks;
  }

  /** Returns the blocks of Java. */
  public List<Block> java() {
    return blocks.stream().filter(block -> block.language().equals("java")).toList();
  }

  /**
   * Returns what {@code program} prints according to the page, or null if the page does not say so.
   * The output is a block of text directly after the program, or after the line "prints:".
   */
  public @Nullable String output(Block program) {
    int next = blocks.indexOf(program) + 1;
    if (next == blocks.size()) {
      return null;
    }
    Block block = blocks.get(next);
    boolean follows = block.lead().isEmpty() || block.lead().matches("(It )?[Pp]rints:");
    return follows && block.language().equals("text") ? block.text() : null;
  }

  @Override
  public String toString() {
    return fileName;
  }
}
