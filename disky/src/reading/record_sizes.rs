//! Measures the records of a file.

use crate::array_record::walk::Walk;
use crate::bytes::source::Source;
use crate::chunk_data::simple_chunk::{self, HEAD_SIZE};
use crate::chunk_data::transposed_chunk;
use crate::error::{Error, ErrorKind, Result};
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::Chunk;
use crate::reading::chunk_memory::zeros;
use crate::reading::decoding::decode_transposed;
use crate::reading::record_file::{RecordFile, STEP};
use crate::reading::recordless::{check_empty, is_empty, is_for_records};
use crate::reading::size_distribution::SizeDistribution;

/// A walk over the chunks of a file that measures their records. It continues after a step and after
/// a failed call for lack of bytes, and begins anew after each other end.
#[derive(Default)]
pub(crate) struct RecordSizes {
    walk: Walk,
    position: u64,
    sizes: SizeDistribution,
    simple: simple_chunk::Decoder,
    transposed: transposed_chunk::Decoder,
}

impl RecordSizes {
    /// Measures the records of the next step; returns the sizes of all records of the file after
    /// the last step, and `None` before.
    pub(crate) fn measure<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
    ) -> Result<Option<SizeDistribution>> {
        let measured = self.measure_step(file);
        let sizes = self.sizes;
        match &measured {
            Ok(false) => {}
            Err(error) if error.is_need() => {}
            _ => *self = Self::default(),
        }
        measured.map(|complete| complete.then_some(sizes))
    }

    /// Returns whether the end of the file is reached.
    fn measure_step<S: Source>(&mut self, file: &mut RecordFile<S>) -> Result<bool> {
        let end = self.position.saturating_add(STEP);
        while self.position < end {
            let limit = file.limits().max_chunk_size;
            let (walk, array_record) = (&self.walk, &mut file.array_record);
            let found = file.chunks.visit_at(self.position, |chunks| {
                let Some(chunk) = chunks.chunk()? else {
                    return Ok(None);
                };
                let part = walk.part(array_record, chunks, &chunk, limit)?;
                Ok(Some((chunk, part)))
            })?;
            let Some((chunk, part)) = found else {
                return Ok(true);
            };
            if is_for_records(&chunk, part) {
                // As on every visit, hashed bytes do not count for the walk forward.
                let visit = file.chunks.enter_visit(chunk.begin);
                let ends = self.ends_of(file, &chunk);
                file.chunks.leave_visit(visit);
                match ends {
                    Ok(ends) => self.add(&ends),
                    Err(error) if is_opaque(&error) => {}
                    Err(error) => return Err(error),
                }
            }
            self.walk.pass(&chunk, part);
            self.position = chunk.end;
            file.chunks.visit_done(chunk.end);
        }
        Ok(false)
    }

    fn add(&mut self, ends: &[u64]) {
        let mut begin = 0;
        for &end in ends {
            self.sizes.add(end - begin);
            begin = end;
        }
    }

    /// The end offset of each record of `chunk`.
    fn ends_of<S: Source>(&mut self, file: &mut RecordFile<S>, chunk: &Chunk) -> Result<Vec<u64>> {
        let limits = file.options.limits;
        if is_empty(chunk) {
            return check_empty(&mut file.chunks, chunk, &limits).map(|()| Vec::new());
        }
        limits.check(chunk)?;
        match chunk.header.chunk_type {
            ChunkType::Transposed => self.ends_of_transposed(file, chunk),
            _ => self.ends_of_simple(file, chunk),
        }
    }

    fn ends_of_simple<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        chunk: &Chunk,
    ) -> Result<Vec<u64>> {
        let mut head = [0; HEAD_SIZE as usize];
        let head_size = chunk.header.data_size.min(HEAD_SIZE) as usize;
        file.chunks.peek_data(chunk, 0, &mut head[..head_size])?;
        let size = simple_chunk::sizes_end(&head[..head_size], chunk.header.data_size);
        let mut head = zeros(chunk, size)?;
        file.chunks.peek_data(chunk, 0, &mut head)?;
        self.simple
            .decode_ends_of_head(&chunk.header, &head)
            .map_err(|m| m.in_chunk_at(chunk.begin))
    }

    fn ends_of_transposed<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        chunk: &Chunk,
    ) -> Result<Vec<u64>> {
        let header = &chunk.header;
        let mut data = zeros(chunk, header.data_size)?;
        file.chunks.read_data(chunk, &mut data)?;
        let memory = file.limits().decoding_memory();
        let records = header.num_records;
        let (ends, _) = decode_transposed(&mut self.transposed, chunk, records, &data, memory)?;
        Ok(ends)
    }
}

/// Whether a chunk for which decoding failed with `error` may be intact, but cannot be decoded.
fn is_opaque(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::TooLarge | ErrorKind::UnsupportedCompression
    )
}
