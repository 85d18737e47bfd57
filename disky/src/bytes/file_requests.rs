//! The requests to the operating system whose order decides which contents another writer finds in
//! a file, and which contents survive a power failure. No other module makes them, so that tests
//! can check their order.

use crate::bytes::platform;
use std::fs::{File, TryLockError};
use std::io::{self, IoSlice};
use std::path::Path;

/// A request to the operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    Lock,
    Write,
    Truncate,
    SyncData,
    SyncAll,
    SyncDirectory,
    Rename,
    Link,
}

pub(crate) fn lock(file: &File) -> Result<(), TryLockError> {
    made(Request::Lock, || file.metadata(), platform::try_lock(file))
}

pub(crate) fn write(file: &File, pieces: &[IoSlice<'_>], offset: u64) -> io::Result<usize> {
    let written = platform::write_at(file, pieces, offset);
    made(Request::Write, || file.metadata(), written)
}

pub(crate) fn truncate(file: &File, size: u64) -> io::Result<()> {
    made(Request::Truncate, || file.metadata(), file.set_len(size))
}

/// Returns after the contents and the size of the file are durable: they survive a power failure.
pub(crate) fn sync_data(file: &File) -> io::Result<()> {
    made(Request::SyncData, || file.metadata(), file.sync_data())
}

/// Does the same as [`sync_data`], also for the permissions and times of the file.
pub(crate) fn sync_all(file: &File) -> io::Result<()> {
    made(Request::SyncAll, || file.metadata(), file.sync_all())
}

/// Returns after the names in the directory at `path` are durable.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    let synced = platform::sync_directory(path);
    made(Request::SyncDirectory, || std::fs::metadata(path), synced)
}

/// Renames the file at `from` to `to`; replaces a file with this name.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let renamed = std::fs::rename(from, to);
    made(Request::Rename, || std::fs::metadata(to), renamed)
}

/// Renames the file at `from` to `to`; fails if a file has this name, and with
/// [`io::ErrorKind::Unsupported`] if this is not possible without replacing a file.
pub(crate) fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    let renamed = platform::rename_to_new(from, to);
    made(Request::Rename, || std::fs::metadata(to), renamed)
}

/// Gives the file at `from` the additional name `to`; fails if a file has this name.
pub(crate) fn link(from: &Path, to: &Path) -> io::Result<()> {
    let linked = std::fs::hard_link(from, to);
    made(Request::Link, || std::fs::metadata(to), linked)
}

#[cfg(not(all(test, unix)))]
fn made<T>(_: Request, _: impl FnOnce() -> io::Result<std::fs::Metadata>, outcome: T) -> T {
    outcome
}

#[cfg(all(test, unix))]
use recording::made;

/// The requests that this thread has made, each with its file or directory.
#[cfg(all(test, unix))]
mod recording {
    use super::Request;
    use std::cell::RefCell;
    use std::fs::Metadata;
    use std::io;
    use std::os::unix::fs::MetadataExt;

    thread_local! {
        static MADE: RefCell<Vec<(Request, u64)>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn made<T>(
        request: Request,
        of: impl FnOnce() -> io::Result<Metadata>,
        outcome: T,
    ) -> T {
        let inode = of().map_or(0, |metadata| metadata.ino());
        MADE.with_borrow_mut(|made| made.push((request, inode)));
        outcome
    }

    /// The requests since the last call; adjoining writes count as one.
    pub(super) fn take() -> Vec<(Request, u64)> {
        let mut made = MADE.take();
        made.dedup_by(|later, before| later == before && later.0 == Request::Write);
        made
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::Request::{Link, Lock, Rename, SyncAll, SyncData, SyncDirectory, Truncate, Write};
    use super::recording::take;
    use super::*;
    use crate::bytes::open_file::OpenMode;
    use crate::bytes::sink::{FileSink, Sink};
    use crate::bytes::unpublished::Unpublished;
    use crate::writing::record_writer::RecordWriter;
    use crate::writing::repair::repair;
    use crate::writing::writer_options::WriterOptions;
    use std::os::unix::fs::{MetadataExt, symlink};
    use std::path::PathBuf;

    fn inode(path: &Path) -> u64 {
        std::fs::metadata(path).unwrap().ino()
    }

    fn open(path: &Path, mode: OpenMode, options: &WriterOptions) -> RecordWriter<FileSink> {
        RecordWriter::open(path, mode, options).unwrap()
    }

    /// A directory with a file that ends in a torn chunk; the requests that made it are forgotten.
    fn torn_file() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("records");
        let mut writer = open(&path, OpenMode::CreateNew, &WriterOptions::default());
        for record in [b"first", b"other"] {
            writer.write(record).unwrap();
            writer.flush().unwrap();
        }
        writer.close().unwrap();
        let content = std::fs::read(&path).unwrap();
        std::fs::write(&path, &content[..content.len() - 1]).unwrap();
        take();
        (directory, path)
    }

    #[test]
    fn a_file_is_locked_before_it_is_emptied() {
        let (_directory, path) = torn_file();
        let file = inode(&path);
        let writer = open(&path, OpenMode::Overwrite, &WriterOptions::default());
        assert_eq!(take(), [(Lock, file), (Truncate, file), (Write, file)]);
        drop(writer);
    }

    #[test]
    fn a_sync_is_of_the_file_and_once_of_its_directory() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("records");
        for mode in [OpenMode::CreateNew, OpenMode::Append, OpenMode::Overwrite] {
            let mut writer = open(&path, mode, &WriterOptions::default());
            let file = inode(&path);
            writer.write(b"first").unwrap();
            take();
            writer.sync().unwrap();
            let place = inode(directory.path());
            let first = [(Write, file), (SyncData, file), (SyncDirectory, place)];
            assert_eq!(take(), first, "{mode:?}");
            writer.write(b"second").unwrap();
            writer.sync().unwrap();
            assert_eq!(take(), [(Write, file), (SyncData, file)], "{mode:?}");
            writer.write(b"third").unwrap();
            writer.close().unwrap();
            assert_eq!(take(), [(Write, file)], "{mode:?}");
        }
    }

    /// The directory of the target contains the file, not the directory of the link.
    #[test]
    fn a_sync_through_a_symbolic_link() {
        let (directory, path) = torn_file();
        let links = tempfile::tempdir().unwrap();
        let (link, dangling) = (links.path().join("link"), links.path().join("dangling"));
        symlink(&path, &link).unwrap();
        symlink(directory.path().join("new"), &dangling).unwrap();
        let synced = (SyncDirectory, inode(directory.path()));
        repair(&link, false).unwrap().unwrap();
        assert_eq!(take().last(), Some(&synced));
        for (path, mode) in [
            (&link, OpenMode::Append),
            (&link, OpenMode::Overwrite),
            (&dangling, OpenMode::Append),
        ] {
            let mut writer = open(path, mode, &WriterOptions::default());
            writer.sync().unwrap();
            assert_eq!(take().last(), Some(&synced), "{mode:?}");
        }
        let options = WriterOptions {
            atomic_creation: true,
            ..WriterOptions::default()
        };
        let writer = open(&link, OpenMode::Overwrite, &options);
        writer.close().unwrap();
        assert_eq!(take().last(), Some(&synced));
    }

    #[test]
    fn a_repair_is_on_the_disk_when_it_returns() {
        let (directory, path) = torn_file();
        let (place, file) = (inode(directory.path()), inode(&path));
        repair(&path, true).unwrap().unwrap();
        assert_eq!(take(), [], "looking takes no lock");
        repair(&path, false).unwrap().unwrap();
        let requests = [
            (Lock, file),
            (Truncate, file),
            (SyncData, file),
            (SyncDirectory, place),
        ];
        assert_eq!(take(), requests);
        assert_eq!(repair(&path, false).unwrap(), None);
        assert_eq!(take(), [(Lock, file)]);
    }

    /// The cut becomes durable together with the first records after it.
    #[test]
    fn a_file_that_is_repaired_and_continued() {
        let (directory, path) = torn_file();
        let (place, file) = (inode(directory.path()), inode(&path));
        let options = WriterOptions {
            repair: true,
            ..WriterOptions::default()
        };
        let mut writer = open(&path, OpenMode::Append, &options);
        assert!(writer.repair().is_some());
        writer.write(b"more").unwrap();
        writer.sync().unwrap();
        let requests = [
            (Lock, file),
            (Truncate, file),
            (Write, file),
            (SyncData, file),
            (SyncDirectory, place),
        ];
        assert_eq!(take(), requests);
    }

    #[test]
    fn a_file_is_on_the_disk_before_it_has_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("records");
        let options = WriterOptions {
            atomic_creation: true,
            ..WriterOptions::default()
        };
        for mode in [OpenMode::CreateNew, OpenMode::Overwrite] {
            let replaced = path.exists().then(|| (Lock, inode(&path)));
            let mut writer = open(&path, mode, &options);
            writer.write(b"first").unwrap();
            writer.close().unwrap();
            let (place, file) = (inode(directory.path()), inode(&path));
            let published = [
                (Lock, file),
                (Write, file),
                (SyncAll, file),
                (Rename, file),
                (SyncDirectory, place),
            ];
            let requests: Vec<_> = replaced.into_iter().chain(published).collect();
            assert_eq!(take(), requests, "{mode:?}");
        }
    }

    /// On a file system that cannot rename a file without replacing another one.
    #[test]
    fn a_file_that_gets_its_name_by_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("records");
        let (unpublished, _file) = Unpublished::create(&path, OpenMode::CreateNew).unwrap();
        unpublished.link_new().unwrap();
        assert_eq!(take(), [(Link, inode(&path))]);
    }

    /// Each recorded request has had an effect.
    #[test]
    fn requests_do_what_they_say() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("records");
        let mut sink = FileSink::open(&path, OpenMode::CreateNew).unwrap();
        sink.write_at(0, &[IoSlice::new(b"abc"), IoSlice::new(b"def")])
            .unwrap();
        sink.truncate(4).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"abcd");
        let other = File::open(&path).unwrap();
        assert!(matches!(lock(&other), Err(TryLockError::WouldBlock)));
        drop(sink);
        lock(&other).unwrap();
        let moved = directory.path().join("moved");
        rename(&path, &moved).unwrap();
        assert!(moved.exists() && !path.exists());
        assert!(sync_directory(&path).is_err());
    }
}
