//! Compresses and decompresses the parts of a chunk with any codec.
//!
//! In the RIEGELI dialect a compressed part is a varint of its decompressed size, followed by the
//! output of the codec; a part of an uncompressed chunk is stored unchanged. Source: "Chunk data"
//! in Google's Riegeli/records file format specification.

pub(crate) mod brotli;
pub(crate) mod compression;
pub(crate) mod snappy;
pub(crate) mod zstd;

use crate::codec::compression::{Compression, CompressionType};
use crate::error::{ErrorKind, Malformed, Parsed, Result};
use crate::format::varint;
use std::ops::Range;

/// A part of a chunk's data: where it lies, and its decompressed size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The part as stored, without the decompressed size before it.
    pub(crate) stored: Range<usize>,
    /// The decompressed size in bytes.
    pub(crate) size: u64,
}

impl Part {
    /// The part in `range` of `data`. Its decompressed size is not checked yet; see
    /// [`check`](Self::check).
    pub(crate) fn find(
        compression_type: CompressionType,
        data: &[u8],
        range: Range<usize>,
    ) -> Parsed<Self> {
        if compression_type == CompressionType::None {
            return Ok(Self {
                size: range.len() as u64,
                stored: range,
            });
        }
        let (size, len) = varint::read(&data[range.clone()]).ok_or_else(|| {
            Malformed::new(
                ErrorKind::CompressedData,
                "compressed data do not start with their decompressed size",
            )
        })?;
        Ok(Self {
            size,
            stored: range.start + len..range.end,
        })
    }

    /// Checks, before memory is allocated, that this part of `data` can be as large as it states.
    pub(crate) fn check(&self, compression_type: CompressionType, data: &[u8]) -> Parsed<()> {
        let stored = &data[self.stored.clone()];
        match compression_type {
            // A part of 0 bytes may be stored as 0 bytes, without the few bytes of the codec's
            // output.
            _ if stored.is_empty() && self.size == 0 => Ok(()),
            CompressionType::None => Ok(()),
            CompressionType::Zstd => zstd::check_frame(stored, self.size),
            CompressionType::Brotli => brotli::check_stream(stored, self.size),
            CompressionType::Snappy => snappy::check_block(stored, self.size),
            CompressionType::Unknown(_) => Err(unsupported(compression_type)),
        }
    }
}

/// The error for a compression type that cannot be decoded.
pub(crate) fn unsupported(compression_type: CompressionType) -> Malformed {
    let detail = format!(
        "unknown compression type {:#04x}",
        compression_type.to_byte()
    );
    Malformed::new(ErrorKind::UnsupportedCompression, detail)
}

/// Decompresses parts; keeps its contexts for the next part.
#[derive(Default)]
pub(crate) struct Decompressor {
    zstd: Option<zstd::Decompressor>,
}

impl Decompressor {
    /// Decompresses `stored`, a part without its size that [`Part::check`] has accepted for
    /// `out.len()` bytes. Fills `out` exactly.
    pub(crate) fn decompress(
        &mut self,
        compression_type: CompressionType,
        stored: &[u8],
        out: &mut [u8],
    ) -> Parsed<()> {
        match compression_type {
            _ if stored.is_empty() && out.is_empty() => Ok(()),
            CompressionType::None => {
                out.copy_from_slice(stored);
                Ok(())
            }
            CompressionType::Zstd => self.zstd()?.decompress(stored, out),
            CompressionType::Brotli => brotli::decompress(stored, out),
            CompressionType::Snappy => snappy::decompress(stored, out),
            CompressionType::Unknown(_) => Err(unsupported(compression_type)),
        }
    }

    fn zstd(&mut self) -> Parsed<&mut zstd::Decompressor> {
        let context = match self.zstd.take() {
            Some(context) => context,
            None => zstd::Decompressor::new().map_err(|_| Malformed::no_memory())?,
        };
        Ok(self.zstd.insert(context))
    }
}

/// Makes `memory` at least `len` values long; the contents are lost if it grows.
pub(crate) fn provide<T: Clone + Default>(memory: &mut Vec<T>, len: u64) -> Parsed<&mut [T]> {
    let len = usize::try_from(len).map_err(|_| Malformed::no_memory())?;
    if memory.len() < len {
        memory.clear();
        memory
            .try_reserve_exact(len)
            .map_err(|_| Malformed::no_memory())?;
        memory.resize(len, T::default());
    }
    Ok(&mut memory[..len])
}

/// Compresses parts.
pub(crate) enum Compressor {
    Zstd(zstd::Compressor),
    Brotli(brotli::Compressor),
    Snappy(Box<snappy::Compressor>),
}

impl Compressor {
    /// A compressor; `None` without compression.
    pub(crate) fn new(compression: Compression) -> Result<Option<Self>> {
        Ok(match compression {
            Compression::None => None,
            Compression::Zstd(zstd) => Some(Self::Zstd(zstd::Compressor::new(zstd)?)),
            Compression::Brotli(brotli) => Some(Self::Brotli(brotli::Compressor::new(brotli))),
            Compression::Snappy => Some(Self::Snappy(Box::new(snappy::Compressor::new()))),
        })
    }

    /// Compresses `bytes` and appends the result to `out`.
    pub(crate) fn compress(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::Zstd(zstd) => zstd.compress(bytes, out),
            Self::Brotli(brotli) => brotli.compress(bytes, out),
            Self::Snappy(snappy) => snappy.compress(bytes, out),
        }
    }

    /// Appends a part to `out`: the size of `bytes`, then the compressed bytes.
    pub(crate) fn compress_part(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        varint::write(bytes.len() as u64, out);
        self.compress(bytes, out)
    }
}
