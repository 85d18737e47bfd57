package io.disky.library;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A host whose answers a test sets; it loads nothing, but records what it was to load. */
class NativeLibraryStubHost extends NativeHost {

  final Map<String, String> properties = new HashMap<>();
  final Map<String, String> environment = new HashMap<>();
  final Map<String, byte[]> resources = new HashMap<>();
  final List<Path> loads = new ArrayList<>();
  NativePlatform platform = NativePlatform.current();
  boolean musl;
  boolean supportedProcessor = true;
  int abiVersion = NativeLibrary.EXPECTED_ABI_VERSION;
  Consumer<Path> loading = file -> {};

  void pack(byte[] content) {
    resources.put(platform.resourceName(), content);
  }

  @Override
  NativePlatform platform() {
    return platform;
  }

  @Override
  @Nullable String property(String name) {
    return properties.get(name);
  }

  @Override
  @Nullable String environment(String name) {
    return environment.get(name);
  }

  @Override
  byte @Nullable [] resource(String name) {
    return resources.get(name);
  }

  @Override
  boolean hasSupportedProcessor() {
    return supportedProcessor;
  }

  @Override
  boolean isMusl() {
    return musl;
  }

  @Override
  void load(Path file) {
    loads.add(file);
    loading.accept(file);
  }

  @Override
  SymbolLookup symbols() {
    return name ->
        name.equals("disky_abi_version") ? Optional.of(returning(abiVersion)) : Optional.empty();
  }

  @SuppressWarnings("restricted")
  static MemorySegment returning(int value) {
    return Linker.nativeLinker()
        .upcallStub(
            MethodHandles.constant(int.class, value),
            FunctionDescriptor.of(ValueLayout.JAVA_INT),
            Arena.global());
  }
}
