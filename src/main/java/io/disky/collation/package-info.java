/** Gives the records of a batch the form that their consumer needs: columns, rows, Arrow arrays. */
@org.jspecify.annotations.NullMarked
package io.disky.collation;
