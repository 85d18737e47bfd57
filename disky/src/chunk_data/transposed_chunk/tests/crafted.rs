//! Crafted chunks, most of them invalid.

use super::*;

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
    assert!(detail(1, 1, &[0]).contains("the size of the header is not a varint"));
    assert!(detail(1, 1, &[0, 9, 1, 2]).contains("stated to take 9 bytes, but 2"));
    let unknown = decode(1, 1, &[7, 0]).unwrap_err();
    assert_eq!(unknown.kind, ErrorKind::UnsupportedCompression);
}

#[test]
fn states_that_are_none() {
    let one = |tag| Crafted::new(&[(tag, Next::From(0))], &[]);
    for tag in [4, 5, 6, 7, 15, 8 + 7, u32::MAX] {
        assert!(detail(1, 9, &one(tag).data()).contains(&format!("the invalid tag {tag}")));
    }
    let varint = one(VARINT).with_subtypes(&[138]);
    assert!(detail(1, 9, &varint.data()).contains("the invalid subtype 138"));
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
    assert!(
        detail(1, 1, &group.data()).contains("the first 1 bytes of the chunk are not a record")
    );
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
        // Codecs that limit the decompressed size reject it first.
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

/// A few bytes that state a gigabyte are rejected before memory for it is allocated.
#[test]
fn records_that_nothing_could_make() {
    let (crafted, _) = sample();
    let data = crafted.data();
    for (records, bytes) in [(4, 1 << 30), (1 << 30, 30), (u64::MAX, u64::MAX)] {
        let malformed = Decoder::default().parse(records, bytes, &data, MEMORY);
        assert!(malformed.unwrap_err().detail.contains("cannot make them"));
    }
}

/// Transitions that repeat one state `count` times, in very few bytes.
fn repeating(count: usize) -> Vec<u8> {
    vec![3; count / 4]
}

/// Twenty kilobytes that open submessages for ever: the machine stops when no record could hold
/// them.
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
    // Chains that join are not a loop.
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

/// Forty kilobytes that would run for seconds: each transition leads through all states, and none
/// writes.
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
    // `decode` limits the work.
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
