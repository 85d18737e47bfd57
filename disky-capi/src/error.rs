//! Descriptions of failures, in memory of the caller.

use crate::status::{DISKY_BUSY, DISKY_INTERNAL, disky_status, status_of};
use disky::ErrorKind;

/// Size of the message in a disky_error, in bytes.
pub const DISKY_ERROR_MESSAGE_SIZE: usize = 488;

/// The description of a failure. The caller allocates it; it refers to no other memory.
#[repr(C)]
pub struct disky_error {
    /// The status that the call returned.
    pub status: i32,
    /// For DISKY_IO the error code of the operating system, or 0 if there is none.
    pub os_error: i32,
    /// Position in the file in bytes; UINT64_MAX if the failure has none.
    pub position: u64,
    /// For DISKY_TOO_LARGE the size that the file states, otherwise 0: a number of bytes, or of
    /// records if a chunk has too many.
    pub size: u64,
    /// For DISKY_TOO_LARGE the limit, in the same unit, otherwise 0.
    pub limit: u64,
    /// Number of bytes of `message` in use.
    pub message_size: u32,
    /// 1 if `message` holds only the beginning of a longer message, otherwise 0.
    pub truncated: u32,
    /// The failure in English, UTF-8, not terminated, without position and file name.
    pub message: [u8; DISKY_ERROR_MESSAGE_SIZE],
}

/// A message in the form that C code gets.
pub(crate) struct Message {
    pub(crate) bytes: [u8; DISKY_ERROR_MESSAGE_SIZE],
    pub(crate) size: u32,
    pub(crate) truncated: u32,
}

/// As much of `text` as fits.
pub(crate) fn message(text: &str) -> Message {
    let size = text.floor_char_boundary(DISKY_ERROR_MESSAGE_SIZE);
    let mut bytes = [0; DISKY_ERROR_MESSAGE_SIZE];
    bytes[..size].copy_from_slice(&text.as_bytes()[..size]);
    Message {
        bytes,
        size: size as u32,
        truncated: u32::from(size < text.len()),
    }
}

/// Why a call failed.
pub(crate) enum Failure {
    /// The engine returned an error.
    Engine(disky::Error),
    /// Another call is using the handle.
    Busy,
    /// A panic was caught, now or in an earlier call on the same handle.
    Internal,
}

impl From<disky::Error> for Failure {
    fn from(error: disky::Error) -> Self {
        Self::Engine(error)
    }
}

impl Failure {
    pub(crate) fn invalid(detail: &str) -> Self {
        Self::Engine(disky::Error::new(ErrorKind::InvalidArgument, detail))
    }

    pub(crate) fn status(&self) -> disky_status {
        match self {
            Self::Engine(error) => status_of(error.kind()),
            Self::Busy => DISKY_BUSY,
            Self::Internal => DISKY_INTERNAL,
        }
    }

    fn message(&self) -> &str {
        match self {
            Self::Engine(error) => error.detail(),
            Self::Busy => "another thread is using this reader or writer",
            Self::Internal => "a defect of the disky library; please report it",
        }
    }

    /// The description that C code gets.
    pub(crate) fn account(&self) -> disky_error {
        let engine = match self {
            Self::Engine(error) => Some(error),
            _ => None,
        };
        let excess = engine.and_then(disky::Error::excess);
        let text = message(self.message());
        disky_error {
            status: self.status(),
            os_error: engine.and_then(disky::Error::os_error).unwrap_or(0),
            position: engine.and_then(disky::Error::position).unwrap_or(u64::MAX),
            size: excess.map_or(0, |excess| excess.size),
            limit: excess.map_or(0, |excess| excess.limit),
            message_size: text.size,
            truncated: text.truncated,
            message: text.bytes,
        }
    }
}
