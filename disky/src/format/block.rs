//! The block layer: a file consists of blocks of 64 KiB, each of which starts with a 24-byte
//! header. The header interrupts the chunk that lies across the beginning of the block.
//!
//! Source: "Block header" and "Implementation notes" in Google's Riegeli/records file format
//! specification. A *position* is an offset in the file; *payload* is the bytes of chunks without
//! block headers.

use crate::format::hash::hash;

/// Size of a block in bytes.
pub(crate) const BLOCK_SIZE: u64 = 1 << 16;
/// Size of a block header in bytes.
pub(crate) const BLOCK_HEADER_SIZE: u64 = 24;
/// Payload bytes in a block.
pub(crate) const USABLE_BLOCK_SIZE: u64 = BLOCK_SIZE - BLOCK_HEADER_SIZE;

/// Returns the position just past `size` payload bytes that start at the chunk boundary or payload
/// position `begin`; `None` if it does not fit 63 bits (the range of file offsets).
pub(crate) fn payload_end(begin: u64, size: u64) -> Option<u64> {
    let into_block = (begin + USABLE_BLOCK_SIZE - 1) % BLOCK_SIZE;
    let headers = size.checked_add(into_block)? / USABLE_BLOCK_SIZE;
    begin
        .checked_add(size)?
        .checked_add(headers.checked_mul(BLOCK_HEADER_SIZE)?)
        .filter(|&end| end <= i64::MAX as u64)
}

/// Returns the number of payload bytes between the chunk boundaries or payload positions `begin`
/// and `end`; `end` may also lie inside a block header.
pub(crate) fn payload_between(begin: u64, end: u64) -> u64 {
    let end = match end % BLOCK_SIZE {
        offset @ 0..=BLOCK_HEADER_SIZE => end - offset,
        _ => end,
    };
    if end <= begin {
        return 0;
    }
    let headers = end.div_ceil(BLOCK_SIZE) - begin.div_ceil(BLOCK_SIZE);
    end - begin - headers * BLOCK_HEADER_SIZE
}

/// Returns `position`, or the next position at which a chunk may begin: offsets 1 to 24 of a block
/// are inside or immediately after its header.
pub(crate) fn round_up_to_chunk_boundary(position: u64) -> u64 {
    match position % BLOCK_SIZE {
        offset @ 1..=BLOCK_HEADER_SIZE => position + (BLOCK_HEADER_SIZE + 1 - offset),
        _ => position,
    }
}

/// Whether a chunk may begin or end at `position`.
pub(crate) fn is_chunk_boundary(position: u64) -> bool {
    round_up_to_chunk_boundary(position) == position
}

/// Returns the end of a chunk that begins at `begin` and has `payload` bytes of header and data and
/// `records` records: a chunk takes at least one byte of the file per record.
///
/// `None` if the end does not fit 63 bits.
pub(crate) fn chunk_end(begin: u64, payload: u64, records: u64) -> Option<u64> {
    let data_end = payload_end(begin, payload)?;
    let numbered_end = begin
        .checked_add(records)
        .filter(|&end| end <= (i64::MAX as u64) - BLOCK_SIZE)?;
    Some(data_end.max(round_up_to_chunk_boundary(numbered_end)))
}

/// Returns the first block boundary at or after `position`.
pub(crate) fn next_block(position: u64) -> u64 {
    position.div_ceil(BLOCK_SIZE) * BLOCK_SIZE
}

/// A block header: where the chunk that it interrupts begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockHeader {
    /// Distance in bytes from the beginning of the interrupted chunk to the beginning of the block.
    pub(crate) previous_chunk: u64,
    /// Distance in bytes from the beginning of the block to the end of the interrupted chunk.
    pub(crate) next_chunk: u64,
}

/// A block header in the form of the file.
pub(crate) type BlockHeaderBytes = [u8; BLOCK_HEADER_SIZE as usize];

/// The reason why 24 bytes are not a block header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlockHeaderHashMismatch {
    /// The hash that the header states.
    pub(crate) stated: u64,
    /// The hash of the bytes that the stated hash covers.
    pub(crate) computed: u64,
}

impl BlockHeader {
    /// The header of the block at `block_begin` that interrupts the chunk `chunk_begin..chunk_end`.
    pub(crate) fn interrupting(block_begin: u64, chunk_begin: u64, chunk_end: u64) -> Self {
        debug_assert!(chunk_begin <= block_begin && block_begin < chunk_end);
        Self {
            previous_chunk: block_begin - chunk_begin,
            next_chunk: chunk_end - block_begin,
        }
    }

    /// Encodes the header, its hash first.
    pub(crate) fn to_bytes(self) -> BlockHeaderBytes {
        let mut bytes = [0; BLOCK_HEADER_SIZE as usize];
        bytes[8..16].copy_from_slice(&self.previous_chunk.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.next_chunk.to_le_bytes());
        let stated = hash(&bytes[8..]);
        bytes[..8].copy_from_slice(&stated.to_le_bytes());
        bytes
    }

    /// Decodes a header if its hash is right.
    pub(crate) fn from_bytes(bytes: &BlockHeaderBytes) -> Result<Self, BlockHeaderHashMismatch> {
        let stated = u64_at(bytes, 0);
        let computed = hash(&bytes[8..]);
        if stated != computed {
            return Err(BlockHeaderHashMismatch { stated, computed });
        }
        Ok(Self {
            previous_chunk: u64_at(bytes, 8),
            next_chunk: u64_at(bytes, 16),
        })
    }
}

/// Reads the little-endian integer at `offset` of `bytes`, which must contain it.
pub(crate) fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    let mut value = [0; 8];
    value.copy_from_slice(&bytes[offset..offset + 8]);
    u64::from_le_bytes(value)
}

/// A stretch of the file: payload, or a block header between two stretches of payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stretch {
    /// The header of the block that begins at this position.
    Header(u64),
    /// This many payload bytes (at least one).
    Payload(u64),
}

/// Divides `size` payload bytes from `begin` on into stretches, in file order.
///
/// `begin` is a chunk boundary or a payload position. A block header just past the last byte is not
/// included: it belongs to the next chunk.
pub(crate) fn stretches(begin: u64, size: u64) -> impl Iterator<Item = Stretch> {
    let mut position = begin;
    let mut left = size;
    std::iter::from_fn(move || {
        if left == 0 {
            return None;
        }
        if position.is_multiple_of(BLOCK_SIZE) {
            position += BLOCK_HEADER_SIZE;
            return Some(Stretch::Header(position - BLOCK_HEADER_SIZE));
        }
        let here = left.min(BLOCK_SIZE - position % BLOCK_SIZE);
        position += here;
        left -= here;
        Some(Stretch::Payload(here))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn block_header_of_the_file_signature() {
        let header = BlockHeader::interrupting(0, 0, 64);
        let bytes = header.to_bytes();
        assert_eq!(bytes[..4], [0x83, 0xaf, 0x70, 0xd1]);
        assert_eq!(BlockHeader::from_bytes(&bytes), Ok(header));
    }

    #[test]
    fn a_flipped_bit_anywhere_is_noticed() {
        let bytes = BlockHeader::interrupting(BLOCK_SIZE, 64, BLOCK_SIZE + 99).to_bytes();
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(BlockHeader::from_bytes(&damaged).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn chunk_boundaries_at_the_edge_of_a_block_header() {
        let b = BLOCK_SIZE;
        let rounded = [
            (0, 0),
            (1, 25),
            (24, 25),
            (25, 25),
            (26, 26),
            (b, b),
            (b + 1, b + 25),
        ];
        for (position, expected) in rounded {
            assert_eq!(round_up_to_chunk_boundary(position), expected, "{position}");
        }
    }

    #[test]
    fn ends_that_do_not_fit_are_refused() {
        assert_eq!(payload_end(64, u64::MAX), None);
        assert_eq!(payload_end(64, i64::MAX as u64), None);
        assert_eq!(chunk_end(64, 40, u64::MAX), None);
        assert_eq!(chunk_end(64, 40, (1 << 56) - 1), Some(64 + (1 << 56) - 1));
    }

    proptest! {
        #[test]
        fn stretches_cover_exactly_the_payload(begin in 0u64..(3 * BLOCK_SIZE), size in 0u64..(4 * BLOCK_SIZE)) {
            prop_assume!(is_chunk_boundary(begin));
            let (mut payload, mut end) = (0, begin);
            for stretch in stretches(begin, size) {
                match stretch {
                    Stretch::Header(position) => {
                        prop_assert_eq!(position, end);
                        prop_assert_eq!(position % BLOCK_SIZE, 0);
                        end += BLOCK_HEADER_SIZE;
                    }
                    Stretch::Payload(len) => {
                        payload += len;
                        end += len;
                    }
                }
            }
            prop_assert_eq!(payload, size);
            prop_assert_eq!(Some(end), payload_end(begin, size));
            prop_assert_eq!(payload_between(begin, end), size);
        }
    }
}
