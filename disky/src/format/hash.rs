//! The hash of the format: 64-bit HighwayHash with Riegeli's key.
//!
//! Source: "Conventions" in Google's Riegeli/records file format specification.
//!
//! With AVX2 the modules `avx2` and `avx512` compute it, because several byte sequences at once take much
//! less time than one after the other. Without AVX2, or with the feature `portable-hash`, the crate `highway`
//! computes it.

#[cfg(all(target_arch = "x86_64", not(feature = "portable-hash")))]
mod avx2;
#[cfg(not(all(target_arch = "x86_64", not(feature = "portable-hash"))))]
#[path = "hash/no_avx2.rs"]
mod avx2;
#[cfg(all(target_arch = "x86_64", not(feature = "portable-hash")))]
mod avx512;
#[cfg(all(target_arch = "x86_64", not(feature = "portable-hash")))]
mod state;

mod constants;

use avx2::Avx2;
use constants::KEY;
pub use constants::STREAMS;
use highway::{HighwayHash, HighwayHasher, Key};

/// How many byte sequences of equal size [`hash_many`] hashes in the shortest time per byte on this
/// processor: 4 with AVX-512, 3 with AVX2, otherwise 1. Processors before those with VBMI2 count as
/// without AVX-512, because it reduces their clock rate. At most [`STREAMS`].
// On other processors there is no value of `Avx2`, and the compiler knows.
#[cfg_attr(not(target_arch = "x86_64"), allow(unreachable_code))]
pub fn streams() -> usize {
    Avx2::detect().map_or(1, Avx2::streams)
}

/// Returns the hash of `bytes`.
pub fn hash(bytes: &[u8]) -> u64 {
    match Avx2::detect() {
        Some(avx2) => avx2.hash(bytes),
        None => portable(bytes),
    }
}

/// Writes the hash of each of `inputs` to the element of `hashes` with the same index. Takes less
/// time than hashing one after the other, most if neighbouring inputs are about equally long.
///
/// # Panics
///
/// If `hashes` is not as long as `inputs`.
pub fn hash_many(inputs: &[&[u8]], hashes: &mut [u64]) {
    assert_eq!(inputs.len(), hashes.len(), "a hash for each input");
    match Avx2::detect() {
        Some(avx2) => avx2.hash_many(inputs, hashes),
        None => {
            for (input, hash) in inputs.iter().zip(hashes) {
                *hash = portable(input);
            }
        }
    }
}

fn portable(bytes: &[u8]) -> u64 {
    HighwayHasher::new(Key(KEY)).hash64(bytes)
}

/// Hashes a byte sequence that arrives in pieces.
#[derive(Debug, Clone)]
pub struct Hasher(Implementation);

#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // A hasher lives on the stack for a short time.
enum Implementation {
    Avx2(avx2::Hasher),
    Portable(HighwayHasher),
}

impl Hasher {
    /// A hasher that has seen no bytes yet.
    // On other processors there is no value of `Avx2`, and the compiler knows.
    #[cfg_attr(not(target_arch = "x86_64"), allow(unreachable_code))]
    pub fn new() -> Self {
        Self(match Avx2::detect() {
            Some(avx2) => Implementation::Avx2(avx2.hasher()),
            None => Implementation::Portable(HighwayHasher::new(Key(KEY))),
        })
    }

    /// Adds `bytes` to the sequence.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Implementation::Avx2(hasher) => avx2::Hasher::update([hasher], [bytes]),
            Implementation::Portable(hasher) => hasher.append(bytes),
        }
    }

    /// Adds each of `pieces` to the sequence of the hasher with the same index. Two to four pieces
    /// that are about equally long take less time together than one after the other; see [`streams`].
    pub fn update_together(hashers: &mut [Self], pieces: &[&[u8]]) {
        use Implementation::Avx2;
        match (&mut *hashers, pieces) {
            ([Self(Avx2(a)), Self(Avx2(b))], [p, q]) => avx2::Hasher::update([a, b], [p, q]),
            ([Self(Avx2(a)), Self(Avx2(b)), Self(Avx2(c))], [p, q, r]) => {
                avx2::Hasher::update([a, b, c], [p, q, r]);
            }
            ([Self(Avx2(a)), Self(Avx2(b)), Self(Avx2(c)), Self(Avx2(d))], [p, q, r, s]) => {
                avx2::Hasher::update([a, b, c, d], [p, q, r, s]);
            }
            _ => hashers
                .iter_mut()
                .zip(pieces)
                .for_each(|(hasher, piece)| hasher.update(piece)),
        }
    }

    /// Returns the hash of all added bytes.
    pub fn finish(self) -> u64 {
        match self.0 {
            Implementation::Avx2(hasher) => hasher.finish(),
            Implementation::Portable(hasher) => hasher.finalize64(),
        }
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The last 24 bytes of the block header and of the chunk header at the beginning of every file
    /// contain their hash in the specification ("File signature").
    #[test]
    fn agrees_with_the_file_signature_of_the_specification() {
        let mut block = [0u8; 16];
        block[8] = 0x40;
        assert_eq!(hash(&block), 0x3f4a_880d_d170_af83);

        let mut chunk = [0u8; 32];
        chunk[8..16].copy_from_slice(&hash(&[]).to_le_bytes());
        chunk[16] = b's';
        assert_eq!(hash(&[]), 0x72c3_b1e9_c013_9fe1);
        assert_eq!(hash(&chunk), 0xa9e1_8792_3cc2_ba91);
    }

    /// Bytes without a pattern.
    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        };
        (0..len).map(|_| next()).collect()
    }

    #[test]
    fn agrees_with_the_crate_highway_for_every_size() {
        let bytes = noise(700);
        for len in 0..bytes.len() {
            assert_eq!(hash(&bytes[..len]), portable(&bytes[..len]), "{len} bytes");
        }
    }

    #[test]
    fn pieces_hash_like_the_whole() {
        let bytes = noise(200);
        for cut in 0..bytes.len() {
            for second in [cut, (cut + 5).min(200), (cut + 33).min(200)] {
                let mut hasher = Hasher::new();
                hasher.update(&bytes[..cut]);
                hasher.update(&bytes[cut..second]);
                hasher.update(&bytes[second..]);
                assert_eq!(hasher.finish(), hash(&bytes));
            }
        }
    }

    #[test]
    fn streams_fit_the_arrays_for_them() {
        assert!((1..=STREAMS).contains(&streams()));
    }

    /// Sequences that end at the same time, one after the other, and not in the order of the list.
    #[test]
    fn hashes_many_sequences_of_every_remainder() {
        let bytes = noise(4096);
        for count in 0..9 {
            for first in 0..70 {
                for step in [0, 1, 31, 32, 33, 100] {
                    let inputs: Vec<&[u8]> = (0..count)
                        .map(|i| &bytes[i..i + first + (i * 5 % count) * step])
                        .collect();
                    let mut hashes = vec![0; count];
                    hash_many(&inputs, &mut hashes);
                    let expected: Vec<u64> = inputs.iter().map(|input| portable(input)).collect();
                    assert_eq!(hashes, expected, "{count}, {first}, {step}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn hashes_pieces_together(
            pieces in prop::collection::vec(prop::collection::vec(0usize..150, 1..5), 0..12),
        ) {
            let bytes = noise(150);
            for count in 1..5 {
                let mut hashers = vec![Hasher::new(); count];
                let mut whole = vec![Vec::new(); count];
                for lens in &pieces {
                    let parts: Vec<&[u8]> =
                        (0..count).map(|i| &bytes[..lens[i % lens.len()]]).collect();
                    Hasher::update_together(&mut hashers, &parts);
                    for (whole, part) in whole.iter_mut().zip(parts) {
                        whole.extend_from_slice(part);
                    }
                }
                for (hasher, whole) in hashers.into_iter().zip(whole) {
                    prop_assert_eq!(hasher.finish(), portable(&whole));
                }
            }
        }
    }
}
