//! The hash of the format: 64-bit HighwayHash with Riegeli's key.
//!
//! Source: "Conventions" in Google's Riegeli/records file format specification.

use highway::{HighwayHash, HighwayHasher, Key};

/// "Riegeli/", "records\n", "Riegeli/", "records\n" as little-endian integers.
const KEY: Key = Key([
    0x2f69_6c65_6765_6952,
    0x0a73_6472_6f63_6572,
    0x2f69_6c65_6765_6952,
    0x0a73_6472_6f63_6572,
]);

/// Returns the hash of `bytes`.
pub fn hash(bytes: &[u8]) -> u64 {
    HighwayHasher::new(KEY).hash64(bytes)
}

/// Hashes a byte sequence that arrives in pieces.
#[derive(Debug, Clone)]
pub struct Hasher(HighwayHasher);

impl Hasher {
    /// A hasher that has seen no bytes yet.
    pub fn new() -> Self {
        Self(HighwayHasher::new(KEY))
    }

    /// Adds `bytes` to the sequence.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.append(bytes);
    }

    /// Returns the hash of all added bytes.
    pub fn finish(self) -> u64 {
        self.0.finalize64()
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

    #[test]
    fn pieces_hash_like_the_whole() {
        let bytes: Vec<u8> = (0..200u8).collect();
        for cut in 0..bytes.len() {
            let mut hasher = Hasher::new();
            hasher.update(&bytes[..cut]);
            hasher.update(&bytes[cut..]);
            assert_eq!(hasher.finish(), hash(&bytes));
        }
    }
}
