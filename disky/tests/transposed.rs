//! Records of real files, in transposed chunks that we write: they come back equal, from this crate
//! and from the `riegeli` crate, and take no more space than what that crate writes.

#![allow(clippy::unwrap_used)]

mod support;

use disky::{Brotli, ChunkWriter, Compression, TransposedChunkEncoder, Zstd};
use std::io::Cursor;
use support::{golden, read_all};

const CHUNK_SIZE: u64 = 1 << 20;

/// Ours and the `riegeli` crate's name of each compression, with the same parameters.
fn codecs() -> [(Compression, riegeli::CompressionType); 4] {
    use riegeli::CompressionType as Theirs;
    [
        (Compression::None, Theirs::None),
        (Compression::Zstd(Zstd::default()), Theirs::Zstd),
        (Compression::Brotli(Brotli::default()), Theirs::Brotli),
        (Compression::Snappy, Theirs::Snappy),
    ]
}

/// A file of `records` in chunks of about [`CHUNK_SIZE`] bytes.
fn write(records: &[Vec<u8>], encoder: &mut TransposedChunkEncoder) -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer = ChunkWriter::new(&mut file, 0);
    writer.write_signature().unwrap();
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    for (index, record) in records.iter().enumerate() {
        bytes.extend(record);
        ends.push(bytes.len() as u64);
        if index + 1 == records.len() || bytes.len() as u64 >= CHUNK_SIZE {
            let chunk = encoder.encode(&bytes, &ends).unwrap();
            writer.write(&chunk.header, &chunk.data).unwrap();
            bytes.clear();
            ends.clear();
        }
    }
    file
}

fn riegeli_writes(
    records: &[Vec<u8>],
    compression: riegeli::CompressionType,
    bucket_fraction: f64,
) -> Vec<u8> {
    let options = riegeli::WriterOptions::new()
        .transpose(true)
        .compression(compression)
        .chunk_size(CHUNK_SIZE)
        .bucket_fraction(bucket_fraction);
    let mut file = Vec::new();
    let mut writer = riegeli::RecordWriter::new(Cursor::new(&mut file), options).unwrap();
    for record in records {
        writer.write_record(record).unwrap();
    }
    writer.close().unwrap();
    file
}

fn riegeli_reads(file: &[u8]) -> Vec<Vec<u8>> {
    let options = riegeli::ReaderOptions::new();
    let mut reader = riegeli::RecordReader::new(Cursor::new(file), options).unwrap();
    std::iter::from_fn(|| reader.read_record().unwrap()).collect()
}

fn check(path: &str, sizes_too: bool) {
    let records = read_all(&std::fs::read(golden().join(path)).unwrap()[..]).unwrap();
    assert!(records.len() > 1, "{path}");
    for (compression, theirs) in codecs() {
        for bucket_fraction in [1.0, 0.01] {
            let bucket_size = (CHUNK_SIZE as f64 * bucket_fraction) as u64;
            let mut encoder = TransposedChunkEncoder::new(compression, bucket_size).unwrap();
            let file = write(&records, &mut encoder);
            let what = format!("{path} {theirs:?} {bucket_fraction}");
            assert!(read_all(&file[..]).unwrap() == records, "{what}");
            assert!(riegeli_reads(&file) == records, "{what}");
            if sizes_too {
                let (ours, theirs) = (
                    file.len(),
                    riegeli_writes(&records, theirs, bucket_fraction).len(),
                );
                assert!(ours * 100 <= theirs * 101, "{what}: {ours}, {theirs}");
            }
        }
    }
}

#[test]
fn messages() {
    check("riegeli/protos.none.transposed.riegeli", true);
    check("arrayrecord/protos.zstd.transposed.arrayrecord", true);
}

#[test]
fn records_that_are_no_messages() {
    check("riegeli/lines.none.riegeli", true);
    // Of several sizes, so that the chunks of both writers differ.
    check("riegeli/mixed.none.riegeli", false);
    check("riegeli/empties.zstd.riegeli", true);
}
