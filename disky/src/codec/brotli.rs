//! brotli streams (RFC 7932).

use crate::codec::compression::Brotli;
use crate::error::{Error, ErrorKind, Malformed, Parsed, Result};
use ::brotli::enc::BrotliEncoderParams;
use ::brotli::{
    Allocator, BrotliDecompressStream, BrotliResult, BrotliState, SliceWrapper, SliceWrapperMut,
};
use std::cell::Cell;
use std::rc::Rc;

/// The maximum decompressed size of a meta-block of a stream, which takes more than 8 bytes: its
/// header, with a single symbol in each prefix code, has about 70 bits (RFC 7932, section 9.2).
const MAX_META_BLOCK_BYTES: u64 = 16 << 20;
const MIN_META_BLOCK_BYTES: u64 = 8;
/// The largest window of RFC 7932.
const MAX_SMALL_WINDOW_LOG: u32 = 24;
/// The maximum input of the decoder at a time, because it counts input in 32 bits.
const MAX_INPUT_BYTES: usize = 1 << 30;
/// Memory of the decoder in addition to the window: tables, and room to copy past the end of the
/// window.
const TABLES_BYTES: usize = 64 << 10;

/// Checks, before memory is allocated, that `stream` can decompress to `size` bytes.
pub(crate) fn check_stream(stream: &[u8], size: u64) -> Parsed<()> {
    let meta_blocks = stream.len() as u64 / MIN_META_BLOCK_BYTES + 1;
    if !stream.is_empty() && size <= meta_blocks.saturating_mul(MAX_META_BLOCK_BYTES) {
        return Ok(());
    }
    Err(malformed(format!(
        "a brotli stream of {} bytes cannot inflate to {size} bytes",
        stream.len()
    )))
}

/// Decompresses `stream`, which must fill `out` exactly. The memory for this is in proportion to
/// `out`, whatever window the stream requires.
pub(crate) fn decompress(stream: &[u8], out: &mut [u8]) -> Parsed<()> {
    // The decoder's window grows to the next power of two above the decoded size, at least 1 KiB.
    let window = out.len().saturating_mul(2).max(1 << 10);
    let lacking = Rc::new(Cell::new(false));
    let memory = Memory {
        largest: window.saturating_add(TABLES_BYTES),
        lacking: Rc::clone(&lacking),
    };
    let tables = || Memory::tables(Rc::clone(&lacking));
    let mut state = BrotliState::new(memory, tables(), tables());
    let (mut read, mut written, mut total) = (0, 0, 0);
    loop {
        let mut input_left = (stream.len() - read).min(MAX_INPUT_BYTES);
        let mut output_left = out.len() - written;
        let result = BrotliDecompressStream(
            &mut input_left,
            &mut read,
            stream,
            &mut output_left,
            &mut written,
            out,
            &mut total,
            &mut state,
        );
        match result {
            BrotliResult::ResultSuccess => break,
            BrotliResult::NeedsMoreInput if read < stream.len() => {}
            BrotliResult::NeedsMoreInput => {
                return Err(malformed("the brotli stream ends before its last block"));
            }
            BrotliResult::NeedsMoreOutput => {
                return Err(malformed(format!(
                    "the brotli stream inflates to more than the {} bytes stated",
                    out.len()
                )));
            }
            BrotliResult::ResultFailure if lacking.get() => return Err(Malformed::no_memory()),
            BrotliResult::ResultFailure => {
                return Err(malformed(format!(
                    "the brotli stream does not inflate to the {} bytes stated: {:?}",
                    out.len(),
                    state.error_code
                )));
            }
        }
    }
    if written < out.len() {
        return Err(malformed(format!(
            "the brotli stream inflates to {written} bytes where {} are stated",
            out.len()
        )));
    }
    if read < stream.len() {
        return Err(malformed(format!(
            "{} bytes follow the brotli stream",
            stream.len() - read
        )));
    }
    Ok(())
}

/// Compresses complete buffers into streams.
pub(crate) struct Compressor(BrotliEncoderParams);

impl Compressor {
    pub(crate) fn new(parameters: Brotli) -> Self {
        Self(BrotliEncoderParams {
            // The value is in range, so the conversion loses nothing.
            quality: parameters.quality() as i32,
            lgwin: parameters.window_log() as i32,
            large_window: parameters.window_log() > MAX_SMALL_WINDOW_LOG,
            ..BrotliEncoderParams::default()
        })
    }

    /// Compresses `bytes` into one stream and appends it to `out`.
    pub(crate) fn compress(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        self.0.size_hint = bytes.len();
        ::brotli::BrotliCompress(&mut bytes, out, &self.0)
            .map(|_| ())
            .map_err(|e| Error::new(ErrorKind::InvalidArgument, format!("brotli refused: {e}")))
    }
}

fn malformed(detail: impl Into<String>) -> Malformed {
    Malformed::new(ErrorKind::CompressedData, detail)
}

/// Allocates memory for the decoder, except for pieces larger than a valid stream needs.
struct Memory {
    /// The size of the largest piece in elements.
    largest: usize,
    /// Whether a piece that a valid stream may need could not be allocated.
    lacking: Rc<Cell<bool>>,
}

impl Memory {
    /// Memory for prefix codes, whose sizes the format bounds.
    fn tables(lacking: Rc<Cell<bool>>) -> Self {
        Self {
            largest: usize::MAX,
            lacking,
        }
    }
}

impl<T: Clone + Default> Allocator<T> for Memory {
    type AllocatedMemory = Piece<T>;

    /// Returns no elements if the memory cannot be allocated: the decoder then fails.
    fn alloc_cell(&mut self, len: usize) -> Piece<T> {
        let mut elements = Vec::new();
        if len <= self.largest {
            if elements.try_reserve_exact(len).is_ok() {
                elements.resize(len, T::default());
            } else {
                self.lacking.set(true);
            }
        }
        Piece(elements)
    }

    fn free_cell(&mut self, _piece: Piece<T>) {}
}

struct Piece<T>(Vec<T>);

impl<T> Default for Piece<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> SliceWrapper<T> for Piece<T> {
    fn slice(&self) -> &[T] {
        &self.0
    }
}

impl<T> SliceWrapperMut<T> for Piece<T> {
    fn slice_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stream(bytes: &[u8], parameters: Brotli) -> Vec<u8> {
        let mut out = Vec::new();
        Compressor::new(parameters)
            .compress(bytes, &mut out)
            .unwrap();
        out
    }

    fn inflate(stream: &[u8], size: usize) -> Parsed<Vec<u8>> {
        check_stream(stream, size as u64)?;
        let mut out = vec![0; size];
        decompress(stream, &mut out).map(|()| out)
    }

    #[test]
    fn every_quality_and_window() {
        let bytes: Vec<u8> = (0..200_000u32)
            .map(|i| (i.wrapping_mul(i) >> 7) as u8)
            .collect();
        for quality in Brotli::QUALITIES {
            let stream = stream(&bytes, Brotli::new(quality).unwrap());
            assert!(inflate(&stream, bytes.len()).unwrap() == bytes, "{quality}");
        }
        for window_log in Brotli::WINDOW_LOGS {
            let parameters = Brotli::default().with_window_log(window_log).unwrap();
            let stream = stream(&bytes, parameters);
            assert!(
                inflate(&stream, bytes.len()).unwrap() == bytes,
                "{window_log}"
            );
        }
        let empty = stream(&[], Brotli::default());
        assert_eq!(inflate(&empty, 0).unwrap(), []);
    }

    #[test]
    fn sizes_and_ends_that_are_wrong() {
        let stream = stream(&[7; 5000], Brotli::default());
        let detail = |stream: &[u8], size| inflate(stream, size).unwrap_err().detail;
        assert!(detail(&stream, 4999).contains("more than the 4999 bytes"));
        assert!(detail(&stream, 5001).contains("inflates to 5000 bytes where 5001"));
        assert!(detail(&stream[..stream.len() - 1], 5000).contains("ends before"));
        assert!(detail(&[&stream[..], b"x"].concat(), 5000).contains("1 bytes follow"));
        assert!(detail(&[], 0).contains("cannot inflate"));
        assert!(detail(&stream, 1 << 40).contains("cannot inflate"));
    }

    /// 64 MiB of zeros in a few bytes. If a chunk states less, decompression neither returns nor
    /// allocates more.
    #[test]
    fn a_bomb_stops_at_the_stated_size() {
        let bomb = stream(&vec![0; 64 << 20], Brotli::default());
        assert!(bomb.len() < 1000);
        let detail = inflate(&bomb, 10).unwrap_err().detail;
        assert!(detail.contains("ERROR_ALLOC_RING_BUFFER"), "{detail}");
        let detail = inflate(&bomb, 40 << 20).unwrap_err().detail;
        assert!(detail.contains("more than the 41943040 bytes"), "{detail}");
    }

    #[test]
    fn memory_is_given_up_to_a_limit() {
        let mut memory = Memory {
            largest: 100,
            lacking: Rc::default(),
        };
        let piece: Piece<u8> = memory.alloc_cell(100);
        assert_eq!(piece.slice(), [0; 100]);
        let piece: Piece<u8> = memory.alloc_cell(101);
        assert!(piece.slice().is_empty());
        assert!(!memory.lacking.get(), "that was refused, not lacking");

        let mut tables = Memory::tables(Rc::default());
        let piece: Piece<u64> = tables.alloc_cell(usize::MAX / 8);
        assert!(piece.slice().is_empty());
        assert!(tables.lacking.get());
    }

    /// The C++ writer may use a window of up to 1 GiB, in a stream whose first bits state it.
    #[test]
    fn streams_with_large_windows() {
        let bytes: Vec<u8> = (0..100_000u32).map(|i| ((i * 7) >> 4) as u8).collect();
        let mut parameters = BrotliEncoderParams {
            quality: 5,
            lgwin: 30,
            large_window: true,
            ..BrotliEncoderParams::default()
        };
        parameters.size_hint = bytes.len();
        let mut stream = Vec::new();
        ::brotli::BrotliCompress(&mut &bytes[..], &mut stream, &parameters).unwrap();
        assert_eq!(stream[0], 0x11);
        assert!(inflate(&stream, bytes.len()).unwrap() == bytes);
    }

    proptest! {
        #[test]
        fn garbled_streams(
            bytes in prop::collection::vec(0u8..4, 0..300),
            at in 0usize..400, xor in 1u8.., size in 0usize..400,
        ) {
            let mut stream = stream(&bytes, Brotli::default());
            let at = at % stream.len();
            stream[at] ^= xor;
            let _ = inflate(&stream, size);
            let _ = inflate(&bytes, size);
        }
    }
}
