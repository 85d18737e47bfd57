//! Encodes chunks separately from the writer of the file, so that several threads can encode.

use crate::bytes::open_file::OpenMode;
use crate::chunk_data::simple_chunk::EncodedChunk;
use crate::error::{Error, ErrorKind, Result};
use crate::format::chunk::ChunkHeader;
use crate::writing::chunk_encoder::ChunkEncoder;
use crate::writing::writer_options::WriterOptions;

/// Encodes chunks for a [`RecordWriter`](crate::RecordWriter) on another thread.
///
/// The encoded chunk depends only on the options and the records, so the file is the same no matter
/// where its chunks were encoded.
pub struct Encoder {
    encoder: ChunkEncoder,
    options: WriterOptions,
    encoded: Option<ChunkHeader>,
}

impl Encoder {
    /// An encoder for writers with these `options`.
    ///
    /// Fails for the options with which opening a writer of a new file fails.
    pub fn new(options: &WriterOptions) -> Result<Self> {
        options.check(OpenMode::CreateNew)?;
        Ok(Self {
            encoder: ChunkEncoder::new(options)?,
            options: options.clone(),
            encoded: None,
        })
    }

    /// Encodes a chunk of records that lie one after the other in `records`; `ends` has the end of
    /// each. The encoder keeps the chunk until it is written, or until it encodes another one. If
    /// `ends` is empty, the call succeeds and the encoder keeps no chunk.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] unless the ends ascend to the end of `records`.
    pub fn encode(&mut self, records: &[u8], ends: &[u64]) -> Result<()> {
        self.encoded = None;
        if !(records.is_empty() && ends.is_empty()) {
            self.encoded = Some(self.encoder.encode(records, ends)?.header);
        }
        Ok(())
    }

    /// The chunk encoded of `records`, for a writer with these `options`; `None` if there were no
    /// records.
    pub(crate) fn chunk<'a>(
        &'a self,
        records: &'a [u8],
        options: &WriterOptions,
    ) -> Result<Option<EncodedChunk<'a>>> {
        if !self.options.encode_alike(options) {
            return Err(invalid(
                "the chunk was encoded with other options than the writer's",
            ));
        }
        let size = self.encoded.map_or(0, |header| header.decoded_data_size);
        if size != records.len() as u64 {
            return Err(invalid(format!(
                "{} bytes of records were given to write a chunk of {size}",
                records.len()
            )));
        }
        Ok(self.encoded.map(|header| EncodedChunk {
            header,
            data: self.encoder.data(records),
        }))
    }

    /// The end of each record of the encoded chunk.
    pub(crate) fn ends(&self) -> Result<Vec<u64>> {
        match &self.encoded {
            Some(header) => self.encoder.ends(header),
            None => Ok(Vec::new()),
        }
    }

    /// Forgets the chunk after it was written.
    pub(crate) fn clear(&mut self) {
        self.encoded = None;
    }
}

fn invalid(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, detail.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::compression::{Brotli, Compression, Dialect};
    use crate::{Container, RecordWriter, Sink};
    use std::io::{self, IoSlice};

    #[derive(Default)]
    struct Memory(Vec<u8>);

    impl Sink for &mut Memory {
        fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
            assert_eq!(offset, self.0.len() as u64);
            pieces
                .iter()
                .for_each(|piece| self.0.extend_from_slice(piece));
            Ok(pieces.iter().map(|piece| piece.len()).sum())
        }

        fn truncate(&mut self, size: u64) -> io::Result<()> {
            self.0.truncate(size as usize);
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Options that differ in how chunks are encoded or written.
    fn every_way() -> Vec<WriterOptions> {
        let disky = WriterOptions::default();
        let riegeli = WriterOptions {
            dialect: Dialect::Riegeli,
            ..WriterOptions::default()
        };
        vec![
            WriterOptions {
                compression: Compression::None,
                ..disky.clone()
            },
            disky,
            WriterOptions {
                compression: Compression::Brotli(Brotli::default()),
                final_padding: 4096,
                ..riegeli.clone()
            },
            WriterOptions {
                compression: Compression::None,
                transpose: true,
                metadata: Some(b"abc".to_vec()),
                ..riegeli.clone()
            },
            WriterOptions {
                transpose: true,
                bucket_fraction: 0.1,
                ..riegeli.clone()
            },
            WriterOptions {
                container: Container::ArrayRecord,
                group_size: 3,
                final_padding: 1 << 16,
                ..riegeli
            },
        ]
    }

    fn chunks() -> [(Vec<u8>, [u64; 3]); 4] {
        [1u64, 2, 3, 100_000].map(|size| {
            let records = (0..3 * size).map(|i| (i * size % 200) as u8).collect();
            (records, [size, size, 3 * size])
        })
    }

    #[test]
    fn what_is_encoded_apart_is_the_same() {
        for options in every_way() {
            let (mut apart, mut together) = (Memory::default(), Memory::default());
            let mut writer = RecordWriter::new(&mut together, &options).unwrap();
            for (records, ends) in &chunks() {
                writer.write_batch(records, ends).unwrap();
            }
            writer.close().unwrap();

            let mut writer = RecordWriter::new(&mut apart, &options).unwrap();
            let mut encoders: Vec<_> = (0..4).map(|_| Encoder::new(&options).unwrap()).collect();
            for (encoder, (records, ends)) in encoders.iter_mut().zip(&chunks()).rev() {
                encoder.encode(records, ends).unwrap();
            }
            for (encoder, (records, _)) in encoders.iter_mut().zip(&chunks()) {
                writer.write_encoded(encoder, records).unwrap();
            }
            writer.close().unwrap();
            assert!(apart.0 == together.0, "{options:?}");
        }
    }

    #[test]
    fn a_chunk_is_written_once_and_no_records_are_no_chunk() {
        let options = WriterOptions::default();
        let mut memory = Memory::default();
        let mut writer = RecordWriter::new(&mut memory, &options).unwrap();
        let mut encoder = Encoder::new(&options).unwrap();
        let empty = writer.file_size();
        writer.write_encoded(&mut encoder, b"").unwrap();
        encoder.encode(b"", &[]).unwrap();
        writer.write_encoded(&mut encoder, b"").unwrap();
        assert_eq!(writer.file_size(), empty);
        encoder.encode(b"abc", &[3]).unwrap();
        writer.write_encoded(&mut encoder, b"abc").unwrap();
        let size = writer.file_size();
        assert!(size > empty);
        assert!(writer.write_encoded(&mut encoder, b"abc").is_err());
        encoder.encode(b"", &[0]).unwrap();
        writer.write_encoded(&mut encoder, b"").unwrap();
        assert!(writer.file_size() > size);
    }

    #[test]
    fn what_does_not_belong_together_is_refused_and_the_writer_goes_on() {
        let options = WriterOptions::default();
        let mut memory = Memory::default();
        let mut writer = RecordWriter::new(&mut memory, &options).unwrap();
        let mut encoder = Encoder::new(&options).unwrap();
        assert!(encoder.encode(b"abc", &[2]).is_err());
        encoder.encode(b"abc", &[3]).unwrap();
        for other in every_way() {
            if other.encode_alike(&options) {
                continue;
            }
            let mut other = Encoder::new(&other).unwrap();
            other.encode(b"abc", &[3]).unwrap();
            let error = writer.write_encoded(&mut other, b"abc").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
        let error = writer.write_encoded(&mut encoder, b"ab").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        writer.write_encoded(&mut encoder, b"abc").unwrap();
        writer.close().unwrap();
    }

    #[test]
    fn groups_are_checked() {
        let options = every_way().pop().unwrap();
        let mut memory = Memory::default();
        let mut writer = RecordWriter::new(&mut memory, &options).unwrap();
        let mut encoder = Encoder::new(&options).unwrap();
        encoder.encode(b"abcd", &[1, 2, 3, 4]).unwrap();
        let error = writer.write_encoded(&mut encoder, b"abcd").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}
