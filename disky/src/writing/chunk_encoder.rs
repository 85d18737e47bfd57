//! The encoder for the options of a writer.

use crate::chunk_data::simple_chunk::{EncodedChunk, SimpleChunkEncoder};
use crate::chunk_data::transposed_chunk::TransposedChunkEncoder;
use crate::codec::compression::{Compression, Dialect};
use crate::error::{Error, ErrorKind, Result};
use crate::format::chunk::{ChunkHeader, ChunkType};
use crate::writing::writer_options::WriterOptions;

/// Encodes chunks of records, simple or transposed.
pub(crate) enum ChunkEncoder {
    Simple(SimpleChunkEncoder),
    Transposed(Box<TransposedChunkEncoder>),
}

impl ChunkEncoder {
    /// The encoder of a writer with these `options`.
    pub(crate) fn new(options: &WriterOptions) -> Result<Self> {
        if options.transpose {
            return Self::transposed(options.compression, options.bucket_size());
        }
        Self::simple(options.compression, options.dialect)
    }

    pub(crate) fn simple(compression: Compression, dialect: Dialect) -> Result<Self> {
        SimpleChunkEncoder::new(compression, dialect).map(Self::Simple)
    }

    pub(crate) fn transposed(compression: Compression, bucket_size: u64) -> Result<Self> {
        let encoder = TransposedChunkEncoder::new(compression, bucket_size)?;
        Ok(Self::Transposed(Box::new(encoder)))
    }

    /// Encodes records that lie one after the other in `records`; `ends` has the end of each.
    pub(crate) fn encode<'a>(
        &'a mut self,
        records: &'a [u8],
        ends: &[u64],
    ) -> Result<EncodedChunk<'a>> {
        match self {
            Self::Simple(encoder) => encoder.encode(records, ends),
            Self::Transposed(encoder) => encoder.encode(records, ends),
        }
    }

    /// The data of the last encoded chunk, which contained `records`.
    pub(crate) fn data<'a>(&'a self, records: &'a [u8]) -> [&'a [u8]; 2] {
        match self {
            Self::Simple(encoder) => encoder.data(records),
            Self::Transposed(encoder) => encoder.data(),
        }
    }

    /// The end of each record of the last encoded chunk, with this `header`. Fails for transposed
    /// chunks, which do not contain it.
    pub(crate) fn ends(&self, header: &ChunkHeader) -> Result<Vec<u64>> {
        match self {
            Self::Simple(encoder) => encoder.ends(header),
            Self::Transposed(_) => Err(Error::new(
                ErrorKind::InvalidArgument,
                "a transposed chunk is not for upstream's reader",
            )),
        }
    }

    /// Encodes file metadata, which are laid out like a transposed chunk of one record.
    pub(crate) fn encode_metadata<'a>(
        &'a mut self,
        metadata: &'a [u8],
    ) -> Result<EncodedChunk<'a>> {
        let chunk = self.encode(metadata, &[metadata.len() as u64])?;
        Ok(EncodedChunk {
            header: ChunkHeader {
                chunk_type: ChunkType::Metadata,
                num_records: 0,
                ..chunk.header
            },
            ..chunk
        })
    }
}
