//! Errors: their kind, their position in the file, and the remedy.

use std::{fmt, io};

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// The kind of an [`Error`]. [`is_damage`](Self::is_damage) states which kinds are damage to the
/// file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file does not start with the file signature.
    NotARecordFile,
    /// The file ends inside a structure.
    Truncated,
    /// A block header is damaged, or contradicts the chunk that it interrupts.
    BlockHeader,
    /// A chunk header is damaged, or states impossible sizes.
    ChunkHeader,
    /// The data of a chunk do not match their hash.
    DataHash,
    /// The record sizes in a chunk contradict its header.
    RecordSizes,
    /// Compressed data do not decompress to the stated size.
    CompressedData,
    /// The data of a transposed chunk or of file metadata contradict themselves, or their chunk
    /// header.
    TransposedData,
    /// A file signature lies where no concatenated file can begin.
    MisplacedSignature,
    /// This version does not know the chunk type.
    UnsupportedChunkType,
    /// This version does not know the compression type.
    UnsupportedCompression,
    /// A chunk, or one of its records, exceeds a limit of the reader.
    TooLarge,
    /// The operating system failed a request.
    Io,
    /// Another writer has the file open.
    Locked,
    /// The memory for a chunk could not be allocated.
    OutOfMemory,
    /// An argument is outside its range.
    InvalidArgument,
    /// Not a failure: a [`PulledSource`](crate::PulledSource) needs bytes. Repeat the call after
    /// supplying them.
    NeedBytes,
}

impl ErrorKind {
    /// Whether the kind states that the file is damaged.
    pub fn is_damage(self) -> bool {
        matches!(
            self,
            Self::NotARecordFile
                | Self::Truncated
                | Self::BlockHeader
                | Self::ChunkHeader
                | Self::DataHash
                | Self::RecordSizes
                | Self::CompressedData
                | Self::TransposedData
                | Self::MisplacedSignature
        )
    }
}

/// An error: its kind, its position in the file if it has one, and a description for people.
///
/// The description names values and the remedy but not the file; the code that has opened the file
/// knows its name.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    position: Option<u64>,
    detail: String,
    excess: Option<Excess>,
    source: Option<io::Error>,
}

/// The size that exceeded a limit, and the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Excess {
    /// The size that the file states: a number of bytes, or of records if a chunk has too many.
    pub size: u64,
    /// The limit, in the same unit.
    pub limit: u64,
}

impl Error {
    /// An error without a position.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            position: None,
            detail: detail.into(),
            excess: None,
            source: None,
        }))
    }

    /// An error at a byte position of the file.
    pub fn at(kind: ErrorKind, position: u64, detail: impl Into<String>) -> Self {
        let mut error = Self::new(kind, detail);
        error.0.position = Some(position);
        error
    }

    /// A chunk at `position` that exceeds a limit.
    pub(crate) fn too_large(position: u64, excess: Excess, detail: impl Into<String>) -> Self {
        let mut error = Self::at(ErrorKind::TooLarge, position, detail);
        error.0.excess = Some(excess);
        error
    }

    /// A failed request to the operating system.
    pub(crate) fn io(action: &str, source: io::Error) -> Self {
        if let Some(refusal) = Refusal::of(&source) {
            return refusal.into_error();
        }
        let mut error = Self::new(ErrorKind::Io, format!("{action}: {source}"));
        error.0.source = Some(source);
        error
    }

    /// Whether the call must be repeated after a pulled source got more bytes.
    pub(crate) fn is_need(&self) -> bool {
        self.0.kind == ErrorKind::NeedBytes
    }

    /// A failed request to the operating system about bytes at `position`.
    pub(crate) fn io_at(action: &str, position: u64, source: io::Error) -> Self {
        let mut error = Self::io(action, source);
        error.0.position.get_or_insert(position);
        error
    }

    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The position in the file in bytes, if the error has one.
    pub fn position(&self) -> Option<u64> {
        self.0.position
    }

    /// The description, with the values involved and the remedy; without position and file name.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The size and the limit, for [`ErrorKind::TooLarge`].
    pub fn excess(&self) -> Option<Excess> {
        self.0.excess
    }

    /// The operating system's error code, if an [`ErrorKind::Io`] has one.
    pub fn os_error(&self) -> Option<i32> {
        self.0.source.as_ref().and_then(io::Error::raw_os_error)
    }

    /// A copy of the error, for callers that repeat a call after a lasting failure.
    pub(crate) fn repeat(&self) -> Self {
        let source = self
            .0
            .source
            .as_ref()
            .map(|source| match source.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::from(source.kind()),
            });
        Self(Box::new(Inner {
            kind: self.0.kind,
            position: self.0.position,
            detail: self.0.detail.clone(),
            excess: self.0.excess,
            source,
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.position {
            Some(position) => write!(f, "byte {position}: {}", self.0.detail),
            None => f.write_str(&self.0.detail),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}

/// The error in the data of one chunk. The code that knows the chunk's position adds it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) kind: ErrorKind,
    pub(crate) detail: String,
    excess: Option<Excess>,
}

/// The result of decoding the data of one chunk.
pub(crate) type Parsed<T> = std::result::Result<T, Malformed>;

impl Malformed {
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            excess: None,
        }
    }

    /// The error for a size that exceeds a limit.
    pub(crate) fn too_large(excess: Excess, detail: impl Into<String>) -> Self {
        Self {
            kind: ErrorKind::TooLarge,
            detail: detail.into(),
            excess: Some(excess),
        }
    }

    /// The error for memory that could not be allocated.
    pub(crate) fn no_memory() -> Self {
        Self::new(ErrorKind::OutOfMemory, "no memory to decode a chunk")
    }

    pub(crate) fn in_chunk_at(self, position: u64) -> Error {
        let mut error = Error::at(self.kind, position, self.detail);
        error.0.excess = self.excess;
        error
    }
}

/// The reason why a request fails that is not a failure of the operating system.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refusal {
    /// The bytes must be supplied first.
    NeedBytes,
    /// More bytes would have to be kept than the limit allows.
    TooMuchKept { begin: u64, excess: Excess },
}

impl Refusal {
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }

    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::NeedBytes => Error::new(ErrorKind::NeedBytes, self.to_string()),
            Self::TooMuchKept { begin, excess } => {
                Error::too_large(begin, excess, self.to_string())
            }
        }
    }
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(io::ErrorKind::WouldBlock, refusal)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedBytes => f.write_str("more bytes are needed"),
            Self::TooMuchKept { excess, .. } => write!(
                f,
                "more than {} bytes from here on would have to be kept in memory to read on; read \
                 from a file, or with a higher limit on chunks",
                excess.limit
            ),
        }
    }
}

impl std::error::Error for Refusal {}
