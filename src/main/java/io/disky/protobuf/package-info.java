/**
 * The part of the wire format of protocol buffers that metadata need. Not exported: only this
 * module uses it.
 */
package io.disky.protobuf;
