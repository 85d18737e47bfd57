//! Opening a file for writing: the mode and the lock.

use crate::bytes::{file_requests, platform};
use crate::error::{Error, ErrorKind, Result};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// How to open a file, which may exist or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OpenMode {
    /// Create the file; fail if it exists.
    #[default]
    CreateNew,
    /// Create the file, or discard its contents if it exists.
    Overwrite,
    /// Create the file, or continue it after its last record.
    Append,
}

/// The failure to open a file for writing.
pub(crate) fn failed(error: io::Error) -> Error {
    if platform::is_locked(&error) {
        return locked();
    }
    Error::io("cannot open for writing", error)
}

fn locked() -> Error {
    Error::new(
        ErrorKind::Locked,
        "another writer has this file open; close that one first",
    )
}

/// The directory that contains the file at `path`.
pub(crate) fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Locks `file` against other writers.
pub(crate) fn lock(file: &File) -> Result<()> {
    match file_requests::lock(file) {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(locked()),
        Err(TryLockError::Error(e)) => Err(Error::io("cannot lock", e)),
    }
}
