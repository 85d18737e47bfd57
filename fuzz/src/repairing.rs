//! Continues files that are torn, or worse, and files that are not.

use super::forging::forge;
use super::input::Input;
use super::reading::{BatchRead, read_batches};
use super::recovery::{chunk_at, edit, embeds_a_file, recover, sound_file};
use disky::{
    Compression, Dialect, Error, ErrorKind, OpenMode, RecordWriter, Repair, SIGNATURE_SIZE,
    WriterOptions, repair,
};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

const ADDED: &[u8] = b"added";

const MAX_EDITS: usize = 4;

/// Continues a file that `data` describe, with and without a repair: any bytes, a file of any chunks
/// with damage of any kind, or a sound file that is torn.
pub fn append_repair(data: &[u8]) {
    let mut input = Input::new(data);
    match input.choice(3) {
        0 => continue_in_every_way(input.rest()),
        1 => {
            let description = input.bytes();
            let mut file = forge(&mut Input::new(description));
            for _ in 0..MAX_EDITS {
                if input.is_empty() {
                    break;
                }
                edit(&mut file, &mut input);
            }
            continue_in_every_way(&file);
        }
        _ => torn_file(&mut input),
    }
}

/// A file of a name that nobody else has, removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    /// In memory where there is such a directory: some file systems write to the disk at once what is
    /// written to a file that was cut.
    fn of(content: &[u8]) -> Self {
        static FILES: AtomicU64 = AtomicU64::new(0);
        let memory = Path::new("/dev/shm");
        let directory = match memory.is_dir() {
            true => memory.to_owned(),
            false => std::env::temp_dir(),
        };
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        let path = directory.join(format!("disky-fuzz-{}-{number}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Self(path)
    }

    fn content(&self) -> Vec<u8> {
        std::fs::read(&self.0).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn continue_in_every_way(content: &[u8]) {
    let file = Scratch::of(content);
    let found = repair(&file.0, true);
    let unchanged = || assert!(file.content() == content, "the file was changed");
    unchanged();
    match (&found, append(&file, false)) {
        (Ok(None), Ok(None)) => {
            check_continued(content, content.len(), &file.content());
            return;
        }
        (Ok(None), appended) => panic!("{content:02x?} is intact, but {appended:?}"),
        (Ok(Some(torn)), Err(error)) => assert_eq!(error.position(), Some(torn.size_after)),
        (Err(refusal), Err(error)) => assert_eq!(refusal.kind(), error.kind()),
        (found, Ok(_)) => panic!("continued, though a repair says {found:?}"),
    }
    unchanged();
    match (found, append(&file, true)) {
        (Ok(found), Ok(repaired)) => {
            assert_eq!(repaired, found);
            let torn = found.unwrap();
            assert_eq!(torn.size_before, content.len() as u64);
            assert!(torn.size_after < torn.size_before && !torn.reason.is_empty());
            check_cut(content, torn.size_after);
            check_continued(content, torn.size_after as usize, &file.content());
            check_repaired_alone(content, &torn);
        }
        (Err(refusal), Err(error)) => {
            assert_eq!(refusal.kind(), error.kind());
            unchanged();
        }
        (found, appended) => panic!("a dry run says {found:?}, in fact {appended:?}"),
    }
}

/// Opens the file to continue it and adds a record; returns what was cut off.
fn append(file: &Scratch, repair: bool) -> Result<Option<Repair>, Error> {
    let options = WriterOptions {
        compression: Compression::None,
        dialect: Dialect::Riegeli,
        repair,
        ..WriterOptions::default()
    };
    let mut writer = RecordWriter::open(&file.0, OpenMode::Append, &options)?;
    let repaired = writer.repair().cloned();
    writer.write(ADDED).unwrap();
    writer.close().unwrap();
    Ok(repaired)
}

/// Nothing that is whole is behind the cut.
fn check_cut(content: &[u8], cut: u64) {
    let placed = recover(content, false).batches;
    let lost = placed.iter().find(|batch| batch.chunk_begin >= cut);
    assert!(lost.is_none(), "{lost:?} is cut off at {cut}");
}

/// What is kept is as it was, and what was read of it before is, and then what was added.
fn check_continued(before: &[u8], kept: usize, after: &[u8]) {
    // Nothing but what lies where the padding of the last chunk should.
    let changed = (0..kept).find(|&at| ![Some(&before[at]), Some(&0)].contains(&after.get(at)));
    assert_eq!(changed, None, "what is kept of {} bytes", before.len());
    let (old, new) = (read_batches(before), read_batches(after));
    assert!(new.batches.starts_with(&old.batches));
    let readable = read_batches(&before[..kept]).failure.is_none();
    if readable {
        assert_eq!(new.failure, None);
        let [added] = &new.batches[old.batches.len()..] else {
            panic!("{:?} and what was added are {:?}", old.batches, new.batches);
        };
        assert_eq!((added.records, added.bytes), (1, ADDED.len() as u64));
    }
}

/// A repair by itself cuts as much, and then there is nothing to repair.
fn check_repaired_alone(content: &[u8], torn: &Repair) {
    let file = Scratch::of(content);
    assert_eq!(repair(&file.0, false).unwrap().as_ref(), Some(torn));
    assert!(file.content() == content[..torn.size_after as usize]);
    assert_eq!(repair(&file.0, true).unwrap(), None);
}

/// A file that is torn anywhere, and perhaps followed by zeros, keeps every whole chunk.
fn torn_file(input: &mut Input<'_>) {
    let description = input.bytes();
    let Some(original) = sound_file(&mut Input::new(description)) else {
        return;
    };
    let mut file = original.clone();
    let size = (input.number() as usize) % (original.len() + 1);
    file.truncate(match input.choice(2) {
        0 => size,
        _ => original.len() - size,
    });
    let torn_at = file.len();
    let zeros = input.number().min(1 << 18) as usize;
    file.resize(file.len() + zeros, 0);
    continue_in_every_way(&file);
    if embeds_a_file(&original) {
        return;
    }
    let expected: Vec<BatchRead> = read_batches(&original).batches;
    let whole = |batch: &BatchRead| {
        let chunk = chunk_at(&file, batch.chunk_begin);
        chunk.is_some_and(|(header, data)| disky::hash(&data) == header.data_hash)
    };
    let expected: Vec<BatchRead> = expected.into_iter().filter(whole).collect();
    let torn = Scratch::of(&file);
    match append(&torn, true) {
        Ok(_) => {
            let found = read_batches(&torn.content());
            assert_eq!(found.failure, None);
            assert_eq!(found.batches[..found.batches.len() - 1], expected);
        }
        // An ArrayRecord, or no record file any more.
        Err(error) => match error.kind() {
            ErrorKind::InvalidArgument => {}
            ErrorKind::NotARecordFile => assert!(torn_at < SIGNATURE_SIZE as usize),
            // Zeros made the torn chunk whole, but no block header in it.
            ErrorKind::BlockHeader => assert!(zeros > 0),
            _ => panic!("{error}"),
        },
    }
}
