/**
 * The command line, built on the public API of the library. {@link io.disky.cli.Main} starts it;
 * each subcommand is a class of its own.
 */
package io.disky.cli;
