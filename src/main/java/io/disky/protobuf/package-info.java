/**
 * The wire format of protocol buffers, as far as metadata need it. Not exported: for use inside
 * this module alone.
 */
package io.disky.protobuf;
