//! Windows.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, IoSlice, IoSliceMut};
use std::os::windows::fs::{FileExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf, Prefix};

/// Others may open the file for reading, rename it and remove it, but not open it for writing
/// (`FILE_SHARE_READ` and `FILE_SHARE_DELETE`).
const ALL_BUT_WRITING: u32 = 0x1 | 0x4;

const ERROR_ACCESS_DENIED: i32 = 5;
const ERROR_SHARING_VIOLATION: i32 = 32;
const ERROR_FILE_EXISTS: i32 = 80;

/// The length in characters of the longest path that needs no prefix (`MAX_PATH`).
const LONGEST_PLAIN_PATH: usize = 259;

/// Opens the file at `path` for reading.
pub(crate) fn open_for_reading(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Options to open a file for writing, to which the caller adds how to create it. While the file is
/// open, nobody else can open it for writing. A lock on its bytes would keep out readers, too.
pub(crate) fn writing_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).share_mode(ALL_BUT_WRITING);
    options
}

/// Fills `pieces` in order with the bytes from `offset` on; returns the number of bytes.
pub(crate) fn read_at(
    file: &File,
    pieces: &mut [IoSliceMut<'_>],
    offset: u64,
) -> io::Result<usize> {
    let requests = pieces
        .iter_mut()
        .map(|piece| (piece.len(), move |at| file.seek_read(piece, at)));
    in_order(requests, offset)
}

/// Writes `pieces` in order at `offset`; returns the number of bytes.
pub(crate) fn write_at(file: &File, pieces: &[IoSlice<'_>], offset: u64) -> io::Result<usize> {
    let requests = pieces
        .iter()
        .map(|piece| (piece.len(), move |at| file.seek_write(piece, at)));
    in_order(requests, offset)
}

/// Makes one request for each piece until a request moves only a part of its piece, or fails. A
/// failure after the first byte is left to the next call, which will make the same request.
/// `requests` has for each piece its length and its request, a function of the offset.
fn in_order<R: FnOnce(u64) -> io::Result<usize>>(
    requests: impl Iterator<Item = (usize, R)>,
    offset: u64,
) -> io::Result<usize> {
    let mut total = 0;
    for (len, request) in requests.filter(|(len, _)| *len > 0) {
        let moved = match request(offset + total as u64) {
            Err(error) if total == 0 => return Err(error),
            moved => moved.unwrap_or(0),
        };
        total += moved;
        if moved < len {
            break;
        }
    }
    Ok(total)
}

/// Does nothing: Windows takes this advice only when a file is opened.
pub(crate) fn advise_sequential(_file: &File) {}

/// Does nothing: Windows takes this advice only when a file is opened.
pub(crate) fn advise_random(_file: &File) {}

/// Does nothing: a file that was opened with [`writing_options`] is locked.
pub(crate) fn try_lock(_file: &File) -> Result<(), TryLockError> {
    Ok(())
}

/// Whether opening a file for writing failed because of another writer.
pub(crate) fn is_locked(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_SHARING_VIOLATION)
}

/// Whether renaming may have failed because the file with the new name is open. Windows 10 replaces
/// an open file on NTFS, but not on every file system.
pub(crate) fn is_open_file_in_the_way(error: &io::Error) -> bool {
    let codes = [ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION];
    codes.iter().any(|code| error.raw_os_error() == Some(*code))
}

/// Does nothing: Windows has no such request. NTFS writes the names in directories to its journal.
pub(crate) fn sync_directory(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// The absolute path of an existing file, without symbolic links. As long as it means the same file
/// it has the form `C:\file`, not `\\?\C:\file`, which many programs do not understand.
pub(crate) fn real_path(path: &Path) -> io::Result<PathBuf> {
    let real = std::fs::canonicalize(path)?;
    Ok(without_prefix(&real).unwrap_or(real))
}

fn without_prefix(path: &Path) -> Option<PathBuf> {
    let mut components = path.components();
    let Some(Component::Prefix(prefix)) = components.next() else {
        return None;
    };
    let Prefix::VerbatimDisk(drive) = prefix.kind() else {
        return None;
    };
    let mut plain = PathBuf::from(format!("{}:", char::from(drive)));
    plain.push(components.as_path());
    // Without the prefix, Windows would change names such as `NUL` and names that end in a dot.
    let means_itself = std::path::absolute(&plain).is_ok_and(|absolute| absolute == plain);
    (means_itself && plain.as_os_str().len() <= LONGEST_PLAIN_PATH).then_some(plain)
}

/// Fails, because the portable request replaces a file.
pub(crate) fn rename_to_new(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The error that opening a directory for writing has.
pub(crate) fn is_a_directory() -> io::Error {
    io::ErrorKind::IsADirectory.into()
}

/// The error that creating an existing file has.
pub(crate) fn already_exists() -> io::Error {
    io::Error::from_raw_os_error(ERROR_FILE_EXISTS)
}
