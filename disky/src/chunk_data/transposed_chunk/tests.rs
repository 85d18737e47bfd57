//! Records that the `riegeli` crate has divided are reassembled; crafted chunks are rejected for
//! the exact reason, after work in proportion to their chunk headers.

mod changed;
mod crafted;
mod projected;
mod written;

use super::limits::MAX_DEPTH;
use super::*;
use crate::codec::compression::{Brotli, Compression, Zstd};
use crate::error::ErrorKind;
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::ChunkReader;
use proptest::prelude::*;
use std::io::Cursor;

pub(super) const MEMORY: u64 = 64 << 20;

/// Decodes a chunk, and some of its fields; checks that the work is in proportion to the stated
/// sizes, and that the end offsets are in order.
pub(super) fn decode_with(
    decoder: &mut Decoder,
    records: u64,
    bytes: u64,
    data: &[u8],
) -> Parsed<Vec<Vec<u8>>> {
    if data.len() < 10_000 {
        for paths in [vec![], vec![vec![1]], vec![vec![2, 0], vec![1, 2], vec![4]]] {
            // Valid or not, the checks in `project_with` hold.
            let _ = projected::project_with(decoder, (records, bytes), data, &paths, 1 << 20);
        }
    }
    decoder.visits = 0;
    let chunk = decoder.parse(records, bytes, data, MEMORY)?;
    let (mut ends, mut values) = (vec![0; records as usize], vec![0; bytes as usize]);
    let decoded = decoder.decode(chunk, data, &mut ends, &mut values);
    let most = 6 * (records + bytes) + 5000;
    assert!(decoder.visits <= most, "{} visits", decoder.visits);
    decoded?;
    let mut begin = 0;
    let records = ends.into_iter().map(|end| {
        let record = values[begin..end as usize].to_vec();
        begin = end as usize;
        record
    });
    Ok(records.collect())
}

fn decode(records: u64, bytes: u64, data: &[u8]) -> Parsed<Vec<Vec<u8>>> {
    decode_with(&mut Decoder::default(), records, bytes, data)
}

fn detail(records: u64, bytes: u64, data: &[u8]) -> String {
    let malformed = decode(records, bytes, data).unwrap_err();
    assert_eq!(malformed.kind, ErrorKind::TransposedData, "{malformed:?}");
    malformed.detail
}

// Chunks that the `riegeli` crate writes.

const CODECS: [riegeli::CompressionType; 4] = [
    riegeli::CompressionType::None,
    riegeli::CompressionType::Zstd,
    riegeli::CompressionType::Brotli,
    riegeli::CompressionType::Snappy,
];

struct Encoded {
    records: u64,
    bytes: u64,
    data: Vec<u8>,
}

/// The transposed chunks that the crate makes of `records`.
fn encode(
    records: &[Vec<u8>],
    codec: riegeli::CompressionType,
    chunk_size: u64,
    bucket_fraction: f64,
) -> Vec<Encoded> {
    let options = riegeli::WriterOptions::new()
        .transpose(true)
        .compression(codec)
        .chunk_size(chunk_size)
        .bucket_fraction(bucket_fraction);
    let mut file = Vec::new();
    let mut writer = riegeli::RecordWriter::new(Cursor::new(&mut file), options).unwrap();
    for record in records {
        writer.write_record(record).unwrap();
    }
    writer.close().unwrap();
    let mut chunks = ChunkReader::new(&file[..]);
    let mut encoded = Vec::new();
    while let Some(chunk) = chunks.chunk().unwrap() {
        if chunk.header.chunk_type == ChunkType::Transposed {
            let mut data = vec![0; chunk.header.data_size as usize];
            chunks.read_data(&chunk, &mut data).unwrap();
            encoded.push(Encoded {
                records: chunk.header.num_records,
                bytes: chunk.header.decoded_data_size,
                data,
            });
        }
        chunks.advance();
    }
    encoded
}

fn check(records: &[Vec<u8>], codec: riegeli::CompressionType, chunk_size: u64, fraction: f64) {
    let mut decoder = Decoder::default();
    let mut found = Vec::new();
    for chunk in encode(records, codec, chunk_size, fraction) {
        let decoded = decode_with(&mut decoder, chunk.records, chunk.bytes, &chunk.data);
        found.extend(decoded.unwrap());
    }
    assert!(found == records, "{codec:?} {chunk_size} {fraction}");
}

pub(super) fn varint_of(value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    varint::write(value, &mut out);
    out
}

pub(super) fn tag(number: u64, wire_type: u64) -> Vec<u8> {
    varint_of(number << 3 | wire_type)
}

pub(super) fn delimited(number: u64, bytes: &[u8]) -> Vec<u8> {
    [
        tag(number, 2),
        varint_of(bytes.len() as u64),
        bytes.to_vec(),
    ]
    .concat()
}

pub(super) fn group(number: u64, bytes: &[u8]) -> Vec<u8> {
    [tag(number, 3), bytes.to_vec(), tag(number, 4)].concat()
}

/// With the largest field number, 536,870,911, the crate's encoder overflows.
const LARGEST_NUMBER: u64 = 536_870_910;

/// Field numbers whose tags have one to five bytes, including the largest one.
fn numbers(largest: u64) -> impl Strategy<Value = u64> {
    prop_oneof![
        6 => 1u64..6,
        2 => 14u64..20,
        1 => prop::sample::select(vec![2047u64, 2048, 262_143, 262_144, 33_554_432, largest]),
    ]
}

/// Varints of every length, some of them longer than necessary.
fn varints() -> impl Strategy<Value = Vec<u8>> {
    let shortest = (any::<u64>(), 0u32..64).prop_map(|(value, shift)| varint_of(value >> shift));
    let over_long = (0u64..1000, 1usize..5).prop_map(|(value, more)| {
        let mut bytes = varint_of(value);
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.extend(vec![0x80; more - 1]);
        bytes.push(0);
        bytes
    });
    prop_oneof![6 => (0u64..6).prop_map(varint_of), 12 => shortest, 1 => over_long]
}

fn scalars(largest: u64) -> impl Strategy<Value = Vec<u8>> {
    let strings = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..20),
        prop::collection::vec(b'a'..b'e', 0..300),
    ];
    prop_oneof![
        4 => (numbers(largest), varints()).prop_map(|(n, value)| [tag(n, 0), value].concat()),
        1 => (numbers(largest), any::<[u8; 4]>()).prop_map(|(n, value)| [&tag(n, 5)[..], &value].concat()),
        1 => (numbers(largest), any::<[u8; 8]>()).prop_map(|(n, value)| [&tag(n, 1)[..], &value].concat()),
        2 => (numbers(largest), strings).prop_map(|(n, value)| delimited(n, &value)),
    ]
}

fn messages(largest: u64) -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop::collection::vec(scalars(largest), 0..6).prop_map(|fields| fields.concat());
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let field = prop_oneof![
            3 => scalars(largest),
            2 => (numbers(largest), inner.clone()).prop_map(|(n, message)| delimited(n, &message)),
            1 => (numbers(largest), inner).prop_map(|(n, message)| group(n, &message)),
        ];
        prop::collection::vec(field, 0..6).prop_map(|fields| fields.concat())
    })
}

/// Mostly messages, some of them cut off, and some junk.
pub(super) fn any_records(largest: u64) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => messages(largest),
        1 => (messages(largest), any::<prop::sample::Index>()).prop_map(|(message, index)| {
            message[..index.index(message.len() + 1)].to_vec()
        }),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]
}

/// Numbers that depend on a seed.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

#[derive(Clone, Copy)]
enum Next {
    /// To this state, or by a transition byte to a later one.
    From(u32),
    /// To this state, without a transition.
    Always(u32),
}

/// A chunk, assembled value by value.
#[derive(Clone)]
struct Crafted {
    compression: Compression,
    /// Each with the sizes of its buffers.
    buckets: Vec<(Vec<u8>, Vec<u64>)>,
    /// Tag and successor.
    states: Vec<(u32, Next)>,
    subtypes: Vec<u8>,
    /// The buffers of the states that have one.
    state_buffers: Vec<u32>,
    first: u32,
    transitions: Vec<u8>,
}

const PASS: u32 = 0;
const NON_PROTO: u32 = 1;
const START_SUBMESSAGE: u32 = 2;
const START_MESSAGE: u32 = 3;
/// Field 1: as a varint, a string, the end of a submessage, and a group.
const VARINT: u32 = 8;
const STRING: u32 = 8 + 2;
const GROUP: u32 = 8 + 3;
const END_SUBMESSAGE: u32 = 8 + 6;

impl Crafted {
    fn new(states: &[(u32, Next)], transitions: &[u8]) -> Self {
        Self {
            compression: Compression::None,
            buckets: Vec::new(),
            states: states.to_vec(),
            subtypes: Vec::new(),
            state_buffers: Vec::new(),
            first: 0,
            transitions: transitions.to_vec(),
        }
    }

    fn compressed(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    fn bucket(mut self, buffers: &[&[u8]]) -> Self {
        let sizes = buffers.iter().map(|buffer| buffer.len() as u64);
        self.buckets.push((buffers.concat(), sizes.collect()));
        self
    }

    fn reading(mut self, buffers: &[u32]) -> Self {
        self.state_buffers.extend(buffers);
        self
    }

    fn with_subtypes(mut self, subtypes: &[u8]) -> Self {
        self.subtypes.extend(subtypes);
        self
    }

    fn part(&self, bytes: &[u8]) -> Vec<u8> {
        match codec::Compressor::new(self.compression).unwrap() {
            None => bytes.to_vec(),
            Some(mut compressor) => {
                let mut out = Vec::new();
                compressor.compress_part(bytes, &mut out).unwrap();
                out
            }
        }
    }

    fn header(&self, bucket_sizes: &[usize]) -> Vec<u8> {
        let count = self.states.len() as u64;
        let mut values = vec![bucket_sizes.len() as u64];
        values.push(
            self.buckets
                .iter()
                .map(|(_, sizes)| sizes.len() as u64)
                .sum(),
        );
        values.extend(bucket_sizes.iter().map(|&size| size as u64));
        values.extend(self.buckets.iter().flat_map(|(_, sizes)| sizes));
        values.push(count);
        values.extend(self.states.iter().map(|&(tag, _)| u64::from(tag)));
        values.extend(self.states.iter().map(|&(_, next)| match next {
            Next::From(state) => state.into(),
            Next::Always(state) => u64::from(state) + count,
        }));
        let mut header = values.into_iter().flat_map(varint_of).collect::<Vec<_>>();
        header.extend(&self.subtypes);
        header.extend(self.state_buffers.iter().flat_map(|&b| varint_of(b.into())));
        header.extend(varint_of(self.first.into()));
        header
    }

    fn data(&self) -> Vec<u8> {
        let buckets: Vec<Vec<u8>> = self
            .buckets
            .iter()
            .map(|(bytes, _)| self.part(bytes))
            .collect();
        let sizes: Vec<usize> = buckets.iter().map(Vec::len).collect();
        self.data_with_header(&self.header(&sizes), &buckets.concat())
    }

    fn data_with_header(&self, header: &[u8], buckets: &[u8]) -> Vec<u8> {
        let header = self.part(header);
        let mut data = vec![self.compression.compression_type().to_byte()];
        data.extend(varint_of(header.len() as u64));
        data.extend(header);
        data.extend(buckets);
        data.extend(self.part(&self.transitions));
        data
    }
}

/// A message of a submessage of a varint and a string, once or several times.
fn sample() -> (Crafted, Vec<Vec<u8>>) {
    let states = [
        (END_SUBMESSAGE, Next::Always(1)),
        (STRING + 8, Next::Always(2)),
        (VARINT, Next::Always(3)),
        (START_SUBMESSAGE, Next::Always(4)),
        (START_MESSAGE, Next::From(0)),
        (NON_PROTO, Next::From(0)),
    ];
    // Back to the beginning and once more; then the record that is not a message.
    let crafted = Crafted::new(&states, &[1, 5 << 2])
        .bucket(&[&[1, 2, 3, 4, 5, 6], b"\x03abc\x00\x01z"])
        .bucket(&[b"junk", &[4]])
        .with_subtypes(&[1])
        .reading(&[1, 0, 2]);
    let message = |varint: &[u8], string: &[u8]| {
        delimited(1, &[&[8], varint, &delimited(2, string)].concat())
    };
    let records = vec![
        b"junk".to_vec(),
        message(&[0x85, 6], b"z"),
        message(&[0x83, 4], b""),
        message(&[0x81, 2], b"abc"),
    ];
    (crafted, records)
}

pub(super) fn compressions() -> [Compression; 4] {
    [
        Compression::None,
        Compression::Zstd(Zstd::default()),
        Compression::Brotli(Brotli::default()),
        Compression::Snappy,
    ]
}

pub(super) fn sizes(records: &[Vec<u8>]) -> (u64, u64) {
    let bytes: usize = records.iter().map(Vec::len).sum();
    (records.len() as u64, bytes as u64)
}
