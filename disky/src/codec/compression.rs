//! The compression of a chunk, and the dialect of its layout.

use crate::error::{Error, ErrorKind, Result};
use std::fmt;
use std::ops::RangeInclusive;

/// The two layouts of compressed simple chunks (docs/format.md, "Simple chunk"). Uncompressed
/// chunks are the same in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Dialect {
    /// The layout of upstream disky: sizes uncompressed, values in one zstd frame without its size.
    #[default]
    Disky,
    /// The layout of Google's specification: both compressed, each after its decompressed size.
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

/// The name of the compression: `none`, `brotli`, `zstd`, `snappy`, or `unknown` and the byte.
impl fmt::Display for CompressionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Brotli => f.write_str("brotli"),
            Self::Zstd => f.write_str("zstd"),
            Self::Snappy => f.write_str("snappy"),
            Self::Unknown(byte) => write!(f, "unknown {byte:#04x}"),
        }
    }
}

/// How a writer compresses chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// No compression.
    None,
    /// With zstd.
    Zstd(Zstd),
    /// With brotli. Only in the RIEGELI dialect.
    Brotli(Brotli),
    /// With snappy, which has no parameters. Only in the RIEGELI dialect.
    Snappy,
}

impl Compression {
    /// The type byte of chunks with this compression.
    pub fn compression_type(self) -> CompressionType {
        match self {
            Self::None => CompressionType::None,
            Self::Zstd(_) => CompressionType::Zstd,
            Self::Brotli(_) => CompressionType::Brotli,
            Self::Snappy => CompressionType::Snappy,
        }
    }

    /// Fails with [`ErrorKind::InvalidArgument`] if files of `dialect` cannot have this
    /// compression.
    pub fn check_dialect(self, dialect: Dialect) -> Result<()> {
        match (self, dialect) {
            (Self::Brotli(_) | Self::Snappy, Dialect::Disky) => Err(Error::new(
                ErrorKind::InvalidArgument,
                format!(
                    "{} compression in the DISKY dialect: not readable by upstream; choose RIEGELI",
                    self.compression_type()
                ),
            )),
            _ => Ok(()),
        }
    }
}

impl Default for Compression {
    /// zstd at its default level.
    fn default() -> Self {
        Self::Zstd(Zstd::default())
    }
}

/// The parameters of zstd: a level, and the size of the window unless it follows from level and
/// data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zstd {
    level: i32,
    window_log: Option<u32>,
}

impl Zstd {
    /// The valid levels: higher ones are smaller and slower. 0 means the default, 3; negative ones
    /// trade compression for speed.
    pub const LEVELS: RangeInclusive<i32> = -131_072..=22;
    /// The binary logarithms of window sizes in bytes.
    pub const WINDOW_LOGS: RangeInclusive<u32> = 10..=31;

    /// The parameters with this level. Fails with [`ErrorKind::InvalidArgument`] outside
    /// [`LEVELS`](Self::LEVELS).
    pub fn new(level: i32) -> Result<Self> {
        within("zstd level", level, &Self::LEVELS)?;
        Ok(Self {
            level,
            window_log: None,
        })
    }

    /// These parameters with the window 2^`window_log` bytes. Fails with
    /// [`ErrorKind::InvalidArgument`] outside [`WINDOW_LOGS`](Self::WINDOW_LOGS).
    pub fn with_window_log(self, window_log: u32) -> Result<Self> {
        within("zstd window_log", window_log, &Self::WINDOW_LOGS)?;
        Ok(Self {
            window_log: Some(window_log),
            ..self
        })
    }

    /// The level.
    pub fn level(self) -> i32 {
        self.level
    }

    /// The binary logarithm of the window size in bytes; `None` if it follows from level and data.
    pub fn window_log(self) -> Option<u32> {
        self.window_log
    }
}

impl Default for Zstd {
    /// Level 3.
    fn default() -> Self {
        Self {
            level: 3,
            window_log: None,
        }
    }
}

/// The parameters of brotli: a quality, and the size of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Brotli {
    quality: u32,
    window_log: u32,
}

impl Brotli {
    /// The valid qualities: higher ones are smaller and slower.
    pub const QUALITIES: RangeInclusive<u32> = 0..=11;
    /// The binary logarithms of window sizes in bytes. Above 24, streams have the form of brotli's
    /// large-window extension, which Google's Riegeli writes and reads.
    pub const WINDOW_LOGS: RangeInclusive<u32> = 10..=30;

    /// The parameters with this quality and the default window. Fails with
    /// [`ErrorKind::InvalidArgument`] outside [`QUALITIES`](Self::QUALITIES).
    pub fn new(quality: u32) -> Result<Self> {
        within("brotli quality", quality, &Self::QUALITIES)?;
        Ok(Self {
            quality,
            ..Self::default()
        })
    }

    /// These parameters with the window 2^`window_log` bytes. Fails with
    /// [`ErrorKind::InvalidArgument`] outside [`WINDOW_LOGS`](Self::WINDOW_LOGS).
    pub fn with_window_log(self, window_log: u32) -> Result<Self> {
        within("brotli window_log", window_log, &Self::WINDOW_LOGS)?;
        Ok(Self { window_log, ..self })
    }

    /// The quality.
    pub fn quality(self) -> u32 {
        self.quality
    }

    /// The binary logarithm of the window size in bytes.
    pub fn window_log(self) -> u32 {
        self.window_log
    }
}

impl Default for Brotli {
    /// Quality 6, a window of 4 MiB.
    fn default() -> Self {
        Self {
            quality: 6,
            window_log: 22,
        }
    }
}

fn within<T: PartialOrd + fmt::Display>(
    what: &str,
    value: T,
    range: &RangeInclusive<T>,
) -> Result<()> {
    if range.contains(&value) {
        return Ok(());
    }
    let (least, most) = (range.start(), range.end());
    Err(Error::new(
        ErrorKind::InvalidArgument,
        format!("{what} {value} is outside {least} to {most}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_at_the_edges_of_their_ranges() {
        for level in [-131_072, 0, 22] {
            assert_eq!(Zstd::new(level).unwrap().level(), level);
        }
        for level in [-131_073, 23, i32::MIN, i32::MAX] {
            let error = Zstd::new(level).unwrap_err();
            assert_eq!(
                error.detail(),
                format!("zstd level {level} is outside -131072 to 22")
            );
        }
        assert!(Zstd::default().with_window_log(31).is_ok());
        assert!(Zstd::default().with_window_log(32).is_err());
        assert!(Brotli::new(11).is_ok() && Brotli::new(12).is_err());
        assert!(Brotli::default().with_window_log(9).is_err());
        assert!(Brotli::default().with_window_log(31).is_err());
    }

    #[test]
    fn bytes_and_names() {
        for (byte, name) in [
            (0, "none"),
            (b'b', "brotli"),
            (b'z', "zstd"),
            (b's', "snappy"),
        ] {
            let compression_type = CompressionType::from_byte(byte);
            assert_eq!(compression_type.to_byte(), byte);
            assert_eq!(compression_type.to_string(), name);
        }
        assert_eq!(CompressionType::from_byte(7).to_string(), "unknown 0x07");
    }
}
