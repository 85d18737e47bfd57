//! Writes chunks, and makes them last.

use super::{Writer, disky_writer};
use crate::boundary::{input, place};
use crate::error::disky_error;
use crate::handle::call_on;
use crate::status::{DISKY_END, DISKY_OK, disky_status};

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
    let body = |writer: &mut Writer| {
        // SAFETY: the caller vouches for the bytes and values at `data`, which nobody writes during the call.
        let data = unsafe { input(data, data_size) }?;
        // SAFETY: the caller vouches for the bytes and values at `ends`, which nobody writes during the call.
        let ends = unsafe { input(ends, ends_size) }?;
        writer.write_batch(data, ends)?;
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `writer` is alive, and for `error`.
    unsafe { call_on(writer, error, body) }
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
    let body = |writer: &mut Writer| {
        writer.flush()?;
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `writer` is alive, and for `error`.
    unsafe { call_on(writer, error, body) }
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
    let body = |writer: &mut Writer| {
        writer.finish()?;
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `writer` is alive, and for `error`.
    unsafe { call_on(writer, error, body) }
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
    let body = |writer: &mut Writer| {
        writer.sync()?;
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `writer` is alive, and for `error`.
    unsafe { call_on(writer, error, body) }
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
    let body = |writer: &mut Writer| {
        // SAFETY: `chunk_begin` points to what its type says, as the caller vouches, or is refused.
        let begin = unsafe { place(chunk_begin) }?;
        // SAFETY: `num_records` points to what its type says, as the caller vouches, or is refused.
        let records = unsafe { place(num_records) }?;
        let found = writer.last_chunk();
        let Some(last) = found else {
            return Ok(DISKY_END);
        };
        begin.write(last.begin);
        records.write(last.records);
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `writer` is alive, and for `error`.
    unsafe { call_on(writer, error, body) }
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
    let body = |writer: &mut Writer| {
        // SAFETY: `chunk_begin` points to what its type says, as the caller vouches, or is refused.
        let out = unsafe { place(chunk_begin) }?;
        let found = writer.promise_next_chunk(num_records, size);
        let Some(begin) = found else {
            return Ok(DISKY_END);
        };
        out.write(begin);
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `writer` is alive, and for `error`.
    unsafe { call_on(writer, error, body) }
}
