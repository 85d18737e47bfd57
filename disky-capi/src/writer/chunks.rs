//! Writes chunks and makes them durable.

use super::{Writer, disky_writer};
use crate::boundary::{input, place};
use crate::error::disky_error;
use crate::handle::call_on;
use crate::status::{DISKY_END, DISKY_OK, disky_status};

/// Writes one chunk of records. The records lie one after the other in `data`; `ends` has the end
/// of each. With `upstream_compatibility` they may become two chunks. When the call returns, the
/// records are in the file, and others can read them; but groups of an ArrayRecord that take up to
/// 32 KiB of the file are written together, at the latest by disky_writer_flush, _sync, _finish or
/// _free, or when they take 256 KiB. Without records nothing is written.
///
/// DISKY_INVALID_ARGUMENT: with DISKY_CONTAINER_ARRAY_RECORD, the chunk does not have as many
/// records as a group, or a chunk follows one that has fewer; nothing was written. After a failure
/// to write, every later call fails in the same way.
///
/// # Safety
///
/// `data` has `data_size` bytes and `ends` has `ends_size` values that nobody writes during the
/// call; `writer` is alive; `error` points to valid memory of its type.
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
        // SAFETY: the caller vouches for the bytes and values at `data`, which nobody writes during
        // the call.
        let data = unsafe { input(data, data_size) }?;
        // SAFETY: the caller vouches for the bytes and values at `ends`, which nobody writes during
        // the call.
        let ends = unsafe { input(ends, ends_size) }?;
        writer.write_batch(data, ends)?;
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `writer` is alive, and for `error`.
    unsafe { call_on(writer, error, body) }
}

/// Writes the groups of an ArrayRecord that are not yet in the file, and the padding that the
/// options require at a flush.
///
/// # Safety
///
/// `writer` is alive; `error` points to valid memory of its type.
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

/// Ends the file: writes the padding that the options require, and the index of an ArrayRecord.
/// With `atomic_creation` it also makes the file durable and gives it its name. After this the
/// writer can only be freed. A file that was not finished has all its chunks but neither padding
/// nor index; with `atomic_creation` it does not exist.
///
/// # Safety
///
/// `writer` is alive; `error` points to valid memory of its type.
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

/// Flushes, and returns after all written chunks are durable: they survive a power failure.
/// DISKY_INVALID_ARGUMENT with `atomic_creation`.
///
/// # Safety
///
/// `writer` is alive; `error` points to valid memory of its type.
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

/// Stores where the last records lie that this writer has written: the position of their chunk in
/// bytes in `chunk_begin`, and the number of records in the chunk in `num_records`. With
/// `upstream_compatibility` this may be less than the number of records in the call.
///
/// DISKY_END: the writer has written no records.
///
/// # Safety
///
/// `writer` is alive; `chunk_begin`, `num_records` and `error` point to valid memory of their
/// types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_last_chunk(
    writer: *mut disky_writer,
    chunk_begin: *mut u64,
    num_records: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |writer: &mut Writer| {
        // SAFETY: the caller vouches that `chunk_begin` is null or valid memory of its type; null is refused.
        let begin = unsafe { place(chunk_begin) }?;
        // SAFETY: the caller vouches that `num_records` is null or valid memory of its type; null is refused.
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

/// Stores in `chunk_begin` the position, in bytes, of the chunk that will contain the first
/// `num_records` records of the next chunk, of `size` bytes in total.
///
/// DISKY_END: with `upstream_compatibility` the position depends on records that are not known yet.
/// After writing them as a chunk, disky_writer_last_chunk returns the position of the last ones.
///
/// # Safety
///
/// `writer` is alive; `chunk_begin` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_promise_next_chunk(
    writer: *mut disky_writer,
    num_records: u64,
    size: u64,
    chunk_begin: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |writer: &mut Writer| {
        // SAFETY: the caller vouches that `chunk_begin` is null or valid memory of its type; null is refused.
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
