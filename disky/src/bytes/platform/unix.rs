//! Linux, macOS and other Unix systems.

use rustix::fs::OFlags;
use rustix::io::Errno;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, IoSlice, IoSliceMut};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The maximum number of pieces in a request (`IOV_MAX`).
const MAX_PIECES: usize = 1024;

/// Opens the file at `path` for reading. Does not block if it is a pipe.
pub(crate) fn open_for_reading(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path)
}

/// Options to open a file for writing, to which the caller adds how to create it.
pub(crate) fn writing_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    options
}

/// Fills `pieces` in order with the bytes from `offset` on, with one request; returns the number of
/// bytes.
pub(crate) fn read_at(
    file: &File,
    pieces: &mut [IoSliceMut<'_>],
    offset: u64,
) -> io::Result<usize> {
    let count = pieces.len().min(MAX_PIECES);
    loop {
        let read = match pieces {
            // The kernel does less for a pread than for a preadv.
            [piece] => rustix::io::pread(file, &mut piece[..], offset),
            _ => rustix::io::preadv(file, &mut pieces[..count], offset),
        };
        match read {
            Err(Errno::INTR) => {}
            other => return Ok(other?),
        }
    }
}

/// Writes `pieces` in order at `offset`, with one `pwritev`; returns the number of bytes.
pub(crate) fn write_at(file: &File, pieces: &[IoSlice<'_>], offset: u64) -> io::Result<usize> {
    let count = pieces.len().min(MAX_PIECES);
    loop {
        match rustix::io::pwritev(file, &pieces[..count], offset) {
            Err(Errno::INTR) => {}
            other => return Ok(other?),
        }
    }
}

/// States that the file will be read from the beginning to the end.
pub(crate) fn advise_sequential(file: &File) {
    #[cfg(target_os = "linux")]
    advise(file, rustix::fs::Advice::Sequential);
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}

/// States that the file will be read in any order.
pub(crate) fn advise_random(file: &File) {
    #[cfg(target_os = "linux")]
    advise(file, rustix::fs::Advice::Random);
    #[cfg(not(target_os = "linux"))]
    let _ = file;
}

#[cfg(target_os = "linux")]
fn advise(file: &File, advice: rustix::fs::Advice) {
    // If the file system rejects the advice, reads work as before.
    let _ = rustix::fs::fadvise(file, 0, None, advice);
}

/// Locks `file` against other writers. Some file systems have no locks: there, writing is as safe
/// as without this library.
pub(crate) fn try_lock(file: &File) -> Result<(), TryLockError> {
    match file.try_lock() {
        Err(TryLockError::Error(error)) if has_no_locks(&error) => Ok(()),
        locked => locked,
    }
}

fn has_no_locks(error: &io::Error) -> bool {
    let codes = [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOSYS];
    error.kind() == io::ErrorKind::Unsupported
        || codes
            .iter()
            .any(|code| error.raw_os_error() == Some(code.raw_os_error()))
}

/// Whether opening a file for writing failed because of another writer. On Unix it never does:
/// [`try_lock`] fails instead.
pub(crate) fn is_locked(_error: &io::Error) -> bool {
    false
}

/// Whether renaming failed because the file with the new name is open: never on Unix.
pub(crate) fn is_open_file_in_the_way(_error: &io::Error) -> bool {
    false
}

/// Returns after the names in the directory at `path` are durable.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// The absolute path of an existing file, without symbolic links.
pub(crate) fn real_path(path: &Path) -> io::Result<PathBuf> {
    std::fs::canonicalize(path)
}

/// Renames the file at `from` to `to`; fails if a file has this name, and with
/// [`io::ErrorKind::Unsupported`] if the system or the file system cannot do that.
#[cfg(target_os = "linux")]
pub(crate) fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags};
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Err(io::ErrorKind::Unsupported.into()),
        renamed => Ok(renamed?),
    }
}

/// Fails, because the portable requests replace a file.
#[cfg(not(target_os = "linux"))]
pub(crate) fn rename_to_new(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The error that opening a directory for writing has.
pub(crate) fn is_a_directory() -> io::Error {
    Errno::ISDIR.into()
}

/// The error that creating an existing file has.
pub(crate) fn already_exists() -> io::Error {
    Errno::EXIST.into()
}
