//! Damage is named exactly, after every record before it; nothing panics and nothing wrong comes
//! out.
#![allow(clippy::unwrap_used)]

mod support;

use disky::{
    BatchMemory, Brotli, ChunkHeader, ChunkType, ChunkWriter, Compression, Dialect, ErrorKind,
    Limits, OpenMode, ReaderOptions, RecordReader, RecordWriter, Source, WriterOptions, hash,
};
use proptest::prelude::*;
use std::io::Cursor;
use support::{bytes, read_all, read_until_error, write_all};

const BLOCK: usize = 65536;
const SIGNATURE: usize = disky::SIGNATURE_SIZE as usize;

fn options(compression: Compression, dialect: Dialect, chunk_size: u64) -> WriterOptions {
    WriterOptions {
        compression,
        dialect,
        chunk_size,
        ..WriterOptions::default()
    }
}

fn layouts() -> Vec<(Compression, Dialect)> {
    vec![
        (Compression::None, Dialect::Disky),
        (Compression::default(), Dialect::Disky),
        (Compression::default(), Dialect::Riegeli),
        (Compression::Brotli(Brotli::default()), Dialect::Riegeli),
        (Compression::Snappy, Dialect::Riegeli),
    ]
}

/// A file of three chunks over several blocks, and its records.
fn sample(compression: Compression, dialect: Dialect) -> (Vec<u8>, Vec<Vec<u8>>) {
    let records: Vec<Vec<u8>> = (0..60).map(|i| bytes(i, 3000 + i as usize)).collect();
    (
        write_all(&records, &options(compression, dialect, 70_000)),
        records,
    )
}

fn chunk_begins(file: &[u8]) -> Vec<usize> {
    let mut reader = RecordReader::new(file, ReaderOptions::default());
    let (mut begins, mut position) = (Vec::new(), 0);
    while let Some(description) = reader.chunk_at(position).unwrap() {
        begins.push(description.chunk.begin as usize);
        position = description.chunk.end;
    }
    begins
}

/// A file of the signature and one chunk with these header values and data, hashes right.
fn forge(chunk_type: u8, num_records: u64, decoded_data_size: u64, data: &[u8]) -> Vec<u8> {
    let header = ChunkHeader {
        data_size: data.len() as u64,
        data_hash: hash(data),
        chunk_type: ChunkType::from_byte(chunk_type),
        num_records,
        decoded_data_size,
    };
    let mut file = Vec::new();
    let mut writer = ChunkWriter::new(&mut file, 0);
    writer.write_signature().unwrap();
    writer.write(&header, &[data]).unwrap();
    file
}

fn limited(max_chunk_size: u64) -> ReaderOptions {
    ReaderOptions {
        limits: Limits::default().max_chunk_size(max_chunk_size),
        ..ReaderOptions::default()
    }
}

fn error_of(file: &[u8]) -> disky::Error {
    read_until_error(file).1.unwrap()
}

#[test]
fn every_flipped_byte_is_noticed_or_harmless() {
    for (compression, dialect) in layouts() {
        let records: Vec<Vec<u8>> = (0..8).map(|i| bytes(i, i as usize * 9)).collect();
        let file = write_all(&records, &options(compression, dialect, 100));
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 0x10;
            let (found, error) = read_until_error(&damaged[..]);
            assert!(error.is_some(), "byte {at}");
            assert!(records.starts_with(&found), "byte {at}");
            assert!(error.unwrap().kind().is_damage(), "byte {at}");
        }
    }
}

#[test]
fn every_truncation_is_noticed() {
    let (file, records) = sample(Compression::None, Dialect::Disky);
    let begins = chunk_begins(&file);
    for len in (1..file.len()).filter(|len| len % 997 == 0 || (len % BLOCK) < 70) {
        let (found, error) = read_until_error(&file[..len]);
        assert!(records.starts_with(&found), "{len} bytes");
        match error {
            None => assert!(begins.contains(&len), "{len} bytes"),
            Some(error) => assert_eq!(error.kind(), ErrorKind::Truncated, "{len} bytes: {error}"),
        }
    }
}

#[test]
fn each_structure_names_itself_and_its_position() {
    let (file, records) = sample(Compression::None, Dialect::Disky);
    let begins = chunk_begins(&file);
    let (second, third) = (begins[2], begins[3]);
    let first_chunk = read_until_error(&file[..second]).0.len();
    let block = third / BLOCK * BLOCK;
    assert!(second < block);

    for (at, kind, position, found) in [
        (0, ErrorKind::NotARecordFile, 0, 0),
        (63, ErrorKind::NotARecordFile, 63, 0),
        (second, ErrorKind::ChunkHeader, second, first_chunk),
        (second + 39, ErrorKind::ChunkHeader, second, first_chunk),
        (second + 40, ErrorKind::DataHash, second, first_chunk),
        (block - 1, ErrorKind::DataHash, second, first_chunk),
        (block, ErrorKind::BlockHeader, block, first_chunk),
        (block + 23, ErrorKind::BlockHeader, block, first_chunk),
    ] {
        let mut damaged = file.clone();
        damaged[at] ^= 1;
        let (before, error) = read_until_error(&damaged[..]);
        let error = error.unwrap();
        assert_eq!(error.kind(), kind, "byte {at}: {error}");
        assert_eq!(
            error.position(),
            Some(position as u64),
            "byte {at}: {error}"
        );
        assert!(before == records[..found], "byte {at}");
    }
}

#[test]
fn a_damaged_signature_is_shown_where_it_differs() {
    let (file, _) = sample(Compression::None, Dialect::Disky);
    for at in 0..64 {
        let mut damaged = file[..64].to_vec();
        damaged[at] ^= 0x40;
        let error = error_of(&damaged);
        let hex = |bytes: &[u8]| {
            let begin = at / 8 * 8;
            let shown: Vec<_> = bytes[begin..begin + 8]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            shown.join(" ")
        };
        for part in [hex(&damaged), hex(&file)] {
            assert!(error.detail().contains(&part), "byte {at}: {error}");
        }
        assert_eq!(error.position(), Some(at as u64));
    }
    let mut short = file[..12].to_vec();
    short[9] ^= 1;
    let error = error_of(&short);
    assert!(error.detail().contains("bytes 8 to 11 are"), "{error}");
}

#[test]
fn a_block_header_that_lies_about_its_chunk() {
    let (file, _) = sample(Compression::None, Dialect::Disky);
    let mut damaged = file.clone();
    // A header of another block, whose hash is right.
    let (from, to) = (2 * BLOCK, BLOCK);
    damaged.copy_within(from..from + 24, to);
    let error = error_of(&damaged);
    assert_eq!(
        (error.kind(), error.position()),
        (ErrorKind::BlockHeader, Some(to as u64))
    );
    assert!(error.detail().contains("before"), "{error}");
}

/// Whoever only verifies looks at all that readers look at: block headers in the middle of data too.
#[test]
fn block_headers_in_data_are_verified() {
    let file = write_all(
        &[bytes(1, 6 * BLOCK)],
        &options(Compression::None, Dialect::Disky, 1 << 30),
    );
    assert!(file.len() > 6 * BLOCK);
    for block in (BLOCK..file.len()).step_by(BLOCK) {
        for at in [block, block + 8, block + 23] {
            let mut damaged = file.clone();
            damaged[at] ^= 1;
            let mut reader = RecordReader::new(&damaged[..], ReaderOptions::default());
            let error = reader.verify().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BlockHeader, "byte {at}");
            assert_eq!(error.position(), Some(block as u64), "byte {at}");
        }
    }
    let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
    assert!(!reader.verify().unwrap());
}

#[test]
fn lies_behind_right_hashes() {
    let cases: &[(&[u8], u64, u64, ErrorKind)] = &[
        (&[], 1, 0, ErrorKind::RecordSizes),
        (&[0, 1, 3, b'a', b'b'], 1, 2, ErrorKind::RecordSizes),
        (&[0, 1, 2, b'a', b'b'], 1, 3, ErrorKind::RecordSizes),
        (&[0, 9, 2, b'a', b'b'], 1, 2, ErrorKind::RecordSizes),
        (&[0, 1, 2, b'a', b'b'], 2, 2, ErrorKind::RecordSizes),
        (&[0, 1, 2, b'a', b'b'], 1 << 40, 2, ErrorKind::TooLarge),
        (&[0, 1, 2, b'a', b'b'], 1, 1 << 60, ErrorKind::TooLarge),
        (&[0, 1, 2, b'a', b'b'], 1, u64::MAX, ErrorKind::TooLarge),
        (&[0, 1, 2, b'a', b'b'], 1, 1 << 20, ErrorKind::RecordSizes),
        (&[0, 0x80], 1, 0, ErrorKind::RecordSizes),
        (&[b'z', 1, 2, b'a', b'b'], 1, 2, ErrorKind::CompressedData),
        (&[b'z', 0, 0], 1, 0, ErrorKind::CompressedData),
        (&[b'z', 1, 2], 1, 2, ErrorKind::CompressedData),
        // The varint that states the size of the values is 'a'.
        (&[b'b', 1, 2, b'a', b'b'], 1, 97, ErrorKind::CompressedData),
        (&[b's', 1, 2, b'a', b'b'], 1, 97, ErrorKind::CompressedData),
        (&[b's', 1, 2, b'a', b'b'], 1, 2, ErrorKind::RecordSizes),
        (
            &[b'b', 2, 1, b'a', 2, b'b'],
            1,
            2,
            ErrorKind::CompressedData,
        ),
        (
            &[7, 1, 2, b'a', b'b'],
            1,
            2,
            ErrorKind::UnsupportedCompression,
        ),
    ];
    for (data, records, decoded, kind) in cases {
        // A chunk takes a byte of the file per record, so many records cannot be written, only
        // stated.
        let file = if *records > 100 {
            lie_about_records(data, *records)
        } else {
            forge(b'r', *records, *decoded, data)
        };
        let error = error_of(&file);
        let expected = if *records > 100 {
            ErrorKind::TooLarge
        } else {
            *kind
        };
        assert_eq!(
            error.kind(),
            expected,
            "{data:02x?} {records} {decoded}: {error}"
        );
        assert_eq!(error.position(), Some(64), "{error}");
    }
}

/// A last chunk may lack its padding, so one that states any number of records fits any file.
fn lie_about_records(data: &[u8], records: u64) -> Vec<u8> {
    let mut file = forge(b'r', 1, 2, data);
    let header = ChunkHeader {
        data_size: data.len() as u64,
        data_hash: hash(data),
        chunk_type: ChunkType::Simple,
        num_records: records,
        decoded_data_size: 2,
    };
    let mut other = Vec::new();
    ChunkWriter::new(&mut other, 64)
        .write(&header_within_reach(header), &[])
        .unwrap();
    let mut fields = other[64..104].to_vec();
    fields[25..32].copy_from_slice(&records.to_le_bytes()[..7]);
    let stated = hash(&fields[8..]);
    fields[..8].copy_from_slice(&stated.to_le_bytes());
    file[64..104].copy_from_slice(&fields);
    file
}

fn header_within_reach(header: ChunkHeader) -> ChunkHeader {
    ChunkHeader {
        num_records: 1,
        ..header
    }
}

#[test]
fn chunk_headers_that_no_file_can_hold() {
    for (data_size, kind) in [
        (u64::MAX, ErrorKind::ChunkHeader),
        (1 << 63, ErrorKind::ChunkHeader),
        (1 << 60, ErrorKind::Truncated),
        (1 << 20, ErrorKind::Truncated),
    ] {
        let mut file = forge(b'r', 1, 2, &[0, 1, 2, b'a', b'b']);
        let mut fields = file[64..104].to_vec();
        fields[8..16].copy_from_slice(&u64::to_le_bytes(data_size));
        let stated = hash(&fields[8..]);
        fields[..8].copy_from_slice(&stated.to_le_bytes());
        file[64..104].copy_from_slice(&fields);
        let error = error_of(&file);
        assert_eq!(
            (error.kind(), error.position()),
            (kind, Some(64)),
            "{error}"
        );
    }
}

#[test]
fn other_chunk_types() {
    let error = error_of(&forge(b'x', 1, 2, &[0, 1, 2]));
    assert!(error.detail().contains("0x78"), "{error}");
    // Padding and metadata hold no records, whatever is in them.
    for chunk_type in [b'p', b'm'] {
        assert_eq!(
            read_all(&forge(chunk_type, 0, 0, &[9; 70_000])[..])
                .unwrap()
                .len(),
            0
        );
        assert_eq!(
            error_of(&forge(chunk_type, 1, 0, &[9; 10])).kind(),
            ErrorKind::ChunkHeader
        );
        let mut damaged = forge(chunk_type, 0, 0, &[9; 70_000]);
        damaged[200] ^= 1;
        assert_eq!(error_of(&damaged).kind(), ErrorKind::DataHash);
    }
    assert_eq!(
        error_of(&forge(b's', 0, 0, &[1])).kind(),
        ErrorKind::ChunkHeader
    );
}

#[test]
fn concatenated_files() {
    let first = write_all(&[b"one".to_vec()], &WriterOptions::default());
    let second = write_all(&[b"two".to_vec()], &WriterOptions::default());
    let mut aligned = first.clone();
    let begin = aligned.len() as u64;
    let mut writer = ChunkWriter::new(&mut aligned, begin);
    // The padding chunk that ends at the block: 40 bytes of header, the rest data.
    let data = vec![0; BLOCK - first.len() - 40];
    let header = ChunkHeader {
        data_size: data.len() as u64,
        data_hash: hash(&data),
        chunk_type: ChunkType::Padding,
        num_records: 0,
        decoded_data_size: 0,
    };
    writer.write(&header, &[&data]).unwrap();
    assert_eq!(aligned.len(), BLOCK);
    aligned.extend_from_slice(&second);
    assert_eq!(read_all(&aligned[..]).unwrap(), [b"one", b"two"]);

    // A signature chunk may be anywhere, but not a whole file.
    let inner_signature = [&first[..], &second[24..]].concat();
    assert_eq!(read_all(&inner_signature[..]).unwrap(), [b"one", b"two"]);

    for end in [second.len(), SIGNATURE] {
        let unaligned = [&first[..], &second[..end]].concat();
        let (found, error) = read_until_error(&unaligned[..]);
        assert_eq!(found, [b"one"]);
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::MisplacedSignature);
        assert_eq!(error.position(), Some(first.len() as u64));
        assert!(error.detail().contains("65536"), "{error}");
    }
}

#[test]
fn a_file_of_no_bytes_has_no_records() {
    assert_eq!(read_all(&[][..]).unwrap().len(), 0);
}

#[test]
fn junk_after_the_last_chunk() {
    for junk in [&[0; 100][..], &[0xaa; 100], &[0; 3 * BLOCK], &[1]] {
        let records = [b"kept".to_vec()];
        let file = [
            write_all(&records, &WriterOptions::default()),
            junk.to_vec(),
        ]
        .concat();
        let (found, error) = read_until_error(&file[..]);
        assert_eq!(found, records);
        assert!(error.unwrap().kind().is_damage());
    }
}

#[test]
fn the_limit_on_chunks() {
    let file = write_all(&[vec![0; 1000]], &WriterOptions::default());
    let read = |max_chunk_size| {
        let mut reader = RecordReader::new(&file[..], limited(max_chunk_size));
        reader
            .next_batch(&mut BatchMemory::default())
            .map(|batch| batch.is_some())
    };
    assert!(read(1008).unwrap());
    let error = read(1007).unwrap_err();
    let excess = error.excess().unwrap();
    assert_eq!(
        (error.kind(), excess.size, excess.limit),
        (ErrorKind::TooLarge, 1008, 1007)
    );
}

#[test]
fn a_failed_call_can_be_made_again() {
    let (mut file, records) = sample(Compression::None, Dialect::Disky);
    let begins = chunk_begins(&file);
    file[begins[2] + 50] ^= 1;
    let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
    let mut memory = BatchMemory::default();
    let first = reader.next_batch(&mut memory).unwrap().unwrap();
    assert_eq!(first.get(0), Some(&records[0][..]));
    for _ in 0..3 {
        let error = reader.next_batch(&mut memory).unwrap_err();
        assert_eq!(error.position(), Some(begins[2] as u64));
    }
}

/// A file of one transposed chunk by the `riegeli` crate, with metadata before it.
fn transposed(records: &[Vec<u8>]) -> Vec<u8> {
    let options = riegeli::WriterOptions::new()
        .set_serialized_metadata(b"\x0a\x07comment".to_vec())
        .transpose(true);
    let mut file = Vec::new();
    let mut writer = riegeli::RecordWriter::new(Cursor::new(&mut file), options).unwrap();
    for record in records {
        writer.write_record(record).unwrap();
    }
    writer.close().unwrap();
    file
}

#[test]
fn transposed_chunks_that_contradict_themselves() {
    let cases: &[(&[u8], ErrorKind)] = &[
        (&[], ErrorKind::TransposedData),
        (&[0, 1, 2], ErrorKind::TransposedData),
        (&[b'z', 2, 0xff, 0xff], ErrorKind::CompressedData),
        (&[b'z', 3, 5, 1, 2], ErrorKind::CompressedData),
        (&[9, 1, 2], ErrorKind::UnsupportedCompression),
        // A state that starts a record, in which nothing is: sound, but not what is stated.
        (&[0, 6, 0, 0, 1, 3, 0, 0, 0], ErrorKind::TransposedData),
    ];
    for (data, kind) in cases {
        let file = forge(b't', 1, 2, data);
        let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
        let mut memory = BatchMemory::default();
        for _ in 0..3 {
            let error = reader.next_batch(&mut memory).unwrap_err();
            assert_eq!(error.kind(), *kind, "{data:02x?}: {error}");
            assert_eq!(error.position(), Some(64), "{error}");
        }
        let file = forge(b'm', 0, 2, data);
        let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
        for _ in 0..2 {
            let error = reader.metadata().unwrap_err();
            assert_eq!(error.kind(), *kind, "{data:02x?}: {error}");
            assert_eq!(error.position(), Some(64), "{error}");
        }
        // They do not keep anybody from the records.
        assert!(reader.next_batch(&mut memory).unwrap().is_none());
    }
    let sound = [0, 6, 0, 0, 1, 3, 0, 0];
    assert_eq!(read_all(&forge(b't', 1, 0, &sound)[..]).unwrap(), [b""]);
    let file = forge(b'm', 0, 0, &sound);
    let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
    assert_eq!(reader.metadata().unwrap(), Some(vec![]));
}

#[test]
fn limits_on_transposed_chunks_and_metadata() {
    let records: Vec<Vec<u8>> = (0..10).map(|i| bytes(i, 100)).collect();
    let file = transposed(&records);
    let reader = |max_chunk_size| RecordReader::new(&file[..], limited(max_chunk_size));
    let mut memory = BatchMemory::default();
    let batch = |max_chunk_size, memory: &mut BatchMemory| {
        let mut reader = reader(max_chunk_size);
        let batch = reader.next_batch(memory)?;
        Ok::<usize, disky::Error>(batch.unwrap().len())
    };
    assert_eq!(batch(1080, &mut memory).unwrap(), 10);
    let excess = batch(1079, &mut memory).unwrap_err().excess().unwrap();
    assert_eq!((excess.size, excess.limit), (1080, 1079));

    assert_eq!(
        reader(1 << 10).metadata().unwrap().unwrap(),
        b"\x0a\x07comment"
    );
    let error = reader(8).metadata().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    // File metadata are not among the chunks that limit what is read.
    assert_eq!(read_all(&file[..]).unwrap(), records);
}

#[test]
fn files_without_metadata() {
    let empty: &[u8] = &[];
    let signature = write_all(&[], &WriterOptions::default());
    let records = write_all(&[b"one".to_vec()], &WriterOptions::default());
    for file in [empty, &signature, &records] {
        let mut reader = RecordReader::new(file, ReaderOptions::default());
        assert_eq!(reader.metadata().unwrap(), None);
    }
    let torn = &records[..70];
    let mut reader = RecordReader::new(torn, ReaderOptions::default());
    assert_eq!(reader.metadata().unwrap_err().kind(), ErrorKind::Truncated);
}

#[test]
fn a_torn_or_damaged_file_is_not_continued() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("torn");
    let (file, _) = sample(Compression::None, Dialect::Disky);
    let begins = chunk_begins(&file);
    let last = *begins.last().unwrap();
    let mut flipped = file.clone();
    flipped[file.len() - 1] ^= 1;
    for damaged in [
        &file[..file.len() - 1],
        &file[..last + 3],
        &file[..3],
        &flipped,
        &[7; 500],
    ] {
        std::fs::write(&path, damaged).unwrap();
        let error = RecordWriter::open(&path, OpenMode::Append, &WriterOptions::default());
        let error = error.err().unwrap();
        assert!(
            error.kind().is_damage() && error.position().is_some(),
            "{error}"
        );
        assert!(
            std::fs::read(&path).unwrap() == damaged,
            "the file was changed"
        );
    }
}

/// A writer that died between a chunk's data and its padding leaves a file that is whole all the
/// same.
#[test]
fn missing_padding_is_completed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("unpadded");
    let records = vec![Vec::new(); 100_000];
    let zstd = options(Compression::default(), Dialect::Riegeli, 1 << 20);
    let file = write_all(&records, &zstd);
    let data_end = file.iter().rposition(|&byte| byte != 0).unwrap() + 1;
    for len in [
        300.max(data_end % BLOCK),
        5000,
        BLOCK - 1,
        BLOCK,
        BLOCK + 10,
        BLOCK + 500,
    ] {
        std::fs::write(&path, &file[..len]).unwrap();
        assert_eq!(
            read_all(&file[..len]).unwrap().len(),
            records.len(),
            "{len} bytes"
        );
        let mut writer = RecordWriter::open(&path, OpenMode::Append, &zstd).unwrap();
        writer.write(b"more").unwrap();
        writer.close().unwrap();
        let found = std::fs::read(&path).unwrap();
        assert!(found.starts_with(&file), "{len} bytes");
        assert_eq!(
            read_all(&found[..]).unwrap().len(),
            records.len() + 1,
            "{len} bytes"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Bytes overwritten anywhere: either the records that were written, in order, or an error.
    #[test]
    fn overwritten_stretches(
        layout in 0usize..layouts().len(),
        at in 0usize..200_000,
        junk in prop::collection::vec(any::<u8>(), 1..200),
    ) {
        let (compression, dialect) = layouts()[layout];
        let (mut file, records) = sample(compression, dialect);
        let at = at % file.len();
        let end = (at + junk.len()).min(file.len());
        file[at..end].copy_from_slice(&junk[..end - at]);
        let (found, error) = read_until_error(&file[..]);
        prop_assert!(records.starts_with(&found));
        prop_assert!(error.is_some() || found.len() == records.len());
    }

    /// Any bytes behind a signature, and any bytes at all.
    #[test]
    fn any_bytes(signed: bool, junk in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut file = Vec::new();
        if signed {
            file = write_all(&[], &WriterOptions::default());
        }
        file.extend_from_slice(&junk);
        let (found, error) = read_until_error(&file[..]);
        prop_assert_eq!(found.len(), 0);
        prop_assert_eq!(error.is_none(), junk.is_empty());
        prop_assert!(Source::size(&&file[..]) == file.len() as u64);
    }
}
