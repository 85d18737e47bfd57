package io.disky.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Writes the manual page of the command line. */
final class ManPage {
  private static final String ENVIRONMENT =
      """
      .TP
      .B JAVA_HOME
      The directory of the JDK, 22 or later (default: that of the
      .B java
      on PATH, or the newest one that is found).
      .TP
      .B JAVA_TOOL_OPTIONS
      More options of the JVM, such as
      .BR \\-XX:MaxDirectMemorySize=4g .
      .TP
      .B NO_COLOR
      If it is set and not empty, the help has no colours on a terminal.
      """;

  private static final String EXAMPLES =
      """
      .PP
      .nf
      disky write lines.disky notes.txt
      disky head \\-n 3 lines.disky
      disky cat \\-F logs/
      disky convert lines.disky lines.tfrecord
      disky cat <(curl \\-s https://example.org/lines.disky)
      disky count \\-\\-json *.disky | jq .records
      .fi
      """;

  private final StringBuilder text = new StringBuilder();

  private ManPage() {}

  static String of(CommandLine disky) {
    ManPage page = new ManPage();
    page.add(disky);
    return page.text.toString();
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  private void add(CommandLine disky) {
    line(".\\\" " + CommandPages.NOTE);
    line(".TH DISKY 1 \"\" disky \"disky manual\"");
    line(".SH NAME");
    line("disky \\- writes and reads record files");
    line(".SH SYNOPSIS");
    line(".B disky");
    line(".I COMMAND");
    line("[\\fIARGUMENT\\fR]...");
    line(".SH DESCRIPTION");
    addParagraphs(disky.getCommandSpec().usageMessage().description());
    line(".SH OPTIONS");
    CommandPages.options(disky).forEach(this::addOption);
    line(".SH COMMANDS");
    Map<String, CommandLine> commands = CommandPages.commands(disky);
    commands.forEach((name, command) -> {
      line(".TP");
      line(".B " + escaped(name));
      line(escaped(CommandPages.header(command)));
    });
    commands.forEach(this::addCommand);
    line(".SH NOTES");
    addParagraphs(disky.getCommandSpec().usageMessage().footer());
    line(".SH ENVIRONMENT");
    text.append(ENVIRONMENT);
    line(".SH EXAMPLES");
    text.append(EXAMPLES);
    line(".SH SEE ALSO");
    line(".BR curl (1),");
    line(".BR tail (1)");
  }

  private void addCommand(String name, CommandLine command) {
    line(".SH \"DISKY " + name.toUpperCase(Locale.ROOT) + "\"");
    line(".PP");
    String synopsis = command.getHelp().synopsis(0).replaceAll("\\s+", " ").strip();
    line(".B " + escaped("disky " + name));
    line(escaped(synopsis.substring(("disky " + name).length()).strip()));
    line(".PP");
    line(escaped(CommandPages.header(command)));
    addParagraphs(command.getCommandSpec().usageMessage().description());
    for (PositionalParamSpec parameter : command.getCommandSpec().positionalParameters()) {
      line(".TP");
      line(".I " + escaped(parameter.paramLabel()));
      addDescription(parameter);
    }
    CommandPages.options(command).forEach(this::addOption);
    addExample(command.getCommandSpec().usageMessage().footer());
  }

  private void addOption(OptionSpec option) {
    line(".TP");
    List<String> names = CommandPages.names(option);
    StringBuilder tag = new StringBuilder();
    for (String name : names) {
      tag.append(tag.isEmpty() ? "" : ", ").append("\\fB").append(escaped(name)).append("\\fR");
    }
    if (CommandPages.hasValue(option)) {
      tag.append(names.getLast().startsWith("--") ? "=" : " ");
      tag.append("\\fI").append(escaped(option.paramLabel())).append("\\fR");
    }
    line(tag.toString());
    addDescription(option);
  }

  private void addDescription(ArgSpec argument) {
    boolean first = true;
    for (String part : argument.description()) {
      if (!first) {
        line(".br");
      }
      line(escaped(part));
      first = false;
    }
  }

  /** Paragraphs, and lines with indentation as they are. */
  private void addParagraphs(String[] description) {
    for (String paragraph : CommandPages.paragraphs(description)) {
      if (paragraph.startsWith(" ")) {
        line(".PP");
        line(".nf");
        line(escaped(paragraph));
        line(".fi");
      } else {
        line(".PP");
        line(escaped(paragraph));
      }
    }
  }

  /** A table, whose lines stay as they are. */
  private void addExample(String[] lines) {
    if (lines.length == 0) {
      return;
    }
    line(".PP");
    line(".nf");
    CommandPages.paragraphs(lines).forEach(line -> line(escaped(line)));
    line(".fi");
  }

  private static String escaped(String text) {
    String escaped = text.replace("\\", "\\e").replace("-", "\\-");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
