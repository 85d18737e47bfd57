/**
 * Record files that are elsewhere: in an object store, or on a server of HTTP.
 *
 * <p>A {@link io.disky.remote.RemoteFile} is a file to read; {@link io.disky.RecordReader}, {@link
 * io.disky.RandomAccessReader} and, as shards, all other readers take it. A {@link
 * io.disky.remote.RemoteUpload} is a file to write. A {@link io.disky.remote.RemoteStore} opens,
 * lists and creates them by their addresses. {@link io.disky.remote.RemoteOptions} say how the
 * library reads ahead, repeats failed requests and keeps bytes on a disk. {@code
 * docs/guides/remote.md} is the guide.
 */
@org.jspecify.annotations.NullMarked
package io.disky.remote;
