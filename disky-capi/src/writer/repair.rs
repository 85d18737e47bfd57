//! Cuts torn tails.

use super::{Writer, disky_writer};
use crate::boundary::{call, place};
use crate::error::{DISKY_ERROR_MESSAGE_SIZE, disky_error, message};
use crate::handle::call_on;
use crate::option::flag;
use crate::path::path;
use crate::status::{DISKY_END, DISKY_OK, disky_status};
use disky::Repair;
use std::mem::MaybeUninit;

/// The part that was cut off the end of a file.
#[repr(C)]
pub struct disky_repair {
    /// Size of the file in bytes before.
    pub size_before: u64,
    /// Size of the file in bytes after: the end of its last complete chunk, or 0 if the file
    /// signature was incomplete.
    pub size_after: u64,
    /// Number of bytes of `message` in use.
    pub message_size: u32,
    /// 1 if `message` holds only the beginning of a longer message, otherwise 0.
    pub truncated: u32,
    /// The damage from `size_after` on, in English, UTF-8, not terminated, without file name.
    pub message: [u8; DISKY_ERROR_MESSAGE_SIZE],
}

impl From<&Repair> for disky_repair {
    fn from(repair: &Repair) -> Self {
        let text = message(&repair.reason);
        Self {
            size_before: repair.size_before,
            size_after: repair.size_after,
            message_size: text.size,
            truncated: text.truncated,
            message: text.bytes,
        }
    }
}

/// Stores in `repair` the part that was cut off when the file was opened.
///
/// DISKY_OK: `repair` is written. DISKY_END: nothing was cut off.
///
/// # Safety
///
/// `writer` is alive; `repair` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_writer_repair(
    writer: *mut disky_writer,
    repair: *mut disky_repair,
    error: *mut disky_error,
) -> disky_status {
    let body = |writer: &mut Writer| {
        // SAFETY: the caller vouches that `repair` is null or valid memory of its type; null is refused.
        let out = unsafe { place(repair) }?;
        let found = writer.repair().map(disky_repair::from);
        Ok(store(found, out))
    };
    // SAFETY: the caller vouches that `writer` is alive, and for `error`.
    unsafe { call_on(writer, error, body) }
}

/// Cuts the file at `path` at the end of its last complete chunk if its tail is torn, and makes
/// that durable. If `dry_run` is 1 instead of 0, the file is only read, and not locked, and `repair`
/// describes the cut; the end of a file that a writer has open can look torn for a moment.
///
/// DISKY_OK: the tail is torn, and `repair` is written. DISKY_END: the tail is not torn. The rest
/// of the file is not checked.
/// DISKY_INVALID_ARGUMENT: the file is an ArrayRecord, which is never cut. If a cut would not
/// repair the file, the status states its damage.
///
/// # Safety
///
/// `path` has `path_size` bytes; `repair` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_repair_file(
    path: *const u8,
    path_size: u64,
    dry_run: u32,
    repair: *mut disky_repair,
    error: *mut disky_error,
) -> disky_status {
    let body = || {
        // SAFETY: the caller vouches that `repair` is null or valid memory of its type; null is refused.
        let out = unsafe { place(repair) }?;
        // SAFETY: the caller vouches for the bytes at `path`.
        let path = unsafe { self::path(path, path_size) }?;
        let dry_run = flag(dry_run, "dry_run")?;
        let found = disky::repair(&path, dry_run)?;
        Ok(store(found.as_ref().map(disky_repair::from), out))
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { call(error, body) }
}

fn store(repair: Option<disky_repair>, out: &mut MaybeUninit<disky_repair>) -> disky_status {
    match repair {
        Some(repair) => {
            out.write(repair);
            DISKY_OK
        }
        None => DISKY_END,
    }
}
