//! What the `riegeli` crate takes apart is put together again; what is crafted to cost is refused
//! for its exact reason, after work in proportion to what the chunk header states.

use super::limits::MAX_DEPTH;
use super::*;
use crate::codec::compression::{Brotli, Compression, Zstd};
use crate::error::ErrorKind;
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::ChunkReader;
use proptest::prelude::*;
use std::io::Cursor;

pub(super) const MEMORY: u64 = 64 << 20;

/// Decodes a chunk; checks that the work is in proportion to what is stated, and that what comes
/// out is in order.
pub(super) fn decode_with(
    decoder: &mut Decoder,
    records: u64,
    bytes: u64,
    data: &[u8],
) -> Parsed<Vec<Vec<u8>>> {
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

// What the `riegeli` crate writes.

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

/// With field number 536,870,911, the largest one, the crate's encoder overflows.
const LARGEST_NUMBER: u64 = 536_870_910;

/// Field numbers whose tags have one to five bytes, the largest one among them.
fn numbers(largest: u64) -> impl Strategy<Value = u64> {
    prop_oneof![
        6 => 1u64..6,
        2 => 14u64..20,
        1 => prop::sample::select(vec![2047u64, 2048, 262_143, 262_144, 33_554_432, largest]),
    ]
}

/// Varints of every length, some of them longer than they need to be.
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_the_riegeli_crate_writes(
        kinds in prop::collection::vec(any_records(LARGEST_NUMBER), 1..8),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..120),
        codec in prop::sample::select(&CODECS[..]),
        chunk_size in prop_oneof![1u64..500, Just(1 << 20)],
        fraction in prop::sample::select(vec![0.0, 0.001, 0.3, 1.0]),
    ) {
        // Records of few kinds again and again give machines with something to repeat.
        let records: Vec<Vec<u8>> = order.iter().map(|index| index.get(&kinds).clone()).collect();
        check(&records, codec, chunk_size, fraction);
    }
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

/// So many fields that lists of states must be bridged, in an order without a pattern.
#[test]
fn more_fields_than_a_transition_reaches() {
    for seed in 1..4 {
        let mut random = Random(seed);
        let records: Vec<Vec<u8>> = (0..300)
            .map(|_| {
                let fields = (0..random.below(40)).map(|_| {
                    let value = varint_of(random.below(200));
                    [tag(1 + random.below(500), 0), value].concat()
                });
                fields.collect::<Vec<_>>().concat()
            })
            .collect();
        for codec in CODECS {
            check(&records, codec, 1 << 20, 1.0);
        }
    }
}

/// The most states, transitions and states without a value per byte of a record: groups in groups,
/// each of which is another path, in an order without a pattern.
#[test]
fn the_worst_that_a_writer_may_make_of_a_message() {
    fn tree(random: &mut Random, depth: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..random.below(5) {
            if depth > 0 {
                let inner = tree(random, depth - 1);
                bytes.extend(group(1 + random.below(15), &inner));
            }
        }
        bytes
    }
    for seed in 1..4 {
        let mut random = Random(seed);
        let records: Vec<Vec<u8>> = (0..200).map(|_| tree(&mut random, 6)).collect();
        check(&records, CODECS[seed as usize], 1 << 20, 1.0);
    }
}

#[test]
fn deep_messages() {
    let mut message = vec![0x08, 0x01];
    for depth in 0..150 {
        message = match depth % 3 {
            0 => group(1, &message),
            _ => delimited(2, &message),
        };
        check(std::slice::from_ref(&message), CODECS[1], 1 << 20, 1.0);
    }
}

#[test]
fn empty_records_and_no_records() {
    for codec in CODECS {
        check(&[], codec, 1 << 20, 1.0);
        check(&vec![Vec::new(); 1000], codec, 1 << 20, 1.0);
    }
}

#[test]
fn strings_around_the_size_of_a_word() {
    let records: Vec<Vec<u8>> = (0..40)
        .map(|len| delimited(1 + len % 20, &vec![0xff; len as usize]))
        .collect();
    for record in &records {
        check(std::slice::from_ref(record), CODECS[0], 1 << 20, 1.0);
    }
    check(&records, CODECS[0], 1 << 20, 1.0);
}

// Crafted chunks.

#[derive(Clone, Copy)]
enum Next {
    /// To this state, or, by a transition byte, further.
    From(u32),
    /// To this state, without a transition.
    Always(u32),
}

/// A chunk, made value by value.
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
    // Back to the beginning and once more; then the record that is no message.
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

#[test]
fn records_come_from_the_last_to_the_first() {
    let (crafted, expected) = sample();
    let (records, bytes) = sizes(&expected);
    for compression in compressions() {
        let data = crafted.clone().compressed(compression).data();
        assert_eq!(decode(records, bytes, &data), Ok(expected.clone()));
    }
}

#[test]
fn a_chunk_of_nothing() {
    let data = Crafted::new(&[(PASS, Next::From(0))], &[]).data();
    assert_eq!(decode(0, 0, &data), Ok(vec![]));
    assert!(detail(1, 0, &data).contains("states 1 records of 0 bytes, the chunk holds 0 of 0"));
    assert!(detail(0, 1, &data).contains("states 0 records of 1 bytes, the chunk holds 0 of 0"));
}

#[test]
fn sizes_that_the_chunk_does_not_have() {
    let (crafted, expected) = sample();
    let (records, bytes) = sizes(&expected);
    let data = crafted.data();
    assert!(detail(records - 1, bytes, &data).contains("more than the 3 records"));
    assert!(detail(records + 1, bytes, &data).contains("the chunk holds 4 of"));
    let less = format!("more than the {} bytes", bytes - 1);
    assert!(detail(records, bytes - 1, &data).contains(&less));
    let more = format!("the chunk holds 4 of {bytes}");
    assert!(detail(records, bytes + 1, &data).contains(&more));
    assert!(detail(0, 0, &data).contains("bytes of buckets are too many"));
    let mut cut = crafted;
    cut.transitions = vec![1];
    let without_junk = format!("the chunk holds 3 of {}", bytes - 4);
    assert!(detail(records, bytes, &cut.data()).contains(&without_junk));
}

#[test]
fn headers_that_end_or_go_on() {
    let (crafted, expected) = sample();
    let (records, bytes) = sizes(&expected);
    let sizes: Vec<usize> = crafted
        .buckets
        .iter()
        .map(|(bytes, _)| bytes.len())
        .collect();
    let header = crafted.header(&sizes);
    let buckets: Vec<u8> = crafted
        .buckets
        .iter()
        .flat_map(|(bytes, _)| bytes.clone())
        .collect();
    for len in 0..header.len() {
        let data = crafted.data_with_header(&header[..len], &buckets);
        let detail = detail(records, bytes, &data);
        assert!(detail.contains("the header ends"), "{len}: {detail}");
    }
    let longer = [&header[..], &[0]].concat();
    let data = crafted.data_with_header(&longer, &buckets);
    assert!(detail(records, bytes, &data).contains("1 bytes of the header are left over"));
    assert!(detail(1, 1, &[]).contains("no data"));
    assert!(detail(1, 1, &[0]).contains("the size of the header is no varint"));
    assert!(detail(1, 1, &[0, 9, 1, 2]).contains("stated to take 9 bytes, but 2"));
    let unknown = decode(1, 1, &[7, 0]).unwrap_err();
    assert_eq!(unknown.kind, ErrorKind::UnsupportedCompression);
}

#[test]
fn states_that_are_none() {
    let one = |tag| Crafted::new(&[(tag, Next::From(0))], &[]);
    for tag in [4, 5, 6, 7, 15, 8 + 7, u32::MAX] {
        assert!(detail(1, 9, &one(tag).data()).contains(&format!("the tag {tag}, which is none")));
    }
    let varint = one(VARINT).with_subtypes(&[138]);
    assert!(detail(1, 9, &varint.data()).contains("the subtype 138, which is none"));
    let reading = one(STRING).bucket(&[b"\0"]).reading(&[1]);
    assert!(detail(1, 9, &reading.data()).contains("state 0 reads buffer 1 of 1"));
    let followed = Crafted::new(&[(PASS, Next::Always(1))], &[]);
    assert!(detail(1, 9, &followed.data()).contains("state 0 of 1 is followed by state 1"));
    let mut begun = one(PASS);
    begun.first = 1;
    assert!(detail(1, 9, &begun.data()).contains("begins in state 1 of 1"));
    let led = Crafted::new(&[(PASS, Next::From(0))], &[63 << 2]);
    assert!(detail(1, 9, &led.data()).contains("a transition leads to state 63"));
    let no_state = Crafted::new(&[], &[]);
    assert!(detail(0, 0, &no_state.data()).contains("begins in state 0 of 0"));
}

#[test]
fn submessages_without_end_or_beginning() {
    let begun = Crafted::new(&[(START_SUBMESSAGE, Next::From(0))], &[]);
    assert!(detail(1, 9, &begun.data()).contains("begins that has no end"));
    let ended = Crafted::new(&[(END_SUBMESSAGE, Next::From(0))], &[]);
    assert!(detail(1, 9, &ended.data()).contains("1 submessages have no beginning"));
    let states = [
        (END_SUBMESSAGE, Next::Always(1)),
        (START_MESSAGE, Next::From(0)),
    ];
    let ended = Crafted::new(&states, &[]);
    assert!(detail(1, 9, &ended.data()).contains("1 submessages have no beginning"));
    let group = Crafted::new(
        &[(START_MESSAGE, Next::Always(1)), (GROUP, Next::From(0))],
        &[],
    );
    assert!(detail(1, 1, &group.data()).contains("the first 1 bytes of the chunk are no record"));
}

#[test]
fn buffers_that_are_too_short_or_too_long() {
    let states = |tag| [(tag, Next::Always(1)), (START_MESSAGE, Next::From(0))];
    let string = |buffer: &[u8]| {
        Crafted::new(&states(STRING), &[])
            .bucket(&[buffer])
            .reading(&[0])
    };
    assert!(detail(1, 4, &string(b"\x03ab").data()).contains("3 bytes left, a value needs 3"));
    assert!(detail(1, 4, &string(b"\x83").data()).contains("1 bytes left, which do not begin"));
    assert!(detail(1, 4, &string(b"\x02abc").data()).contains("1 bytes of buffer 0 are left over"));
    let huge = [&[0xff; 9][..], &[1]].concat();
    assert!(detail(1, 10, &string(&huge).data()).contains("a value needs 18446744073709551615"));
    let fixed = Crafted::new(&states(8 + 1), &[])
        .bucket(&[&[0; 7]])
        .reading(&[0]);
    assert!(detail(1, 9, &fixed.data()).contains("buffer 0 has 7 bytes left, a value needs 8"));
    let junk = |buffers: &[&[u8]]| {
        Crafted::new(&[(NON_PROTO, Next::From(0))], &[])
            .bucket(buffers)
            .reading(&[0])
    };
    assert_eq!(
        decode(1, 3, &junk(&[b"abc", &[3]]).data()),
        Ok(vec![b"abc".to_vec()])
    );
    assert!(detail(1, 4, &junk(&[b"abc", &[4]]).data()).contains("3 bytes left, a value needs 4"));
    assert!(detail(1, 4, &junk(&[b"abc", b""]).data()).contains("buffer 1 has 0 bytes left"));
}

#[test]
fn buckets_that_do_not_fit_their_buffers() {
    let (mut crafted, expected) = sample();
    let (records, bytes) = sizes(&expected);
    crafted.buckets[0].1 = vec![6, 8];
    assert!(detail(records, bytes, &crafted.data()).contains("stated to have 8 bytes where"));
    crafted.buckets[0].1 = vec![13];
    crafted.buckets[1].1 = vec![4, 2];
    assert!(detail(records, bytes, &crafted.data()).contains("stated to have 2 bytes where"));
    let mut unowned = Crafted::new(&[(PASS, Next::From(0))], &[]).bucket(&[b"abc"]);
    unowned.buckets[0].1.clear();
    assert!(detail(0, 9, &unowned.data()).contains("3 bytes of buckets belong to no buffer"));
}

/// A bucket, a header and transitions of 8 GiB, stated in a few bytes.
#[test]
fn parts_that_claim_to_be_huge() {
    let huge = varint_of(8 << 30);
    let crafted = Crafted::new(&[(PASS, Next::From(0))], &[]);
    for compression in &compressions()[1..] {
        let crafted = crafted.clone().compressed(*compression);
        let header = [
            &[1, 1][..],
            &varint_of(huge.len() as u64),
            &huge,
            &[1, 0, 0, 0],
        ]
        .concat();
        let data = crafted.data_with_header(&header, &huge);
        let malformed = decode(100, 1000, &data).unwrap_err();
        // Codecs that know how far they inflate refuse it first.
        let kinds = [ErrorKind::TransposedData, ErrorKind::CompressedData];
        assert!(kinds.contains(&malformed.kind), "{malformed:?}");

        let code = compression.compression_type().to_byte();
        let data = [&[code][..], &varint_of(huge.len() as u64), &huge].concat();
        assert!(detail(100, 1000, &data).contains("8589934592 bytes of header are too many"));

        let mut data = crafted.data_with_header(&crafted.header(&[]), &[]);
        data.truncate(data.len() - crafted.part(&[]).len());
        data.extend(&huge);
        assert!(detail(100, 1000, &data).contains("8589934592 bytes of transitions are too many"));
    }
}

#[test]
fn counts_that_claim_to_be_huge() {
    let crafted = Crafted::new(&[], &[]);
    let count = varint_of(u32::MAX.into());
    for (header, what) in [
        (
            [&count[..], &[0]].concat(),
            "4294967295 buckets are too many",
        ),
        (
            [&[0][..], &count].concat(),
            "4294967295 buffers are too many",
        ),
        (
            [&[0, 0][..], &count].concat(),
            "4294967295 states are too many",
        ),
        (
            varint_of(1 << 32),
            "the number of buckets is 4294967296, which exceeds 32 bits",
        ),
    ] {
        let data = crafted.data_with_header(&header, &[]);
        let detail = detail(100, 1000, &data);
        assert!(detail.contains(what), "{detail}");
    }
}

/// A few bytes that claim to be a gigabyte are refused before anybody provides one.
#[test]
fn records_that_nothing_could_make() {
    let (crafted, _) = sample();
    let data = crafted.data();
    for (records, bytes) in [(4, 1 << 30), (1 << 30, 30), (u64::MAX, u64::MAX)] {
        let malformed = Decoder::default().parse(records, bytes, &data, MEMORY);
        assert!(malformed.unwrap_err().detail.contains("cannot make them"));
    }
}

/// Transitions that repeat one state: `count` times, in hardly any space.
fn repeating(count: usize) -> Vec<u8> {
    vec![3; count / 4]
}

/// Twenty kilobytes that push for ever: the machine stops when no record could hold the
/// submessages.
#[test]
fn submessages_that_are_only_opened() {
    let states = [(END_SUBMESSAGE, Next::From(0))];
    let zstd = Compression::Zstd(Zstd::default());
    let crafted = Crafted::new(&states, &repeating(12_000)).compressed(zstd);
    assert!(detail(1, 1000, &crafted.data()).contains("more than the 1000 bytes"));
    let crafted = Crafted::new(&states, &repeating(1_000_000)).compressed(zstd);
    let data = crafted.data();
    assert!(data.len() < 1000);
    let expected = format!("nested deeper than {MAX_DEPTH}");
    assert!(detail(1, 1 << 20, &data).contains(&expected));

    let states = [(END_SUBMESSAGE, Next::Always(1)), (PASS, Next::Always(0))];
    let endless = Crafted::new(&states, &[]);
    assert!(detail(1, 1 << 20, &endless.data()).contains("state 0 follows itself"));
}

#[test]
fn loops_of_implicit_transitions() {
    for (len, back) in [(1, 0), (2, 0), (5, 3), (2000, 1000)] {
        let states: Vec<(u32, Next)> = (0..len)
            .map(|state| {
                (
                    PASS,
                    Next::Always(if state + 1 < len { state + 1 } else { back }),
                )
            })
            .collect();
        let data = Crafted::new(&states, &[]).data();
        assert!(detail(1000, 1000, &data).contains("follows itself by implicit transitions"));
    }
    // Chains that run into one another are no loop.
    let states = [
        (PASS, Next::Always(2)),
        (PASS, Next::Always(2)),
        (START_MESSAGE, Next::From(0)),
    ];
    assert_eq!(
        decode(1, 0, &Crafted::new(&states, &[]).data()),
        Ok(vec![vec![]])
    );
}

/// Forty kilobytes that run for seconds: each transition leads through all states, and none writes.
#[test]
fn chains_of_states_without_a_value() {
    let count = 20_000;
    let states: Vec<(u32, Next)> = (0..count)
        .map(|state| match state + 1 {
            next if next < count => (PASS, Next::Always(next)),
            _ => (PASS, Next::From(0)),
        })
        .collect();
    let zstd = Compression::Zstd(Zstd::default());
    let data = Crafted::new(&states, &[3; 20_000]).compressed(zstd).data();
    // The work is bounded by `decode`.
    assert!(
        detail(1, 10_000, &data).contains("4097 states without a value for 0 records of 0 bytes")
    );
    assert!(detail(1, 100, &data).contains("bytes of header are too many"));
}

#[test]
fn memory_has_a_limit() {
    let (crafted, expected) = sample();
    let (records, bytes) = sizes(&expected);
    let data = crafted.compressed(Compression::Snappy).data();
    let mut least = 0;
    for limit in 0..2000 {
        match Decoder::default().parse(records, bytes, &data, limit) {
            Ok(_) => {
                least = limit;
                break;
            }
            Err(malformed) => {
                assert_eq!(malformed.kind, ErrorKind::TooLarge);
                let excess = malformed.in_chunk_at(0).excess().unwrap();
                assert!(excess.size > excess.limit && excess.limit == limit);
            }
        }
    }
    assert!((100..1000).contains(&least), "{least}");
}

// Chunks that were sound once.

/// Replaces, inserts or removes values of the header, which is not compressed.
#[derive(Debug, Clone)]
enum Change {
    Replace(prop::sample::Index, u64),
    Remove(prop::sample::Index),
    Insert(prop::sample::Index, u64),
    Swap(prop::sample::Index, prop::sample::Index),
}

fn changes() -> impl Strategy<Value = Change> {
    let values = prop_oneof![
        0u64..20,
        0u64..300,
        any::<u32>().prop_map(u64::from),
        any::<u64>()
    ];
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => (index(), values.clone()).prop_map(|(at, value)| Change::Replace(at, value)),
        1 => index().prop_map(Change::Remove),
        1 => (index(), values).prop_map(|(at, value)| Change::Insert(at, value)),
        2 => (index(), index()).prop_map(|(one, other)| Change::Swap(one, other)),
    ]
}

/// The header of an uncompressed chunk as values, and what follows it.
fn header_values(data: &[u8]) -> (Vec<u64>, Vec<u8>) {
    let (_, range) = find_header(data).unwrap();
    let mut header = &data[range.clone()];
    let mut values = Vec::new();
    while !header.is_empty() {
        // Subtypes from 128 on look like the beginning of a varint.
        let (value, len) = varint::read(header).unwrap_or((header[0].into(), 1));
        values.push(value);
        header = &header[len..];
    }
    (values, data[range.end..].to_vec())
}

fn apply(changes: &[Change], values: &mut Vec<u64>) {
    for change in changes {
        let len = values.len();
        match change {
            _ if len == 0 => {}
            Change::Replace(at, value) => values[at.index(len)] = *value,
            Change::Remove(at) => {
                values.remove(at.index(len));
            }
            Change::Insert(at, value) => values.insert(at.index(len), *value),
            Change::Swap(one, other) => values.swap(one.index(len), other.index(len)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn chunks_with_changed_headers(
        kinds in prop::collection::vec(any_records(LARGEST_NUMBER), 1..5),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..40),
        changed in prop::collection::vec(prop::collection::vec(changes(), 1..4), 10),
        (more_records, more_bytes) in (0u64..3, 0u64..3),
    ) {
        let records: Vec<Vec<u8>> = order.iter().map(|index| index.get(&kinds).clone()).collect();
        for chunk in encode(&records, CODECS[0], 1 << 20, 1.0) {
            for changes in &changed {
                let (mut values, rest) = header_values(&chunk.data);
                apply(changes, &mut values);
                let header: Vec<u8> = values.into_iter().flat_map(varint_of).collect();
                let data = [&[0][..], &varint_of(header.len() as u64), &header, &rest].concat();
                // Whatever it is now, the checks in `decode` hold.
                let _ = decode(chunk.records + more_records, chunk.bytes + more_bytes, &data);
            }
        }
    }

    #[test]
    fn chunks_with_changed_bytes(
        kinds in prop::collection::vec(any_records(LARGEST_NUMBER), 1..5),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..40),
        codec in prop::sample::select(&CODECS[..]),
        changed in prop::collection::vec(
            prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), 10),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let records: Vec<Vec<u8>> = order.iter().map(|index| index.get(&kinds).clone()).collect();
        for chunk in encode(&records, codec, 1 << 20, 0.3) {
            for changes in &changed {
                let mut data = chunk.data.clone();
                for (at, byte) in changes {
                    let at = at.index(data.len());
                    data[at] = *byte;
                }
                if let Some(cut) = cut {
                    data.truncate(cut.index(data.len()));
                }
                let _ = decode(chunk.records, chunk.bytes, &data);
            }
        }
    }

    #[test]
    fn any_bytes(
        code in prop::sample::select(vec![0u8, b'z', b'b', b's']),
        data in prop::collection::vec(prop_oneof![0u8..16, any::<u8>()], 0..80),
        records in 0u64..10, bytes in 0u64..100,
    ) {
        let _ = decode(records, bytes, &[&[code], &data[..]].concat());
    }

    /// Machines of any states: most are sound, few do what the header states.
    #[test]
    fn any_machine(
        states in prop::collection::vec(
            (prop::sample::select(vec![PASS, START_SUBMESSAGE, START_MESSAGE, GROUP, GROUP + 1,
                END_SUBMESSAGE, NON_PROTO, STRING, VARINT, 8 + 1, 8 + 5, 536_870_911 << 3 | 3]),
             any::<prop::sample::Index>(), prop::bool::weighted(0.15)),
            1..20,
        ),
        subtypes in prop::collection::vec(0u8..20, 20),
        transitions in prop::collection::vec(any::<u8>().prop_map(|byte| byte & 0x1f), 0..100),
        buffer in prop::collection::vec(0u8..6, 0..60),
        records in 0u64..20, bytes in 0u64..200,
    ) {
        let count = states.len();
        let mut crafted = Crafted::new(&[], &transitions).bucket(&[&buffer, &[1, 2, 3]]);
        for (index, (tag, next, implicit)) in states.into_iter().enumerate() {
            let next = next.index(count) as u32;
            let next = if implicit { Next::Always(next) } else { Next::From(next) };
            crafted.states.push((tag, next));
            if tag == VARINT {
                let subtype = subtypes[index];
                crafted.subtypes.push(subtype);
                if subtype >= 10 {
                    continue;
                }
            }
            if [NON_PROTO, STRING, VARINT, 8 + 1, 8 + 5].contains(&tag) {
                crafted.state_buffers.push(0);
            }
        }
        let _ = decode(records, bytes, &crafted.data());
    }
}
