//! Sources: positioned reads into several pieces of memory at once.

use crate::bytes::platform;
use crate::error::{Error, Result};
use std::fs::{File, Metadata};
use std::io::{self, IoSliceMut};
use std::path::Path;
use std::sync::Arc;

/// A sequence of bytes that can be read at any offset.
pub trait Source {
    /// Fills `pieces` in order with the bytes from `offset` on, as many as one request returns.
    /// Returns their number; 0 only at the end, or if `pieces` is empty.
    fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize>;

    /// Size in bytes.
    fn size(&self) -> u64;

    /// Reads the size again, for a reader with
    /// [`ReaderOptions::follow`](crate::ReaderOptions::follow). A source without this method keeps
    /// its size.
    fn refresh_size(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Whether the source has the bytes up to `end`. A source that learns its size only at its end
    /// answers after these bytes were supplied, so that the caller may allocate memory for them.
    fn reaches(&mut self, end: u64) -> io::Result<bool> {
        Ok(end <= self.size())
    }

    /// Fails if [`read_at`](Self::read_at) would fail for one of the `len` bytes from `offset` on,
    /// before any of them is copied. `ahead` further bytes are likely to be useful.
    fn provide(&mut self, _offset: u64, _len: u64, _ahead: u64) -> io::Result<()> {
        Ok(())
    }

    /// Whether [`read_at`](Self::read_at) would now return all of the `len` bytes from `offset` on,
    /// without their being supplied first.
    fn has(&self, _offset: u64, _len: u64) -> bool {
        true
    }

    /// States that a step is complete and will not be repeated; the next one begins at `position`.
    fn passed(&mut self, _position: u64) {}

    /// Whether all bytes can be read at any time, not only those after the current position.
    fn goes_back(&self) -> bool {
        true
    }
}

/// In which order a file is read. The operating system uses it only to decide how much to read
/// ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AccessPattern {
    /// From the beginning to the end.
    #[default]
    Sequential,
    /// In any order.
    Random,
}

/// A regular file, read at positions (`pread` or `preadv` on Unix). A clone reads the same open file.
#[derive(Debug, Clone)]
pub struct FileSource {
    file: Arc<File>,
    size: u64,
}

impl FileSource {
    /// Opens the file at `path` for reading.
    ///
    /// The source reads the size of the file now, and again only in
    /// [`refresh_size`](Source::refresh_size). Fails with [`ErrorKind::Io`](crate::ErrorKind::Io)
    /// if the file cannot be opened or is not a regular file: a directory, a pipe or a terminal has
    /// no offsets at which to read.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_for(path, AccessPattern::Sequential)
    }

    /// Opens a file as [`open`](Self::open) does, for reads in the order `pattern`.
    pub fn open_for(path: &Path, pattern: AccessPattern) -> Result<Self> {
        // Opening a pipe would block; the type of the file is checked first.
        let metadata = std::fs::metadata(path).map_err(|e| Error::io("cannot open", e))?;
        check_regular(&metadata)?;
        // A pipe that has replaced the file since then does not block either.
        let file = platform::open_for_reading(path).map_err(|e| Error::io("cannot open", e))?;
        let metadata = file.metadata().map_err(|e| Error::io("cannot open", e))?;
        check_regular(&metadata)?;
        let size = metadata.len();
        advise(&file, pattern);
        Ok(Self {
            file: Arc::new(file),
            size,
        })
    }

    /// A source over an open file, with its current size.
    pub(crate) fn of(file: File) -> Result<Self> {
        let size = file
            .metadata()
            .map_err(|e| Error::io("cannot read the size", e))?
            .len();
        Ok(Self {
            file: Arc::new(file),
            size,
        })
    }
}

fn check_regular(metadata: &Metadata) -> Result<()> {
    if metadata.is_dir() {
        return Err(Error::io("cannot open", platform::is_a_directory()));
    }
    if !metadata.is_file() {
        let reason = io::Error::other("not a regular file; copy its contents to a file first");
        return Err(Error::io("cannot open", reason));
    }
    Ok(())
}

fn advise(file: &File, pattern: AccessPattern) {
    match pattern {
        AccessPattern::Sequential => platform::advise_sequential(file),
        AccessPattern::Random => platform::advise_random(file),
    }
}

impl Source for FileSource {
    fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        platform::read_at(&self.file, pieces, offset)
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn refresh_size(&mut self) -> io::Result<()> {
        self.size = self.file.metadata()?.len();
        Ok(())
    }
}

/// Bytes in memory.
impl Source for &[u8] {
    fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let start = usize::try_from(offset).map_or(self.len(), |offset| offset.min(self.len()));
        let mut rest = &self[start..];
        let before = rest.len();
        for piece in pieces {
            let len = piece.len().min(rest.len());
            piece[..len].copy_from_slice(&rest[..len]);
            rest = &rest[len..];
        }
        Ok(before - rest.len())
    }

    fn size(&self) -> u64 {
        self.len() as u64
    }
}
