//! Finds single records of a chunk by its record sizes, without an end offset for each record.

use crate::format::varint;

/// A record to read: its index in its chunk, and where a call has placed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)] // The C ABI passes arrays of it.
pub struct PickedRecord {
    /// The index of the record in its chunk.
    pub index: u64,
    /// Where the record begins in the caller's memory, in bytes.
    pub offset: u64,
    /// Size of the record in bytes.
    pub size: u64,
}

/// Sets the place of each of `picked`, whose indexes ascend, in a chunk whose records begin at
/// `base`. `sizes` are the sizes of its `records` records, `total` bytes together.
///
/// Returns `None` if an index is wrong, or if the sizes do not fit `records` and `total`.
pub(crate) fn find(
    mut sizes: &[u8],
    records: u64,
    total: u64,
    base: u64,
    picked: &mut [PickedRecord],
) -> Option<()> {
    let (mut index, mut begin) = (0, 0);
    for record in picked {
        let ahead = record.index.checked_sub(index)?;
        (sizes, begin) = skip(sizes, ahead, begin, total)?;
        index = record.index;
        // The record is not skipped, because the next index may be the same.
        record.size = varint::read(sizes)?.0;
        record.offset = base.checked_add(begin)?;
    }
    let (rest, end) = skip(sizes, records.checked_sub(index)?, begin, total)?;
    (rest.is_empty() && end == total).then_some(())
}

/// Skips `count` sizes, the first of a record that begins at `begin`. Returns the sizes after them
/// and the end of the last record, at most `total`.
fn skip(mut sizes: &[u8], count: u64, mut begin: u64, total: u64) -> Option<(&[u8], u64)> {
    let mut left = count;
    while left > 0 {
        let (skipped, bytes, sum) = several(sizes)
            .filter(|&(skipped, ..)| skipped <= left)
            .or_else(|| varint::read(sizes).map(|(size, len)| (1, len, size)))?;
        begin = begin.checked_add(sum).filter(|&end| end <= total)?;
        sizes = &sizes[bytes..];
        left -= skipped;
    }
    Some((sizes, begin))
}

/// The number of sizes in the first eight bytes, the length of these bytes, and the sum of the
/// sizes. `None` unless these are eight sizes of one byte or four of two, the common cases.
fn several(sizes: &[u8]) -> Option<(u64, usize, u64)> {
    const CONTINUED: u64 = 0x8080_8080_8080_8080;
    const TWO_BYTES: u64 = 0x0080_0080_0080_0080;
    const EVEN_BYTES: u64 = 0x00ff_00ff_00ff_00ff;
    const SUM: u64 = 0x0001_0001_0001_0001;
    let word = u64::from_le_bytes(*sizes.first_chunk::<8>()?);
    match word & CONTINUED {
        0 => {
            let pairs = (word & EVEN_BYTES) + ((word >> 8) & EVEN_BYTES);
            Some((8, 8, pairs.wrapping_mul(SUM) >> 48))
        }
        TWO_BYTES => {
            let low = word & 0x007f_007f_007f_007f;
            let high = (word >> 1) & 0x3f80_3f80_3f80_3f80;
            Some((4, 8, (low | high).wrapping_mul(SUM) >> 48))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(sizes: &[u64]) -> Vec<u8> {
        let mut bytes = Vec::new();
        sizes
            .iter()
            .for_each(|&size| varint::write(size, &mut bytes));
        bytes
    }

    fn picked(indexes: &[u64]) -> Vec<PickedRecord> {
        let one = |&index| PickedRecord {
            index,
            ..PickedRecord::default()
        };
        indexes.iter().map(one).collect()
    }

    proptest! {
        #[test]
        fn finds_the_records_that_a_sum_finds(
            sizes in prop::collection::vec(
                prop_oneof![0u64..128, 0u64..16_384, 16_383u64..16_385, 0u64..(1 << 40)], 1..100),
            runs in prop::bool::ANY,
            mut wanted in prop::collection::vec(0usize..100, 0..20),
        ) {
            // Sizes of the same length next to each other, or in any order.
            let mut sizes = sizes;
            if runs {
                sizes.sort_unstable();
            }
            wanted.retain(|&index| index < sizes.len());
            wanted.sort_unstable();
            let total: u64 = sizes.iter().sum();
            let indexes: Vec<u64> = wanted.iter().map(|&index| index as u64).collect();
            let mut found = picked(&indexes);
            let bytes = encoded(&sizes);
            prop_assert_eq!(find(&bytes, sizes.len() as u64, total, 7, &mut found), Some(()));
            for (record, &index) in found.iter().zip(&wanted) {
                prop_assert_eq!(record.offset, 7 + sizes[..index].iter().sum::<u64>());
                prop_assert_eq!(record.size, sizes[index]);
            }
        }

        #[test]
        fn sizes_without_a_pattern_are_refused_or_stay_in_the_chunk(
            bytes in prop::collection::vec(prop::num::u8::ANY, 0..60),
            records in 0u64..60,
            total in 0u64..20_000,
            mut indexes in prop::collection::vec(0u64..60, 0..5),
        ) {
            indexes.sort_unstable();
            let mut found = picked(&indexes);
            if find(&bytes, records, total, 0, &mut found).is_some() {
                for record in found {
                    prop_assert!(record.offset.checked_add(record.size).unwrap() <= total);
                }
            }
        }
    }

    #[test]
    fn wrong_counts_and_indexes_are_refused() {
        let bytes = encoded(&[3, 200, 5]);
        assert_eq!(find(&bytes, 3, 208, 0, &mut []), Some(()));
        assert_eq!(find(&bytes, 2, 208, 0, &mut []), None);
        assert_eq!(find(&bytes, 4, 208, 0, &mut []), None);
        assert_eq!(find(&bytes, 3, 207, 0, &mut []), None);
        assert_eq!(find(&bytes, 3, 209, 0, &mut []), None);
        assert_eq!(find(&bytes, 3, 208, 0, &mut picked(&[3])), None);
        assert_eq!(find(&bytes, 3, 208, 0, &mut picked(&[1, 0])), None);
    }
}
