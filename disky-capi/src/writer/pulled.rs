//! Writers without a file: the caller takes the bytes.

use super::options::{disky_writer_options, engine_options, file_metadata, open_mode};
use super::{Writer, disky_writer};
use crate::boundary::{call, load, output, place};
use crate::error::{Failure, disky_error};
use crate::handle::{Handle, call_on};
use crate::status::{DISKY_OK, disky_status};
use crate::writer_sink::WriterSink;
use disky::{OpenMode, PulledSink, RecordWriter};

/// Opens a writer without a file, from which the caller takes the written bytes, and stores it in
/// `writer`. `metadata` is as for disky_writer_open. After each call that writes, disky_writer_take
/// returns the new bytes, from the beginning of the file on.
///
/// The file is always new: DISKY_OPEN_APPEND, `repair` and `atomic_creation` are
/// DISKY_INVALID_ARGUMENT. disky_writer_sync only writes padding; the caller makes the bytes
/// durable.
///
/// # Safety
///
/// `metadata` is null or has `metadata_size` bytes; `options`, `writer` and `error` point to valid
/// memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_open_pulled(
    options: *const disky_writer_options,
    metadata: *const u8,
    metadata_size: u64,
    writer: *mut *mut disky_writer,
    error: *mut disky_error,
) -> disky_status {
    let body = || {
        // SAFETY: the caller vouches that `writer` is null or valid memory of its type; null is refused.
        let out = unsafe { place(writer) }?;
        // SAFETY: the caller vouches that `options` is null or valid memory of its type; null is refused.
        let options = unsafe { load(options) }?;
        let mode = open_mode(options.open_mode)?;
        let mut options = engine_options(&options)?;
        if mode == OpenMode::Append || options.repair || options.atomic_creation {
            return Err(Failure::invalid(
                "only a file can be continued, repaired or created atomically, by its path",
            ));
        }
        // SAFETY: the caller vouches for the bytes at `metadata`, which nobody writes during the
        // call.
        options.metadata = unsafe { file_metadata(metadata, metadata_size) }?;
        let sink = WriterSink::Pulled(PulledSink::default());
        let engine = RecordWriter::new(sink, &options)?;
        out.write(Handle::into_raw(engine).cast());
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { call(error, body) }
}

/// Moves the next bytes of a writer without a file to `out`, at most `capacity`, and stores their
/// number in `size`; 0 if there are no bytes to take now.
///
/// # Safety
///
/// `out` has the stated capacity and is initialised; `writer` is alive; `size` and `error` point to
/// valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_take(
    writer: *mut disky_writer,
    out: *mut u8,
    capacity: u64,
    size: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    let body = |writer: &mut Writer| {
        // SAFETY: the caller vouches that `size` is null or valid memory of its type; null is refused.
        let taken = unsafe { place(size) }?;
        // SAFETY: the caller vouches for the memory at `out`, which nobody else uses during the
        // call.
        let out = unsafe { output(out, capacity) }?;
        let found = writer.sink_mut().pull()?.take(out);
        taken.write(found as u64);
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `writer` is alive, and for `error`.
    unsafe { call_on(writer, error, body) }
}
