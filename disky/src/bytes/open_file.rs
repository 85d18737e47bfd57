//! Opening a file for writing: the mode and the lock.

use crate::bytes::file_requests;
use crate::error::{Error, ErrorKind, Result};
use rustix::io::Errno;
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
    Error::io("cannot open for writing", error)
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
        Err(TryLockError::WouldBlock) => Err(Error::new(
            ErrorKind::Locked,
            "another writer has this file open; close that one first",
        )),
        // Some file systems have no locks. There, writing is as safe as without this library.
        Err(TryLockError::Error(e)) if has_no_locks(&e) => Ok(()),
        Err(TryLockError::Error(e)) => Err(Error::io("cannot lock", e)),
    }
}

fn has_no_locks(error: &io::Error) -> bool {
    let codes = [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOSYS];
    error.kind() == io::ErrorKind::Unsupported
        || codes
            .iter()
            .any(|code| error.raw_os_error() == Some(code.raw_os_error()))
}
