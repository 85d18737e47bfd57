package io.disky.cli;

import java.util.List;
import java.util.concurrent.Callable;

/**
 * A command that needs no options. If all its arguments are files, {@link Main} runs it without the
 * parser of options, because the parser takes longer to start than the JVM.
 */
interface FilesCommand extends Callable<Integer> {
  /** Sets the files that the command reads; at least one, and none is standard input. */
  void setFiles(List<FileArgument> files);
}
