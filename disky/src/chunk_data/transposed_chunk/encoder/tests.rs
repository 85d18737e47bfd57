//! Encoded chunks are decoded again by our decoder, within its limits, and by the `riegeli` crate.

use super::symbols::MAX_INLINE_VALUE;
use super::*;
use crate::chunk_data::transposed_chunk::Decoder;
use crate::chunk_data::transposed_chunk::tests::{
    Random, any_records, compressions, decode_with, delimited, group, sizes, tag, varint_of,
};
use crate::codec::compression::{Brotli, Zstd};
use crate::format::chunk_writer::ChunkWriter;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::io::Cursor;

const LARGEST_NUMBER: u64 = (1 << 29) - 1;
const BUCKET_SIZES: [u64; 4] = [0, 1, 256, 1 << 20];

/// Fast compressions; the tests are about the layout.
fn fast_compressions() -> [Compression; 4] {
    [
        Compression::None,
        Compression::Zstd(Zstd::new(1).unwrap()),
        Compression::Brotli(Brotli::new(0).unwrap()),
        Compression::Snappy,
    ]
}

fn joined(records: &[Vec<u8>]) -> (Vec<u8>, Vec<u64>) {
    let ends = records.iter().scan(0, |end, record| {
        *end += record.len() as u64;
        Some(*end)
    });
    (records.concat(), ends.collect())
}

/// The data of the chunk that `encoder` makes.
fn encode(encoder: &mut TransposedChunkEncoder, records: &[Vec<u8>]) -> Vec<u8> {
    let (bytes, ends) = joined(records);
    let chunk = encoder.encode(&bytes, &ends).unwrap();
    let data = chunk.data.concat();
    assert_eq!(chunk.header.chunk_type, ChunkType::Transposed);
    assert_eq!(chunk.header.data_size, data.len() as u64);
    assert_eq!(chunk.header.data_hash, crate::format::hash::hash(&data));
    assert_eq!(chunk.header.num_records, records.len() as u64);
    assert_eq!(chunk.header.decoded_data_size, bytes.len() as u64);
    data
}

fn riegeli_reads(encoder: &mut TransposedChunkEncoder, records: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let (bytes, ends) = joined(records);
    let mut file = Vec::new();
    let mut writer = ChunkWriter::new(&mut file, 0);
    writer.write_signature().unwrap();
    let chunk = encoder.encode(&bytes, &ends).unwrap();
    writer.write(&chunk.header, &chunk.data).unwrap();
    let options = riegeli::ReaderOptions::new();
    let mut reader = riegeli::RecordReader::new(Cursor::new(file), options).unwrap();
    std::iter::from_fn(|| reader.read_record().unwrap()).collect()
}

fn check_with(encoder: &mut TransposedChunkEncoder, records: &[Vec<u8>]) {
    let data = encode(encoder, records);
    let (count, bytes) = sizes(records);
    let decoded = decode_with(&mut Decoder::default(), count, bytes, &data);
    // There may be many records, so the assertion does not print them.
    assert!(decoded.unwrap() == records);
    assert!(riegeli_reads(encoder, records) == records);
}

/// Divides messages, even if they have little in common.
fn check(records: &[Vec<u8>], compression: Compression, bucket_size: u64) {
    let mut encoder = TransposedChunkEncoder::new(compression, bucket_size).unwrap();
    encoder.any_chunk = 1 << 40;
    check_with(&mut encoder, records);
}

fn check_all(records: &[Vec<u8>]) {
    for compression in fast_compressions() {
        check(records, compression, 256);
    }
}

fn dissect(record: &[u8]) -> Dissection {
    let mut dissection = Dissection::default();
    let cleared = dissection.clear(u64::MAX);
    assert!(cleared.and_then(|()| dissection.add(record)).is_ok());
    dissection
}

/// Whether a record is divided, and not stored undivided.
fn is_taken_apart(record: &[u8]) -> bool {
    let dissection = dissect(record);
    match dissection.sequence[0] {
        symbols::RECORD => true,
        symbols::WHOLE => false,
        symbol => panic!("a record begins with symbol {symbol}"),
    }
}

fn cases(cases: u32, seed: u64) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(250, 1))]

    #[test]
    fn any_mix_of_records(
        kinds in prop::collection::vec(any_records(LARGEST_NUMBER), 1..8),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..200),
        codec in 0usize..4,
        bucket_size in prop::sample::select(&BUCKET_SIZES[..]),
    ) {
        // Many records of a few kinds give machines with repetitions.
        let records: Vec<Vec<u8>> = order.iter().map(|index| index.get(&kinds).clone()).collect();
        check(&records, fast_compressions()[codec], bucket_size);
    }

    #[test]
    fn messages_with_changed_bytes(
        kinds in prop::collection::vec(any_records(LARGEST_NUMBER), 1..8),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..60),
        codec in 0usize..4,
    ) {
        let mut records = kinds;
        for (record, at, byte) in changes {
            let mut record = record.get(&records).clone();
            if !record.is_empty() {
                let at = at.index(record.len());
                record[at] = byte;
            }
            records.push(record);
        }
        check(&records, fast_compressions()[codec], 64);
    }

    #[test]
    fn any_bytes(
        records in prop::collection::vec(
            prop::collection::vec(prop_oneof![0u8..32, any::<u8>()], 0..30), 0..40),
        codec in 0usize..4,
    ) {
        check(&records, fast_compressions()[codec], 1);
    }

    /// An encoder encodes the next chunk as a new encoder does.
    #[test]
    fn nothing_is_left_of_the_chunk_before(
        chunks in prop::collection::vec(
            prop::collection::vec(any_records(LARGEST_NUMBER), 0..12), 1..6),
        codec in 0usize..4,
    ) {
        let compression = fast_compressions()[codec];
        let mut encoder = TransposedChunkEncoder::new(compression, 100).unwrap();
        for records in &chunks {
            check_with(&mut encoder, records);
            let mut new = TransposedChunkEncoder::new(compression, 100).unwrap();
            prop_assert_eq!(encode(&mut encoder, records), encode(&mut new, records));
            prop_assert_eq!(encoder.dissection.delimited.len(), new.dissection.delimited.len());
        }
    }
}

#[test]
fn no_record_and_empty_records() {
    for compression in compressions() {
        for bucket_size in BUCKET_SIZES {
            check(&[], compression, bucket_size);
            check(&[vec![]], compression, bucket_size);
            check(&vec![vec![]; 1000], compression, bucket_size);
        }
    }
}

#[test]
fn single_records() {
    for record in [
        vec![0x08, 0x01],
        vec![0x08, 0x7f],
        b"no message".to_vec(),
        delimited(1, b"\xff\xff"),
        delimited(1, &delimited(2, &[0x08, 0x05])),
        group(1, &[0x08, 0x05]),
        group(1, b""),
        vec![0; 100_000],
    ] {
        check_all(&[record]);
    }
}

/// Varints of every length, at the ends of their ranges, and the values that are part of a symbol.
#[test]
fn varints_of_every_length() {
    let mut values: Vec<u64> = (0..10).collect();
    values.extend((1..10).flat_map(|groups| [(1 << (7 * groups)) - 1, 1 << (7 * groups)]));
    values.push(u64::MAX);
    let records: Vec<Vec<u8>> = values
        .iter()
        .map(|&value| [tag(1, 0), varint_of(value)].concat())
        .collect();
    assert!(records.iter().all(|record| is_taken_apart(record)));
    check_all(&records);
    let all_in_one = records.concat();
    check_all(&[all_in_one.clone(), all_in_one]);
    for record in records {
        check_all(&[record]);
    }
}

#[test]
fn field_numbers_of_every_length() {
    let numbers: Vec<u64> = [
        1, 15, 16, 2047, 2048, 262_143, 262_144, 33_554_431, 33_554_432,
    ]
    .into_iter()
    .chain([LARGEST_NUMBER])
    .collect();
    let message: Vec<u8> = numbers
        .iter()
        .flat_map(|&number| {
            [
                [tag(number, 0), varint_of(1)].concat(),
                [tag(number, 0), varint_of(300)].concat(),
                [&tag(number, 1)[..], &[7; 8]].concat(),
                [&tag(number, 5)[..], &[7; 4]].concat(),
                delimited(number, b""),
                delimited(number, b"\xff"),
                delimited(number, &[tag(number, 0), varint_of(4)].concat()),
                group(number, &[tag(number, 0), varint_of(4)].concat()),
            ]
            .concat()
        })
        .collect();
    assert!(is_taken_apart(&message));
    check_all(&vec![message; 20]);
}

/// Records that could not be reassembled exactly, or that cannot be divided.
#[test]
fn what_is_no_message_is_kept_whole() {
    for record in [
        &[0x08][..],                  // a tag without a value
        &[0x08, 0x81, 0x00],          // a varint longer than need be
        &[0x88, 0x00, 0x01],          // a tag longer than need be
        &[0x0a, 0x81, 0x00, 0x61],    // a length longer than need be
        &[0x08, 0x80],                // a varint that does not end
        &[0x00, 0x01],                // field number 0
        &[0x03, 0x04],                // a group with field number 0
        &[0x0b],                      // a group that does not end
        &[0x0c],                      // the end of none
        &[0x0b, 0x14],                // the end of another
        &[0x0b, 0x13, 0x0c, 0x14],    // groups that end in the wrong order
        &[0x0e, 0x01],                // wire type 6
        &[0x0f, 0x01],                // wire type 7
        &[0x0d, 1, 2, 3],             // four bytes, one of them missing
        &[0x09, 1, 2, 3, 4, 5, 6, 7], // eight bytes, one of them missing
        &[0x0a, 0x02, 0x61],          // a length past the end
        &[
            0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
        ],
        &[0x88, 0x80, 0x80, 0x80, 0x10, 1], // field number 536,870,913 or, in 32 bits, 1
        &[0x08, 0x01, 0x07],                // a byte too many
    ] {
        assert!(!is_taken_apart(record), "{record:02x?}");
        check_all(&[record.to_vec()]);
        // In a divided message, these bytes are a string.
        let string = delimited(3, record);
        assert!(is_taken_apart(&string));
        check_all(&vec![string; 3]);
        check_all(&[group(1, record), record.to_vec(), vec![0x08, 0x01]]);
    }
}

/// Submessages are divided to a depth of 100, groups included; groups at any depth.
#[test]
fn deep_messages() {
    let mut message = vec![0x08, 0x05];
    for depth in 0..250 {
        message = match depth % 3 {
            0 => group(1, &message),
            _ => delimited(2, &message),
        };
        check_all(std::slice::from_ref(&message));
    }
    for nested in [delimited(1, b"\x08\x05"), group(1, b"\x08\x05")] {
        let is_group = nested[0] == 0x0b;
        let deepest = (0..200).fold(nested, |inner, _| match is_group {
            true => group(1, &inner),
            false => delimited(1, &inner),
        });
        let dissection = dissect(&deepest);
        let begins = dissection.symbols.symbols.iter();
        let begins = begins.filter(|symbol| symbol.kind == symbols::Kind::Begin);
        let expected = if is_group { 0 } else { dissection::MAX_DEPTH };
        assert_eq!(begins.count(), expected);
    }
    // The deepest record: 40,000 groups in 80,000 bytes.
    let deepest = [vec![0x0b; 40_000], vec![0x0c; 40_000]].concat();
    assert!(is_taken_apart(&deepest));
    check_all(&[deepest]);
}

/// Lists of states of one block, of two, and trees of blocks, both for own lists and the public
/// one.
#[test]
fn as_many_fields_as_fill_blocks() {
    for fields in [1, 2, 62, 63, 64, 65, 66, 126, 127, 128, 129, 190, 191, 4100] {
        let field = |number: u64| [tag(number, 0), varint_of(number)].concat();
        // Each is a record, so that all follow the same symbol: first rarely, then often.
        let rare: Vec<Vec<u8>> = (1..=fields).map(field).collect();
        check(&rare, Compression::None, 1);
        let mut often = rare.clone();
        for (index, record) in rare.iter().enumerate() {
            let times = if index % 3 == 0 { 30 } else { 12 };
            often.extend(vec![record.clone(); times]);
        }
        check(&often, Compression::Snappy, 1 << 20);
        // Each follows several others.
        let mut random = Random(fields);
        let mixed: Vec<Vec<u8>> = (0..200)
            .map(|_| {
                let numbers = (0..random.below(30)).map(|_| field(1 + random.below(fields)));
                numbers.collect::<Vec<_>>().concat()
            })
            .collect();
        check(&mixed, Compression::Snappy, 1 << 20);
    }
}

/// The most states, transitions and states without a value per byte of a record: nested groups,
/// each on another path, in an order without a pattern.
#[test]
fn the_worst_that_can_be_made_of_a_message() {
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
        for compression in fast_compressions() {
            check(&records, compression, 1);
        }
    }
}

#[test]
fn many_records() {
    let mut random = Random(7);
    let records: Vec<Vec<u8>> = (0..100_000)
        .map(|index: u64| match random.below(20) {
            0 => b"no message".to_vec(),
            1 => vec![],
            kind => [
                [tag(1, 0), varint_of(index)].concat(),
                delimited(2, &[tag(1, 0), varint_of(kind)].concat()),
                delimited(3, &vec![b'a'; kind as usize]),
            ]
            .concat(),
        })
        .collect();
    for compression in fast_compressions() {
        check(&records, compression, 1 << 20);
        check(&vec![records[0].clone(); 100_000], compression, 1 << 20);
    }
}

/// A small value takes a symbol and no byte.
#[test]
fn small_varints_take_no_buffer() {
    let buffers = |value: u64| {
        let mut encoder = TransposedChunkEncoder::new(Compression::None, 1).unwrap();
        encode(&mut encoder, &[[tag(1, 0), varint_of(value)].concat()]);
        encoder.buffers.sizes.clone()
    };
    for value in 0..=MAX_INLINE_VALUE {
        assert_eq!(buffers(value.into()), []);
    }
    assert_eq!(buffers(u64::from(MAX_INLINE_VALUE) + 1), [1]);
    assert_eq!(buffers(300), [2]);
}

/// A sequence without alternatives needs no transitions, and repeated records need almost none.
#[test]
fn what_always_follows_costs_nothing() {
    let record = [
        delimited(1, &[tag(1, 0), varint_of(300)].concat()),
        delimited(2, b"\xff"),
        group(3, &tag(1, 5).into_iter().chain([1; 4]).collect::<Vec<_>>()),
    ]
    .concat();
    let mut encoder = TransposedChunkEncoder::new(Compression::None, 1).unwrap();
    let mut transitions = |count: usize| {
        encode(&mut encoder, &vec![record.clone(); count]);
        let before = encoder.buffers.values().len();
        encoder.body.len() - before
    };
    assert_eq!(transitions(1), 0);
    assert_eq!(transitions(2), 1);
    // One byte stands for four.
    assert_eq!(transitions(4001), 1000);
}

/// Values with the same tag in the same parent lie together, the last one first, without the bits
/// that mark the continuation of a varint.
#[test]
fn buffers_by_tag_and_parent() {
    let varint = |number, value| [tag(number, 0), varint_of(value)].concat();
    let values = |message: &[u8]| {
        let mut encoder = TransposedChunkEncoder::new(Compression::None, 1).unwrap();
        encode(&mut encoder, &[message.to_vec()]);
        (
            encoder.buffers.sizes.clone(),
            encoder.buffers.values().to_vec(),
        )
    };
    // Field 1 of the record, of a group, of a submessage.
    let message = [
        varint(1, 300),
        group(2, &varint(1, 301)),
        varint(1, 302),
        delimited(3, &varint(1, 303)),
        varint(1, 304),
    ]
    .concat();
    let expected = [0x2d, 2, 0x2f, 2, 0x30, 2, 0x2e, 2, 0x2c, 2];
    assert_eq!(values(&message), (vec![2, 2, 6], expected.to_vec()));
    // Field 1 after field 5, once in the record and once in the submessage.
    let message = [
        delimited(3, &varint(5, 300)),
        varint(1, 301),
        delimited(3, &[varint(5, 302), varint(1, 303)].concat()),
    ]
    .concat();
    let expected = [0x2d, 2, 0x2f, 2, 0x2e, 2, 0x2c, 2];
    assert_eq!(values(&message), (vec![2, 2, 4], expected.to_vec()));
    // Not divided as a submessage, though it could be one.
    assert_eq!(values(&delimited(1, b"")), (vec![1], vec![0]));
    // So many that they are copied in words.
    let message = varint(1, 300).repeat(50);
    assert_eq!(values(&message), (vec![100], [0x2c, 2].repeat(50)));
}

/// From the largest buffer on: a buffer is added if half of it still fits.
#[test]
fn buckets_of_about_the_size() {
    let buckets = |sizes: &[usize], bucket_size| {
        let mut encoder = TransposedChunkEncoder::new(Compression::Snappy, bucket_size).unwrap();
        // Strings that are not messages, each with one byte of length.
        let fields = sizes.iter().zip(1..);
        let fields = fields.map(|(&size, number)| delimited(number, &vec![0xff; size - 1]));
        encode(&mut encoder, &[fields.collect::<Vec<_>>().concat()]);
        let ends = encoder.buffers.bucket_ends.iter();
        let begins = std::iter::once(&0).chain(&encoder.buffers.bucket_ends);
        ends.zip(begins)
            .map(|(end, begin)| end - begin)
            .collect::<Vec<_>>()
    };
    assert_eq!(buckets(&[80, 81], 121), [80, 81]);
    assert_eq!(buckets(&[80, 81], 122), [161]);
    // The remaining buffers are added if they have at most half the size of a bucket.
    assert_eq!(buckets(&[10, 10, 100], 40), [120]);
    assert_eq!(buckets(&[10, 11, 100], 40), [21, 100]);
    for bucket_size in [0, 1] {
        assert_eq!(buckets(&[2, 3, 4], bucket_size), [2, 3, 4]);
    }
}

/// Similar fields share buckets, and large ones have their own.
#[test]
fn buckets_by_size_and_kind() {
    let mut encoder = TransposedChunkEncoder::new(Compression::Snappy, 100).unwrap();
    let field = |number, len| delimited(number, &vec![0xff; len]);
    // With their lengths, 11, 21, 31, 61 and 202 bytes.
    let record = [
        field(1, 10),
        field(2, 20),
        field(3, 30),
        field(4, 60),
        field(5, 200),
    ]
    .concat();
    let numbers = [
        [&tag(6, 5)[..], &[1; 4]].concat(),
        vec![7 << 3, 9],
        vec![8 << 3, 9],
    ]
    .concat();
    encode(
        &mut encoder,
        &[[record, numbers].concat(), b"no message".to_vec()],
    );
    assert_eq!(encoder.buffers.sizes, [1, 1, 4, 11, 21, 31, 61, 202, 10, 1]);
    // Both varints; four bytes; the small strings; the large one; records; their lengths.
    assert_eq!(
        encoder.buffers.bucket_ends,
        [2, 6, 6 + 124, 6 + 326, 342, 343]
    );
}

/// A message of this number of different fields.
fn all_different(fields: u64) -> Vec<u8> {
    let fields = (1..=fields).map(|number| [tag(number, 0), vec![1]].concat());
    fields.collect::<Vec<_>>().concat()
}

/// The encoder rejects a machine with a state for almost every byte.
#[test]
fn messages_with_nothing_in_common_are_kept_whole() {
    let states = |records: &[Vec<u8>]| {
        let mut encoder = TransposedChunkEncoder::new(Compression::None, 1).unwrap();
        check_with(&mut encoder, records);
        encoder.layout.states.len()
    };
    // Each field is a symbol, and a pair with the one before.
    assert_eq!(states(&[all_different(4096 + 700)]), 4096 + 701);
    assert_eq!(states(&[all_different(6000)]), 1);
    // The same records again have the same symbols in more bytes.
    assert_eq!(states(&vec![all_different(6000); 5]), 6001);
    // Few symbols, but each after every other one.
    let mut random = Random(1);
    let field = |number| [tag(number, 0), vec![1]].concat();
    let fields = (0..30_000).map(|_| field(1 + random.below(1000)));
    assert_eq!(states(&[fields.collect::<Vec<_>>().concat()]), 1);
    let deepest = [vec![0x0b; 40_000], vec![0x0c; 40_000]].concat();
    assert_eq!(states(&[deepest, vec![0x08, 0x01]]), 1);
}

#[test]
fn file_metadata() {
    let metadata = [delimited(1, b"a comment"), delimited(2, b"a.Message")].concat();
    for compression in fast_compressions() {
        let mut encoder = TransposedChunkEncoder::new(compression, 1 << 20).unwrap();
        let ends = [metadata.len() as u64];
        let mut chunk = encoder.encode(&metadata, &ends).unwrap();
        chunk.header.chunk_type = ChunkType::Metadata;
        chunk.header.num_records = 0;
        let mut file = Vec::new();
        let mut writer = ChunkWriter::new(&mut file, 0);
        writer.write_signature().unwrap();
        writer.write(&chunk.header, &chunk.data).unwrap();
        let options = riegeli::ReaderOptions::new();
        let mut reader = riegeli::RecordReader::new(Cursor::new(file), options).unwrap();
        let found = reader.read_serialized_metadata().unwrap();
        assert_eq!(found.as_ref(), Some(&metadata));
    }
}

#[test]
fn ends_that_do_not_fit_the_records_are_refused() {
    let mut encoder = TransposedChunkEncoder::new(Compression::None, 1).unwrap();
    for ends in [&[2, 1, 3][..], &[4], &[2], &[u64::MAX], &[4, 3], &[]] {
        let error = encoder.encode(b"abc", ends).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.detail().contains("the 3 bytes of records"), "{error}");
    }
}
