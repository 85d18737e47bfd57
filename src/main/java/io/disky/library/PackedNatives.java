package io.disky.library;

/**
 * Implemented by a class in each jar that contains nothing but the library of a platform, and used
 * as a service: so the module of such a jar is resolved wherever the module io.disky is, and {@code
 * jlink --bind-services} puts it into an image. The jar's build makes the class. It has no methods,
 * because the library is a resource of its module.
 */
public interface PackedNatives {}
