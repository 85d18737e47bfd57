//! What holds when writes and syncs fail, and of files that are created atomically.
#![allow(clippy::unwrap_used)]

mod support;

use disky::{
    Chunk, ChunkReader, Compression, Container, Dialect, ErrorKind, FileSource, OpenMode,
    RecordWriter, Sink, WriterOptions,
};
use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::path::Path;
use std::rc::Rc;
use support::{bytes, read_all, read_until_error};

const ENOSPC: i32 = 28;
const EIO: i32 = 5;
const EINTR: i32 = 4;

/// What a sink is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Write { offset: u64, done: Option<usize> },
    Truncate { size: u64, done: bool },
    Sync { done: bool },
}

/// What is to go wrong.
#[derive(Debug, Clone, Copy, Default)]
struct Faults {
    /// The write, counted from 0, that fails, and how.
    write: Option<(usize, i32)>,
    /// Once that write has failed, all do.
    writes_fail_on: bool,
    /// The most bytes that a write takes.
    short: Option<usize>,
    /// Each call is interrupted so many times before it is done.
    interruptions: usize,
    truncate_fails: bool,
    /// The sync, counted from 0, that fails; the next one succeeds.
    sync: Option<usize>,
}

#[derive(Default)]
struct State {
    content: Vec<u8>,
    /// The end of the last write that did not fail.
    written: u64,
    calls: Vec<Call>,
    writes: usize,
    syncs: usize,
    interrupted: usize,
    faults: Faults,
}

/// Bytes in memory whose disk fails.
#[derive(Clone, Default)]
struct FaultySink(Rc<RefCell<State>>);

impl FaultySink {
    fn with(faults: Faults) -> Self {
        let sink = Self::default();
        sink.0.borrow_mut().faults = faults;
        sink
    }

    fn content(&self) -> Vec<u8> {
        self.0.borrow().content.clone()
    }

    fn calls(&self) -> Vec<Call> {
        self.0.borrow().calls.clone()
    }

    fn written(&self) -> u64 {
        self.0.borrow().written
    }
}

fn os(code: i32) -> io::Error {
    io::Error::from_raw_os_error(code)
}

impl State {
    fn interrupt(&mut self) -> io::Result<()> {
        if self.interrupted < self.faults.interruptions {
            self.interrupted += 1;
            return Err(os(EINTR));
        }
        self.interrupted = 0;
        Ok(())
    }

    /// Writes as much as the disk takes; a write that fails may have written something.
    fn write(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let index = self.writes;
        self.writes += 1;
        let all: Vec<u8> = pieces
            .iter()
            .flat_map(|piece| piece.iter().copied())
            .collect();
        let fault = self
            .faults
            .write
            .filter(|&(at, _)| index == at || (self.faults.writes_fail_on && index > at));
        let taken = match fault {
            Some(_) => all.len() / 2,
            None => all.len().min(self.faults.short.unwrap_or(usize::MAX)),
        };
        let mut content = &mut self.content;
        content.write_at(offset, &[IoSlice::new(&all[..taken])])?;
        match fault {
            Some((_, code)) => Err(os(code)),
            None => {
                self.written = offset + taken as u64;
                Ok(taken)
            }
        }
    }
}

impl Sink for FaultySink {
    fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut state = self.0.borrow_mut();
        state.interrupt()?;
        let written = state.write(offset, pieces);
        let done = written.as_ref().ok().copied();
        state.calls.push(Call::Write { offset, done });
        written
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        state.interrupt()?;
        let done = !state.faults.truncate_fails;
        state.calls.push(Call::Truncate { size, done });
        if !done {
            return Err(os(EIO));
        }
        state.content.truncate(size as usize);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        state.interrupt()?;
        let done = state.faults.sync != Some(state.syncs);
        state.syncs += 1;
        state.calls.push(Call::Sync { done });
        if done { Ok(()) } else { Err(os(EIO)) }
    }
}

fn options(dialect: Dialect, final_padding: u64) -> WriterOptions {
    WriterOptions {
        compression: Compression::None,
        dialect,
        chunk_size: 70_000,
        final_padding,
        ..WriterOptions::default()
    }
}

/// Groups of one record, so small that several are written together.
fn small_groups(final_padding: u64) -> WriterOptions {
    WriterOptions {
        container: Container::ArrayRecord,
        group_size: 1,
        ..options(Dialect::Riegeli, final_padding)
    }
}

fn records() -> Vec<Vec<u8>> {
    (0..30).map(|i| bytes(i, 10_000 + i as usize)).collect()
}

fn chunks(file: &[u8]) -> Vec<Chunk> {
    let mut reader = ChunkReader::new(file);
    let mut chunks = Vec::new();
    while let Some(chunk) = reader.chunk().unwrap() {
        reader.verify_data(&chunk).unwrap();
        chunks.push(chunk);
        reader.advance();
    }
    chunks
}

/// The error, how many records were flushed before, and the writer if there was one.
type Failure = (disky::Error, usize, Option<RecordWriter<FaultySink>>);

/// Writes until a call fails, flushing now and then.
fn write_until_failure(sink: &FaultySink, options: &WriterOptions) -> Result<(), Box<Failure>> {
    let mut flushed = 0;
    let mut writer = match RecordWriter::new(sink.clone(), options) {
        Ok(writer) => writer,
        Err(error) => return Err(Box::new((error, 0, None))),
    };
    for (index, record) in records().iter().enumerate() {
        let mut step = || -> disky::Result<()> {
            writer.write(record)?;
            if index % 4 == 3 {
                writer.flush()?;
                flushed = index + 1;
            }
            Ok(())
        };
        if let Err(error) = step() {
            return Err(Box::new((error, flushed, Some(writer))));
        }
    }
    match writer.finish() {
        Ok(()) => Ok(()),
        Err(error) => Err(Box::new((error, flushed, Some(writer)))),
    }
}

/// Each write fails in turn. The file has all flushed records, and ends after the last chunk that
/// was written completely. All later calls fail, too.
#[test]
fn every_write_fails_once() {
    for options in [
        options(Dialect::Disky, 1),
        options(Dialect::Riegeli, 65536),
        small_groups(1),
    ] {
        let sink = FaultySink::default();
        assert!(write_until_failure(&sink, &options).is_ok());
        let whole = chunks(&sink.content());
        for (code, interruptions, short) in [
            (ENOSPC, 0, None),
            (EIO, 0, None),
            (ENOSPC, 2, None),
            (ENOSPC, 0, Some(15_000)),
        ] {
            let mut at = 0;
            loop {
                let sink = FaultySink::with(Faults {
                    write: Some((at, code)),
                    interruptions,
                    short,
                    ..Faults::default()
                });
                let Err(failure) = write_until_failure(&sink, &options) else {
                    break;
                };
                let (error, flushed, writer) = *failure;
                let context =
                    format!("write {at} fails with {code}, {interruptions}, {short:?}: {error}");
                assert_eq!(error.kind(), ErrorKind::Io, "{context}");
                assert_eq!(error.os_error(), Some(code), "{context}");
                let content = sink.content();
                let found = read_all(&content[..]).unwrap();
                assert!(found.len() >= flushed, "{context}");
                assert!(found == records()[..found.len()], "{context}");
                let complete = whole.iter().rfind(|chunk| chunk.end <= sink.written());
                let end = complete.map_or(0, |chunk| chunk.end);
                assert_eq!(content.len() as u64, end, "{context}");
                assert_eq!(error.position(), Some(end), "{context}");
                if let Some(writer) = writer {
                    lasts(writer, &sink, code);
                }
                at += 1;
            }
            assert!(at > 5, "only {at} writes");
        }
    }
}

/// Every call fails as the first one did, and the sink is not asked again.
fn lasts(mut writer: RecordWriter<FaultySink>, sink: &FaultySink, code: i32) {
    let (before, content) = (sink.calls().len(), sink.content());
    let failures = [
        writer.write(b"more").unwrap_err(),
        writer.flush().unwrap_err(),
        writer.sync().unwrap_err(),
        writer.write_batch(b"ab", &[1, 2]).unwrap_err(),
        writer.finish().unwrap_err(),
        writer.close().unwrap_err(),
    ];
    for failure in failures {
        assert_eq!(failure.kind(), ErrorKind::Io, "{failure}");
        assert_eq!(failure.os_error(), Some(code), "{failure}");
    }
    assert_eq!(sink.calls().len(), before);
    assert!(sink.content() == content);
}

/// A signal that comes between a failure and the cut does not keep the cut from being made.
#[test]
fn a_cut_that_is_interrupted() {
    let sink = FaultySink::with(Faults {
        write: Some((2, ENOSPC)),
        interruptions: 5,
        ..Faults::default()
    });
    let (error, ..) = *write_until_failure(&sink, &options(Dialect::Disky, 1)).unwrap_err();
    let whole = error.position().unwrap();
    let cut = Call::Truncate {
        size: whole,
        done: true,
    };
    assert_eq!(sink.calls().last(), Some(&cut));
    assert_eq!(sink.content().len() as u64, whole);
}

/// A file that cannot even be cut keeps a torn tail; what was flushed is before it.
#[test]
fn a_cut_that_fails() {
    for at in 1..8 {
        let sink = FaultySink::with(Faults {
            write: Some((at, ENOSPC)),
            writes_fail_on: true,
            truncate_fails: true,
            ..Faults::default()
        });
        let (error, flushed, writer) =
            *write_until_failure(&sink, &options(Dialect::Disky, 1)).unwrap_err();
        assert_eq!(error.os_error(), Some(ENOSPC), "{error}");
        let whole = error.position().unwrap();
        assert_eq!(
            sink.calls().last(),
            Some(&Call::Truncate {
                size: whole,
                done: false
            })
        );
        lasts(writer.unwrap(), &sink, ENOSPC);
        let content = sink.content();
        let (found, damage) = read_until_error(&content[..]);
        assert!(found.len() >= flushed && found == records()[..found.len()]);
        assert_eq!(damage.unwrap().position(), Some(whole));

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("torn");
        std::fs::write(&path, &content).unwrap();
        let repaired = disky::repair(&path, false).unwrap().unwrap();
        assert_eq!(repaired.size_after, whole);
    }
}

/// Writes that take a few bytes, and calls that signals interrupt, give the same file.
#[test]
fn short_writes_and_interruptions() {
    for options in [
        options(Dialect::Disky, 1),
        options(Dialect::Riegeli, 4096),
        small_groups(65536),
    ] {
        let whole = FaultySink::default();
        assert!(write_until_failure(&whole, &options).is_ok());
        for (short, interruptions) in [(Some(1000), 0), (Some(65_537), 2), (None, 3)] {
            let sink = FaultySink::with(Faults {
                short,
                interruptions,
                ..Faults::default()
            });
            assert!(write_until_failure(&sink, &options).is_ok());
            assert!(
                sink.content() == whole.content(),
                "{short:?} {interruptions}"
            );
        }
    }
    // A disk that takes nothing, and says nothing either, is full.
    let sink = FaultySink::with(Faults {
        short: Some(0),
        ..Faults::default()
    });
    let (error, ..) = *write_until_failure(&sink, &options(Dialect::Disky, 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
}

/// After a sync has failed nothing is acknowledged any more: the next one would succeed though what
/// was written may be lost.
#[test]
fn a_failed_sync_is_not_made_up_for() {
    for at in 0..3 {
        let sink = FaultySink::with(Faults {
            sync: Some(at),
            ..Faults::default()
        });
        let options = options(Dialect::Disky, 1);
        let mut writer = RecordWriter::new(sink.clone(), &options).unwrap();
        for round in 0..=at {
            writer.write(&bytes(round as u64, 100)).unwrap();
            match writer.sync() {
                Ok(()) => assert!(round < at),
                Err(error) => {
                    assert_eq!((round, error.os_error()), (at, Some(EIO)), "{error}");
                }
            }
        }
        assert_eq!(sink.calls().last(), Some(&Call::Sync { done: false }));
        lasts(writer, &sink, EIO);
        // What was written stays: it may be on the disk.
        assert_eq!(read_all(&sink.content()[..]).unwrap().len(), at + 1);
    }
}

/// A sync comes after all of the writes that it vouches for.
#[test]
fn a_sync_comes_last() {
    let sink = FaultySink::default();
    let mut writer = RecordWriter::new(sink.clone(), &options(Dialect::Disky, 1)).unwrap();
    for round in 0..5 {
        writer.write(&bytes(round, 1000)).unwrap();
        writer.sync().unwrap();
        assert_eq!(sink.calls().last(), Some(&Call::Sync { done: true }));
        let found = read_all(&sink.content()[..]).unwrap();
        assert_eq!(found.len() as u64, round + 1);
    }
    let syncs = sink
        .calls()
        .iter()
        .filter(|call| matches!(call, Call::Sync { .. }))
        .count();
    assert_eq!(syncs, 5);
    // Without being asked nobody syncs.
    writer.write(b"more").unwrap();
    writer.close().unwrap();
    let last = sink.calls().last().copied();
    assert!(
        matches!(last, Some(Call::Write { done: Some(_), .. })),
        "{last:?}"
    );
}

/// A file that a writer has open keeps what it holds, whoever wants to overwrite or repair it.
#[test]
fn a_file_that_is_locked_is_not_emptied() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("records");
    let plain = options(Dialect::Disky, 1);
    let mut writer = RecordWriter::open(&path, OpenMode::CreateNew, &plain).unwrap();
    writer.write(b"first").unwrap();
    writer.flush().unwrap();
    let before = std::fs::read(&path).unwrap();
    for mode in [OpenMode::Overwrite, OpenMode::Append] {
        let error = RecordWriter::open(&path, mode, &plain).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
        assert!(std::fs::read(&path).unwrap() == before, "{mode:?}");
    }
    writer.write(b"second").unwrap();
    writer.close().unwrap();
    let found = read_all(FileSource::open(&path).unwrap()).unwrap();
    assert_eq!(found, [b"first".to_vec(), b"second".to_vec()]);
}

// Files that are created atomically

fn atomic() -> WriterOptions {
    WriterOptions {
        atomic_creation: true,
        ..options(Dialect::Disky, 1)
    }
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_appears_when_it_is_complete() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("records");
    for mode in [
        OpenMode::CreateNew,
        OpenMode::Overwrite,
        OpenMode::Overwrite,
    ] {
        let before = std::fs::read(&path).ok();
        let mut writer = RecordWriter::open(&path, mode, &atomic()).unwrap();
        for record in records() {
            writer.write(&record).unwrap();
        }
        writer.flush().unwrap();
        assert!(std::fs::read(&path).ok() == before);
        let hidden = names(directory.path())[0].clone();
        assert!(
            hidden.starts_with(".records.") && hidden.ends_with(".tmp"),
            "{hidden}"
        );
        assert_eq!(hidden.len(), ".records..tmp".len() + 16, "{hidden}");
        let error = writer.sync().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        writer.close().unwrap();
        assert_eq!(names(directory.path()), ["records"]);
        let found = read_all(FileSource::open(&path).unwrap()).unwrap();
        assert!(found == records());
    }
}

#[test]
fn a_writer_that_is_dropped_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("records");
    for before in [None, Some(b"as it was".to_vec())] {
        if let Some(before) = &before {
            std::fs::write(&path, before).unwrap();
        }
        let mut writer = RecordWriter::open(&path, OpenMode::Overwrite, &atomic()).unwrap();
        writer.write(&bytes(1, 500_000)).unwrap();
        drop(writer);
        assert_eq!(std::fs::read(&path).ok(), before);
        assert_eq!(names(directory.path()).len(), usize::from(before.is_some()));
    }
}

#[test]
fn a_file_that_appeared_meanwhile_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("records");
    let writer = RecordWriter::open(&path, OpenMode::CreateNew, &atomic()).unwrap();
    std::fs::write(&path, "new").unwrap();
    let error = writer.close().unwrap_err();
    assert_eq!(error.os_error(), Some(17), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    assert_eq!(names(directory.path()), ["records"]);
    let error = RecordWriter::open(&path, OpenMode::CreateNew, &atomic())
        .err()
        .unwrap();
    assert_eq!(error.os_error(), Some(17), "{error}");
    let error = RecordWriter::open(&path, OpenMode::Append, &atomic())
        .err()
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    assert_eq!(names(directory.path()), ["records"]);
}

/// A file that another writer holds is not replaced, and not written while it is to be replaced.
#[test]
fn writers_of_the_file_to_be_replaced_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("records");
    let plain = options(Dialect::Disky, 1);
    let first = RecordWriter::open(&path, OpenMode::CreateNew, &plain).unwrap();
    let error = RecordWriter::open(&path, OpenMode::Overwrite, &atomic())
        .err()
        .unwrap();
    assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
    first.close().unwrap();
    let second = RecordWriter::open(&path, OpenMode::Overwrite, &atomic()).unwrap();
    for mode in [OpenMode::Append, OpenMode::Overwrite] {
        let error = RecordWriter::open(&path, mode, &plain).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Locked, "{error}");
    }
    second.close().unwrap();
    std::fs::remove_file(&path).unwrap();
    // One that came into being meanwhile.
    let third = RecordWriter::open(&path, OpenMode::Overwrite, &atomic()).unwrap();
    let fourth = RecordWriter::open(&path, OpenMode::CreateNew, &plain).unwrap();
    let error = third.close().unwrap_err();
    assert!(error.detail().contains("another writer"), "{error}");
    fourth.close().unwrap();
    assert_eq!(names(directory.path()), ["records"]);
}

/// Syncing a file's directory is what makes its entry last: once for each writer.
#[test]
fn the_directory_is_synced_once() {
    let parent = tempfile::tempdir().unwrap();
    let plain = options(Dialect::Disky, 1);
    let create = |name: &str| {
        let directory = parent.path().join(name);
        std::fs::create_dir(&directory).unwrap();
        let path = directory.join("records");
        let writer = RecordWriter::open(&path, OpenMode::CreateNew, &plain).unwrap();
        (directory, writer)
    };
    // A directory that is gone cannot be synced.
    let (directory, mut writer) = create("first");
    std::fs::remove_dir_all(&directory).unwrap();
    let error = writer.sync().unwrap_err();
    assert_eq!(error.os_error(), Some(2), "{error}");
    assert_eq!(writer.close().unwrap_err().os_error(), Some(2));

    let (directory, mut writer) = create("second");
    writer.sync().unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    writer.write(b"more").unwrap();
    writer.sync().unwrap();
    writer.close().unwrap();

    // Somebody else created the file: its directory need not even be open to this writer.
    let (directory, writer) = create("third");
    writer.close().unwrap();
    let path = directory.join("records");
    let mut writer = RecordWriter::open(&path, OpenMode::Append, &plain).unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    writer.write(b"more").unwrap();
    writer.sync().unwrap();
    writer.close().unwrap();
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let directory = tempfile::tempdir().unwrap();
    let (path, link) = (
        directory.path().join("records"),
        directory.path().join("link"),
    );
    std::fs::write(&path, "old").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("records", &link).unwrap();
    let writer = RecordWriter::open(&link, OpenMode::Overwrite, &atomic()).unwrap();
    writer.close().unwrap();
    assert!(link.is_symlink());
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(
        read_all(FileSource::open(&path).unwrap())
            .unwrap()
            .is_empty()
    );
    assert_eq!(names(directory.path()), ["link", "records"]);
}

/// The names of files may be as long as the file system takes, and temporary ones are no longer.
#[test]
fn a_long_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("n".repeat(255));
    RecordWriter::open(&path, OpenMode::CreateNew, &atomic())
        .unwrap()
        .close()
        .unwrap();
    assert_eq!(names(directory.path()), ["n".repeat(255)]);
}
