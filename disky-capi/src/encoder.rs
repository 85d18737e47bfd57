//! `disky_encoder`: encodes chunks for a writer, on other threads than it.

use crate::boundary::{call, input, load, place};
use crate::error::disky_error;
use crate::handle::Handle;
use crate::status::{DISKY_OK, disky_status};
use crate::writer::{disky_writer, disky_writer_options, engine_options, writer_handle};
use disky::Encoder;

/// Encodes chunks, one at a time.
pub struct disky_encoder {
    // Behind a pointer to it is a `Handle<Encoder>`.
    _opaque: [u8; 0],
}

/// Makes an encoder for writers with these `options`, and stores it in `encoder`. What they say of
/// opening a file is not looked at.
///
/// Options that do not go together are DISKY_INVALID_ARGUMENT.
///
/// # Safety
///
/// `options`, `encoder` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_encoder_open(
    options: *const disky_writer_options,
    encoder: *mut *mut disky_encoder,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(encoder)?;
            let options = engine_options(&load(options)?)?;
            let engine = Encoder::new(&options)?;
            out.write(Handle::into_raw(engine).cast());
            Ok(DISKY_OK)
        })
    }
}

/// Encodes a chunk of records, which lie one after the other in `data`, each up to its end in `ends`.
/// The encoder keeps it until disky_writer_write_encoded has written it, or another one is encoded.
/// No records, no chunk.
///
/// # Safety
///
/// `data` has `data_size` bytes and `ends` has `ends_size` values that nobody writes during the
/// call; `encoder` is alive; `error` points to what its type says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_encoder_encode(
    encoder: *mut disky_encoder,
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
            Handle::enter(handle(encoder), |encoder| Ok(encoder.encode(data, ends)?))?;
            Ok(DISKY_OK)
        })
    }
}

/// Writes the chunk that `encoder` holds, as disky_writer_write would write its records: the file is
/// the same. `data` are the same bytes as when it was encoded; what is not compressed is written from
/// there. No chunk, nothing is written. Afterwards the encoder holds none.
///
/// An encoder with other options, or data of another size, is DISKY_INVALID_ARGUMENT, and nothing is
/// written. A failure to write lasts: every later call repeats it; the encoder keeps its chunk.
///
/// # Safety
///
/// `data` has `data_size` bytes that nobody writes during the call; `writer` and `encoder` are
/// alive; `error` points to what its type says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_write_encoded(
    writer: *mut disky_writer,
    encoder: *mut disky_encoder,
    data: *const u8,
    data_size: u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let data = input(data, data_size)?;
            Handle::enter(writer_handle(writer), |writer| {
                Handle::enter(handle(encoder), |encoder| {
                    Ok(writer.write_encoded(encoder, data)?)
                })
            })?;
            Ok(DISKY_OK)
        })
    }
}

/// Frees the encoder, which is not used again, and the chunk that it may hold. Null is fine.
/// DISKY_BUSY: a call is using the encoder, and nothing was freed.
///
/// # Safety
///
/// `encoder` is null or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_encoder_free(encoder: *mut disky_encoder) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(std::ptr::null_mut(), || {
            Handle::free(handle(encoder))?;
            Ok(DISKY_OK)
        })
    }
}

fn handle(encoder: *mut disky_encoder) -> *mut Handle<Encoder> {
    encoder.cast()
}
