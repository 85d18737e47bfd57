/** Tests of the command line, run within the JVM of the tests. */
package io.disky.cli;
