//! The damaged parts of a file that a reader has skipped.

use super::{Reader, disky_reader};
use crate::boundary::place;
use crate::error::{Failure, disky_error};
use crate::handle::call_on;
use crate::status::{DISKY_END, DISKY_OK, disky_status};
use disky::SkippedRegion;

/// A part of the file that was skipped.
#[repr(C)]
pub struct disky_skipped_region {
    /// Position of its first byte.
    pub begin: u64,
    /// Position just past its last byte.
    pub end: u64,
    /// 1 if only a search for chunks has found `end`, otherwise 0.
    pub scanned: u32,
    /// Always 0.
    pub reserved: u32,
    /// The damage, as the failure that DISKY_CORRUPTION_ERROR would give.
    pub reason: disky_error,
}

/// Takes the first skipped part of the file, in file order; each is returned once. After each batch
/// there are the parts that begin before the end of the batch, and at the end of the file all
/// remaining ones.
///
/// DISKY_OK: `region` is written. DISKY_END: no further region was skipped so far.
///
/// # Safety
///
/// `reader` is alive; `region` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_skipped_region(
    reader: *mut disky_reader,
    region: *mut disky_skipped_region,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `region` is null or valid memory of its type; null is refused.
        let out = unsafe { place(region) }?;
        let found = reader.next_skipped_region();
        let Some(found) = found else {
            return Ok(DISKY_END);
        };
        out.write(found.into());
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

impl From<SkippedRegion> for disky_skipped_region {
    fn from(found: SkippedRegion) -> Self {
        Self {
            begin: found.begin,
            end: found.end,
            scanned: found.scanned.into(),
            reserved: 0,
            reason: Failure::from(found.reason).account(),
        }
    }
}
