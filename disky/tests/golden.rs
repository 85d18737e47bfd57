//! Files written by upstream disky and by the `riegeli` crate give their writers' records.

#![allow(clippy::unwrap_used)]

mod support;

use disky::{ErrorKind, FileSource, ReaderOptions, RecordReader};
use support::{digest, golden, manifest, read_all};

#[test]
fn every_golden_file_gives_its_records() {
    let files = manifest("manifest.tsv");
    assert!(files.len() >= 23, "only {} golden files", files.len());
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
fn what_is_not_supported_is_named() {
    for file in manifest("unsupported.tsv") {
        let path = golden().join(&file.path);
        let error = read_all(FileSource::open(&path).unwrap()).unwrap_err();
        let kinds = [
            ErrorKind::UnsupportedChunkType,
            ErrorKind::UnsupportedCompression,
        ];
        assert!(kinds.contains(&error.kind()), "{}: {error}", file.path);
        let named = ["transposed", "brotli", "snappy"];
        assert!(
            named.iter().any(|name| error.detail().contains(name)),
            "{}: {error}",
            file.path
        );
        // Counting needs chunk headers only.
        let mut reader = RecordReader::open(&path, ReaderOptions::default()).unwrap();
        assert_eq!(
            reader.count().unwrap() as usize,
            file.records,
            "{}",
            file.path
        );
    }
}
