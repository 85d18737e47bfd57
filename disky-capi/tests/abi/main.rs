//! The C ABI as a C program would use it, well and badly.
#![allow(clippy::unwrap_used, unreachable_pub)]

mod arrow;
mod batches;
mod chunks;
mod encoder;
mod failures;
mod options;
mod picked;
mod projection;
mod pulled_reader;
mod pulled_writer;
mod repair;
mod temporary_name;

use disky_capi::*;
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, Ordering};

fn no_error() -> disky_error {
    disky_error {
        status: 0,
        os_error: 0,
        position: 0,
        size: 0,
        limit: 0,
        message_size: 0,
        truncated: 0,
        message: [0; DISKY_ERROR_MESSAGE_SIZE],
    }
}

fn message(error: &disky_error) -> &str {
    std::str::from_utf8(&error.message[..error.message_size as usize]).unwrap()
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

fn write_options(open_mode: u32) -> disky_writer_options {
    disky_writer_options {
        open_mode,
        compression: DISKY_COMPRESSION_ZSTD,
        compression_level: 3,
        dialect: DISKY_DIALECT_DISKY,
        window_log: 0,
        container: DISKY_CONTAINER_RECORDS,
        group_size: 0,
        transpose: 0,
        chunk_size: 0,
        bucket_fraction: 1.0,
        initial_padding: 0,
        final_padding: 0,
        repair: 0,
        atomic_creation: 0,
        upstream_compatibility: 1,
    }
}

/// Opens a writer; the status, the writer and the account.
fn open_writer(
    path: &Path,
    options: &disky_writer_options,
) -> (disky_status, *mut disky_writer, disky_error) {
    open_writer_with_metadata(path, options, None)
}

fn open_writer_with_metadata(
    path: &Path,
    options: &disky_writer_options,
    metadata: Option<&[u8]>,
) -> (disky_status, *mut disky_writer, disky_error) {
    let (mut writer, mut error) = (null_mut(), no_error());
    let path = bytes(path);
    // SAFETY: every pointer is to a value that lives through the call.
    let status = unsafe {
        disky_writer_open(
            path.as_ptr(),
            path.len() as u64,
            options,
            metadata.map_or(null(), <[u8]>::as_ptr),
            metadata.map_or(0, <[u8]>::len) as u64,
            &mut writer,
            &mut error,
        )
    };
    (status, writer, error)
}

const READER_OPTIONS: disky_reader_options = disky_reader_options {
    max_chunk_size: 0,
    max_record_size: 0,
    max_records_per_chunk: 0,
    corruption_strategy: DISKY_CORRUPTION_ERROR,
    without_scan: 0,
    follow: 0,
    random_access: 0,
    range_begin: 0,
    range_end: 0,
    projection: std::ptr::null(),
    projection_size: 0,
};

fn open_reader(path: &Path) -> (disky_status, *mut disky_reader, disky_error) {
    open_reader_with(path, DISKY_CORRUPTION_ERROR)
}

fn open_reader_with(
    path: &Path,
    corruption_strategy: u32,
) -> (disky_status, *mut disky_reader, disky_error) {
    let options = disky_reader_options {
        corruption_strategy,
        ..READER_OPTIONS
    };
    open_reader_as(path, &options)
}

fn open_reader_as(
    path: &Path,
    options: &disky_reader_options,
) -> (disky_status, *mut disky_reader, disky_error) {
    let (mut reader, mut size, mut error) = (null_mut(), 0, no_error());
    let bytes = bytes(path);
    // SAFETY: every pointer is to a value that lives through the call.
    let status = unsafe {
        disky_reader_open(
            bytes.as_ptr(),
            bytes.len() as u64,
            options,
            &mut reader,
            &mut size,
            &mut error,
        )
    };
    if status == DISKY_OK {
        assert_eq!(size, path.metadata().unwrap().len());
    }
    (status, reader, error)
}

/// Writes the records "one" and "three" as a chunk.
fn write_sample(path: &Path) {
    write_sample_with(path, &write_options(DISKY_OPEN_CREATE_NEW));
}

/// The same with other options.
fn write_sample_with(path: &Path, options: &disky_writer_options) {
    let (status, writer, _) = open_writer(path, options);
    assert_eq!(status, DISKY_OK);
    let (data, ends) = (b"onethree", [3u64, 8]);
    let mut size = 0;
    // SAFETY: the writer is alive until the last call, and the other pointers are to living values.
    unsafe {
        let written = disky_writer_write(writer, data.as_ptr(), 8, ends.as_ptr(), 2, null_mut());
        assert_eq!(written, DISKY_OK);
        assert_eq!(
            disky_writer_write(writer, null(), 0, null(), 0, null_mut()),
            DISKY_OK
        );
        assert_eq!(disky_writer_flush(writer, null_mut()), DISKY_OK);
        assert_eq!(disky_writer_sync(writer, null_mut()), DISKY_OK);
        assert_eq!(disky_writer_finish(writer, null_mut()), DISKY_OK);
        assert_eq!(
            disky_writer_file_size(writer, &mut size, null_mut()),
            DISKY_OK
        );
        assert_eq!(disky_writer_free(writer), DISKY_OK);
    }
    assert_eq!(size, std::fs::metadata(path).unwrap().len());
}

fn batch() -> disky_batch {
    disky_batch {
        chunk_begin: 0,
        chunk_end: 0,
        records: 0,
        data_offset: 0,
        data_size: 0,
        notices: 0,
        skipped_regions: 0,
        scanned: 0,
        reserved: 0,
    }
}

/// What the next call with memory for the sample comes to.
fn next(reader: *mut disky_reader) -> (disky_status, disky_error) {
    let (mut found, mut error) = (batch(), no_error());
    let (mut ends, mut data) = ([0; 2], [0; 64]);
    // SAFETY: the reader is alive, every other pointer is to a living value.
    let status = unsafe {
        disky_reader_next(
            reader,
            ends.as_mut_ptr(),
            2,
            data.as_mut_ptr(),
            64,
            &mut found,
            &mut error,
        )
    };
    (status, error)
}

fn no_extents<const N: usize>() -> [disky_extent; N] {
    [disky_extent {
        begin: 0,
        end: 0,
        records: 0,
        decoded_data_size: 0,
    }; N]
}

fn open_pulled(
    size: u64,
    options: &disky_reader_options,
) -> (disky_status, *mut disky_reader, disky_error) {
    let (mut reader, mut error) = (null_mut(), no_error());
    // SAFETY: every pointer is to a value that lives through the call.
    let status = unsafe { disky_reader_open_pulled(size, options, &mut reader, &mut error) };
    (status, reader, error)
}

const NO_NEED: disky_need = disky_need {
    offset: 0,
    size: 0,
    welcome: 0,
};

fn need(reader: *mut disky_reader) -> (disky_status, disky_need) {
    let mut need = NO_NEED;
    // SAFETY: the reader is alive, the other pointers are to living values or null.
    let status = unsafe { disky_reader_need(reader, &mut need, null_mut()) };
    (status, need)
}

fn supply(
    reader: *mut disky_reader,
    offset: u64,
    bytes: &[u8],
    at_end: u32,
) -> (disky_status, disky_error) {
    let mut error = no_error();
    let size = bytes.len() as u64;
    // SAFETY: the reader is alive, the other pointers are to living values.
    let status =
        unsafe { disky_reader_supply(reader, offset, bytes.as_ptr(), size, at_end, &mut error) };
    (status, error)
}

/// The file of [`write_sample`].
fn sample_bytes() -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sample");
    write_sample(&path);
    std::fs::read(path).unwrap()
}

fn open_pulled_writer(
    options: &disky_writer_options,
) -> (disky_status, *mut disky_writer, disky_error) {
    let (mut writer, mut error) = (null_mut(), no_error());
    // SAFETY: every pointer is to a value that lives through the call, or null.
    let status = unsafe { disky_writer_open_pulled(options, null(), 0, &mut writer, &mut error) };
    (status, writer, error)
}

#[test]
fn the_version_is_the_headers() {
    assert_eq!(disky_abi_version(), DISKY_ABI_VERSION);
    // A new version needs a new name for this symbol.
    assert_eq!(disky_abi_3, DISKY_ABI_VERSION);
    assert_eq!(DISKY_ABI_VERSION, 3);
}
