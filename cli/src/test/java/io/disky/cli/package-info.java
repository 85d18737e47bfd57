/** Tests of the command line, most of which run in the JVM of the tests. */
package io.disky.cli;
