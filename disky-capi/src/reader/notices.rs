//! What a caller should know although reading goes on.

use super::{Reader, disky_reader};
use crate::boundary::place;
use crate::error::{DISKY_ERROR_MESSAGE_SIZE, disky_error, message};
use crate::handle::call_on;
use crate::status::{DISKY_END, DISKY_OK, disky_status};
use disky::Notice;

/// Something that a caller should know though reading goes on.
#[repr(C)]
pub struct disky_notice {
    /// The byte position in the file that it is about.
    pub position: u64,
    /// Bytes of `message` in use.
    pub message_size: u32,
    /// 1 if the message was longer than what is in `message`, otherwise 0.
    pub truncated: u32,
    /// What was found and what is done about it, in English, UTF-8, not terminated; without
    /// position and file name.
    pub message: [u8; DISKY_ERROR_MESSAGE_SIZE],
}

/// Tells what is to be known of the file though reading goes on: what any call on this reader has
/// noticed and was not told yet, the oldest first.
///
/// DISKY_OK: `notice` is written. DISKY_END: there is none.
///
/// # Safety
///
/// `reader` is alive; `notice` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_notice(
    reader: *mut disky_reader,
    notice: *mut disky_notice,
    error: *mut disky_error,
) -> disky_status {
    let body = |reader: &mut Reader| {
        // SAFETY: `notice` points to what its type says, as the caller vouches, or is refused.
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
