package io.disky.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Writes the completion of the command line for zsh. */
final class ZshCompletion {
  private final StringBuilder text = new StringBuilder();

  private ZshCompletion() {}

  static String of(CommandLine disky) {
    ZshCompletion completion = new ZshCompletion();
    completion.add(disky);
    return completion.text.toString();
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  private void add(CommandLine disky) {
    line("#compdef disky");
    line("# Completion of disky for zsh. " + CommandPages.NOTE);
    line("_disky() {");
    line("  local -a commands");
    line("  commands=(");
    CommandPages.commands(disky)
        .forEach((name, command) ->
            line("    '" + name + ":" + quoted(CommandPages.header(command)) + "'"));
    line("  )");
    line("  if (( CURRENT == 2 )); then");
    line("    _describe -t commands command commands");
    addArguments("    ", disky, "");
    line("    return");
    line("  fi");
    line("  local command=$words[2]");
    line("  shift words");
    line("  (( CURRENT-- ))");
    line("  case $command in");
    CommandPages.commands(disky).forEach(this::addCommand);
    line("    *) _files ;;");
    line("  esac");
    line("}");
    line("_disky \"$@\"");
  }

  private void addCommand(String name, CommandLine command) {
    line("    " + name + ")");
    boolean help = name.equals("help");
    addArguments(
        "      ",
        command,
        help
            ? "'1:command:("
                + String.join(" ", CommandPages.commands(command.getParent()).keySet())
                + ")'"
            : "'*:file:_files'");
    line("      ;;");
  }

  private void addArguments(String indent, CommandLine command, String operands) {
    line(indent + "_arguments -s -S \\");
    List<OptionSpec> options = CommandPages.options(command);
    for (int i = 0; i < options.size(); i++) {
      boolean last = i == options.size() - 1 && operands.isEmpty();
      line(indent + "  " + argument(options.get(i)) + (last ? "" : " \\"));
    }
    if (!operands.isEmpty()) {
      line(indent + "  " + operands);
    }
  }

  private static String argument(OptionSpec option) {
    List<String> names = CommandPages.names(option);
    String value = "";
    if (CommandPages.hasValue(option)) {
      List<String> values = CommandPages.values(option);
      String action = values.isEmpty() ? "_files" : "(" + String.join(" ", values) + ")";
      value = ":" + option.paramLabel() + ":" + action;
    }
    String text = "'[" + quoted(CommandPages.firstSentence(option)) + "]" + value + "'";
    String equals = CommandPages.hasValue(option) ? "=" : "";
    return "'*'"
        + (names.size() == 1
            ? spelled(names.getFirst(), equals)
            : "{" + String.join(",", names.stream().map(n -> spelled(n, equals)).toList()) + "}")
        + text;
  }

  /** A long option can have its value after an equals sign. */
  private static String spelled(String name, String equals) {
    return name.startsWith("--") ? "'" + name + equals + "'" : name;
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\")
        .replace("[", "\\[")
        .replace("]", "\\]")
        .replace(":", "\\:")
        .replace("'", "'\\''");
  }
}
