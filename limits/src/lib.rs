//! What the benchmarks are measured against: the bare work that reading and writing a record file cannot
//! do without, as C functions, so that it runs in the same process as what it is compared with.
//!
//! Nothing here is part of the library, and nothing of it is shipped. Every function returns a number
//! that depends on all the work it did, so that none of it can be left out; -1 where it failed, with the
//! reason on the standard error.
#![deny(unsafe_op_in_unsafe_fn)]

mod boundary;
mod prepared;
mod records;
mod stream;

use boundary::{bounded, path, prepared};
use prepared::Prepared;
use std::ffi::c_char;

/// Reads the file at `path` with read(2), 1 MiB at a time; returns its size in bytes.
///
/// # Safety
///
/// `path` is null or ends with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_limits_read(path: *const c_char) -> i64 {
    // SAFETY: the caller vouches for the path.
    bounded(|| stream::read(unsafe { self::path(path) }?))
}

/// As [`disky_limits_read`], and hashes the bytes: the least that a reader does which checks them.
///
/// # Safety
///
/// `path` is null or ends with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_limits_read_and_hash(path: *const c_char) -> i64 {
    // SAFETY: the caller vouches for the path.
    bounded(|| stream::read_and_hash(unsafe { self::path(path) }?))
}

/// Goes through the records of the file at `path` in Rust; returns the sum of their sizes and of their
/// first bytes, these with sign.
///
/// # Safety
///
/// `path` is null or ends with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_limits_records(path: *const c_char) -> i64 {
    // SAFETY: the caller vouches for the path.
    bounded(|| records::sum(unsafe { self::path(path) }?))
}

/// Loads the record file at `path` for the functions below; null where that failed. Free it with
/// [`disky_limits_release`].
///
/// # Safety
///
/// `path` is null or ends with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_limits_prepare(path: *const c_char) -> *mut Prepared {
    let mut loaded = std::ptr::null_mut();
    bounded(|| {
        // SAFETY: the caller vouches for the path.
        let prepared = Prepared::load(unsafe { self::path(path) }?)?;
        loaded = Box::into_raw(Box::new(prepared));
        Ok(0)
    });
    loaded
}

/// Decompresses every chunk with `ZSTD_decompressDCtx` into the same memory; returns the bytes.
///
/// # Safety
///
/// `prepared` is null or of [`disky_limits_prepare`], and nobody else uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_limits_decompress(prepared: *mut Prepared) -> i64 {
    // SAFETY: the caller vouches for the pointer.
    bounded(|| unsafe { self::prepared(prepared) }?.decompress())
}

/// Compresses the records of every chunk with zstd at `level` into the same memory; returns the bytes
/// that were compressed.
///
/// # Safety
///
/// `prepared` is null or of [`disky_limits_prepare`], and nobody else uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_limits_compress(prepared: *mut Prepared, level: i32) -> i64 {
    // SAFETY: the caller vouches for the pointer.
    bounded(|| unsafe { self::prepared(prepared) }?.compress(level))
}

/// Copies the bytes of the file, 1 MiB at a time, hashes the copy and writes it with write(2) to the file
/// at `path`, which is made; returns the bytes.
///
/// # Safety
///
/// `prepared` is null or of [`disky_limits_prepare`], and nobody else uses it; `path` is null or ends
/// with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_limits_write(prepared: *mut Prepared, path: *const c_char) -> i64 {
    bounded(|| {
        // SAFETY: the caller vouches for the path.
        let path = unsafe { self::path(path) }?;
        // SAFETY: the caller vouches for the pointer.
        stream::copy_hash_and_write(unsafe { self::prepared(prepared) }?.file(), path)
    })
}

/// Frees what [`disky_limits_prepare`] loaded.
///
/// # Safety
///
/// `prepared` is null or of [`disky_limits_prepare`], and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_limits_release(prepared: *mut Prepared) {
    if !prepared.is_null() {
        // SAFETY: it came from `Box::into_raw`, and the caller gives it up.
        drop(unsafe { Box::from_raw(prepared) });
    }
}
