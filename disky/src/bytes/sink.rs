//! Sinks: positioned writes from several pieces of memory at once.

use crate::bytes::open_file::{OpenMode, directory_of, failed, lock};
use crate::bytes::source::FileSource;
use crate::bytes::unpublished::Unpublished;
use crate::bytes::{file_requests, platform};
use crate::error::Result;
use std::fs::File;
use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};

/// A growing sequence of bytes.
pub trait Sink {
    /// Writes `pieces` in order at `offset`, as many bytes as one request takes; returns their
    /// number.
    fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Cuts off all bytes from `size` on.
    fn truncate(&mut self, size: u64) -> io::Result<()>;

    /// Returns after all written bytes are durable: they survive a power failure.
    fn sync(&mut self) -> io::Result<()>;

    /// Called once, after everything was written.
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A regular file, written at positions (`pwritev` on Unix) and locked against other writers. The
/// lock does not keep out readers. On Unix (`flock`) it does not keep out programs that do not check
/// it either; on Windows nobody else can open the file for writing.
#[derive(Debug)]
pub struct FileSink {
    file: File,
    /// The directory that contains the file, until the entry of the file is durable.
    unsynced: Option<Directory>,
    /// The final name of a file that still has a temporary one.
    unpublished: Option<Unpublished>,
}

#[derive(Debug)]
struct Directory {
    path: PathBuf,
    /// Whether this sink has created the file: then its directory entry must become durable.
    file_is_new: bool,
}

impl FileSink {
    /// Opens the file at `path` for writing and locks it. Discards its contents if `mode` requires
    /// it, but only after locking it.
    ///
    /// Fails with [`ErrorKind::Locked`](crate::ErrorKind::Locked) if another writer has it open,
    /// and with [`ErrorKind::Io`](crate::ErrorKind::Io).
    pub fn open(path: &Path, mode: OpenMode) -> Result<Self> {
        let existed = match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => return Err(failed(platform::is_a_directory())),
            Ok(metadata) if !metadata.is_file() && mode != OpenMode::CreateNew => {
                return Err(failed(io::Error::other("not a regular file")));
            }
            Ok(_) => true,
            Err(_) => false,
        };
        let mut options = platform::writing_options();
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

    /// Opens the existing file at `path` unchanged, and locks it.
    pub(crate) fn open_existing(path: &Path) -> Result<Self> {
        let metadata = std::fs::metadata(path).map_err(failed)?;
        if metadata.is_dir() {
            return Err(failed(platform::is_a_directory()));
        }
        // Opening a pipe would block.
        if !metadata.is_file() {
            return Err(failed(io::Error::other("not a regular file")));
        }
        let file = platform::writing_options().open(path);
        let file = file.map_err(failed)?;
        lock(&file)?;
        Ok(Self {
            file,
            unsynced: Some(Directory::of(path, false)),
            unpublished: None,
        })
    }

    /// Creates a file that gets the name `path` only when it is [finished](Sink::finish). Until
    /// then it has a hidden name in the same directory: a dot, the name, shortened if it would be
    /// too long, a dot, 16 hexadecimal digits and `.tmp`. If it is not finished, it is removed.
    ///
    /// If a file with the name exists, this fails for [`OpenMode::CreateNew`], now and at the end.
    /// For [`OpenMode::Overwrite`] the file is locked now and replaced at the end. Fails with
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for [`OpenMode::Append`],
    /// and as [`open`](Self::open) does.
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

    /// The temporary name of a file that is created atomically, as an absolute path. `None` for
    /// other files, and after the file was [finished](Sink::finish).
    pub fn temporary_path(&self) -> Option<&Path> {
        self.unpublished.as_ref().map(Unpublished::temporary)
    }

    /// The current contents of the file.
    pub(crate) fn source(&self) -> Result<FileSource> {
        FileSource::of(self.file.try_clone().map_err(failed)?)
    }

    /// Makes the file's directory entry durable, once.
    fn sync_directory(&mut self) -> io::Result<()> {
        let Some(directory) = &self.unsynced else {
            return Ok(());
        };
        match file_requests::sync_directory(&directory.path) {
            // Another user has created the file, and this one may write to it in a directory
            // without permission to read.
            Err(_) if !directory.file_is_new => {}
            synced => synced?,
        }
        self.unsynced = None;
        Ok(())
    }
}

impl Directory {
    /// The directory of `path`, as an absolute path, because the working directory may change. If
    /// `path` is a symbolic link, the directory of its target.
    fn of(path: &Path, file_is_new: bool) -> Self {
        let file = platform::real_path(path).or_else(|_| std::path::absolute(path));
        let file = file.unwrap_or_else(|_| path.to_owned());
        Self {
            path: directory_of(&file),
            file_is_new,
        }
    }
}

impl Sink for FileSink {
    fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        file_requests::write(&self.file, pieces, offset)
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        file_requests::truncate(&self.file, size)
    }

    fn sync(&mut self) -> io::Result<()> {
        file_requests::sync_data(&self.file)?;
        self.sync_directory()
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some(unpublished) = &mut self.unpublished else {
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
    use rustix::io::Errno;
    use std::fs::OpenOptions;

    /// The operating system rejects a request with too many pieces completely.
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

    /// A device that is always full and cannot be synced; the test makes both requests.
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
