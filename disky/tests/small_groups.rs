//! A writer writes small groups of an ArrayRecord together, and the file is the same as if it had
//! written each alone.

#![allow(clippy::unwrap_used)]

mod support;

use disky::{Compression, Container, Dialect, OpenMode, RecordWriter, Sink, WriterOptions};
use std::io::{self, IoSlice};
use support::{bytes, read_all};

/// Bytes in memory, and the size of each write.
#[derive(Default)]
struct Counting {
    content: Vec<u8>,
    writes: Vec<usize>,
}

impl Sink for Counting {
    fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        assert_eq!(offset, self.content.len() as u64);
        let size = pieces.iter().map(|piece| piece.len()).sum();
        pieces
            .iter()
            .for_each(|piece| self.content.extend_from_slice(piece));
        self.writes.push(size);
        Ok(size)
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        self.content.truncate(size as usize);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Each record is a chunk of its own.
fn single_records(container: Container) -> WriterOptions {
    WriterOptions {
        compression: Compression::None,
        dialect: Dialect::Riegeli,
        container,
        group_size: 1,
        chunk_size: 1,
        ..WriterOptions::default()
    }
}

fn groups() -> WriterOptions {
    single_records(Container::ArrayRecord)
}

fn write(records: &[Vec<u8>], options: &WriterOptions, flush: bool) -> Counting {
    let mut writer = RecordWriter::new(Counting::default(), options).unwrap();
    for record in records {
        writer.write(record).unwrap();
        if flush {
            writer.flush().unwrap();
        }
    }
    writer.finish().unwrap();
    std::mem::take(writer.sink_mut())
}

/// Also across block headers, and with chunks between that are too large to be written together.
#[test]
fn the_file_is_the_same() {
    for seed in 0..20 {
        println!("seed {seed}");
        let sizes = bytes(seed, 600);
        let records: Vec<_> = sizes
            .iter()
            .enumerate()
            .map(|(i, &size)| match size {
                0..5 => bytes(i as u64, 100_000),
                5..20 => bytes(i as u64, 32_000 + i),
                _ => bytes(i as u64, usize::from(size) * 20 * (seed as usize % 3)),
            })
            .collect();
        let together = write(&records, &groups(), false);
        let alone = write(&records, &groups(), true);
        assert!(together.content == alone.content);
        assert!(together.writes.len() * 2 < alone.writes.len());
        assert!(read_all(&together.content[..]).unwrap() == records);
    }
}

/// Each write but the first, which is the signature, and the last ones, which contain the index,
/// takes at least 256 KiB, and less than a chunk more.
#[test]
fn a_write_takes_many_small_chunks() {
    let records: Vec<_> = (0..3000).map(|i| bytes(i, 1000)).collect();
    let sink = write(&records, &groups(), false);
    let (full, end) = sink.writes[1..].split_at(11);
    assert!(
        full.iter()
            .all(|size| (256 << 10..(256 << 10) + 1100).contains(size)),
        "{full:?}"
    );
    assert!(end.len() <= 3, "{end:?}");
}

/// A chunk that is too large to be copied is written together with the small ones before it.
#[test]
fn a_large_chunk_takes_the_small_ones_along() {
    let records = [bytes(1, 10), bytes(2, 10), bytes(3, 100_000), bytes(4, 10)];
    let sink = write(&records, &groups(), false);
    assert_eq!(sink.writes.len(), 3, "{:?}", sink.writes);
    assert!(sink.writes[1] > 100_000, "{:?}", sink.writes);
}

/// A flush, a sync, and the end of a writer write all chunks; the size of the file counts them
/// before that.
#[test]
fn all_chunks_are_written_when_it_matters() {
    let directory = tempfile::tempdir().unwrap();
    for end in ["flush", "sync", "finish", "drop"] {
        let path = directory.path().join(end);
        let mut writer = RecordWriter::open(&path, OpenMode::CreateNew, &groups()).unwrap();
        let size = || std::fs::metadata(&path).unwrap().len();
        assert_eq!(size(), 64, "the signature is written at once");
        for i in 0..5 {
            writer.write(&bytes(i, 100)).unwrap();
        }
        writer.write_batch(b"last", &[4]).unwrap();
        assert_eq!(size(), 64, "the chunks are not written yet");
        let complete = writer.file_size();
        assert!(complete > 600);
        match end {
            "flush" => writer.flush().unwrap(),
            "sync" => writer.sync().unwrap(),
            "finish" => writer.finish().unwrap(),
            _ => drop(writer),
        }
        match end {
            "finish" => assert!(size() > complete, "the index follows"),
            _ => assert_eq!(size(), complete, "{end}"),
        }
        assert_eq!(
            read_all(&std::fs::read(&path).unwrap()[..]).unwrap().len(),
            6
        );
    }
}

/// Of a file that is not an ArrayRecord, readers see each chunk when it is full.
#[test]
fn chunks_of_other_files_are_written_at_once() {
    let records: Vec<_> = (0..20).map(|i| bytes(i, 100)).collect();
    let sink = write(&records, &single_records(Container::Records), false);
    assert_eq!(sink.writes.len(), 21, "{:?}", sink.writes);
}
