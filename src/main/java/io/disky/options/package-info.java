/** The values of options. Not exported: for use inside this module alone. */
package io.disky.options;
