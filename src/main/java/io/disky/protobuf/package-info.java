/**
 * The wire format of protocol buffers, as far as metadata need it. Not exported: for use inside
 * this module alone.
 */
@NullMarked
package io.disky.protobuf;

import org.jspecify.annotations.NullMarked;
