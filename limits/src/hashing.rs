//! HighwayHash of byte sequences, one after the other or several at once.

use disky::{STREAMS, hash_many, streams};
use highway::{HighwayHash, HighwayHasher, Key};
use std::hint::black_box;

/// How a limit hashes the byte sequences that it has read or is about to write.
#[derive(Clone, Copy)]
pub(crate) enum Hashing {
    /// It does not hash.
    None,
    /// One after the other, with the crate `highway`.
    OneByOne,
    /// As many at once as pay, with the engine's own hash.
    Together,
}

impl Hashing {
    /// How many sequences to gather before they are hashed.
    pub(crate) fn sequences(self) -> usize {
        match self {
            Self::None | Self::OneByOne => 1,
            Self::Together => streams(),
        }
    }

    /// The size in bytes of a buffer for one sequence. All buffers together are smaller than the
    /// processor's second cache: three buffers of 1 MiB gain only 4 % over one.
    pub(crate) fn buffer_size(self) -> usize {
        match self {
            Self::None | Self::OneByOne => 1 << 20,
            Self::Together => 1 << 17,
        }
    }

    /// Hashes up to [`Hashing::sequences`] sequences.
    pub(crate) fn run(self, inputs: &[&[u8]]) {
        match self {
            Self::None => {
                black_box(inputs);
            }
            Self::OneByOne => inputs.iter().for_each(|input| {
                black_box(hash(input));
            }),
            Self::Together => {
                let mut hashes = [0; STREAMS];
                hash_many(inputs, &mut hashes[..inputs.len()]);
                black_box(hashes);
            }
        }
    }
}

/// The hash with some key; any key takes the same time.
fn hash(bytes: &[u8]) -> u64 {
    HighwayHasher::new(Key([1, 2, 3, 4])).hash64(bytes)
}
