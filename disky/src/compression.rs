//! Which compression a chunk uses, and in which dialect it is laid out.

use crate::error::{Error, ErrorKind, Result};

/// The two ways in which compressed simple chunks are laid out (DESIGN section 2). Uncompressed
/// chunks are the same in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Dialect {
    /// As upstream disky writes them: sizes uncompressed, values one bare zstd frame.
    #[default]
    Disky,
    /// As Google's specification has it: both compressed, each behind its decompressed size.
    Riegeli,
}

/// The compression type byte of a chunk.
///
/// Source: "Chunk data" in Google's Riegeli/records file format specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CompressionType {
    /// 0: not compressed.
    None,
    /// `b`
    Brotli,
    /// `z`
    Zstd,
    /// `s`
    Snappy,
    /// Any other byte.
    Unknown(u8),
}

impl CompressionType {
    /// The type that `byte` denotes.
    pub fn from_byte(byte: u8) -> Self {
        match byte {
            0 => Self::None,
            b'b' => Self::Brotli,
            b'z' => Self::Zstd,
            b's' => Self::Snappy,
            other => Self::Unknown(other),
        }
    }

    /// The byte that denotes this type.
    pub fn to_byte(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Brotli => b'b',
            Self::Zstd => b'z',
            Self::Snappy => b's',
            Self::Unknown(byte) => byte,
        }
    }
}

/// How a writer compresses chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// With zstd.
    Zstd(ZstdLevel),
}

impl Compression {
    /// The type byte that chunks of this compression carry.
    pub fn compression_type(self) -> CompressionType {
        match self {
            Self::None => CompressionType::None,
            Self::Zstd(_) => CompressionType::Zstd,
        }
    }
}

impl Default for Compression {
    /// zstd at its default level.
    fn default() -> Self {
        Self::Zstd(ZstdLevel::default())
    }
}

/// A zstd compression level: 1 (fast) to 22 (small); 3 by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ZstdLevel(i32);

impl ZstdLevel {
    /// The levels there are.
    pub const RANGE: std::ops::RangeInclusive<i32> = 1..=22;

    /// The level `level`, if there is one.
    pub fn new(level: i32) -> Result<Self> {
        if Self::RANGE.contains(&level) {
            return Ok(Self(level));
        }
        Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("zstd level {level} is outside 1 to 22"),
        ))
    }

    /// The level as a number.
    pub fn get(self) -> i32 {
        self.0
    }
}

impl Default for ZstdLevel {
    fn default() -> Self {
        Self(3)
    }
}
