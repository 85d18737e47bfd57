//! The raw format of snappy, without frames.

use crate::error::{Error, ErrorKind, Malformed, Parsed, Result};

/// The maximum ratio of decompressed to compressed size: an element of three bytes copies at most
/// 64, and no other element copies more per byte.
const MAX_RATIO: u64 = 22;

/// Checks, before memory is allocated, that `block` states a decompressed size of `size` bytes, and
/// can have it.
pub(crate) fn check_block(block: &[u8], size: u64) -> Parsed<()> {
    if block.is_empty() {
        return Err(malformed("a snappy block is empty, without even its size"));
    }
    let stated = snap::raw::decompress_len(block).map_err(|e| broken(&e))? as u64;
    if stated != size {
        return Err(malformed(format!(
            "the snappy block states {stated} bytes where {size} are expected"
        )));
    }
    if size > (block.len() as u64).saturating_mul(MAX_RATIO) {
        return Err(malformed(format!(
            "a snappy block of {} bytes cannot inflate to {size} bytes",
            block.len()
        )));
    }
    Ok(())
}

/// Decompresses `block`, which [`check_block`] has accepted for `out.len()` bytes. Fills `out`
/// exactly.
pub(crate) fn decompress(block: &[u8], out: &mut [u8]) -> Parsed<()> {
    let size = snap::raw::Decoder::new()
        .decompress(block, out)
        .map_err(|e| broken(&e))?;
    if size == out.len() {
        return Ok(());
    }
    Err(malformed(format!(
        "the snappy block inflates to {size} bytes where {} are stated",
        out.len()
    )))
}

/// Compresses complete buffers into blocks.
pub(crate) struct Compressor(snap::raw::Encoder);

impl Compressor {
    pub(crate) fn new() -> Self {
        Self(snap::raw::Encoder::new())
    }

    /// Compresses `bytes` into one block and appends it to `out`.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] for 4 GiB or more.
    pub(crate) fn compress(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let start = out.len();
        let bound = match snap::raw::max_compress_len(bytes.len()) {
            0 => return Err(refused(bytes.len(), "more than 4 GiB")),
            bound => bound,
        };
        out.try_reserve(bound)
            .map_err(|_| Error::new(ErrorKind::OutOfMemory, "no memory for compressed data"))?;
        out.resize(start + bound, 0);
        let size = self
            .0
            .compress(bytes, &mut out[start..])
            .map_err(|e| refused(bytes.len(), &e.to_string()))?;
        out.truncate(start + size);
        Ok(())
    }
}

fn malformed(detail: impl Into<String>) -> Malformed {
    Malformed::new(ErrorKind::CompressedData, detail)
}

fn broken(cause: &snap::Error) -> Malformed {
    malformed(format!("the snappy block is broken: {cause}"))
}

fn refused(size: usize, why: &str) -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        format!("snappy refused {size} bytes: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn inflate(block: &[u8], size: usize) -> Parsed<Vec<u8>> {
        check_block(block, size as u64)?;
        let mut out = vec![0; size];
        decompress(block, &mut out).map(|()| out)
    }

    #[test]
    fn sizes_that_are_wrong() {
        let mut block = Vec::new();
        Compressor::new().compress(&[7; 5000], &mut block).unwrap();
        assert_eq!(inflate(&block, 5000).unwrap(), [7; 5000]);
        let detail = |block: &[u8], size| inflate(block, size).unwrap_err().detail;
        assert!(detail(&block, 4999).contains("states 5000 bytes where 4999"));
        assert!(detail(&block[..block.len() - 1], 5000).contains("broken"));
        assert!(detail(&[&block[..], b"\x00x"].concat(), 5000).contains("broken"));
        assert!(detail(&[], 0).contains("empty"));
        assert!(detail(&[0xff; 11], 0).contains("broken"));
        // States 4 GiB - 1 in five bytes.
        let bomb = [0xff, 0xff, 0xff, 0xff, 0x0f];
        assert!(detail(&bomb, 0).contains("states 4294967295"));
        assert!(
            check_block(&bomb, u64::from(u32::MAX))
                .unwrap_err()
                .detail
                .contains("cannot inflate")
        );
    }

    proptest! {
        #[test]
        fn blocks_whole_and_garbled(
            bytes in prop::collection::vec(0u8..4, 0..300),
            head in prop::collection::vec(any::<u8>(), 0..4),
            at in 0usize..400, xor in 1u8..,
        ) {
            let mut out = head.clone();
            Compressor::new().compress(&bytes, &mut out).unwrap();
            prop_assert!(out.starts_with(&head));
            let mut block = out.split_off(head.len());
            prop_assert_eq!(inflate(&block, bytes.len()), Ok(bytes.clone()));
            let at = at % block.len();
            block[at] ^= xor;
            let _ = inflate(&block, bytes.len());
            let _ = inflate(&bytes, bytes.len());
        }
    }
}
