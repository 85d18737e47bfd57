//! What is written is read back, by this crate and, in the RIEGELI dialect, by the `riegeli` crate.

#![allow(clippy::unwrap_used)]

mod support;

use disky::{
    Brotli, Compression, Container, Dialect, FileSource, OpenMode, RecordWriter, WriterOptions,
    Zstd,
};
use proptest::prelude::*;
use std::io::Cursor;
use support::{bytes, read_all, write_all};

const BLOCK: usize = 65536;

/// The ways to lay out chunks: compression, dialect, and whether chunks are transposed.
fn layouts() -> Vec<(Compression, Dialect, bool)> {
    let zstd = Compression::Zstd(Zstd::default());
    // The fastest quality: what is tested is the layout.
    let brotli = Compression::Brotli(Brotli::new(0).unwrap());
    let mut layouts = vec![
        (Compression::None, Dialect::Disky, false),
        (zstd, Dialect::Disky, false),
    ];
    for compression in [Compression::None, zstd, brotli, Compression::Snappy] {
        layouts.push((compression, Dialect::Riegeli, false));
        layouts.push((compression, Dialect::Riegeli, true));
    }
    layouts
}

fn riegeli_reads(file: &[u8]) -> Vec<Vec<u8>> {
    let options = riegeli::ReaderOptions::new();
    let mut reader = riegeli::RecordReader::new(Cursor::new(file), options).unwrap();
    let mut records = Vec::new();
    while let Some(record) = reader.read_record().unwrap() {
        records.push(record);
    }
    records
}

fn riegeli_metadata(file: &[u8]) -> Option<Vec<u8>> {
    let options = riegeli::ReaderOptions::new();
    let mut reader = riegeli::RecordReader::new(Cursor::new(file), options).unwrap();
    reader.read_serialized_metadata().unwrap()
}

fn check(records: &[Vec<u8>], chunk_size: u64) {
    for (compression, dialect, transpose) in layouts() {
        let options = WriterOptions {
            compression,
            dialect,
            transpose,
            chunk_size,
            ..WriterOptions::default()
        };
        let file = write_all(records, &options);
        let sizes = || records.iter().map(Vec::len).collect::<Vec<_>>();
        assert!(
            read_all(&file[..]).unwrap() == records,
            "{options:?} {:?}",
            sizes()
        );
        if dialect == Dialect::Riegeli {
            assert!(riegeli_reads(&file) == records, "{options:?} {:?}", sizes());
        }
    }
}

/// Record sizes around everything that has an edge.
fn awkward_sizes(chunk_size: usize) -> Vec<usize> {
    let mut sizes = vec![0, 1, 2, 126, 127, 128, 129, 16383, 16384, 16385];
    sizes.extend([
        chunk_size - 9,
        chunk_size - 8,
        chunk_size - 7,
        chunk_size,
        chunk_size + 1,
    ]);
    sizes
}

#[test]
fn awkward_sizes_alone_and_together() {
    for chunk_size in [1000, 16384, 65536] {
        let sizes = awkward_sizes(chunk_size);
        let records: Vec<Vec<u8>> = sizes.iter().map(|&len| bytes(len as u64, len)).collect();
        check(&records, chunk_size as u64);
        for record in records {
            check(&[record], chunk_size as u64);
        }
    }
}

/// Chunks that end, and chunk headers that begin, at every offset around a block boundary.
#[test]
fn every_offset_around_a_block_boundary() {
    for len in BLOCK - 300..BLOCK + 100 {
        let records = [bytes(1, len), bytes(2, 10), bytes(3, 70)];
        let options = WriterOptions {
            compression: Compression::None,
            chunk_size: 1,
            ..Default::default()
        };
        let file = write_all(&records, &options);
        assert!(
            read_all(&file[..]).unwrap() == records,
            "first record of {len} bytes"
        );
        assert!(
            riegeli_reads(&file) == records,
            "first record of {len} bytes"
        );
    }
}

#[test]
fn records_over_many_blocks() {
    let records = [
        bytes(1, 5 << 20),
        vec![],
        bytes(2, 3 * BLOCK - 24),
        bytes(3, 1),
    ];
    check(&records, 1 << 20);
}

/// A chunk takes at least one byte of the file per record, whatever is in it.
#[test]
fn a_chunk_of_empty_records_is_padded() {
    let records = vec![Vec::new(); 200_000];
    check(&records, 1 << 20);
    check(&records, 1 << 22);
}

/// "A chunk closes before a record that would take (record bytes + 8 per record) past the chunk
/// size."
#[test]
fn chunk_boundaries() {
    let records_in_chunks = |sizes: &[usize], chunk_size: u64| {
        let records: Vec<Vec<u8>> = sizes.iter().map(|&len| bytes(9, len)).collect();
        let options = WriterOptions {
            chunk_size,
            ..Default::default()
        };
        let file = write_all(&records, &options);
        let mut reader = disky::RecordReader::new(&file[..], Default::default());
        let (mut chunks, mut position) = (Vec::new(), 0);
        while let Some(description) = reader.chunk_at(position).unwrap() {
            position = description.chunk.end;
            if description.chunk.header.chunk_type.holds_records() {
                chunks.push(description.chunk.header.num_records);
            }
        }
        chunks
    };
    assert_eq!(records_in_chunks(&[42, 42], 100), [2]);
    assert_eq!(records_in_chunks(&[42, 43], 100), [1, 1]);
    assert_eq!(records_in_chunks(&[0; 13], 100), [12, 1]);
    assert_eq!(records_in_chunks(&[500, 1, 1], 100), [1, 2]);
    assert_eq!(records_in_chunks(&[1, 500, 1], 100), [1, 1, 1]);
}

/// Every codec, transposed or not, padded or not, with metadata or not, in chunks that are flushed
/// one by one: read back here and by the `riegeli` crate.
#[test]
fn every_combination_of_the_riegeli_dialect() {
    let sizes = [0, 1, 126, 127, 128, 16383, 16384, 70_000, 0];
    let records: Vec<Vec<u8>> = sizes.iter().map(|&len| bytes(len as u64, len)).collect();
    let comment = b"\x0a\x05hello".to_vec();
    for (compression, dialect, transpose) in layouts() {
        if dialect == Dialect::Disky {
            continue;
        }
        for final_padding in [1, 100, 4096, 65536, 200_000] {
            for metadata in [None, Some(comment.clone()), Some(Vec::new())] {
                let options = WriterOptions {
                    compression,
                    dialect,
                    transpose,
                    final_padding,
                    metadata: metadata.clone(),
                    bucket_fraction: if final_padding == 100 { 0.0 } else { 1.0 },
                    ..WriterOptions::default()
                };
                let mut file = Vec::new();
                let mut writer = RecordWriter::new(&mut file, &options).unwrap();
                for record in &records {
                    writer.write(record).unwrap();
                    writer.flush().unwrap();
                    assert!(writer.file_size().is_multiple_of(final_padding));
                }
                writer.close().unwrap();
                assert!((file.len() as u64).is_multiple_of(final_padding));
                assert!(read_all(&file[..]).unwrap() == records, "{options:?}");
                assert!(riegeli_reads(&file) == records, "{options:?}");
                let mut reader = disky::RecordReader::new(&file[..], Default::default());
                assert_eq!(reader.metadata().unwrap(), metadata, "{options:?}");
                let found = riegeli_metadata(&file);
                assert_eq!(found, metadata, "{options:?}");
            }
        }
    }
}

/// Files of whole blocks can be put one after the other.
#[test]
fn padded_files_are_concatenated() {
    let options = WriterOptions {
        dialect: Dialect::Riegeli,
        final_padding: 65536,
        metadata: Some(b"\x0a\x01a".to_vec()),
        ..WriterOptions::default()
    };
    let records: Vec<Vec<u8>> = (0..300).map(|i| bytes(i, 1000)).collect();
    let file: Vec<u8> = records
        .chunks(100)
        .flat_map(|part| write_all(part, &options))
        .collect();
    assert!(read_all(&file[..]).unwrap() == records);
    assert!(riegeli_reads(&file) == records);
}

/// A file that is continued is padded before.
#[test]
fn initial_padding() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("appended");
    let options = WriterOptions {
        dialect: Dialect::Riegeli,
        initial_padding: 4096,
        ..WriterOptions::default()
    };
    for round in 0..3 {
        let mut writer = RecordWriter::open(&path, OpenMode::Append, &options).unwrap();
        let begin = writer.file_size();
        assert!(begin == 64 || begin.is_multiple_of(4096), "{begin}");
        assert_eq!(begin == 64, round == 0);
        writer.write(&[round; 50]).unwrap();
        writer.close().unwrap();
    }
    let expected: Vec<Vec<u8>> = (0..3).map(|round| vec![round; 50]).collect();
    assert!(riegeli_reads(&std::fs::read(&path).unwrap()) == expected);
    assert!(read_all(FileSource::open(&path).unwrap()).unwrap() == expected);
}

/// Without compression a file of the DISKY dialect is one of Riegeli's too, also where a chunk has
/// no records, or a longer varint than need be, for the sake of upstream's reader.
#[test]
fn uncompressed_files_for_upstream_are_read_by_others() {
    // The chunk of the last size ends at the first block boundary.
    for sizes in [vec![3, 300_000], vec![BLOCK - 64 - 45]] {
        let records: Vec<_> = sizes.iter().map(|&size| bytes(7, size)).collect();
        let [plain, file] = [false, true].map(|compatible| {
            let options = WriterOptions {
                compression: Compression::None,
                chunk_size: 1,
                upstream_compatibility: compatible,
                ..WriterOptions::default()
            };
            write_all(&records, &options)
        });
        assert!(file.len() > plain.len());
        assert!(riegeli_reads(&file) == records);
        assert!(read_all(&file[..]).unwrap() == records);
    }
}

/// What upstream's reader cannot read is not written in its dialect; what makes no sense is not
/// written at all.
#[test]
fn options_that_do_not_go_together() {
    let disky = WriterOptions::default;
    let riegeli = || WriterOptions {
        dialect: Dialect::Riegeli,
        ..disky()
    };
    let cases = [
        (
            WriterOptions {
                transpose: true,
                ..disky()
            },
            "choose RIEGELI",
        ),
        (
            WriterOptions {
                metadata: Some(vec![]),
                ..disky()
            },
            "choose RIEGELI",
        ),
        (
            WriterOptions {
                final_padding: 65536,
                ..disky()
            },
            "choose RIEGELI",
        ),
        (
            WriterOptions {
                initial_padding: 2,
                ..disky()
            },
            "choose RIEGELI",
        ),
        (
            WriterOptions {
                compression: Compression::Snappy,
                ..disky()
            },
            "choose RIEGELI",
        ),
        (
            WriterOptions {
                container: Container::ArrayRecord,
                ..disky()
            },
            "choose RIEGELI",
        ),
        (
            WriterOptions {
                group_size: 0,
                ..riegeli()
            },
            "group size 0",
        ),
        (
            WriterOptions {
                final_padding: 0,
                ..riegeli()
            },
            "padding 0",
        ),
        (
            WriterOptions {
                final_padding: (1 << 30) + 1,
                ..riegeli()
            },
            "padding 1073741825",
        ),
        (
            WriterOptions {
                bucket_fraction: 1.01,
                ..riegeli()
            },
            "bucket fraction 1.01",
        ),
        (
            WriterOptions {
                bucket_fraction: f64::NAN,
                ..riegeli()
            },
            "bucket fraction NaN",
        ),
        (
            WriterOptions {
                chunk_size: 0,
                ..riegeli()
            },
            "chunk size 0",
        ),
    ];
    for (options, expected) in cases {
        let mut file = Vec::new();
        let error = RecordWriter::new(&mut file, &options).err().unwrap();
        assert_eq!(error.kind(), disky::ErrorKind::InvalidArgument);
        assert!(error.detail().contains(expected), "{}", error.detail());
        assert!(file.is_empty());
    }
}

/// What the C++ writer takes as options, read back here and by the `riegeli` crate.
#[test]
fn levels_and_windows() {
    let records: Vec<Vec<u8>> = (0..200).map(|i| bytes(i, 300)).collect();
    let mut compressions = Vec::new();
    for level in [-131_072, -7, 0, 1, 19] {
        let zstd = Zstd::new(level).unwrap();
        compressions.push(Compression::Zstd(zstd));
        let narrow = zstd.with_window_log(*Zstd::WINDOW_LOGS.start()).unwrap();
        compressions.push(Compression::Zstd(narrow));
        let wide = zstd.with_window_log(*Zstd::WINDOW_LOGS.end()).unwrap();
        compressions.push(Compression::Zstd(wide));
    }
    for quality in [0, 6, 11] {
        let brotli = Brotli::new(quality).unwrap();
        compressions.push(Compression::Brotli(brotli));
        for window_log in [Brotli::WINDOW_LOGS.start(), Brotli::WINDOW_LOGS.end()] {
            let brotli = brotli.with_window_log(*window_log).unwrap();
            compressions.push(Compression::Brotli(brotli));
        }
    }
    for compression in compressions {
        let options = WriterOptions {
            compression,
            dialect: Dialect::Riegeli,
            ..WriterOptions::default()
        };
        let file = write_all(&records, &options);
        assert!(read_all(&file[..]).unwrap() == records, "{compression:?}");
        assert!(riegeli_reads(&file) == records, "{compression:?}");
    }
}

#[test]
fn appending_continues_at_every_offset_of_a_block() {
    let directory = tempfile::tempdir().unwrap();
    for (index, len) in (BLOCK - 220..BLOCK + 40).enumerate() {
        let path = directory.path().join(index.to_string());
        let (compression, dialect, transpose) = layouts()[index % layouts().len()];
        let options = WriterOptions {
            compression,
            dialect,
            transpose,
            ..Default::default()
        };
        let none = WriterOptions {
            compression: Compression::None,
            ..Default::default()
        };
        let mut expected = Vec::new();
        for (step, options) in [&none, &options, &none].into_iter().enumerate() {
            let record = bytes(step as u64, if step == 0 { len } else { 100 });
            let mut writer = RecordWriter::open(&path, OpenMode::Append, options).unwrap();
            writer.write(&record).unwrap();
            writer.close().unwrap();
            expected.push(record);
        }
        let found = read_all(FileSource::open(&path).unwrap()).unwrap();
        assert!(found == expected, "first record of {len} bytes");
        if dialect == Dialect::Riegeli {
            assert!(riegeli_reads(&std::fs::read(&path).unwrap()) == expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn any_records_in_any_chunks(
        sizes in prop::collection::vec(
            prop_oneof![0usize..300, 126usize..130, 16380usize..16390, BLOCK - 64..BLOCK + 64],
            0..30,
        ),
        chunk_size in prop_oneof![1u64..200, 1000u64..100_000, Just(1 << 20)],
        seed: u64,
    ) {
        let records: Vec<Vec<u8>> = sizes
            .iter()
            .enumerate()
            .map(|(i, &len)| bytes(seed ^ i as u64, len))
            .collect();
        check(&records, chunk_size);
    }

    #[test]
    fn what_the_riegeli_crate_writes(
        sizes in prop::collection::vec(prop_oneof![0usize..300, BLOCK - 64..BLOCK + 64], 0..20),
        chunk_size in 1u64..100_000,
        compression in prop::sample::select(vec![
            riegeli::CompressionType::None,
            riegeli::CompressionType::Zstd,
            riegeli::CompressionType::Brotli,
            riegeli::CompressionType::Snappy,
        ]),
        transpose: bool,
    ) {
        let records: Vec<Vec<u8>> =
            sizes.iter().enumerate().map(|(i, &len)| bytes(i as u64, len)).collect();
        let options = riegeli::WriterOptions::new()
            .compression(compression)
            .chunk_size(chunk_size)
            .transpose(transpose);
        let mut file = Vec::new();
        let mut writer = riegeli::RecordWriter::new(Cursor::new(&mut file), options).unwrap();
        for record in &records {
            writer.write_record(record).unwrap();
        }
        writer.close().unwrap();
        prop_assert!(read_all(&file[..]).unwrap() == records);
    }
}
