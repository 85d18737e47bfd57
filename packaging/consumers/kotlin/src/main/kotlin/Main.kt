import io.disky.RecordReader
import io.disky.RecordWriter
import java.lang.foreign.ValueLayout
import java.nio.file.Files
import kotlin.io.path.deleteExisting

/** Writes records in the ways in which Kotlin has its own syntax for Java's types, and reads them. */
fun main() {
    val directory = Files.createTempDirectory("consumer")
    val file = directory.resolve("records.disky")
    RecordWriter.open(file).use { writer ->
        writer.write("text")
        writer.write(16) { slot ->
            slot.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, 42)
            8
        }
    }
    val sizes = RecordReader.open(file).use { reader -> reader.map { it.byteSize() } }
    check(sizes == listOf(4L, 8L)) { "$sizes" }
    RecordReader.open(file).use { reader ->
        // The annotations of JSpecify say which results can be null.
        val first = reader.next() ?: error("no record")
        check(first.byteSize() == 4L)
    }
    file.deleteExisting()
    directory.deleteExisting()
    println("kotlin: ok")
}
