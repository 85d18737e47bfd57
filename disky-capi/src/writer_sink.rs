//! The sink of a writer: a file, or memory from which the caller takes the bytes.

use crate::error::Failure;
use disky::{FileSink, PulledSink, Sink};
use std::io::{self, IoSlice};
use std::path::Path;

/// The sink of a `disky_writer`.
pub(crate) enum WriterSink {
    File(FileSink),
    Pulled(PulledSink),
}

impl WriterSink {
    /// The sink if the caller takes the bytes.
    pub(crate) fn pull(&mut self) -> Result<&mut PulledSink, Failure> {
        match self {
            Self::Pulled(sink) => Ok(sink),
            Self::File(_) => Err(Failure::invalid("the writer has a file of its own")),
        }
    }

    /// The name of the file until it is finished, if it gets another name then.
    pub(crate) fn temporary_path(&self) -> Option<&Path> {
        match self {
            Self::File(sink) => sink.temporary_path(),
            Self::Pulled(_) => None,
        }
    }
}

impl Sink for WriterSink {
    fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::File(sink) => sink.write_at(offset, pieces),
            Self::Pulled(sink) => sink.write_at(offset, pieces),
        }
    }

    fn truncate(&mut self, size: u64) -> io::Result<()> {
        match self {
            Self::File(sink) => sink.truncate(size),
            Self::Pulled(sink) => sink.truncate(size),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        match self {
            Self::File(sink) => sink.sync(),
            Self::Pulled(sink) => sink.sync(),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::File(sink) => sink.finish(),
            Self::Pulled(sink) => sink.finish(),
        }
    }
}
