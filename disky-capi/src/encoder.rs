//! `disky_encoder`: encodes chunks for a writer, on other threads than the writer's.

use crate::boundary::{call, input, load, place};
use crate::error::disky_error;
use crate::handle::{Handle, Object, call_on, enter, free};
use crate::status::{DISKY_OK, disky_status};
use crate::writer::{Writer, disky_writer, disky_writer_options, engine_options};
use disky::Encoder;

/// Encodes chunks, one at a time.
pub struct disky_encoder {
    // A pointer to a `disky_encoder` points to a `Handle<Encoder>`.
    _opaque: [u8; 0],
}

impl Object for disky_encoder {
    type Engine = Encoder;
}

/// Opens an encoder for writers with these `options`, and stores it in `encoder`. Options about
/// opening a file have no effect.
///
/// DISKY_INVALID_ARGUMENT: the options cannot be combined.
///
/// # Safety
///
/// `options`, `encoder` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_encoder_open(
    options: *const disky_writer_options,
    encoder: *mut *mut disky_encoder,
    error: *mut disky_error,
) -> disky_status {
    let body = || {
        // SAFETY: the caller vouches that `encoder` is null or valid memory of its type; null is refused.
        let out = unsafe { place(encoder) }?;
        // SAFETY: the caller vouches that `options` is null or valid memory of its type; null is refused.
        let options = unsafe { load(options) }?;
        let options = engine_options(&options)?;
        let engine = Encoder::new(&options)?;
        out.write(Handle::into_raw(engine).cast());
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { call(error, body) }
}

/// Encodes a chunk of records. The records lie one after the other in `data`; `ends` has the end of
/// each. The encoder keeps the chunk until disky_writer_write_encoded has written it, or until it
/// encodes another one. If both are empty, the call succeeds and the encoder keeps no chunk.
///
/// # Safety
///
/// `data` has `data_size` bytes and `ends` has `ends_size` values that nobody writes during the
/// call; `encoder` is alive; `error` points to valid memory of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_encoder_encode(
    encoder: *mut disky_encoder,
    data: *const u8,
    data_size: u64,
    ends: *const u64,
    ends_size: u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |encoder: &mut Encoder| {
        // SAFETY: the caller vouches for the bytes and values at `data`, which nobody writes during
        // the call.
        let data = unsafe { input(data, data_size) }?;
        // SAFETY: the caller vouches for the bytes and values at `ends`, which nobody writes during
        // the call.
        let ends = unsafe { input(ends, ends_size) }?;
        encoder.encode(data, ends)?;
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `encoder` is alive, and for `error`.
    unsafe { call_on(encoder, error, body) }
}

/// Writes the chunk that `encoder` keeps; the file is the same as if disky_writer_write had written
/// its records. `data` must be the same bytes as those that were encoded: uncompressed values are
/// written from there. Afterwards the encoder keeps no chunk. If it keeps none, nothing is written.
///
/// DISKY_INVALID_ARGUMENT: the encoder has other options, or `data` has another size; nothing was
/// written. After a failure to write, every later call on the writer fails in the same way, and the
/// encoder keeps its chunk.
///
/// # Safety
///
/// `data` has `data_size` bytes that nobody writes during the call; `writer` and `encoder` are
/// alive; `error` points to valid memory of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_write_encoded(
    writer: *mut disky_writer,
    encoder: *mut disky_encoder,
    data: *const u8,
    data_size: u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |writer: &mut Writer| {
        // SAFETY: the caller vouches for the bytes and values at `data`, which nobody writes during
        // the call.
        let data = unsafe { input(data, data_size) }?;
        let write = |encoder: &mut Encoder| {
            writer.write_encoded(encoder, data)?;
            Ok(DISKY_OK)
        };
        // SAFETY: the caller vouches that `encoder` is alive.
        unsafe { enter(encoder, write) }
    };
    // SAFETY: the caller vouches that `writer` is alive, and for `error`.
    unsafe { call_on(writer, error, body) }
}

/// Frees the encoder, which must not be used again, and the chunk that it keeps. Null is allowed
/// and does nothing.
///
/// DISKY_BUSY: another call is using the encoder, and nothing was freed.
///
/// # Safety
///
/// `encoder` is null or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_encoder_free(encoder: *mut disky_encoder) -> disky_status {
    // SAFETY: the caller vouches that `encoder` is null or alive, and does not use it again.
    unsafe { free(encoder) }
}
