//! Chunks that the `riegeli` crate writes.

use super::*;

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
        // Many records of a few kinds give machines with repetitions.
        let records: Vec<Vec<u8>> = order.iter().map(|index| index.get(&kinds).clone()).collect();
        check(&records, codec, chunk_size, fraction);
    }
}

/// So many fields that lists of states need bridges, in an order without a pattern.
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

/// The most states, transitions and states without a value per byte of a record: nested groups,
/// each on another path, in an order without a pattern.
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
