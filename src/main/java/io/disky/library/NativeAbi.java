package io.disky.library;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** The version of the C interface that a loaded library offers. */
final class NativeAbi {

  private static final String VERSION_FUNCTION = "disky_abi_version";

  /** A library has the symbol of this name with its version at the end. */
  private static final String VERSION_SYMBOL = "disky_abi_";

  private NativeAbi() {}

  /**
   * Checks that the loaded library has the C interface that the bindings were generated from. With
   * another interface, a call could corrupt the process.
   *
   * @param expected the version of the bindings
   * @throws UnsatisfiedLinkError if the library has another version, or is not disky's
   * @throws IllegalCallerException if native access is denied
   */
  static void check(SymbolLookup symbols, int expected) {
    // The first call of a function takes the JVM as long as a fifth of its own start.
    if (symbols.find(VERSION_SYMBOL + expected).isPresent()) {
      return;
    }
    Optional<MemorySegment> function = symbols.find(VERSION_FUNCTION);
    if (function.isEmpty()) {
      throw new UnsatisfiedLinkError(
          "it has no function " + VERSION_FUNCTION + ": it is not the native library of disky");
    }
    int version = version(function.get());
    if (version != expected) {
      throw new UnsatisfiedLinkError(
          "its ABI version is %s, but these Java classes need version %s"
              .formatted(Integer.toUnsignedString(version), Integer.toUnsignedString(expected)));
    }
  }

  @SuppressWarnings("restricted")
  private static int version(MemorySegment function) {
    MethodHandle handle =
        Linker.nativeLinker().downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_INT));
    try {
      return (int) handle.invokeExact();
    } catch (Error | RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(VERSION_FUNCTION + " cannot fail", e);
    }
  }
}
