/**
 * What the modules of object stores share: addresses, requests that are repeated, and checks of
 * answers. Exported to these modules only, which have the version of the library.
 */
@org.jspecify.annotations.NullMarked
package io.disky.objects;
