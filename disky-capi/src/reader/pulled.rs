//! Readers without a file: the caller brings the bytes.

use super::options::{disky_reader_options, engine_options};
use super::{Reader, disky_reader};
use crate::boundary::{call, input, load, place};
use crate::error::{Failure, disky_error};
use crate::handle::{Handle, call_on};
use crate::option::flag;
use crate::reader_source::ReaderSource;
use crate::status::{DISKY_END, DISKY_OK, disky_status};
use disky::RecordReader;

/// Opens a reader without a file, to which the caller brings `source_size` bytes; UINT64_MAX if it
/// is not known how many these are, as in a stream. Any call on the reader may be
/// DISKY_NEED_BYTES. Bytes of a stream are needed in order, and so nothing can be asked for that
/// lies before the reader's position: that is DISKY_IO. Those of a known size are needed in any
/// order, and again; they are the same each time.
///
/// The reader keeps a copy of what a call needs until it has got it: at most twice
/// `max_chunk_size` and 16 MiB, beyond which it is DISKY_TOO_LARGE. With DISKY_CORRUPTION_RECOVER
/// that is what of a stream may lie behind the first damage, and how large a damaged part of
/// another source may be. Not with `tail`.
///
/// # Safety
///
/// `options`, `reader` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_open_pulled(
    source_size: u64,
    options: *const disky_reader_options,
    reader: *mut *mut disky_reader,
    error: *mut disky_error,
) -> disky_status {
    let body = || {
        // SAFETY: `reader` points to what its type says, as the caller vouches, or is refused.
        let out = unsafe { place(reader) }?;
        // SAFETY: `options` points to what its type says, as the caller vouches, or is refused.
        let options = unsafe { load(options) }?;
        let options = engine_options(&options)?;
        if options.tail {
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
    /// Position of the first one.
    pub offset: u64,
    /// How many are needed before the call gets any further, at least 1.
    pub size: u64,
    /// How many are likely to be of use, at least `size`.
    pub welcome: u64,
}

/// Says which bytes the call needs that was DISKY_NEED_BYTES.
///
/// DISKY_OK: `need` is written. DISKY_END: they were supplied.
///
/// # Safety
///
/// `reader` is alive; `need` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_need(
    reader: *mut disky_reader,
    need: *mut disky_need,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: `need` points to what its type says, as the caller vouches, or is refused.
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

/// Copies `size` bytes, those at `offset` of the source, into the reader; fewer than it needs, or
/// more. `at_end` is 1 if none follow, else 0. Where bytes do not belong there it is
/// DISKY_INVALID_ARGUMENT.
///
/// # Safety
///
/// `bytes` has `size` bytes that nobody writes during the call; `reader` is alive; `error` points to
/// what its type says.
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
        // SAFETY: the caller vouches for the bytes and values at `bytes`, which nobody writes during the call.
        let bytes = unsafe { input(bytes, size) }?;
        let at_end = flag(at_end, "at_end")?;
        reader.source_mut().pull()?.supply(offset, bytes, at_end)?;
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}
