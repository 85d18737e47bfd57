//! Notices: contradictions in a file that do not stop reading.

use super::{Reader, disky_reader};
use crate::boundary::place;
use crate::error::{DISKY_ERROR_MESSAGE_SIZE, disky_error, message};
use crate::handle::call_on;
use crate::status::{DISKY_END, DISKY_OK, disky_status};
use disky::Notice;

/// A contradiction in a file that does not stop reading.
#[repr(C)]
pub struct disky_notice {
    /// Position in the file in bytes to which the notice refers.
    pub position: u64,
    /// Number of bytes of `message` in use.
    pub message_size: u32,
    /// 1 if `message` holds only the beginning of a longer message, otherwise 0.
    pub truncated: u32,
    /// The contradiction and how the reader resolves it: in English, UTF-8, not terminated, without
    /// position and file name.
    pub message: [u8; DISKY_ERROR_MESSAGE_SIZE],
}

/// Takes the oldest notice that any call on this reader has left and that was not taken yet.
///
/// DISKY_OK: `notice` is written. DISKY_END: there is no further notice.
///
/// # Safety
///
/// `reader` is alive; `notice` and `error` point to valid memory of their types.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_notice(
    reader: *mut disky_reader,
    notice: *mut disky_notice,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: the caller vouches that `notice` is null or valid memory of its type; null is refused.
        let out = unsafe { place(notice) }?;
        let found = reader.take_notice();
        let Some(found) = found else {
            return Ok(DISKY_END);
        };
        out.write(found.into());
        Ok(DISKY_OK)
    };
    // SAFETY: the caller vouches that `reader` is alive, and for `error`.
    unsafe { call_on(reader, error, body) }
}

impl From<Notice> for disky_notice {
    fn from(found: Notice) -> Self {
        let text = message(&found.message);
        Self {
            position: found.position,
            message_size: text.size,
            truncated: text.truncated,
            message: text.bytes,
        }
    }
}
