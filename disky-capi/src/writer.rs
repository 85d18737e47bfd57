//! `disky_writer`: writes records to a file.

use crate::boundary::{call, input, load, output, place};
use crate::error::{DISKY_ERROR_MESSAGE_SIZE, Failure, disky_error, message};
use crate::handle::Handle;
use crate::path::{bytes as path_bytes, path};
use crate::reader::{DISKY_DIALECT_DISKY, DISKY_DIALECT_RIEGELI};
use crate::status::{DISKY_END, DISKY_NEED_MEMORY, DISKY_OK, disky_status};
use crate::writer_sink::WriterSink;
use disky::{
    Brotli, Compression, Container, Dialect, OpenMode, PulledSink, RecordWriter, Repair,
    WriterOptions, Zstd,
};
use std::mem::MaybeUninit;

/// Writes records to a file, a chunk at a time.
pub struct disky_writer {
    // Behind a pointer to it is a `Handle<RecordWriter<WriterSink>>`.
    _opaque: [u8; 0],
}

/// How to write.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct disky_writer_options {
    /// A DISKY_OPEN_ constant.
    pub open_mode: u32,
    /// A DISKY_COMPRESSION_ constant.
    pub compression: u32,
    /// For DISKY_COMPRESSION_ZSTD -131072 to 22, where 0 means the default, 3; for
    /// DISKY_COMPRESSION_BROTLI the quality, 0 to 11; otherwise ignored.
    pub compression_level: i32,
    /// A DISKY_DIALECT_ constant.
    pub dialect: u32,
    /// The binary logarithm of the size in bytes of the window that compression looks back: 10 to
    /// 31 for DISKY_COMPRESSION_ZSTD, 10 to 30 for DISKY_COMPRESSION_BROTLI, otherwise ignored.
    /// 0 means the default.
    pub window_log: i32,
    /// A DISKY_CONTAINER_ constant.
    pub container: u32,
    /// With DISKY_CONTAINER_ARRAY_RECORD, how many records make a chunk; only the last one may have
    /// fewer. 0 means the default, 1.
    pub group_size: u32,
    /// 1 if chunks are transposed, otherwise 0. With DISKY_DIALECT_RIEGELI only.
    pub transpose: u32,
    /// The size in bytes that the caller's chunks have, at most 1 GiB; what a bucket's size is
    /// relative to. 0 means the default, 1 MiB.
    pub chunk_size: u64,
    /// How large a bucket of a transposed chunk is, relative to the chunk size: 0.0, which is a
    /// bucket for each field, to 1.0. Ignored unless chunks are transposed.
    pub bucket_fraction: f64,
    /// A file that is continued is first padded to a multiple of so many bytes, at most 1 GiB; 0 or
    /// 1 for none. More with DISKY_DIALECT_RIEGELI only.
    pub initial_padding: u64,
    /// At each flush and at its end the file is padded to a multiple of so many bytes, at most
    /// 1 GiB; 0 or 1 for none. More with DISKY_DIALECT_RIEGELI only. With
    /// DISKY_CONTAINER_ARRAY_RECORD it is 0, 1 or 65536, and each chunk is padded.
    pub final_padding: u64,
    /// 1 if with DISKY_OPEN_APPEND a torn tail is cut off, 0 if it is an error.
    pub repair: u32,
    /// 1 if the file has a temporary name until disky_writer_finish, and is removed by
    /// disky_writer_free without it; otherwise 0. Not with DISKY_OPEN_APPEND.
    pub atomic_creation: u32,
    /// 1 if with DISKY_DIALECT_DISKY chunks are put where upstream disky's own reader takes them:
    /// it rejects some valid files. A chunk may then become two, and chunks without records may lie
    /// between. 0 if each chunk follows the one before. Ignored with DISKY_DIALECT_RIEGELI.
    pub upstream_compatibility: u32,
}

/// What was cut off the end of a file.
#[repr(C)]
pub struct disky_repair {
    /// Size of the file in bytes before.
    pub size_before: u64,
    /// Size of the file in bytes after: the end of its last whole chunk, or 0 if not even the file
    /// signature was whole.
    pub size_after: u64,
    /// Bytes of `message` in use.
    pub message_size: u32,
    /// 1 if the message was longer than what is in `message`, otherwise 0.
    pub truncated: u32,
    /// What was wrong from `size_after` on, in English, UTF-8, not terminated; without file name.
    pub message: [u8; DISKY_ERROR_MESSAGE_SIZE],
}

impl From<&Repair> for disky_repair {
    fn from(repair: &Repair) -> Self {
        let text = message(&repair.reason);
        Self {
            size_before: repair.size_before,
            size_after: repair.size_after,
            message_size: text.size,
            truncated: text.truncated,
            message: text.bytes,
        }
    }
}

/// Create the file; fail if it exists.
pub const DISKY_OPEN_CREATE_NEW: u32 = 0;
/// Create the file, or discard what it holds.
pub const DISKY_OPEN_OVERWRITE: u32 = 1;
/// Create the file, or continue it after its last record; fail if it is not intact, unless it can be
/// repaired and that is wanted.
pub const DISKY_OPEN_APPEND: u32 = 2;

/// Riegeli/records: chunks one after the other.
pub const DISKY_CONTAINER_RECORDS: u32 = 0;
/// ArrayRecord: chunks of one number of records, and an index of them at the end. With
/// DISKY_DIALECT_RIEGELI and not with DISKY_OPEN_APPEND.
pub const DISKY_CONTAINER_ARRAY_RECORD: u32 = 1;

/// No compression.
pub const DISKY_COMPRESSION_NONE: u32 = 0;
/// Compression with zstd.
pub const DISKY_COMPRESSION_ZSTD: u32 = 1;
/// Compression with brotli. With DISKY_DIALECT_RIEGELI only.
pub const DISKY_COMPRESSION_BROTLI: u32 = 2;
/// Compression with snappy. With DISKY_DIALECT_RIEGELI only.
pub const DISKY_COMPRESSION_SNAPPY: u32 = 3;

/// Opens the file at `path` for writing, locks it against other writers, and stores the writer in
/// `writer`. A new file gets `metadata`, a serialized RecordsMetadata message; none if that is null.
/// With DISKY_DIALECT_RIEGELI only.
///
/// Options that do not go together are DISKY_INVALID_ARGUMENT, and nothing is done to the file.
///
/// # Safety
///
/// `path` has `path_size` bytes and `metadata`, unless null, `metadata_size`; `options`, `writer` and
/// `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_open(
    path: *const u8,
    path_size: u64,
    options: *const disky_writer_options,
    metadata: *const u8,
    metadata_size: u64,
    writer: *mut *mut disky_writer,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(writer)?;
            let path = self::path(path, path_size)?;
            let options = load(options)?;
            let mode = open_mode(options.open_mode)?;
            let mut options = engine_options(&options)?;
            if !metadata.is_null() {
                options.metadata = Some(input(metadata, metadata_size)?.to_vec());
            }
            let engine = RecordWriter::open_as(&path, mode, &options, WriterSink::File)?;
            out.write(Handle::into_raw(engine).cast());
            Ok(DISKY_OK)
        })
    }
}

/// Opens a writer without a file, from which the caller takes what is written, and stores it in
/// `writer`. `metadata` is as for disky_writer_open. After each call that writes there are bytes for
/// disky_writer_take, from the beginning of the file on.
///
/// Such a file is always new: with DISKY_OPEN_APPEND, `repair` and `atomic_creation` it is
/// DISKY_INVALID_ARGUMENT. disky_writer_sync only writes padding: whoever takes the bytes sees to
/// that they last.
///
/// # Safety
///
/// `metadata` has, unless null, `metadata_size` bytes; `options`, `writer` and `error` point to what
/// their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_open_pulled(
    options: *const disky_writer_options,
    metadata: *const u8,
    metadata_size: u64,
    writer: *mut *mut disky_writer,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(writer)?;
            let options = load(options)?;
            let mode = open_mode(options.open_mode)?;
            let mut options = engine_options(&options)?;
            if mode == OpenMode::Append || options.repair || options.atomic_creation {
                return Err(Failure::invalid(
                    "only a file can be continued, repaired or created atomically, by its path",
                ));
            }
            if !metadata.is_null() {
                options.metadata = Some(input(metadata, metadata_size)?.to_vec());
            }
            let sink = WriterSink::Pulled(PulledSink::default());
            let engine = RecordWriter::new(sink, &options)?;
            out.write(Handle::into_raw(engine).cast());
            Ok(DISKY_OK)
        })
    }
}

/// Moves the next bytes of a writer without a file to `out`, at most `capacity`, and stores how many
/// in `size`; 0 when there are no others so far.
///
/// # Safety
///
/// `out` has the capacity stated, all of it initialised; `writer` is alive; `size` and `error` point
/// to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_take(
    writer: *mut disky_writer,
    out: *mut u8,
    capacity: u64,
    size: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let taken = place(size)?;
            let out = output(out, capacity)?;
            let found = Handle::enter(writer_handle(writer), |writer| {
                Ok(writer.sink_mut().pull()?.take(out))
            })?;
            taken.write(found as u64);
            Ok(DISKY_OK)
        })
    }
}

fn open_mode(mode: u32) -> Result<OpenMode, Failure> {
    match mode {
        DISKY_OPEN_CREATE_NEW => Ok(OpenMode::CreateNew),
        DISKY_OPEN_OVERWRITE => Ok(OpenMode::Overwrite),
        DISKY_OPEN_APPEND => Ok(OpenMode::Append),
        _ => Err(Failure::invalid("unknown open mode")),
    }
}

pub(crate) fn engine_options(options: &disky_writer_options) -> Result<WriterOptions, Failure> {
    Ok(WriterOptions {
        compression: compression(options)?,
        dialect: match options.dialect {
            DISKY_DIALECT_DISKY => Dialect::Disky,
            DISKY_DIALECT_RIEGELI => Dialect::Riegeli,
            _ => return Err(Failure::invalid("unknown dialect")),
        },
        chunk_size: match options.chunk_size {
            0 => WriterOptions::default().chunk_size,
            size => size,
        },
        container: match options.container {
            DISKY_CONTAINER_RECORDS => Container::Records,
            DISKY_CONTAINER_ARRAY_RECORD => Container::ArrayRecord,
            _ => return Err(Failure::invalid("unknown container")),
        },
        group_size: options.group_size.max(1),
        transpose: flag(options.transpose, "transpose is neither 0 nor 1")?,
        bucket_fraction: options.bucket_fraction,
        initial_padding: options.initial_padding.max(1),
        final_padding: options.final_padding.max(1),
        metadata: None,
        repair: flag(options.repair, "repair is neither 0 nor 1")?,
        atomic_creation: flag(
            options.atomic_creation,
            "atomic_creation is neither 0 nor 1",
        )?,
        upstream_compatibility: flag(
            options.upstream_compatibility,
            "upstream_compatibility is neither 0 nor 1",
        )?,
    })
}

fn flag(option: u32, otherwise: &str) -> Result<bool, Failure> {
    match option {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Failure::invalid(otherwise)),
    }
}

fn compression(options: &disky_writer_options) -> Result<Compression, Failure> {
    match options.compression {
        DISKY_COMPRESSION_NONE => Ok(Compression::None),
        DISKY_COMPRESSION_ZSTD => zstd(options),
        DISKY_COMPRESSION_BROTLI => brotli(options),
        DISKY_COMPRESSION_SNAPPY => Ok(Compression::Snappy),
        _ => Err(Failure::invalid("unknown compression")),
    }
}

fn zstd(options: &disky_writer_options) -> Result<Compression, Failure> {
    let zstd = Zstd::new(options.compression_level)?;
    Ok(Compression::Zstd(match options.window_log {
        0 => zstd,
        window_log => zstd.with_window_log(unsigned(window_log)?)?,
    }))
}

fn brotli(options: &disky_writer_options) -> Result<Compression, Failure> {
    let brotli = Brotli::new(unsigned(options.compression_level)?)?;
    Ok(Compression::Brotli(match options.window_log {
        0 => brotli,
        window_log => brotli.with_window_log(unsigned(window_log)?)?,
    }))
}

fn unsigned(option: i32) -> Result<u32, Failure> {
    u32::try_from(option).map_err(|_| Failure::invalid("a negative level or window"))
}

/// Writes one chunk of records, which lie one after the other in `data`, each up to its end in
/// `ends`; with `upstream_compatibility` they may become two. They are in the file when this
/// returns, so that others can read them. No records, no chunk. With DISKY_CONTAINER_ARRAY_RECORD every chunk but the last has as many records as a
/// group; another one is DISKY_INVALID_ARGUMENT and is not written.
///
/// A failure to write lasts: every later call repeats it.
///
/// # Safety
///
/// `data` has `data_size` bytes and `ends` has `ends_size` values that nobody writes during the
/// call; `writer` is alive; `error` points to what its type says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_write(
    writer: *mut disky_writer,
    data: *const u8,
    data_size: u64,
    ends: *const u64,
    ends_size: u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let data = input(data, data_size)?;
            let ends = input(ends, ends_size)?;
            Handle::enter(writer_handle(writer), |writer| {
                Ok(writer.write_batch(data, ends)?)
            })?;
            Ok(DISKY_OK)
        })
    }
}

/// Writes the padding that the options ask for at a flush; every chunk is in the file already.
///
/// # Safety
///
/// `writer` is alive; `error` points to what its type says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_flush(
    writer: *mut disky_writer,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            Handle::enter(writer_handle(writer), |writer| Ok(writer.flush()?))?;
            Ok(DISKY_OK)
        })
    }
}

/// Ends the file: writes padding if the options ask for it, and the index of an ArrayRecord; with
/// `atomic_creation` puts it on the disk and gives it its name. After this the writer can only be
/// freed. Without it a file has all its chunks but not these, or none at all with `atomic_creation`.
///
/// # Safety
///
/// `writer` is alive; `error` points to what its type says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_finish(
    writer: *mut disky_writer,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            Handle::enter(writer_handle(writer), |writer| Ok(writer.finish()?))?;
            Ok(DISKY_OK)
        })
    }
}

/// Flushes, and returns when every chunk written would outlive a power cut. DISKY_INVALID_ARGUMENT with
/// `atomic_creation`.
///
/// # Safety
///
/// `writer` is alive; `error` points to what its type says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_sync(
    writer: *mut disky_writer,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            Handle::enter(writer_handle(writer), |writer| Ok(writer.sync()?))?;
            Ok(DISKY_OK)
        })
    }
}

/// Tells what was cut off when the file was opened.
///
/// DISKY_OK: `repair` is written. DISKY_END: nothing was.
///
/// # Safety
///
/// `writer` is alive; `repair` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_repair(
    writer: *mut disky_writer,
    repair: *mut disky_repair,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(repair)?;
            let found = Handle::enter(writer_handle(writer), |writer| {
                Ok(writer.repair().map(disky_repair::from))
            })?;
            Ok(store(found, out))
        })
    }
}

/// Cuts the file at `path` at the end of its last whole chunk if its tail is torn, and puts that on
/// the disk. With `dry_run` 1 instead of 0 it only tells what would be cut.
///
/// DISKY_OK: the tail is torn, and `repair` is written. DISKY_END: the file is intact. Where a cut
/// would not mend the file the status says what is wrong; an ArrayRecord, which is never cut, is
/// DISKY_INVALID_ARGUMENT.
///
/// # Safety
///
/// `path` has `path_size` bytes; `repair` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_repair_file(
    path: *const u8,
    path_size: u64,
    dry_run: u32,
    repair: *mut disky_repair,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(repair)?;
            let path = self::path(path, path_size)?;
            let dry_run = flag(dry_run, "dry_run is neither 0 nor 1")?;
            let found = disky::repair(&path, dry_run)?;
            Ok(store(found.as_ref().map(disky_repair::from), out))
        })
    }
}

fn store(repair: Option<disky_repair>, out: &mut MaybeUninit<disky_repair>) -> disky_status {
    match repair {
        Some(repair) => {
            out.write(repair);
            DISKY_OK
        }
        None => DISKY_END,
    }
}

/// Stores the temporary name that a file with `atomic_creation` has until it is finished, as an
/// absolute path of `*path_size` bytes without a zero byte at the end, in `path`.
///
/// DISKY_OK: `path` and `path_size` are written. DISKY_NEED_MEMORY: only `path_size` is written,
/// because the path takes more than `capacity` bytes. DISKY_END: the file has its own name already,
/// and nothing is written.
///
/// # Safety
///
/// `path` has `capacity` bytes that nobody else uses during the call; `writer` is alive; `path_size`
/// and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_temporary_path(
    writer: *mut disky_writer,
    path: *mut u8,
    capacity: u64,
    path_size: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let size = place(path_size)?;
            let out = output(path, capacity)?;
            Handle::enter(writer_handle(writer), |writer| {
                let Some(path) = writer.sink_mut().temporary_path() else {
                    return Ok(DISKY_END);
                };
                let bytes = path_bytes(path)?;
                size.write(bytes.len() as u64);
                let Some(out) = out.get_mut(..bytes.len()) else {
                    return Ok(DISKY_NEED_MEMORY);
                };
                out.copy_from_slice(bytes);
                Ok(DISKY_OK)
            })
        })
    }
}

/// Stores the size of the file so far, in bytes, in `size`.
///
/// # Safety
///
/// `writer` is alive; `size` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_file_size(
    writer: *mut disky_writer,
    size: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(size)?;
            let found = Handle::enter(writer_handle(writer), |writer| Ok(writer.file_size()))?;
            out.write(found);
            Ok(DISKY_OK)
        })
    }
}

/// Stores where the records lie that this writer has written last: the position in bytes of their
/// chunk in `chunk_begin`, and how many records it has in `num_records`. That may be fewer than
/// were given to the call, with `upstream_compatibility`. DISKY_END: it has written none.
///
/// # Safety
///
/// `writer` is alive; `chunk_begin`, `num_records` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_last_chunk(
    writer: *mut disky_writer,
    chunk_begin: *mut u64,
    num_records: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let (begin, records) = (place(chunk_begin)?, place(num_records)?);
            let found = Handle::enter(writer_handle(writer), |writer| Ok(writer.last_chunk()))?;
            let Some(last) = found else {
                return Ok(DISKY_END);
            };
            begin.write(last.begin);
            records.write(last.records);
            Ok(DISKY_OK)
        })
    }
}

/// Promises where the first `num_records` records of the next chunk, of `size` bytes together, will
/// be: in a chunk at the position in bytes that is stored in `chunk_begin`, in order.
///
/// DISKY_END: with `upstream_compatibility` that depends on records that are not known yet. If these
/// are written as a chunk, disky_writer_last_chunk tells where the last of them is.
///
/// # Safety
///
/// `writer` is alive; `chunk_begin` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_promise_next_chunk(
    writer: *mut disky_writer,
    num_records: u64,
    size: u64,
    chunk_begin: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(chunk_begin)?;
            let found = Handle::enter(writer_handle(writer), |writer| {
                Ok(writer.promise_next_chunk(num_records, size))
            })?;
            let Some(begin) = found else {
                return Ok(DISKY_END);
            };
            out.write(begin);
            Ok(DISKY_OK)
        })
    }
}

/// Closes the file, unlocks it, and frees the writer, which is not used again. Null is fine. A file that
/// is created atomically and was not finished is removed.
/// DISKY_BUSY: a call is using the writer, and nothing was freed.
///
/// # Safety
///
/// `writer` is null or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_free(writer: *mut disky_writer) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(std::ptr::null_mut(), || {
            Handle::free(writer_handle(writer))?;
            Ok(DISKY_OK)
        })
    }
}

pub(crate) fn writer_handle(writer: *mut disky_writer) -> *mut Handle<RecordWriter<WriterSink>> {
    writer.cast()
}
