//! Chunks: the header of a chunk, and the extent in the file that follows from it.
//!
//! Source: "Chunk" in Google's Riegeli/records file format specification.

use crate::format::block::{self, u64_at};
use crate::format::hash::{Hasher, hash};

/// Size of a chunk header in bytes, without block headers that interrupt it.
pub(crate) const CHUNK_HEADER_SIZE: u64 = 40;
/// The largest number of records that a chunk header can state (7 bytes).
pub const MAX_RECORDS: u64 = (1 << 56) - 1;

/// The type of a chunk: the kind of its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChunkType {
    /// `s`: the file signature. First in every file; has no contents.
    Signature,
    /// `m`: file metadata.
    Metadata,
    /// `p`: padding, without contents.
    Padding,
    /// `r`: records, as sizes and values.
    Simple,
    /// `t`: records, transposed by protocol buffer field.
    Transposed,
    /// Any other byte.
    Unknown(u8),
}

impl ChunkType {
    /// The type that `byte` denotes.
    pub fn from_byte(byte: u8) -> Self {
        match byte {
            b's' => Self::Signature,
            b'm' => Self::Metadata,
            b'p' => Self::Padding,
            b'r' => Self::Simple,
            b't' => Self::Transposed,
            other => Self::Unknown(other),
        }
    }

    /// The byte that denotes this type.
    pub fn to_byte(self) -> u8 {
        match self {
            Self::Signature => b's',
            Self::Metadata => b'm',
            Self::Padding => b'p',
            Self::Simple => b'r',
            Self::Transposed => b't',
            Self::Unknown(byte) => byte,
        }
    }

    /// Whether chunks of this type contain records of the user.
    pub fn holds_records(self) -> bool {
        matches!(self, Self::Simple | Self::Transposed)
    }
}

/// A chunk header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkHeader {
    /// Size of the data in bytes, without block headers.
    pub data_size: u64,
    /// Hash of the data.
    pub data_hash: u64,
    /// The type of the chunk.
    pub chunk_type: ChunkType,
    /// Number of records, at most [`MAX_RECORDS`].
    pub num_records: u64,
    /// Sum of the record sizes in bytes.
    pub decoded_data_size: u64,
}

/// A chunk header in the form of the file, without block headers.
pub(crate) type ChunkHeaderBytes = [u8; CHUNK_HEADER_SIZE as usize];

/// The reason why 40 bytes are not a chunk header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChunkHeaderHashMismatch {
    /// The hash that the header states.
    pub(crate) stated: u64,
    /// The hash of the bytes that the stated hash covers.
    pub(crate) computed: u64,
}

impl ChunkHeader {
    /// The header of the file signature.
    pub fn signature() -> Self {
        Self {
            data_size: 0,
            data_hash: hash(&[]),
            chunk_type: ChunkType::Signature,
            num_records: 0,
            decoded_data_size: 0,
        }
    }

    /// The header of a padding chunk with `data_size` bytes of zeros.
    pub(crate) fn padding(data_size: u64) -> Self {
        static PIECE: [u8; 1 << 16] = [0; 1 << 16];
        let mut hasher = Hasher::new();
        let mut left = data_size;
        while left > 0 {
            let piece = left.min(PIECE.len() as u64);
            hasher.update(&PIECE[..piece as usize]);
            left -= piece;
        }
        Self {
            data_size,
            data_hash: hasher.finish(),
            chunk_type: ChunkType::Padding,
            num_records: 0,
            decoded_data_size: 0,
        }
    }

    /// Encodes the header, its hash first.
    pub(crate) fn to_bytes(self) -> ChunkHeaderBytes {
        let mut bytes = [0; CHUNK_HEADER_SIZE as usize];
        bytes[8..16].copy_from_slice(&self.data_size.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.data_hash.to_le_bytes());
        bytes[24..32].copy_from_slice(&(self.num_records << 8).to_le_bytes());
        bytes[24] = self.chunk_type.to_byte();
        bytes[32..40].copy_from_slice(&self.decoded_data_size.to_le_bytes());
        let stated = hash(&bytes[8..]);
        bytes[..8].copy_from_slice(&stated.to_le_bytes());
        bytes
    }

    /// Decodes a header if its hash is right. Does not check its other values.
    pub(crate) fn from_bytes(bytes: &ChunkHeaderBytes) -> Result<Self, ChunkHeaderHashMismatch> {
        Self::from_hashed_bytes(bytes, hash(&bytes[8..]))
    }

    /// Decodes a header as [`from_bytes`](Self::from_bytes) does; `computed` is the hash of its
    /// bytes from 8 on.
    pub(crate) fn from_hashed_bytes(
        bytes: &ChunkHeaderBytes,
        computed: u64,
    ) -> Result<Self, ChunkHeaderHashMismatch> {
        let stated = u64_at(bytes, 0);
        if stated != computed {
            return Err(ChunkHeaderHashMismatch { stated, computed });
        }
        Ok(Self {
            data_size: u64_at(bytes, 8),
            data_hash: u64_at(bytes, 16),
            chunk_type: ChunkType::from_byte(bytes[24]),
            num_records: u64_at(bytes, 24) >> 8,
            decoded_data_size: u64_at(bytes, 32),
        })
    }

    /// Position just past the data of this chunk if it begins at `begin`; `None` past 63 bits.
    pub(crate) fn data_end(&self, begin: u64) -> Option<u64> {
        block::payload_end(begin, self.data_size.checked_add(CHUNK_HEADER_SIZE)?)
    }

    /// Position just past this chunk, its fill bytes included, if it begins at `begin`; `None` past 63
    /// bits.
    pub fn end(&self, begin: u64) -> Option<u64> {
        let payload = self.data_size.checked_add(CHUNK_HEADER_SIZE)?;
        block::chunk_end(begin, payload, self.num_records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_of_the_specification() {
        let bytes = ChunkHeader::signature().to_bytes();
        assert_eq!(bytes[..8], [0x91, 0xba, 0xc2, 0x3c, 0x92, 0x87, 0xe1, 0xa9]);
        assert_eq!(bytes[24], b's');
        assert_eq!(ChunkHeader::signature().end(0), Some(64));
    }

    #[test]
    fn reads_what_it_writes() {
        for chunk_type in [
            ChunkType::Simple,
            ChunkType::Unknown(0xfe),
            ChunkType::Padding,
        ] {
            let header = ChunkHeader {
                data_size: 7,
                data_hash: 0x0102_0304_0506_0708,
                chunk_type,
                num_records: MAX_RECORDS,
                decoded_data_size: u64::MAX,
            };
            assert_eq!(ChunkHeader::from_bytes(&header.to_bytes()), Ok(header));
        }
    }

    #[test]
    fn extents_past_the_range_of_offsets_are_refused() {
        let mut header = ChunkHeader::signature();
        header.data_size = u64::MAX;
        assert_eq!(header.end(64), None);
        header.data_size = i64::MAX as u64;
        assert_eq!(header.end(64), None);
    }
}
