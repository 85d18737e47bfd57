//! The places of chunks of records.

use crate::array_record::walk;
use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::format::chunk_reader::Chunk;
use crate::reading::record_file::RecordFile;

/// The place of a chunk of records, and the number of its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Position of the chunk.
    pub begin: u64,
    /// Position just past the chunk. If the extent comes from the index of an ArrayRecord, the
    /// chunk may end before this position.
    pub end: u64,
    /// Number of records.
    pub records: u64,
    /// Sum of the record sizes in bytes.
    pub decoded_data_size: u64,
}

impl Extent {
    /// The extent of `chunk`, as its header states it.
    pub(crate) fn of(chunk: &Chunk) -> Self {
        Self {
            begin: chunk.begin,
            end: chunk.end,
            records: chunk.header.num_records,
            decoded_data_size: chunk.header.decoded_data_size,
        }
    }
}

/// The chunks that the footer of an ArrayRecord lists; `None` without a usable footer.
pub(crate) fn index<S: Source>(file: &mut RecordFile<S>) -> Result<Option<Vec<Extent>>> {
    let limit = file.limits().max_chunk_size;
    let Some(entries) = walk::index(&mut file.chunks, limit)? else {
        return Ok(None);
    };
    let size = file.chunks.size();
    let ends = entries
        .iter()
        .skip(1)
        .map(|entry| entry.chunk_begin)
        .chain(std::iter::once(size));
    let mut extents = Vec::new();
    extents.try_reserve_exact(entries.len()).map_err(|cause| {
        let detail = format!("no memory for an index: {cause}");
        Error::new(ErrorKind::OutOfMemory, detail)
    })?;
    extents.extend(entries.iter().zip(ends).map(|(entry, end)| Extent {
        begin: entry.chunk_begin,
        end,
        records: entry.num_records,
        decoded_data_size: entry.decoded_data_size,
    }));
    Ok(Some(extents))
}
