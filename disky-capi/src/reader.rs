//! `disky_reader`: reads the records of a file.

mod batches;
mod chunks;
mod description;
mod notices;
mod options;
mod picked;
mod pulled;
mod skipped_regions;

pub use batches::*;
pub use chunks::*;
pub use description::*;
pub use notices::*;
pub use options::*;
pub use picked::*;
pub use pulled::*;
pub use skipped_regions::*;

use crate::boundary::call;
use crate::boundary::{load, place};
use crate::error::disky_error;
use crate::handle::{Handle, Object, call_on, free};
use crate::path::path;
use crate::reader_source::ReaderSource;
use crate::status::{DISKY_OK, disky_status};
use disky::{FileSource, RecordReader};
use options::engine_options;

/// Reads the records of a file in order, a chunk at a time.
pub struct disky_reader {
    // A pointer to a `disky_reader` points to a `Handle<Reader>`.
    _opaque: [u8; 0],
}

/// The engine's type for a `disky_reader`.
pub(crate) type Reader = RecordReader<ReaderSource>;

impl Object for disky_reader {
    type Engine = Reader;
}

/// Opens the file at `path` for reading, and stores the reader in `reader` and the size of the file
/// in bytes in `file_size`. Reads none of its contents yet. The reader finds bytes that are appended
/// later only with `follow`.
///
/// # Safety
///
/// `path` has `path_size` bytes; `options`, `reader`, `file_size` and `error` point to valid memory
/// of their types; the `projection` of `options` is null or has `projection_size` values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_open(
    path: *const u8,
    path_size: u64,
    options: *const disky_reader_options,
    reader: *mut *mut disky_reader,
    file_size: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = || {
        // SAFETY: the caller vouches that `reader` is null or valid memory of its type; null is refused.
        let out = unsafe { place(reader) }?;
        // SAFETY: the caller vouches that `file_size` is null or valid memory of its type; null is refused.
        let size = unsafe { place(file_size) }?;
        // SAFETY: the caller vouches for the bytes at `path`.
        let path = unsafe { self::path(path, path_size) }?;
        // SAFETY: the caller vouches that `options` is null or valid memory of its type; null is refused.
        let options = unsafe { load(options) }?;
        // SAFETY: the caller vouches for the memory to which the options point.
        let options = unsafe { engine_options(&options) }?;
        options.check()?;
        let source = FileSource::open_for(&path, options.access_pattern)?;
        let source = ReaderSource::File(source);
        let engine = RecordReader::new(source, options);
        size.write(engine.size());
        out.write(Handle::into_raw(engine).cast());
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { call(error, body) }
}

/// Stores in `shared` a new reader of the same open file, at its beginning, with the same limits
/// and projection, and DISKY_CORRUPTION_ERROR. The two readers are used and freed independently, also by different
/// threads. If the caller supplies the bytes of `reader`, it also supplies those of the new reader.
///
/// DISKY_INVALID_ARGUMENT: the reader reads a stream.
///
/// # Safety
///
/// `reader` is alive; `shared` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_share(
    reader: *mut disky_reader,
    shared: *mut *mut disky_reader,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `shared` is null or valid memory of its type; null is refused.
        let out = unsafe { place(shared) }?;
        let source = reader.source().share()?;
        let engine = reader.alike(source);
        out.write(Handle::into_raw(engine).cast());
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// Closes the file and frees the reader, which must not be used again. Null is allowed and does
/// nothing.
///
/// DISKY_BUSY: another call is using the reader, and nothing was freed.
///
/// # Safety
///
/// `reader` is null or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_free(reader: *mut disky_reader) -> disky_status {
    // SAFETY: the caller vouches that `reader` is null or alive, and does not use it again.
    unsafe { free(reader) }
}
