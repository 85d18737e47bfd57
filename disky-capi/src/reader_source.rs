//! The source of a reader: a file, or bytes that the caller supplies.

use crate::error::Failure;
use disky::{FileSource, PulledSource, Source};
use std::io::{self, IoSliceMut};

/// How many bytes a pulled source keeps in addition to two chunks: block headers, and bytes that
/// were likely to be useful.
const KEPT_BESIDE_CHUNKS: u64 = 16 << 20;

/// The source of a `disky_reader`.
#[derive(Clone)]
pub(crate) enum ReaderSource {
    File(FileSource),
    Pulled(PulledSource),
}

impl ReaderSource {
    /// A source of `size` bytes, `u64::MAX` if the size is unknown, for a reader of chunks of at
    /// most `max_chunk_size` bytes.
    pub(crate) fn pulled(size: u64, max_chunk_size: u64) -> Self {
        let max_kept = max_chunk_size
            .saturating_mul(2)
            .saturating_add(KEPT_BESIDE_CHUNKS);
        Self::Pulled(match size {
            u64::MAX => PulledSource::stream(max_kept),
            size => PulledSource::new(size, max_kept),
        })
    }

    /// Another source of the same open file, or of the same bytes that the caller supplies.
    pub(crate) fn share(&self) -> Result<Self, Failure> {
        match self {
            Self::File(source) => Ok(Self::File(source.clone())),
            Self::Pulled(source) => match source.alike() {
                Some(source) => Ok(Self::Pulled(source)),
                None => Err(Failure::invalid("the reader of a stream cannot be shared")),
            },
        }
    }

    /// The source if the caller supplies the bytes.
    pub(crate) fn pull(&mut self) -> Result<&mut PulledSource, Failure> {
        match self {
            Self::Pulled(source) => Ok(source),
            Self::File(_) => Err(Failure::invalid("the reader has a file of its own")),
        }
    }
}

impl Source for ReaderSource {
    fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        match self {
            Self::File(source) => source.read_at(offset, pieces),
            Self::Pulled(source) => source.read_at(offset, pieces),
        }
    }

    fn size(&self) -> u64 {
        match self {
            Self::File(source) => source.size(),
            Self::Pulled(source) => source.size(),
        }
    }

    fn refresh_size(&mut self) -> io::Result<()> {
        match self {
            Self::File(source) => source.refresh_size(),
            Self::Pulled(source) => source.refresh_size(),
        }
    }

    fn reaches(&mut self, end: u64) -> io::Result<bool> {
        match self {
            Self::File(source) => source.reaches(end),
            Self::Pulled(source) => source.reaches(end),
        }
    }

    fn provide(&mut self, offset: u64, len: u64, ahead: u64) -> io::Result<()> {
        match self {
            Self::File(source) => source.provide(offset, len, ahead),
            Self::Pulled(source) => source.provide(offset, len, ahead),
        }
    }

    fn has(&self, offset: u64, len: u64) -> bool {
        match self {
            Self::File(source) => source.has(offset, len),
            Self::Pulled(source) => source.has(offset, len),
        }
    }

    fn passed(&mut self, position: u64) {
        match self {
            Self::File(source) => source.passed(position),
            Self::Pulled(source) => source.passed(position),
        }
    }

    fn goes_back(&self) -> bool {
        match self {
            Self::File(source) => source.goes_back(),
            Self::Pulled(source) => source.goes_back(),
        }
    }
}
