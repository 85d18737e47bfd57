//! Chunks of the `riegeli` crate with changed headers.

use super::*;

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

/// The header of an uncompressed chunk as values, and the bytes after it.
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
                // Valid or not, the checks in `decode` hold.
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

    /// Random machines: most are valid, few write the records that the header states.
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
