//! Where bytes go: positioned writes from several pieces of memory at once.

use crate::bytes::file_requests;
use crate::bytes::open_file::{OpenMode, directory_of, failed, lock};
use crate::bytes::source::FileSource;
use crate::bytes::unpublished::Unpublished;
use crate::error::Result;
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
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

    /// Called once, when everything was written.
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The most pieces that one request takes (`IOV_MAX`).
const MAX_PIECES: usize = 1024;

/// A regular file, written with `pwritev` and locked against other writers (`flock`: readers, and
/// programs that do not ask, are not kept out).
#[derive(Debug)]
pub struct FileSink {
    file: File,
    /// The directory that has the file, until the file is known to be recorded there.
    unsynced: Option<Directory>,
    /// What is to become of a file that has a temporary name yet.
    unpublished: Option<Unpublished>,
}

#[derive(Debug)]
struct Directory {
    path: PathBuf,
    /// Whether the file was not there before: then its entry must be made to last.
    file_is_new: bool,
}

impl FileSink {
    /// Opens the file at `path` for writing and locks it; discards what it holds if `mode` says so,
    /// but only once it is locked.
    ///
    /// Fails with [`ErrorKind::Locked`] when another writer has it open, and with
    /// [`ErrorKind::Io`].
    pub fn open(path: &Path, mode: OpenMode) -> Result<Self> {
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
            file_requests::truncate(&file, 0).map_err(failed)?;
        }
        Ok(Self {
            file,
            unsynced: Some(Directory::of(path, !existed)),
            unpublished: None,
        })
    }

    /// Opens the file at `path`, which must exist, as it is, and locks it; for reading alone unless
    /// `writable`.
    pub(crate) fn open_existing(path: &Path, writable: bool) -> Result<Self> {
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if metadata.is_dir() {
            return Err(failed(Errno::ISDIR.into()));
        }
        // Opening a pipe would block.
        if !metadata.is_file() {
            return Err(failed(io::Error::other("not a regular file")));
        }
        let file = OpenOptions::new().read(true).write(writable).open(path);
        let file = file.map_err(failed)?;
        lock(&file)?;
        Ok(Self {
            file,
            unsynced: Some(Directory::of(path, false)),
            unpublished: None,
        })
    }

    /// Creates a file that gets the name `path` only when it is [finished](Sink::finish). Until then
    /// it has a hidden name in the same directory: a dot, the name, cut off where it would be too
    /// long, a dot, 16 hexadecimal digits and `.tmp`. It is removed if it is not finished.
    ///
    /// A file that exists is an error for [`OpenMode::CreateNew`], now and at the end; for
    /// [`OpenMode::Overwrite`] it is replaced at the end, and locked until then. Fails with
    /// [`ErrorKind::InvalidArgument`] for [`OpenMode::Append`], and as [`open`](Self::open) does.
    pub fn create_atomically(path: &Path, mode: OpenMode) -> Result<Self> {
        let (unpublished, file) = Unpublished::create(path, mode)?;
        let directory = Directory::of(&unpublished.target, true);
        let sink = Self {
            file,
            unsynced: Some(directory),
            unpublished: Some(unpublished),
        };
        lock(&sink.file)?;
        Ok(sink)
    }

    /// The name that the file has until it is [finished](Sink::finish), as an absolute path, if it is
    /// created atomically; `None` otherwise, and once it is finished.
    pub fn temporary_path(&self) -> Option<&Path> {
        self.unpublished.as_ref().map(Unpublished::temporary)
    }

    /// The contents of the file as they are now.
    pub(crate) fn source(&self) -> Result<FileSource> {
        FileSource::of(self.file.try_clone().map_err(failed)?)
    }

    /// Makes the file's entry in its directory outlive a power cut, once.
    fn sync_directory(&mut self) -> io::Result<()> {
        let Some(directory) = &self.unsynced else {
            return Ok(());
        };
        match file_requests::sync_directory(&directory.path) {
            // Somebody else created the file, and may write to it in a directory that he may not
            // read.
            Err(_) if !directory.file_is_new => {}
            synced => synced?,
        }
        self.unsynced = None;
        Ok(())
    }
}

impl Directory {
    /// The directory of `path`, where a symbolic link leads if it is one, as an absolute path: the
    /// working directory may change.
    fn of(path: &Path, file_is_new: bool) -> Self {
        let file = std::fs::canonicalize(path).or_else(|_| std::path::absolute(path));
        let file = file.unwrap_or_else(|_| path.to_owned());
        Self {
            path: directory_of(&file),
            file_is_new,
        }
    }
}

impl Sink for FileSink {
    fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let count = pieces.len().min(MAX_PIECES);
        loop {
            match file_requests::write(&self.file, &pieces[..count], offset) {
                Err(Errno::INTR) => {}
                other => return Ok(other?),
            }
        }
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        file_requests::truncate(&self.file, size)
    }

    fn sync(&mut self) -> io::Result<()> {
        file_requests::sync_data(&self.file)?;
        self.sync_directory()
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some(unpublished) = &self.unpublished else {
            return Ok(());
        };
        file_requests::sync_all(&self.file)?;
        unpublished.publish()?;
        self.unpublished = None;
        self.sync_directory()
    }
}

impl Drop for FileSink {
    fn drop(&mut self) {
        if let Some(unpublished) = &self.unpublished {
            unpublished.remove();
        }
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// The operating system refuses a request of too many pieces as a whole.
    #[test]
    fn many_pieces() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pieces");
        let mut sink = FileSink::open(&path, OpenMode::CreateNew).unwrap();
        let bytes: Vec<u8> = (0..5000u32).map(|i| i as u8).collect();
        let pieces: Vec<IoSlice<'_>> = bytes.chunks(1).map(IoSlice::new).collect();
        let mut written = 0;
        while written < pieces.len() {
            written += sink.write_at(written as u64, &pieces[written..]).unwrap();
        }
        assert!(std::fs::read(&path).unwrap() == bytes);
    }

    /// A device that is always full, and that cannot be synced: both are asked for.
    #[test]
    fn a_full_device() {
        let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut sink = FileSink {
            file,
            unsynced: None,
            unpublished: None,
        };
        let written = sink.write_at(0, &[IoSlice::new(b"a")]).unwrap_err();
        assert_eq!(written.raw_os_error(), Some(Errno::NOSPC.raw_os_error()));
        let synced = sink.sync().unwrap_err();
        assert_eq!(synced.raw_os_error(), Some(Errno::INVAL.raw_os_error()));
    }
}
