package io.disky.lifetime;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Spliterator;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * Views of a record that have its guard: segments, buffers, handles, and methods of the JDK that
 * take them. docs/guides/bypassing-the-guard.md lists them.
 */
public final class RecordViews {
  /** The size of the records to look at, in bytes. The last byte is 0. */
  public static final int SIZE = 64;

  private RecordViews() {}

  /** Makes a view of a record while it is valid. */
  public interface View {
    /** Returns what uses the view, which can be called twice. */
    ThrowingCallable of(MemorySegment record) throws Exception;
  }

  /** A view of the buffer of a record. */
  private interface BufferView {
    ThrowingCallable of(ByteBuffer buffer) throws Exception;
  }

  /**
   * All views by name, in a fixed order.
   *
   * @param scratch a file that one of them writes
   */
  public static Map<String, View> all(Path scratch) {
    Map<String, View> views = new LinkedHashMap<>(segments());
    handles(views);
    buffers(scratch)
        .forEach((name, view) -> views.put(name, record -> view.of(record.asByteBuffer())));
    return views;
  }

  private static Map<String, View> segments() {
    Map<String, View> views = new LinkedHashMap<>();
    views.put("get", record -> () -> record.get(JAVA_BYTE, 0));
    views.put("asSlice", record -> read(record.asSlice(1, 2)));
    views.put("asReadOnly", record -> read(record.asReadOnly()));
    views.put("reinterpret(size)", record -> read(record.reinterpret(SIZE / 2)));
    views.put("asSlice of a slice", record -> read(record.asSlice(2).asSlice(3)));
    views.put(
        "elements",
        record -> {
          Iterator<MemorySegment> elements = record.elements(JAVA_BYTE).iterator();
          return () -> elements.next().get(JAVA_BYTE, 0);
        });
    views.put(
        "spliterator",
        record -> {
          Spliterator<MemorySegment> elements = record.spliterator(JAVA_BYTE);
          return () -> elements.tryAdvance(element -> element.get(JAVA_BYTE, 0));
        });
    views.put("an element", record -> read(record.elements(JAVA_BYTE).findFirst().orElseThrow()));
    views.put("toArray", record -> () -> record.toArray(JAVA_BYTE));
    views.put("getString", record -> () -> record.getString(0));
    views.put("mismatch", record -> () -> record.mismatch(MemorySegment.ofArray(new byte[1])));
    views.put("copyFrom", record -> () -> heap().copyFrom(record.asSlice(0, 1)));
    views.put("copy", record -> () -> MemorySegment.copy(record, 0, heap(), 0, 1));
    views.put(
        "copy to an array",
        record -> () -> MemorySegment.copy(record, JAVA_BYTE, 0, new byte[1], 0, 1));
    return views;
  }

  private static void handles(Map<String, View> views) {
    views.put(
        "VarHandle of a layout",
        record -> {
          VarHandle handle = JAVA_FLOAT_UNALIGNED.varHandle();
          return () -> {
            float _ = (float) handle.get(record, 0L);
          };
        });
    views.put(
        "VarHandle of elements",
        record -> {
          VarHandle handle = JAVA_FLOAT_UNALIGNED.arrayElementVarHandle();
          return () -> {
            float _ = (float) handle.get(record, 0L, 3L);
          };
        });
    views.put(
        "MethodHandle with the record",
        record -> {
          MethodHandle get =
              JAVA_BYTE.varHandle().toMethodHandle(VarHandle.AccessMode.GET).bindTo(record);
          return () -> {
            byte _ = (byte) get.invokeExact(0L);
          };
        });
    views.put(
        "a native call",
        record -> {
          MethodHandle strnlen =
              Linker.nativeLinker()
                  .downcallHandle(
                      Linker.nativeLinker().defaultLookup().find("strnlen").orElseThrow(),
                      FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG));
          return () -> {
            long _ = (long) strnlen.invokeExact(record, record.byteSize());
          };
        });
  }

  private static Map<String, BufferView> buffers(Path scratch) {
    Map<String, BufferView> views = new LinkedHashMap<>();
    views.put("asByteBuffer", buffer -> () -> buffer.get(0));
    views.put("a bulk get", buffer -> () -> buffer.get(0, new byte[2]));
    views.put("slice of a buffer", buffer -> bytes(buffer.slice(1, 2)));
    views.put("duplicate of a buffer", buffer -> bytes(buffer.duplicate()));
    views.put("asReadOnlyBuffer", buffer -> bytes(buffer.asReadOnlyBuffer()));
    views.put(
        "asFloatBuffer",
        buffer -> {
          FloatBuffer floats = buffer.asFloatBuffer();
          return () -> floats.get(0);
        });
    views.put("a long of a buffer", buffer -> () -> buffer.getLong(0));
    views.put("ofBuffer", buffer -> read(MemorySegment.ofBuffer(buffer)));
    views.put("mismatch of buffers", buffer -> () -> buffer.mismatch(ByteBuffer.allocate(1)));
    views.put(
        "equals of buffers",
        buffer ->
            () -> {
              boolean _ = buffer.equals(ByteBuffer.allocate(buffer.remaining()));
            });
    views.put(
        "put of a buffer",
        buffer -> () -> ByteBuffer.allocate(buffer.remaining()).put(buffer.duplicate()));
    views.put("Charset.decode", buffer -> () -> UTF_8.decode(buffer.duplicate()));
    views.put("CRC32.update", buffer -> () -> new CRC32().update(buffer.duplicate()));
    views.put(
        "MessageDigest.update",
        buffer -> () -> MessageDigest.getInstance("SHA-256").update(buffer.duplicate()));
    views.put("Deflater.setInput", buffer -> () -> deflate(buffer.duplicate()));
    views.put(
        "FileChannel.write",
        buffer ->
            () -> {
              try (FileChannel channel =
                  FileChannel.open(scratch, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                channel.write(buffer.duplicate());
              }
            });
    return views;
  }

  private static ThrowingCallable read(MemorySegment view) {
    return () -> view.get(JAVA_BYTE, 0);
  }

  private static ThrowingCallable bytes(ByteBuffer view) {
    return () -> view.get(0);
  }

  private static MemorySegment heap() {
    return MemorySegment.ofArray(new byte[1]);
  }

  private static void deflate(ByteBuffer buffer) {
    Deflater deflater = new Deflater();
    try {
      deflater.setInput(buffer);
      deflater.finish();
      int _ = deflater.deflate(new byte[4 * SIZE]);
    } finally {
      deflater.end();
    }
  }
}
