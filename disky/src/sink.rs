//! Where bytes go: positioned writes from several pieces of memory at once.

use crate::error::{Error, ErrorKind, Result};
use rustix::io::Errno;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};

/// A place for a growing sequence of bytes.
pub trait Sink {
    /// Writes `pieces` in order at `offset`, as far as they go in one request; returns how many
    /// bytes.
    fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Cuts everything from `size` on.
    fn truncate(&mut self, size: u64) -> io::Result<()>;

    /// Returns when everything written would outlive a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

/// What to do about a file that exists, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OpenMode {
    /// Create the file; fail if it exists.
    #[default]
    CreateNew,
    /// Create the file, or discard what it holds.
    Overwrite,
    /// Create the file, or continue it after its last record.
    Append,
}

/// The most pieces that one request takes (`IOV_MAX`).
const MAX_PIECES: usize = 1024;

/// A regular file, written with `pwritev` and locked against other writers (`flock`: readers, and
/// programs that do not ask, are not kept out).
#[derive(Debug)]
pub struct FileSink {
    file: File,
    /// The directory that a file made by us is to be recorded in, until it is.
    new_in: Option<PathBuf>,
}

impl FileSink {
    /// Opens the file at `path` for writing and locks it; discards what it holds if `mode` says so,
    /// but only once it is locked.
    ///
    /// Fails with [`ErrorKind::Locked`] when another writer has it open, and with
    /// [`ErrorKind::Io`].
    pub fn open(path: &Path, mode: OpenMode) -> Result<Self> {
        let failed = |e| Error::io("cannot open for writing", e);
        let existed = match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => return Err(failed(Errno::ISDIR.into())),
            Ok(metadata) if !metadata.is_file() && mode != OpenMode::CreateNew => {
                return Err(failed(io::Error::other("not a regular file")));
            }
            Ok(_) => true,
            Err(_) => false,
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        match mode {
            OpenMode::CreateNew => options.create_new(true),
            OpenMode::Overwrite | OpenMode::Append => options.create(true).truncate(false),
        };
        let file = options.open(path).map_err(failed)?;
        lock(&file)?;
        if mode == OpenMode::Overwrite {
            file.set_len(0).map_err(failed)?;
        }
        let new_in = (!existed).then(|| directory_of(path));
        Ok(Self { file, new_in })
    }

    /// The file itself.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn lock(file: &File) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(Error::new(
            ErrorKind::Locked,
            "another writer has this file open; close that one first",
        )),
        // Some file systems have no locks. Writing there is as safe as it was without us.
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

impl Sink for FileSink {
    fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let count = pieces.len().min(MAX_PIECES);
        loop {
            match rustix::io::pwritev(&self.file, &pieces[..count], offset) {
                Err(Errno::INTR) => {}
                other => return Ok(other?),
            }
        }
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        self.file.set_len(size)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        if let Some(directory) = &self.new_in {
            File::open(directory)?.sync_all()?;
            self.new_in = None;
        }
        Ok(())
    }
}

/// Bytes in memory.
impl Sink for &mut Vec<u8> {
    fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut position = usize::try_from(offset).map_err(io::Error::other)?;
        let before = position;
        for piece in pieces {
            let end = position + piece.len();
            if self.len() < end {
                self.resize(end, 0);
            }
            self[position..end].copy_from_slice(piece);
            position = end;
        }
        Ok(position - before)
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        self.resize(usize::try_from(size).map_err(io::Error::other)?, 0);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}
