package io.disky.cli;

import java.io.InputStream;
import java.io.PrintStream;

/** The streams that a command works on: data in, data out, messages. */
record StandardStreams(InputStream in, StandardOutput out, PrintStream err) {}
