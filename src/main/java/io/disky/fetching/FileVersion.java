package io.disky.fetching;

/** A version of a file. All requests after the first one must answer with this version. */
record FileVersion(String name, long size, String version) {}
