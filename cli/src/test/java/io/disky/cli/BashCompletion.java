package io.disky.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Writes the completion of the command line for bash. */
final class BashCompletion {
  private final StringBuilder text = new StringBuilder();

  private BashCompletion() {}

  static String of(CommandLine disky) {
    BashCompletion completion = new BashCompletion();
    completion.add(disky);
    return completion.text.toString();
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  private void add(CommandLine disky) {
    Map<String, CommandLine> commands = CommandPages.commands(disky);
    line("# Completion of disky for bash. " + CommandPages.NOTE);
    line("# shellcheck shell=bash disable=SC2207");
    line("_disky() {");
    line("  local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}");
    line("  # bash splits --option=value at the equals sign.");
    line("  if [ \"$word\" = = ]; then");
    line("    word=");
    line("  elif [ \"$option\" = = ]; then");
    line("    option=${COMP_WORDS[COMP_CWORD - 2]}");
    line("  fi");
    line("  local command=${COMP_WORDS[1]} words=");
    line("  COMPREPLY=()");
    line("  if [ \"$COMP_CWORD\" -eq 1 ]; then");
    line("    words='" + join(List.copyOf(commands.keySet()), disky) + "'");
    line("  else");
    line("    case $command:$option in");
    commands.forEach(this::addValues);
    line("    help:*) words='" + String.join(" ", commands.keySet()) + "' ;;");
    line("    esac");
    line("    if [ -z \"$words\" ]; then");
    line("      case $command:$word in");
    commands.forEach(this::addOptions);
    line("      esac");
    line("    fi");
    line("  fi");
    line("  # Without words, bash completes the names of files.");
    line("  [ -z \"$words\" ] || COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))");
    line("}");
    line("complete -o bashdefault -o default -F _disky disky");
  }

  private static String join(List<String> commands, CommandLine disky) {
    return String.join(" ", commands) + " " + String.join(" ", CommandPages.optionNames(disky));
  }

  private void addValues(String name, CommandLine command) {
    for (OptionSpec option : CommandPages.options(command)) {
      List<String> values = CommandPages.values(option);
      if (!values.isEmpty()) {
        String patterns =
            String.join(
                " | ", CommandPages.names(option).stream().map(n -> name + ":" + n).toList());
        line("    " + patterns + ") words='" + String.join(" ", values) + "' ;;");
      }
    }
  }

  private void addOptions(String name, CommandLine command) {
    String options = String.join(" ", CommandPages.optionNames(command));
    line("      " + name + ":-*) words='" + options + "' ;;");
  }
}
