//! Compressed fields of 0 bytes: writers store them as the size 0 and the output of the codec for
//! no bytes. Google's reader refuses the size 0 without output (docs/format.md, "Compressed
//! fields").

use crate::chunk_data::simple_chunk::SimpleChunkEncoder;
use crate::chunk_data::transposed_chunk::TransposedChunkEncoder;
use crate::codec::compression::{Brotli, Compression, CompressionType, Dialect, Zstd};
use crate::codec::{Compressor, brotli, snappy, zstd};
use crate::format::varint;

fn codecs() -> Vec<Compression> {
    let mut codecs = vec![Compression::Snappy];
    for level in [-5, 3, 22] {
        let codec = Zstd::new(level).unwrap();
        codecs.push(Compression::Zstd(codec));
        codecs.push(Compression::Zstd(codec.with_window_log(10).unwrap()));
    }
    for quality in [0, 6, 11] {
        let codec = Brotli::new(quality).unwrap();
        codecs.push(Compression::Brotli(codec));
        codecs.push(Compression::Brotli(codec.with_window_log(30).unwrap()));
    }
    codecs
}

/// Records whose chunks have fields of 0 bytes.
fn record_lists() -> [Vec<&'static [u8]>; 5] {
    [
        vec![],
        vec![b""],
        // Empty records with tag 1: the message in the first record has no encoding.
        vec![b"\x08", b"", b""],
        // The value is part of the state: no buckets, no transitions.
        vec![b"\x08\x01"],
        vec![b"\x08\x96\x01"],
    ]
}

fn concat(records: &[&[u8]]) -> (Vec<u8>, Vec<u64>) {
    let mut ends = Vec::new();
    let mut bytes = Vec::new();
    for record in records {
        bytes.extend_from_slice(record);
        ends.push(bytes.len() as u64);
    }
    (bytes, ends)
}

fn take_varint(data: &mut &[u8]) -> usize {
    let (value, len) = varint::read(data).unwrap();
    *data = &data[len..];
    value as usize
}

fn take<'a>(data: &mut &'a [u8], size: usize) -> &'a [u8] {
    let (taken, rest) = data.split_at(size);
    *data = rest;
    taken
}

/// Decompresses a field with the codec alone, without an exception for 0 bytes.
fn decompress(compression: Compression, mut field: &[u8]) -> Vec<u8> {
    let mut out = vec![0; take_varint(&mut field)];
    let size = out.len() as u64;
    let decompressed = match compression.compression_type() {
        CompressionType::Zstd => zstd::check_frame(field, size).and_then(|()| {
            zstd::Decompressor::new()
                .unwrap()
                .decompress(field, &mut out)
        }),
        CompressionType::Brotli => {
            brotli::check_stream(field, size).and_then(|()| brotli::decompress(field, &mut out))
        }
        CompressionType::Snappy => {
            snappy::check_block(field, size).and_then(|()| snappy::decompress(field, &mut out))
        }
        other => panic!("{other} is not a codec"),
    };
    decompressed.unwrap_or_else(|e| panic!("{compression:?}: {field:02x?}: {}", e.detail));
    out
}

/// Checks that the codec decompresses `field`; returns whether the result has no bytes. If it has
/// none, also checks that `field` is the output of the codec for an empty input.
fn check_field(compression: Compression, field: &[u8]) -> bool {
    if !decompress(compression, field).is_empty() {
        return false;
    }
    let mut expected = Vec::new();
    let mut compressor = Compressor::new(compression).unwrap().unwrap();
    compressor.compress_part(b"", &mut expected).unwrap();
    assert!(
        expected.len() > 1,
        "{compression:?} makes nothing of no bytes"
    );
    assert_eq!(field, expected, "{compression:?}");
    true
}

#[test]
fn simple_chunks_have_the_output_of_the_codec_for_no_bytes() {
    for compression in codecs() {
        let (mut sizes, mut values) = (0, 0);
        for records in record_lists() {
            let (bytes, ends) = concat(&records);
            let mut encoder = SimpleChunkEncoder::new(compression, Dialect::Riegeli).unwrap();
            let data = encoder.encode(&bytes, &ends).unwrap().data.concat();
            let mut rest = &data[1..];
            let size = take_varint(&mut rest);
            sizes += u32::from(check_field(compression, take(&mut rest, size)));
            values += u32::from(check_field(compression, rest));
        }
        assert_eq!((sizes, values), (1, 2), "{compression:?}");
    }
}

#[test]
fn simple_chunks_of_the_disky_dialect_have_a_frame_of_no_bytes() {
    let zstd = |codec: &Compression| codec.compression_type() == CompressionType::Zstd;
    for compression in codecs().into_iter().filter(zstd) {
        for records in [&[][..], &[0]] {
            let mut encoder = SimpleChunkEncoder::new(compression, Dialect::Disky).unwrap();
            let data = encoder.encode(b"", records).unwrap().data.concat();
            let field = [&[0], &data[2 + records.len()..]].concat();
            assert!(check_field(compression, &field));
        }
    }
}

#[test]
fn transposed_chunks_have_the_output_of_the_codec_for_no_bytes() {
    for compression in codecs() {
        let mut transitions = 0;
        for records in record_lists() {
            let (bytes, ends) = concat(&records);
            let mut encoder = TransposedChunkEncoder::new(compression, 0).unwrap();
            let data = encoder.encode(&bytes, &ends).unwrap().data.concat();
            let mut rest = &data[1..];
            let size = take_varint(&mut rest);
            let header = decompress(compression, take(&mut rest, size));
            let mut header = &header[..];
            let (num_buckets, _) = (take_varint(&mut header), take_varint(&mut header));
            for _ in 0..num_buckets {
                let bucket = take(&mut rest, take_varint(&mut header));
                assert!(!check_field(compression, bucket), "a bucket without bytes");
            }
            transitions += u32::from(check_field(compression, rest));
        }
        assert!(transitions >= 4, "{compression:?}: {transitions}");
    }
}
