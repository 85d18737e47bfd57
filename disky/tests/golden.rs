//! Files written by upstream disky, by the `riegeli` crate and by Google's `array_record` give
//! their writers' records.

#![allow(clippy::unwrap_used)]

mod support;

use disky::{BatchMemory, FileSource, ReaderOptions, RecordReader};
use support::{digest, golden, manifest, read_all};

#[test]
fn every_golden_file_gives_its_records() {
    let files = manifest("manifest.tsv");
    assert!(files.len() >= 49, "only {} golden files", files.len());
    for file in files {
        let path = golden().join(&file.path);
        let mut records = Vec::new();
        if path.is_dir() {
            for shard in std::fs::read_dir(&path).unwrap() {
                let source = FileSource::open(&shard.unwrap().path()).unwrap();
                records.extend(read_all(source).unwrap());
            }
            records.sort();
        } else {
            records = read_all(FileSource::open(&path).unwrap()).unwrap();
            let mut reader = RecordReader::open(&path, ReaderOptions::default()).unwrap();
            assert_eq!(
                reader.count().unwrap() as usize,
                file.records,
                "{}",
                file.path
            );
        }
        assert_eq!(records.len(), file.records, "{}", file.path);
        let bytes: usize = records.iter().map(Vec::len).sum();
        assert_eq!(bytes, file.bytes, "{}", file.path);
        assert_eq!(digest(&records), file.digest, "{}", file.path);
    }
}

#[test]
fn metadata_are_read_from_anywhere() {
    for file in manifest("manifest.tsv") {
        let path = golden().join(&file.path);
        if path.is_dir() {
            continue;
        }
        let mut reader = RecordReader::open(&path, ReaderOptions::default()).unwrap();
        let mut memory = BatchMemory::default();
        let mut records = 0;
        let before = reader.metadata().unwrap();
        while let Some(batch) = reader.next_batch(&mut memory).unwrap() {
            records += batch.len();
            assert_eq!(reader.metadata().unwrap(), before, "{}", file.path);
        }
        assert_eq!(records, file.records, "{}", file.path);
        // The file comment is field 1 of RecordsMetadata.
        let comment = file.note.contains("file_comment").then(|| {
            let comment = format!("golden lines {}", file.codec);
            [&[0x0a, comment.len() as u8], comment.as_bytes()].concat()
        });
        assert_eq!(before, comment, "{}", file.path);
    }
}
