//! What a writer does beside the bytes of its chunks: chunks that were encoded elsewhere, what it
//! tells, what becomes of records that it still holds.

#![allow(clippy::unwrap_used)]

mod support;

use disky::{
    ChunkReader, Compression, Container, Dialect, Encoder, ErrorKind, RecordWriter, WriterOptions,
};
use support::{bytes, read_all};

fn options(compression: Compression) -> WriterOptions {
    WriterOptions {
        compression,
        dialect: Dialect::Riegeli,
        ..WriterOptions::default()
    }
}

fn groups_of(group_size: u32) -> WriterOptions {
    WriterOptions {
        container: Container::ArrayRecord,
        group_size,
        ..options(Compression::None)
    }
}

fn batch(seed: u64, sizes: &[usize]) -> (Vec<u8>, Vec<u64>) {
    let (mut records, mut ends) = (Vec::new(), Vec::new());
    for (i, &size) in sizes.iter().enumerate() {
        records.extend(bytes(seed + i as u64, size));
        ends.push(records.len() as u64);
    }
    (records, ends)
}

fn chunk_begins(file: &[u8]) -> Vec<u64> {
    let mut chunks = ChunkReader::new(file);
    let mut begins = Vec::new();
    while let Some(chunk) = chunks.chunk().unwrap() {
        if chunk.header.chunk_type.holds_records() {
            begins.push(chunk.begin);
        }
        chunks.advance();
    }
    begins
}

/// A caller may acknowledge the records of a group that was encoded elsewhere: it is in the file.
#[test]
fn an_encoded_group_is_written_at_once() {
    let options = groups_of(1);
    let mut file = Vec::new();
    let mut writer = RecordWriter::new(&mut file, &options).unwrap();
    let mut encoder = Encoder::new(&options).unwrap();
    writer.write_batch(b"small", &[5]).unwrap();
    for i in 0..3 {
        let (records, ends) = batch(i, &[100]);
        encoder.encode(&records, &ends).unwrap();
        writer.write_encoded(&mut encoder, &records).unwrap();
        assert_eq!(writer.sink_mut().len() as u64, writer.file_size());
    }
}

/// Behind records that the writer still held, once, and as if it had encoded the chunk itself.
#[test]
fn chunks_that_were_encoded_elsewhere() {
    for compression in [Compression::None, Compression::default()] {
        let options = options(compression);
        let (records, ends) = batch(7, &[10, 0, 70_000, 300]);

        let mut expected = Vec::new();
        let mut writer = RecordWriter::new(&mut expected, &options).unwrap();
        writer.write(b"held").unwrap();
        writer.write_batch(&records, &ends).unwrap();
        writer.write(b"behind").unwrap();
        writer.close().unwrap();

        let mut file = Vec::new();
        let mut writer = RecordWriter::new(&mut file, &options).unwrap();
        let mut encoder = Encoder::new(&options).unwrap();
        encoder.encode(&records, &ends).unwrap();
        writer.write(b"held").unwrap();
        writer.write_encoded(&mut encoder, &records).unwrap();
        // It holds nothing any more.
        writer.write_encoded(&mut encoder, &[]).unwrap();
        writer.write(b"behind").unwrap();
        writer.close().unwrap();
        assert!(file == expected, "{compression:?}");
    }
}

/// Records of another size than those that were encoded are not written, and nothing is lost.
#[test]
fn an_encoded_chunk_of_other_records_is_refused() {
    let options = options(Compression::None);
    let mut file = Vec::new();
    let mut writer = RecordWriter::new(&mut file, &options).unwrap();
    let mut encoder = Encoder::new(&options).unwrap();
    encoder.encode(b"abc", &[1, 3]).unwrap();
    let error = writer.write_encoded(&mut encoder, b"abcd").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    writer.write_encoded(&mut encoder, b"abc").unwrap();
    writer.close().unwrap();
    assert_eq!(
        read_all(&file[..]).unwrap(),
        [b"a".to_vec(), b"bc".to_vec()]
    );
}

/// However a chunk comes, it is a group, and only the last one may have fewer records.
#[test]
fn encoded_groups_are_of_one_size() {
    let options = groups_of(2);
    let mut file = Vec::new();
    let mut writer = RecordWriter::new(&mut file, &options).unwrap();
    let mut encoder = Encoder::new(&options).unwrap();
    let mut write = |ends: &[u64]| {
        encoder.encode(b"abc", ends).unwrap();
        writer.write_encoded(&mut encoder, b"abc")
    };
    assert!(
        write(&[1, 2, 3])
            .unwrap_err()
            .detail()
            .contains("3 records")
    );
    write(&[1, 3]).unwrap();
    write(&[3]).unwrap();
    assert!(
        write(&[1, 3])
            .unwrap_err()
            .detail()
            .contains("after one of 1")
    );
    writer.close().unwrap();
    assert_eq!(read_all(&file[..]).unwrap().len(), 3);
}

#[test]
fn a_flush_inside_a_group_is_refused() {
    for group_size in [1, 2, 5] {
        for records in 0..=group_size {
            let mut file = Vec::new();
            let mut writer = RecordWriter::new(&mut file, &groups_of(group_size)).unwrap();
            for _ in 0..records {
                writer.write(b"a").unwrap();
            }
            let is_whole = records == 0 || records == group_size;
            assert_eq!(
                writer.flush().is_ok(),
                is_whole,
                "{records} of {group_size}"
            );
            // What was refused is still there.
            writer.close().unwrap();
            assert_eq!(read_all(&file[..]).unwrap().len(), records as usize);
        }
    }
}

#[test]
fn the_last_chunk_is_told() {
    let mut file = Vec::new();
    let mut writer = RecordWriter::new(&mut file, &options(Compression::None)).unwrap();
    assert_eq!(writer.last_chunk(), None);
    let mut told = Vec::new();
    for i in 0..5u64 {
        writer.write(&bytes(i, 40_000)).unwrap();
        assert_eq!(
            writer.last_chunk().map(|chunk| chunk.begin),
            told.last().copied()
        );
        writer.flush().unwrap();
        told.extend(writer.last_chunk().map(|chunk| chunk.begin));
    }
    writer.close().unwrap();
    assert_eq!(told, chunk_begins(&file));
}

#[test]
fn a_writer_that_is_dropped_writes_what_it_holds() {
    let mut file = Vec::new();
    let mut writer = RecordWriter::new(&mut file, &options(Compression::default())).unwrap();
    writer.write(b"one").unwrap();
    writer.write(b"two").unwrap();
    drop(writer);
    let expected = [b"one".to_vec(), b"two".to_vec()];
    assert_eq!(read_all(&file[..]).unwrap(), expected);
}
