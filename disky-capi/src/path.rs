//! Paths, as the bytes by which the operating system knows a file.

use crate::boundary::input;
use crate::error::Failure;
use std::path::{Path, PathBuf};

/// The path of `len` bytes at `bytes`.
///
/// # Safety
///
/// As for [`input`].
pub(crate) unsafe fn path(bytes: *const u8, len: u64) -> Result<PathBuf, Failure> {
    // SAFETY: the caller vouches for it.
    let bytes = unsafe { input(bytes, len) }?;
    if bytes.contains(&0) {
        return Err(Failure::invalid("a path cannot contain a zero byte"));
    }
    from_bytes(bytes)
}

/// The bytes of `path`, in the form that [`path`] accepts.
#[cfg(unix)]
pub(crate) fn bytes(path: &Path) -> Result<&[u8], Failure> {
    use std::os::unix::ffi::OsStrExt;
    Ok(path.as_os_str().as_bytes())
}

/// The bytes of `path`, in the form that [`path`] accepts.
#[cfg(not(unix))]
pub(crate) fn bytes(path: &Path) -> Result<&[u8], Failure> {
    let text = path.to_str().map(str::as_bytes);
    text.ok_or_else(|| Failure::invalid("a path must be UTF-8 on this platform"))
}

#[cfg(unix)]
fn from_bytes(bytes: &[u8]) -> Result<PathBuf, Failure> {
    use std::os::unix::ffi::OsStrExt;
    Ok(std::ffi::OsStr::from_bytes(bytes).into())
}

#[cfg(not(unix))]
fn from_bytes(bytes: &[u8]) -> Result<PathBuf, Failure> {
    let text = std::str::from_utf8(bytes);
    text.map(PathBuf::from)
        .map_err(|_| Failure::invalid("a path must be UTF-8 on this platform"))
}
