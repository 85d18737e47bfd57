//! Fields of a projection are compared with an independent projection over the wire format.

use super::*;
use crate::chunk_data::field_projection::FieldProjection;
use crate::chunk_data::transposed_chunk::TransposedChunkEncoder;
use crate::format::hash::hash;
use proptest::test_runner::RngSeed;

/// The limit of the projected records in these tests.
const MOST: u64 = 1 << 30;

/// Decodes the fields at `paths`; checks that the work is in proportion to the stated sizes, and that
/// the end offsets are in order.
pub(super) fn project_with(
    decoder: &mut Decoder,
    (records, bytes): (u64, u64),
    data: &[u8],
    paths: &[Vec<u32>],
    most: u64,
) -> Parsed<Vec<Vec<u8>>> {
    decoder.visits = 0;
    let projection = FieldProjection::of(paths).unwrap();
    let chunk = decoder.parse_to_project(records, bytes, data, MEMORY)?;
    let projected = decoder.project(chunk, data, &projection, most);
    let most_steps = 8 * (records + bytes) + 20_000;
    assert!(decoder.visits <= most_steps, "{} steps", decoder.visits);
    projected?;
    let values = decoder.projected_values();
    assert!(values.len() as u64 <= bytes);
    assert_eq!(decoder.projected_ends().len() as u64, records);
    let mut begin = 0;
    let cut = |&end: &u64| {
        let record = values[begin..end as usize].to_vec();
        begin = end as usize;
        record
    };
    let found = decoder.projected_ends().iter().map(cut).collect();
    assert_eq!(begin, values.len());
    Ok(found)
}

// The independent projection: a parser of complete records.

enum Value<'a> {
    /// The bytes after the tag.
    Scalar(&'a [u8]),
    /// The length, and the bytes after it.
    Delimited(&'a [u8], &'a [u8]),
    /// The bytes between the tags, and the tag at the end.
    Group(&'a [u8], &'a [u8]),
}

struct Field<'a> {
    number: u32,
    wire_type: u64,
    tag: &'a [u8],
    value: Value<'a>,
}

/// A varint that is as short as possible.
fn canonical(bytes: &[u8]) -> Option<(u64, usize)> {
    let len = bytes.iter().position(|byte| byte & 0x80 == 0)? + 1;
    let canonical = len == 1 || bytes[len - 1] != 0;
    let value = bytes[..len].iter().rev().try_fold(0u64, |value, byte| {
        (value >> 57 == 0).then(|| value << 7 | u64::from(byte & 0x7f))
    })?;
    canonical.then_some((value, len))
}

/// The fields of a message in canonical form, whose groups are complete; `None` if `bytes` are not
/// one.
fn fields(mut bytes: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (field, rest) = field(bytes)?;
        found.push(field);
        bytes = rest;
    }
    Some(found)
}

fn field(bytes: &[u8]) -> Option<(Field<'_>, &[u8])> {
    let (tag, tag_len) = canonical(bytes)?;
    let number = u32::try_from(tag).ok()? >> 3;
    if number == 0 {
        return None;
    }
    let (tag_bytes, rest) = bytes.split_at(tag_len);
    let scalar = |len: usize| {
        let (value, rest) = rest.split_at_checked(len)?;
        Some((Value::Scalar(value), rest))
    };
    let (value, rest) = match tag & 7 {
        0 => scalar(canonical(rest)?.1)?,
        1 => scalar(8)?,
        5 => scalar(4)?,
        2 => {
            let (length, len) = canonical(rest)?;
            let (length_bytes, rest) = rest.split_at(len);
            let length = usize::try_from(u32::try_from(length).ok()?).ok()?;
            let (value, rest) = rest.split_at_checked(length)?;
            (Value::Delimited(length_bytes, value), rest)
        }
        3 => {
            let mut inner = rest;
            loop {
                let (tag, len) = canonical(inner)?;
                if tag & 7 == 4 {
                    if tag >> 3 != u64::from(number) {
                        return None;
                    }
                    let content = &rest[..rest.len() - inner.len()];
                    break (Value::Group(content, &inner[..len]), &inner[len..]);
                }
                inner = field(inner)?.1;
            }
        }
        _ => return None,
    };
    let field = Field {
        number,
        wire_type: tag & 7,
        tag: tag_bytes,
        value,
    };
    Some((field, rest))
}

/// What a projection leaves of `record`.
pub(super) fn projected(record: &[u8], paths: &[Vec<u32>]) -> Vec<u8> {
    let paths: Vec<&[u32]> = paths.iter().map(Vec::as_slice).collect();
    match fields(record) {
        Some(fields) if paths.iter().all(|path| !path.is_empty()) => {
            projected_fields(fields, &paths, 0)
        }
        _ => record.to_vec(),
    }
}

fn projected_fields(fields: Vec<Field<'_>>, paths: &[&[u32]], depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for field in fields {
        let rests: Vec<&[u32]> = paths
            .iter()
            .filter(|path| path[0] == field.number)
            .map(|path| &path[1..])
            .collect();
        let complete = rests.iter().any(|rest| rest.is_empty());
        let existence = !complete && rests.iter().all(|rest| rest[0] == 0);
        let inner: Vec<&[u32]> = match complete {
            true => Vec::new(),
            false => rests.iter().copied().filter(|rest| rest[0] != 0).collect(),
        };
        if rests.is_empty() {
            continue;
        }
        out.extend(field.tag);
        match field.value {
            Value::Scalar(value) if existence => {
                let len = if field.wire_type == 0 { 1 } else { value.len() };
                out.extend(vec![0; len]);
            }
            Value::Scalar(value) => out.extend(value),
            Value::Delimited(..) if existence => out.push(0),
            Value::Delimited(length, value) => match fields_of_value(value, depth) {
                Some(fields) if !complete => {
                    let message = projected_fields(fields, &inner, depth + 1);
                    out.extend(varint_of(message.len() as u64));
                    out.extend(message);
                }
                _ => {
                    out.extend(length);
                    out.extend(value);
                }
            },
            Value::Group(content, end) => {
                if complete {
                    out.extend(content);
                } else {
                    let fields = self::fields(content).unwrap();
                    out.extend(projected_fields(fields, &inner, depth + 1));
                }
                out.extend(end);
            }
        }
    }
    out
}

/// The fields of a value that writers divide: they do not divide empty ones, and none deeper than 100.
fn fields_of_value(value: &[u8], depth: usize) -> Option<Vec<Field<'_>>> {
    match value.is_empty() || depth >= 100 {
        true => None,
        false => fields(value),
    }
}

/// Paths that often lead to fields of [`any_records`].
pub(super) fn paths() -> impl Strategy<Value = Vec<Vec<u32>>> {
    let number = prop_oneof![
        8 => 1u32..6,
        2 => 14u32..20,
        1 => prop::sample::select(vec![2047, 2048, 262_143, 262_144, 33_554_432]),
    ];
    let path = (
        prop::collection::vec(number, 1..4),
        prop::bool::weighted(0.3),
    )
        .prop_map(|(mut path, existence)| {
            path.extend(existence.then_some(0));
            path
        });
    prop::collection::vec(path, 0..6)
}

fn check_chunk(decoder: &mut Decoder, records: &[Vec<u8>], data: &[u8], paths: &[Vec<u32>]) {
    let found = project_with(decoder, sizes(records), data, paths, MOST).unwrap();
    for (record, found) in records.iter().zip(&found) {
        assert_eq!(found, &projected(record, paths), "{record:?} {paths:?}");
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(20),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn fields_of_chunks_of_the_riegeli_crate(
        kinds in prop::collection::vec(any_records(LARGEST_NUMBER), 1..8),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..80),
        codec in prop::sample::select(&CODECS[..]),
        fraction in prop::sample::select(vec![0.0, 0.00001, 0.001, 1.0]),
        paths in prop::collection::vec(paths(), 4),
    ) {
        let records: Vec<Vec<u8>> = order.iter().map(|index| index.get(&kinds).clone()).collect();
        let mut decoder = Decoder::default();
        for chunk in encode(&records, codec, 1 << 20, fraction) {
            for paths in &paths {
                check_chunk(&mut decoder, &records, &chunk.data, paths);
            }
        }
    }

    #[test]
    fn fields_of_chunks_of_our_encoder(
        kinds in prop::collection::vec(any_records((1 << 29) - 1), 1..8),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..80),
        compression in prop::sample::select(compressions().to_vec()),
        bucket_size in prop::sample::select(vec![1u64, 64, 1 << 20]),
        paths in prop::collection::vec(paths(), 4),
    ) {
        let records: Vec<Vec<u8>> = order.iter().map(|index| index.get(&kinds).clone()).collect();
        let data = encode_ours(&records, compression, bucket_size);
        let mut decoder = Decoder::default();
        for paths in &paths {
            check_chunk(&mut decoder, &records, &data, paths);
        }
    }
}

fn encode_ours(records: &[Vec<u8>], compression: Compression, bucket_size: u64) -> Vec<u8> {
    let mut encoder = TransposedChunkEncoder::new(compression, bucket_size).unwrap();
    encoder.any_chunk = 1 << 40;
    let mut end = 0;
    let ends: Vec<u64> = records
        .iter()
        .map(|record| {
            end += record.len() as u64;
            end
        })
        .collect();
    let bytes = records.concat();
    let chunk = encoder.encode(&bytes, &ends).unwrap();
    assert_eq!(chunk.header.chunk_type, ChunkType::Transposed);
    let data = chunk.data.concat();
    assert_eq!(chunk.header.data_hash, hash(&data));
    data
}

/// Records of a varint, a large string, and a submessage of both.
fn plain_records(count: u64) -> Vec<Vec<u8>> {
    let mut random = Random(7);
    (0..count)
        .map(|index| {
            let junk: Vec<u8> = (0..100).map(|_| 0x80 | random.below(128) as u8).collect();
            let inner = [&tag(1, 0)[..], &varint_of(index), &delimited(2, &junk)].concat();
            [&inner[..], &delimited(3, &inner)].concat()
        })
        .collect()
}

/// Damage in a bucket without values of the projection stays unnoticed: that bucket is not
/// decompressed. The data hash of the chunk covers it.
#[test]
fn other_buckets_are_not_decompressed() {
    let records = plain_records(500);
    for compression in &compressions()[1..] {
        let mut data = encode_ours(&records, *compression, 1);
        let mut decoder = Decoder::default();
        let (count, bytes) = sizes(&records);
        let chunk = decoder.parse(count, bytes, &data, MEMORY).unwrap();
        let largest = chunk.buckets.iter().max_by_key(|bucket| bucket.size);
        let stored = largest.unwrap().stored.clone();
        data[stored.start + 30..stored.end - 4].fill(0x55);
        assert!(decode(count, bytes, &data).is_err());
        let all_but_strings = [vec![1], vec![3, 1]];
        check_chunk(&mut decoder, &records, &data, &all_but_strings);
        // The strings with existence only are not needed either.
        let existence = [vec![2, 0], vec![3, 2, 0]];
        check_chunk(&mut decoder, &records, &data, &existence);
        let strings = [vec![2], vec![3, 2]];
        let sizes = sizes(&records);
        assert!(project_with(&mut decoder, sizes, &data, &strings, MOST).is_err());
    }
}

/// Two fields share a buffer, as no known writer lets them.
#[test]
fn a_buffer_of_which_only_some_values_are_needed() {
    let states = [
        (STRING + 8, Next::Always(1)),
        (STRING, Next::Always(2)),
        (START_MESSAGE, Next::From(0)),
    ];
    for compression in compressions() {
        let crafted = Crafted::new(&states, &[0])
            .bucket(&[b"\x01d\x03ccc\x00\x02aa"])
            .reading(&[0, 0])
            .compressed(compression);
        let record = |one: &[u8], two: &[u8]| [delimited(1, one), delimited(2, two)].concat();
        let records = [record(b"aa", b""), record(b"ccc", b"d")];
        let (count, bytes) = sizes(&records);
        let data = crafted.data();
        assert_eq!(decode(count, bytes, &data).unwrap(), records);
        for paths in [
            vec![vec![1]],
            vec![vec![2]],
            vec![vec![2, 0], vec![1]],
            vec![],
        ] {
            check_chunk(&mut Decoder::default(), &records, &data, &paths);
        }
    }
}

/// One state is used in two submessages, as no known writer uses it.
#[test]
fn a_state_of_two_submessages() {
    // Submessages 1 and 2 of a varint each, which is field 1 of both.
    let states = [
        (END_SUBMESSAGE + 8, Next::Always(2)),
        (END_SUBMESSAGE, Next::Always(2)),
        (VARINT, Next::Always(3)),
        (START_SUBMESSAGE, Next::From(1)),
        (START_MESSAGE, Next::From(0)),
    ];
    let crafted = Crafted::new(&states, &[0, 3 << 2, 0, 0, 3 << 2]).with_subtypes(&[0]);
    let crafted = crafted.bucket(&[&[4, 3, 2, 1]]).reading(&[0]);
    let record = |one, two| [delimited(1, &[8, one]), delimited(2, &[8, two])].concat();
    let records = [record(1, 2), record(3, 4)];
    let (count, bytes) = sizes(&records);
    let data = crafted.data();
    assert_eq!(decode(count, bytes, &data).unwrap(), records);
    for paths in [
        vec![vec![1]],
        vec![vec![2, 1]],
        vec![vec![1, 1, 0]],
        vec![vec![3]],
    ] {
        check_chunk(&mut Decoder::default(), &records, &data, &paths);
    }
}

#[test]
fn deep_messages() {
    let mut message = vec![0x08, 0x05];
    let mut path = vec![1];
    for depth in 0..150 {
        (message, path) = match depth % 3 {
            0 => (group(1, &message), [&[1], &path[..]].concat()),
            _ => (delimited(2, &message), [&[2], &path[..]].concat()),
        };
        let data = encode_ours(std::slice::from_ref(&message), compressions()[0], 1 << 20);
        let existence = [&path[..], &[0]].concat();
        for path in [path.clone(), existence, vec![2], vec![1, 0], vec![9]] {
            let records = std::slice::from_ref(&message);
            check_chunk(&mut Decoder::default(), records, &data, &[path]);
        }
    }
}

#[test]
fn records_that_are_not_messages_are_complete() {
    let records = [b"junk".to_vec(), vec![0x08, 0x05], Vec::new(), vec![0x0b]];
    for compression in compressions() {
        let data = encode_ours(&records, compression, 1);
        let found = project_with(&mut Decoder::default(), sizes(&records), &data, &[], MOST);
        let expected = [b"junk".to_vec(), Vec::new(), Vec::new(), vec![0x0b]];
        assert_eq!(found.unwrap(), expected);
    }
}

/// The reader's limit counts the fields that the projection includes, not the complete records.
#[test]
fn limits_count_the_fields_that_are_read() {
    let records = plain_records(500);
    let data = encode_ours(&records, compressions()[1], 1);
    let mut decoder = Decoder::default();
    let numbers = vec![vec![1]];
    let size: usize = records
        .iter()
        .map(|record| projected(record, &numbers).len())
        .sum();
    let (count, bytes) = sizes(&records);
    assert!((size as u64) < bytes / 20);
    // Each value that is skipped counts too, as at most a byte.
    let least = size.max(5 * records.len()) as u64;
    let found = project_with(&mut decoder, (count, bytes), &data, &numbers, least);
    assert_eq!(found.unwrap().len(), records.len());
    for paths in [&[vec![1]], &[vec![3]]] {
        let size: usize = records
            .iter()
            .map(|record| projected(record, paths).len())
            .sum();
        let most = size as u64 - 1;
        let failed = project_with(&mut Decoder::default(), (count, bytes), &data, paths, most);
        let failure = failed.unwrap_err();
        assert_eq!(failure.kind, ErrorKind::TooLarge, "{failure:?}");
        let excess = failure.in_chunk_at(0).excess().unwrap();
        assert_eq!(excess.limit, most + 8 * count);
        assert!(excess.size > excess.limit);
    }
}

/// States without effect would take hours: each transition leads through all of them.
#[test]
fn chains_of_states_that_are_not_read() {
    let count = 10_000;
    for inner in [VARINT, PASS] {
        let states: Vec<(u32, Next)> = (0..count)
            .map(|state| match state + 1 {
                next if next < count => (inner, Next::Always(next)),
                _ => (inner, Next::From(0)),
            })
            .collect();
        let mut crafted = Crafted::new(&states, &[3; 20_000]);
        if inner == VARINT {
            crafted = crafted.with_subtypes(&vec![10; count as usize]);
        }
        let data = crafted.data();
        let failed = project_with(&mut Decoder::default(), (1, 20_000), &data, &[], MOST);
        let detail = failed.unwrap_err().detail;
        assert!(detail.contains("states without a value for 1 records of 20000 bytes"));
    }
    // Submessages that are only entered and left.
    let mut states = Vec::new();
    for state in 0..count {
        let tag = if state % 2 == 0 {
            END_SUBMESSAGE
        } else {
            START_SUBMESSAGE
        };
        let next = if state + 1 < count {
            Next::Always(state + 1)
        } else {
            Next::From(0)
        };
        states.push((tag, next));
    }
    let data = Crafted::new(&states, &[3; 20_000]).data();
    for paths in [vec![], vec![vec![1]]] {
        let decoder = &mut Decoder::default();
        assert!(project_with(decoder, (1, 20_000), &data, &paths, MOST).is_err());
    }
}

/// A submessage or a group that begins where the other has ended.
#[test]
fn submessages_and_groups_that_overlap() {
    for (end, start) in [
        (END_SUBMESSAGE, GROUP),
        (GROUP + 1, START_SUBMESSAGE),
        (GROUP + 1, GROUP + 8),
    ] {
        let states = [
            (end, Next::Always(1)),
            (start, Next::Always(2)),
            (START_MESSAGE, Next::From(0)),
        ];
        let data = Crafted::new(&states, &[]).data();
        let failed = project_with(&mut Decoder::default(), (1, 9), &data, &[vec![1]], MOST);
        let detail = failed.unwrap_err().detail;
        assert!(
            detail.contains("begins where another one has ended"),
            "{detail}"
        );
    }
}
