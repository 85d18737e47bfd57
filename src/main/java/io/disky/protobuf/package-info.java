/**
 * The part of the wire format of protocol buffers that metadata need. Not exported: for use inside
 * this module alone.
 */
package io.disky.protobuf;
