//! A repair does not cut records that recovery returns.
#![allow(clippy::unwrap_used)]

mod support;

use disky::{Chunk, ChunkReader, RecordWriter, WriterOptions, repair};
use support::bytes;

/// A file of one block, with a chunk for each record.
fn small_file() -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer = RecordWriter::new(&mut file, &WriterOptions::default()).unwrap();
    for seed in 0..6 {
        writer.write(&bytes(seed, 100)).unwrap();
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    file
}

fn chunks(file: &[u8]) -> Vec<Chunk> {
    let mut reader = ChunkReader::new(file);
    let mut chunks = Vec::new();
    while let Some(chunk) = reader.chunk().unwrap() {
        chunks.push(chunk);
        reader.advance();
    }
    chunks
}

/// Nothing states where the chunk after a damaged header begins, but recovery finds it.
#[test]
fn chunks_that_recovery_finds_are_not_cut() {
    let file = small_file();
    let chunks = chunks(&file);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    for (damaged, at) in chunks[1..]
        .iter()
        .flat_map(|chunk| [(chunk, 0), (chunk, 39)])
    {
        let mut content = file.clone();
        content[damaged.begin as usize + at] ^= 1;
        std::fs::write(&path, &content).unwrap();
        let repaired = repair(&path, false);
        if damaged.end == file.len() as u64 {
            assert_eq!(repaired.unwrap().unwrap().size_after, damaged.begin);
        } else {
            let error = repaired.unwrap_err();
            assert_eq!(error.position(), Some(damaged.begin));
            let place = format!("the chunk at byte {} after it is intact", damaged.end);
            assert!(error.detail().contains(&place), "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), content);
        }
    }
}
