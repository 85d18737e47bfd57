//! ArrayRecord files: what is written, and what is read where their ends lie.

#![allow(clippy::unwrap_used)]

mod support;

use disky::{
    ArrayRecordPart, Brotli, ChunkWriter, Compression, Container, Dialect, ErrorKind, FileSource,
    Limits, OpenMode, ReaderOptions, RecordReader, RecordWriter, SimpleChunkEncoder,
    SizeDistribution, WriterOptions, Zstd,
};
use support::{bytes, golden, manifest, read_all, read_until_error, write_all};

const BLOCK: usize = 65536;

fn options(group_size: u32, compression: Compression) -> WriterOptions {
    WriterOptions {
        compression,
        dialect: Dialect::Riegeli,
        container: Container::ArrayRecord,
        group_size,
        ..WriterOptions::default()
    }
}

fn records(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|i| bytes(i as u64, i * 37 % 900)).collect()
}

/// The chunks of records: how many records each has, and what it is.
fn chunks(file: &[u8]) -> Vec<(u64, u64, Option<ArrayRecordPart>)> {
    let mut reader = RecordReader::new(file, ReaderOptions::default());
    let (mut chunks, mut position) = (Vec::new(), 0);
    while let Some(found) = reader.chunk_at(position).unwrap() {
        let header = found.chunk.header;
        if header.chunk_type.holds_records() {
            chunks.push((found.chunk.begin, header.num_records, found.part));
        }
        position = found.chunk.end;
    }
    chunks
}

/// What `file` gives, and what the reader has to say about it.
fn read_with_notices(file: &[u8]) -> (Vec<Vec<u8>>, Vec<String>) {
    let mut reader = RecordReader::new(file, ReaderOptions::default());
    let counted = reader.count().unwrap();
    let mut memory = disky::BatchMemory::default();
    let mut records = Vec::new();
    while let Some(batch) = reader.next_batch(&mut memory).unwrap() {
        records.extend(batch.iter().map(<[u8]>::to_vec));
    }
    assert_eq!(counted, records.len() as u64);
    let notices = std::iter::from_fn(|| reader.take_notice());
    (records, notices.map(|notice| notice.message).collect())
}

#[test]
fn groups_are_of_one_size_but_the_last() {
    for (count, group_size, expected) in [
        (0, 4, vec![]),
        (1, 4, vec![1]),
        (4, 4, vec![4]),
        (9, 4, vec![4, 4, 1]),
        (3, 1, vec![1, 1, 1]),
    ] {
        let records = records(count);
        let file = write_all(&records, &options(group_size, Compression::default()));
        let chunks = chunks(&file);
        let (user, index) = chunks.split_at(chunks.len() - 2);
        let sizes: Vec<u64> = user.iter().map(|&(_, records, _)| records).collect();
        assert_eq!(sizes, expected);
        assert!(user.iter().all(|&(_, _, part)| part.is_none()));
        let entries = expected.len() as u64 + 1;
        assert_eq!(
            (index[0].1, index[0].2),
            (entries, Some(ArrayRecordPart::Footer))
        );
        let last_block = (file.len() - BLOCK) as u64;
        assert_eq!(index[1], (last_block, 3, Some(ArrayRecordPart::Postscript)));
        assert_eq!(file.len() % BLOCK, 0);
        assert!(read_all(&file[..]).unwrap() == records);
    }
}

#[test]
fn every_codec_transposed_and_padded() {
    let records = records(100);
    let zstd = Zstd::default().with_window_log(20).unwrap();
    for compression in [
        Compression::None,
        Compression::Zstd(zstd),
        Compression::Brotli(Brotli::new(0).unwrap()),
        Compression::Snappy,
    ] {
        for (transpose, final_padding) in [(false, 1), (true, 1), (false, 65536)] {
            let options = WriterOptions {
                transpose,
                final_padding,
                metadata: Some(b"\x0a\x01x".to_vec()),
                ..options(7, compression)
            };
            let file = write_all(&records, &options);
            let (found, notices) = read_with_notices(&file);
            assert!(found == records, "{options:?}");
            assert!(notices.is_empty(), "{notices:?}");
            if final_padding > 1 {
                let begins = chunks(&file).into_iter().skip(1).map(|(begin, ..)| begin);
                assert!(begins.into_iter().all(|begin| begin % 65536 == 0));
            }
        }
    }
}

/// Without its end, or with another one, the footer is known by what it lists.
#[test]
fn files_that_lost_their_postscript() {
    for file in manifest("manifest.tsv") {
        if !file.path.starts_with("arrayrecord/") {
            continue;
        }
        let whole = std::fs::read(golden().join(&file.path)).unwrap();
        let records = read_all(&whole[..]).unwrap();
        assert_eq!(records.len(), file.records);
        let cut = &whole[..whole.len() - BLOCK];
        let (found, notices) = read_with_notices(cut);
        assert!(found == records && notices.is_empty(), "{}", file.path);
        // Padding and more behind it: not the last chunk, and not at the end.
        let padded = [&whole[..], &whole[..BLOCK * 2]].concat();
        if file.records == 0 {
            let (found, _) = read_with_notices(&padded);
            assert!(found.is_empty());
        }
    }
}

#[test]
fn array_records_that_were_concatenated() {
    let (one, two) = (records(10), records(25));
    let mut file = write_all(&one, &options(4, Compression::default()));
    file.extend(write_all(&two, &options(4, Compression::default())));
    let (found, notices) = read_with_notices(&file);
    // The postscript at the end counts from the beginning of its own file.
    assert!(
        found == [one, two].concat() && notices.is_empty(),
        "{notices:?}"
    );
}

/// A file whose last chunks are those of `footer_of`, but which states a footer at `stated`.
fn forged(group: &[&[u8]], footer: &[Vec<u8>], stated: impl Fn(u64) -> u64) -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer = ChunkWriter::new(&mut file, 0);
    writer.write_signature().unwrap();
    let mut write = |records: &[Vec<u8>]| {
        let begin = writer.position();
        let mut encoder = SimpleChunkEncoder::new(Compression::None, Dialect::Riegeli).unwrap();
        let ends: Vec<u64> = records
            .iter()
            .scan(0, |end, record| {
                *end += record.len() as u64;
                Some(*end)
            })
            .collect();
        let data = records.concat();
        let chunk = encoder.encode(&data, &ends).unwrap();
        writer.write(&chunk.header, &chunk.data).unwrap();
        begin
    };
    write(
        &group
            .iter()
            .map(|record| record.to_vec())
            .collect::<Vec<_>>(),
    );
    let footer_begin = write(footer);
    writer.pad_to_multiple(65536).unwrap();
    let mut postscript = vec![0x08];
    varint(stated(footer_begin), &mut postscript);
    postscript.push(0x10);
    varint(0x7193_0e70_4fda_e05e, &mut postscript);
    let mut encoder = SimpleChunkEncoder::new(Compression::None, Dialect::Riegeli).unwrap();
    let ends = [postscript.len() as u64];
    let chunk = encoder.encode(&postscript, &ends).unwrap();
    writer.write(&chunk.header, &chunk.data).unwrap();
    writer.pad_to_multiple(65536).unwrap();
    file
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A footer's first record, of a version, numbers of chunks and records.
fn metadata(version: u8, chunks: u8, records: u8) -> Vec<u8> {
    vec![0x0a, 6, 0x08, version, 0x10, chunks, 0x18, records]
}

/// A footer's entry for a chunk.
fn entry(begin: u8, size: u8, records: u8) -> Vec<u8> {
    vec![0x08, begin, 0x10, size, 0x18, records]
}

#[test]
fn a_footer_that_is_right() {
    let file = forged(
        &[b"a", b"bc"],
        &[metadata(1, 1, 2), entry(64, 3, 2)],
        |at| at,
    );
    let (found, notices) = read_with_notices(&file);
    assert_eq!((found.len(), notices), (2, vec![]));
}

#[test]
fn a_postscript_that_points_elsewhere() {
    for stated in [0, 1, 64, 65, 65536, 1 << 40, u64::MAX] {
        let file = forged(
            &[b"a", b"bc"],
            &[metadata(1, 1, 2), entry(64, 3, 2)],
            |_| stated,
        );
        let (found, notices) = read_with_notices(&file);
        assert_eq!(found, [b"a".to_vec(), b"bc".to_vec()], "{stated}");
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(
            notices[0].contains(&format!("states a footer at byte {stated}")),
            "{notices:?}"
        );
    }
}

#[test]
fn a_footer_that_disagrees_with_its_chunks() {
    for (footer, expected) in [
        (
            vec![metadata(1, 1, 2), entry(65, 3, 2)],
            "disagrees with the file",
        ),
        (
            vec![metadata(1, 1, 3), entry(64, 3, 3)],
            "disagrees with the file",
        ),
        (
            vec![metadata(1, 2, 4), entry(64, 3, 2), entry(70, 3, 2)],
            "lists 2 chunks with 4 records, before it lie 1 chunks with 2 records",
        ),
        (vec![metadata(1, 0, 0)], "lists 0 chunks"),
    ] {
        let file = forged(&[b"a", b"bc"], &footer, |at| at);
        let (found, notices) = read_with_notices(&file);
        assert_eq!(found, [b"a".to_vec(), b"bc".to_vec()], "{footer:?}");
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].contains(expected), "{notices:?}");
    }
}

/// A footer that cannot be used is a footer; what is none at all holds records, whatever a postscript
/// says.
#[test]
fn a_footer_that_cannot_be_used() {
    for (footer, expected, more) in [
        (vec![metadata(1, 2, 2), entry(64, 3, 2)], "other totals", 0),
        (vec![metadata(2, 1, 2), entry(64, 3, 2)], "version 2", 0),
        (vec![b"hello".to_vec()], "not those of a footer", 1),
    ] {
        let file = forged(&[b"a", b"bc"], &footer, |at| at);
        let (found, notices) = read_with_notices(&file);
        assert_eq!(found.len(), 2 + more, "{footer:?}");
        assert!(
            notices.len() == 1 && notices[0].contains(expected),
            "{notices:?}"
        );
    }
}

/// A footer beyond the limit on chunks is no records either.
#[test]
fn a_footer_that_is_too_large() {
    let records = vec![b"x".to_vec(); 3000];
    let file = write_all(&records, &options(1, Compression::None));
    let limited = ReaderOptions {
        limits: Limits::default().max_chunk_size(20_000),
        ..ReaderOptions::default()
    };
    let mut reader = RecordReader::new(&file[..], limited);
    assert_eq!(reader.count().unwrap(), 3000);
    let mut memory = disky::BatchMemory::default();
    let mut found = 0;
    while let Some(batch) = reader.next_batch(&mut memory).unwrap() {
        found += batch.len();
    }
    assert_eq!(found, 3000);
    let notice = reader.take_notice().unwrap();
    assert!(notice.message.contains("exceeds the limit"), "{notice:?}");
    assert_eq!(reader.take_notice(), None);
}

/// What lies where a postscript would is not decoded if it is too large for one.
#[test]
fn a_bomb_in_place_of_a_postscript() {
    let mut file = Vec::new();
    let mut writer = ChunkWriter::new(&mut file, 0);
    writer.write_signature().unwrap();
    writer.pad_to_multiple(65536).unwrap();
    let zeros = vec![0; 64 << 20];
    let mut encoder = SimpleChunkEncoder::new(Compression::default(), Dialect::Riegeli).unwrap();
    let chunk = encoder.encode(&zeros, &[zeros.len() as u64]).unwrap();
    writer.write(&chunk.header, &chunk.data).unwrap();
    writer.pad_to_multiple(65536).unwrap();
    assert_eq!(file.len(), 131_072);
    let limited = ReaderOptions {
        limits: Limits::default().max_chunk_size(1 << 20),
        ..ReaderOptions::default()
    };
    let mut reader = RecordReader::new(&file[..], limited);
    assert_eq!(reader.count().unwrap(), 1);
    let error = reader.next(&mut [], &mut []).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

/// Short messages that start like an empty footer are records, wherever they are the first ones.
#[test]
fn a_record_like_an_empty_footer() {
    let first = [
        vec![0x0a, 2, 0x08, 1],
        vec![0x0a, 8, 0x08, 1, 0x22, 4, b'n', b'a', b'm', b'e'],
        metadata(1, 0, 0),
    ];
    for record in first {
        for count in [1, 3] {
            let records = vec![record.clone(); count];
            for options in [
                WriterOptions {
                    chunk_size: 1,
                    ..WriterOptions::default()
                },
                WriterOptions {
                    chunk_size: 1,
                    dialect: Dialect::Riegeli,
                    ..WriterOptions::default()
                },
                options(1, Compression::default()),
            ] {
                let file = write_all(&records, &options);
                let (found, notices) = read_with_notices(&file);
                assert!(found == records, "{record:?} {options:?}");
                assert!(notices.is_empty(), "{notices:?}");
            }
        }
    }
}

/// Records that look like a footer where none can be are the user's.
#[test]
fn records_that_are_footers() {
    let footer = [metadata(1, 1, 2), entry(64, 3, 2)];
    let magic = [
        &[0x08, 0x40, 0x10][..],
        &[0xde, 0xc0, 0xeb, 0xfe, 0x84, 0xce, 0xc3, 0xc9, 0x71],
    ];
    let records = vec![footer[0].clone(), footer[1].clone(), magic.concat()];
    for chunk_size in [1, 1 << 20] {
        let options = WriterOptions {
            compression: Compression::None,
            chunk_size,
            ..WriterOptions::default()
        };
        let file = write_all(&records, &options);
        assert!(read_all(&file[..]).unwrap() == records);
    }
}

#[test]
fn damage_in_footer_and_postscript_is_reported() {
    let records = records(10);
    let file = write_all(&records, &options(4, Compression::default()));
    let chunks = chunks(&file);
    for (begin, _, part) in chunks {
        let mut damaged = file.clone();
        let data_begin = begin as usize
            + if (begin as usize).is_multiple_of(BLOCK) {
                64
            } else {
                40
            };
        damaged[data_begin + 3] ^= 1;
        let (found, error) = read_until_error(&damaged[..]);
        let error = error.unwrap();
        assert_eq!(
            (error.kind(), error.position()),
            (ErrorKind::DataHash, Some(begin))
        );
        if part.is_some() {
            assert!(found == records);
        }
    }
}

#[test]
fn what_the_container_cannot_do_is_refused() {
    let mut file = Vec::new();
    let mut writer = RecordWriter::new(&mut file, &options(4, Compression::default())).unwrap();
    writer.write(b"one").unwrap();
    let error = writer.flush().unwrap_err();
    assert!(
        error.detail().contains("after 1 records of a group of 4"),
        "{error}"
    );
    for _ in 0..3 {
        writer.write(b"more").unwrap();
    }
    writer.flush().unwrap();
    writer.write_batch(b"abc", &[1, 2, 3]).unwrap();
    for ends in [&[1, 2, 3, 3][..], &[3]] {
        let error = writer.write_batch(b"abc", ends).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.detail().contains("after one of 3"), "{error}");
    }
    writer.finish().unwrap();
    assert!(writer.write(b"x").unwrap_err().detail().contains("ended"));
    writer.close().unwrap();
    assert_eq!(read_all(&file[..]).unwrap().len(), 7);

    let mut other = Vec::new();
    let mut writer = RecordWriter::new(&mut other, &options(2, Compression::None)).unwrap();
    let error = writer.write_batch(b"abc", &[1, 2, 3]).unwrap_err();
    assert!(error.detail().contains("a group of 3 records"), "{error}");
    drop(writer);

    let options = WriterOptions {
        final_padding: 4096,
        ..options(1, Compression::None)
    };
    let error = RecordWriter::new(&mut other, &options).err().unwrap();
    assert!(
        error.detail().contains("final padding 1 or 65536"),
        "{error}"
    );
}

/// Records that were taken and then lost are reported by every later call.
#[test]
fn a_failure_that_loses_records_lasts() {
    let mut file = Vec::new();
    let mut writer = RecordWriter::new(&mut file, &options(2, Compression::None)).unwrap();
    writer.write_batch(b"a", &[1]).unwrap();
    writer.write(b"b").unwrap();
    writer.write(b"c").unwrap();
    for _ in 0..2 {
        let error = writer.write(b"d").unwrap_err();
        assert!(error.detail().contains("after one of 1"), "{error}");
    }
    assert!(writer.finish().is_err());
    assert!(writer.close().is_err());
}

#[test]
fn an_array_record_is_not_continued() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.arrayrecord");
    std::fs::write(
        &path,
        write_all(&records(3), &options(1, Compression::None)),
    )
    .unwrap();
    // Without its last block, too: the footer is there.
    let whole = std::fs::read(&path).unwrap();
    for before in [&whole[..], &whole[..whole.len() - BLOCK]] {
        std::fs::write(&path, before).unwrap();
        refuses_to_continue(&path);
    }
}

fn refuses_to_continue(path: &std::path::Path) {
    let before = std::fs::read(path).unwrap();
    for options in [
        WriterOptions::default(),
        WriterOptions {
            dialect: Dialect::Riegeli,
            ..WriterOptions::default()
        },
        options(1, Compression::None),
    ] {
        let error = RecordWriter::open(path, OpenMode::Append, &options)
            .err()
            .unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.detail().contains("cannot be continued"), "{error}");
        assert!(std::fs::read(path).unwrap() == before);
    }
}

/// The sizes of records, without decoding them.
#[test]
fn record_sizes_of_every_golden_file() {
    for file in manifest("manifest.tsv") {
        let path = golden().join(&file.path);
        if path.is_dir() {
            continue;
        }
        let mut reader = RecordReader::new(FileSource::open(&path).unwrap(), Default::default());
        let sizes = reader.record_sizes().unwrap();
        let mut expected = SizeDistribution::default();
        for record in read_all(FileSource::open(&path).unwrap()).unwrap() {
            expected.add(record.len() as u64);
        }
        assert!(sizes == expected, "{}", file.path);
    }
}
