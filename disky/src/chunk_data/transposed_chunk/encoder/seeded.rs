//! A hash of keys that the contents of records determine.

use std::hash::{BuildHasher, RandomState};

/// A fast hash of 64-bit keys. The seed differs between encoders, so that nobody can craft records
/// whose keys collide; the encoded chunk does not depend on it.
pub(super) struct Seeded {
    mask: u64,
    factor: u64,
}

impl Default for Seeded {
    fn default() -> Self {
        let random = RandomState::new();
        Self {
            mask: random.hash_one(0),
            factor: random.hash_one(1) | 1,
        }
    }
}

impl BuildHasher for Seeded {
    type Hasher = KeyHasher;

    fn build_hasher(&self) -> KeyHasher {
        KeyHasher {
            mask: self.mask,
            factor: self.factor,
        }
    }
}

pub(super) struct KeyHasher {
    mask: u64,
    factor: u64,
}

impl std::hash::Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    #[inline]
    fn write_u64(&mut self, key: u64) {
        let product = u128::from(key ^ self.mask) * u128::from(self.factor);
        self.mask = product as u64 ^ (product >> 64) as u64;
    }

    fn finish(&self) -> u64 {
        self.mask
    }
}
