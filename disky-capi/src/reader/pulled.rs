//! Readers without a file: the caller supplies the bytes.

use super::options::{disky_reader_options, engine_options};
use super::{Reader, disky_reader};
use crate::boundary::{call, input, load, place};
use crate::error::{Failure, disky_error};
use crate::handle::{Handle, call_on};
use crate::option::flag;
use crate::reader_source::ReaderSource;
use crate::status::{DISKY_END, DISKY_OK, disky_status};
use disky::RecordReader;

/// Opens a reader without a file, to which the caller supplies `source_size` bytes; UINT64_MAX if
/// their number is unknown, as in a stream. Any call on the reader may return DISKY_NEED_BYTES. The
/// reader needs the bytes of a stream in order; a call that needs earlier ones is DISKY_IO. It
/// needs bytes of a known size in any order, and may need them again; they must be the same each
/// time.
///
/// The reader keeps a copy of the bytes that a call needs until the call is complete: at most twice
/// `max_chunk_size` and 16 MiB. A call that needs more is DISKY_TOO_LARGE. With
/// DISKY_CORRUPTION_RECOVER this limits the part of a stream after the first damage, and the size
/// of a damaged part of another source. `follow` is not allowed.
///
/// # Safety
///
/// `options`, `reader` and `error` point to valid memory of their types; the `projection` of `options` is
/// null or has `projection_size` values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_open_pulled(
    source_size: u64,
    options: *const disky_reader_options,
    reader: *mut *mut disky_reader,
    error: *mut disky_error,
) -> disky_status {
    let body = || {
        // SAFETY: the caller vouches that `reader` is null or valid memory of its type; null is refused.
        let out = unsafe { place(reader) }?;
        // SAFETY: the caller vouches that `options` is null or valid memory of its type; null is refused.
        let options = unsafe { load(options) }?;
        // SAFETY: the caller vouches for the memory to which the options point.
        let options = unsafe { engine_options(&options) }?;
        if options.follow {
            return Err(Failure::invalid(
                "only a file that grows can be followed, by its path",
            ));
        }
        let source = ReaderSource::pulled(source_size, options.limits.max_chunk_size);
        let engine = RecordReader::new(source, options);
        out.write(Handle::into_raw(engine).cast());
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { call(error, body) }
}

/// Which bytes a reader needs.
#[repr(C)]
pub struct disky_need {
    /// Position of the first needed byte.
    pub offset: u64,
    /// Number of bytes without which the call cannot continue, at least 1.
    pub size: u64,
    /// Number of bytes that are likely to be useful, at least `size`.
    pub welcome: u64,
}

/// Stores in `need` the bytes that the last call, which returned DISKY_NEED_BYTES, needs.
///
/// DISKY_OK: `need` is written. DISKY_END: the bytes were supplied already.
///
/// # Safety
///
/// `reader` is alive; `need` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_need(
    reader: *mut disky_reader,
    need: *mut disky_need,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `need` is null or valid memory of its type; null is refused.
        let out = unsafe { place(need) }?;
        let found = reader.source_mut().pull()?.need();
        let Some(found) = found else {
            return Ok(DISKY_END);
        };
        out.write(disky_need {
            offset: found.offset,
            size: found.size,
            welcome: found.welcome,
        });
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

/// Copies `size` bytes at position `offset` of the source into the reader. They may be fewer or
/// more than the reader needs. `at_end` is 1 if no bytes follow them, otherwise 0.
///
/// DISKY_INVALID_ARGUMENT: the bytes of a stream do not follow those supplied before, or the bytes
/// lie beyond the end of the source.
///
/// # Safety
///
/// `bytes` has `size` bytes that nobody writes during the call; `reader` is alive; `error` points
/// to valid memory of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_supply(
    reader: *mut disky_reader,
    offset: u64,
    bytes: *const u8,
    size: u64,
    at_end: u32,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches for the bytes and values at `bytes`, which nobody writes
        // during the call.
        let bytes = unsafe { input(bytes, size) }?;
        let at_end = flag(at_end, "at_end")?;
        reader.source_mut().pull()?.supply(offset, bytes, at_end)?;
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}
