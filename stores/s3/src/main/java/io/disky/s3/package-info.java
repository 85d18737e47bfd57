/**
 * Record files in S3, and in stores with its interface: MinIO, Ceph, Cloudflare R2. {@link
 * io.disky.s3.S3Store} is the store. The client is Amazon's SDK for Java, version 2; credentials
 * and the region are the SDK's own matter.
 */
@org.jspecify.annotations.NullMarked
package io.disky.s3;
