//! `disky_writer`: writes records to a file.

mod chunks;
mod options;
mod pulled;
mod repair;

pub use chunks::*;
pub use options::*;
pub use pulled::*;
pub use repair::*;

pub(crate) use options::engine_options;

use crate::boundary::{call, load, output, place};
use crate::error::disky_error;
use crate::handle::{Handle, Object, call_on, free};
use crate::path::{bytes as path_bytes, path};
use crate::status::{DISKY_END, DISKY_NEED_MEMORY, DISKY_OK, disky_status};
use crate::writer_sink::WriterSink;
use disky::RecordWriter;
use options::{file_metadata, open_mode};

/// Writes records to a file, a chunk at a time.
pub struct disky_writer {
    // A pointer to a `disky_writer` points to a `Handle<Writer>`.
    _opaque: [u8; 0],
}

/// The engine's type for a `disky_writer`.
pub(crate) type Writer = RecordWriter<WriterSink>;

impl Object for disky_writer {
    type Engine = Writer;
}

/// Opens the file at `path` for writing, locks it against other writers, and stores the writer in
/// `writer`. A new file gets `metadata`, a serialized RecordsMetadata message, unless the pointer
/// is null. Metadata require DISKY_DIALECT_RIEGELI.
///
/// DISKY_INVALID_ARGUMENT: the options cannot be combined; the file was not touched.
///
/// # Safety
///
/// `path` has `path_size` bytes; `metadata` is null or has `metadata_size` bytes; `options`,
/// `writer` and `error` point to valid memory of their types.
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
    let body = || {
        // SAFETY: the caller vouches that `writer` is null or valid memory of its type; null is refused.
        let out = unsafe { place(writer) }?;
        // SAFETY: the caller vouches for the bytes at `path`.
        let path = unsafe { self::path(path, path_size) }?;
        // SAFETY: the caller vouches that `options` is null or valid memory of its type; null is refused.
        let options = unsafe { load(options) }?;
        let mode = open_mode(options.open_mode)?;
        let mut options = engine_options(&options)?;
        // SAFETY: the caller vouches for the bytes at `metadata`, which nobody writes during the
        // call.
        options.metadata = unsafe { file_metadata(metadata, metadata_size) }?;
        let engine = RecordWriter::open_as(&path, mode, &options, WriterSink::File)?;
        out.write(Handle::into_raw(engine).cast());
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { call(error, body) }
}

/// Stores the size of the file in bytes in `size`, as it is after disky_writer_flush without padding.
///
/// # Safety
///
/// `writer` is alive; `size` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_file_size(
    writer: *mut disky_writer,
    size: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |writer: &mut Writer| {
        // SAFETY: the caller vouches that `size` is null or valid memory of its type; null is refused.
        let out = unsafe { place(size) }?;
        let found = writer.file_size();
        out.write(found);
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `writer` is alive, and for `error`.
    unsafe { call_on(writer, error, body) }
}

/// Stores in `path` the temporary name that a file with `atomic_creation` has until it is finished:
/// an absolute path of `*path_size` bytes, not terminated.
///
/// DISKY_OK: `path` and `path_size` are written. DISKY_NEED_MEMORY: only `path_size` is written,
/// because the path has more than `capacity` bytes. DISKY_END: the file has its own name already,
/// and nothing is written.
///
/// # Safety
///
/// `path` has `capacity` bytes that nobody else uses during the call; `writer` is alive;
/// `path_size` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_temporary_path(
    writer: *mut disky_writer,
    path: *mut u8,
    capacity: u64,
    path_size: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |writer: &mut Writer| {
        // SAFETY: the caller vouches that `path_size` is null or valid memory of its type; null is refused.
        let size = unsafe { place(path_size) }?;
        // SAFETY: the caller vouches for the memory at `path`, which nobody else uses during the
        // call.
        let out = unsafe { output(path, capacity) }?;
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
    };
    // SAFETY: the caller vouches that `writer` is alive, and for `error`.
    unsafe { call_on(writer, error, body) }
}

/// Closes the file, unlocks it, and frees the writer, which must not be used again. Null is allowed
/// and does nothing. A file that is created atomically and was not finished is removed.
///
/// DISKY_BUSY: another call is using the writer, and nothing was freed.
///
/// # Safety
///
/// `writer` is null or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_free(writer: *mut disky_writer) -> disky_status {
    // SAFETY: the caller vouches that `writer` is null or alive, and does not use it again.
    unsafe { free(writer) }
}
