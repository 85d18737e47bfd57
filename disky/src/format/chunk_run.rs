//! Reads the data of several neighbouring chunks, and hashes them at the same time, which takes less
//! time than one after the other.

use crate::bytes::source::Source;
use crate::error::Result;
use crate::format::block;
use crate::format::chunk::CHUNK_HEADER_SIZE;
use crate::format::chunk_reader::{Chunk, ChunkReader, check_data_hash};
use crate::format::hash::{Hasher, STREAMS};

/// How many bytes of each chunk of a run are read and hashed at a time, so that the data of all of them
/// are still in the processor's cache when they are hashed.
const PIECE: u64 = 128 << 10;

/// Where the data of a chunk of a run go.
pub(crate) enum Target<'m> {
    /// To memory of their size.
    Memory(&'m mut [u8]),
    /// The data are only checked.
    Nowhere(Box<[u8]>),
}

impl Target<'_> {
    /// A target for data that are only checked.
    pub(crate) fn nowhere() -> Self {
        Self::Nowhere(vec![0; PIECE as usize].into())
    }
}

/// Reads the data of each of `run`, at most [`STREAMS`] chunks, to the target with the same index,
/// checks them as [`ChunkReader::read_data`] does, and hashes them at the same time. Returns the number
/// of intact chunks before the first damaged one. Fails if data cannot be read, and if a block header
/// is damaged, even if the caller tolerates such damage otherwise.
pub(crate) fn read_run(
    chunks: &mut ChunkReader<impl Source>,
    run: &[Chunk],
    targets: &mut [Target<'_>],
) -> Result<usize> {
    // A visit does not tolerate damaged block headers, and its hashed bytes do not count.
    let before = chunks.hashed();
    let here = chunks.enter_visit(chunks.position());
    let intact = read_pieces(chunks, run, targets);
    let hashed = chunks.hashed() - before;
    chunks.leave_visit(here);
    chunks.add_hashed(hashed);
    intact
}

/// Reads piece after piece of the data of `run`. Returns the number of intact chunks before the first
/// damaged one.
fn read_pieces(
    chunks: &mut ChunkReader<impl Source>,
    run: &[Chunk],
    targets: &mut [Target<'_>],
) -> Result<usize> {
    let mut hashers: [Hasher; STREAMS] = Default::default();
    let size = run.iter().map(|chunk| chunk.header.data_size).max();
    let mut offset = 0;
    while offset < size.unwrap_or(0) {
        let mut pieces: [&[u8]; STREAMS] = [&[]; STREAMS];
        for ((chunk, target), piece) in run.iter().zip(&mut *targets).zip(&mut pieces) {
            *piece = read_piece(chunks, chunk, offset, target)?;
        }
        Hasher::update_together(&mut hashers[..run.len()], &pieces[..run.len()]);
        offset += PIECE;
    }
    let intact = |(chunk, hasher): &(&Chunk, Hasher)| {
        check_data_hash(chunk, hasher.clone().finish()).is_ok()
    };
    Ok(run.iter().zip(hashers).take_while(intact).count())
}

/// Reads at most [`PIECE`] bytes of the data of `chunk` from `offset` on.
fn read_piece<'t>(
    chunks: &mut ChunkReader<impl Source>,
    chunk: &Chunk,
    offset: u64,
    target: &'t mut Target<'_>,
) -> Result<&'t [u8]> {
    let size = chunk.header.data_size.saturating_sub(offset).min(PIECE);
    if size == 0 {
        return Ok(&[]);
    }
    let position = block::payload_end(chunk.begin, CHUNK_HEADER_SIZE + offset);
    let position = position.unwrap_or(u64::MAX);
    let out = match target {
        Target::Memory(memory) => &mut memory[offset as usize..(offset + size) as usize],
        Target::Nowhere(memory) => &mut memory[..size as usize],
    };
    chunks.read_payload(position, out, chunks.ahead_of(chunk))?;
    chunks.check_block_headers(position, chunk)?;
    chunks.add_hashed(size);
    Ok(out)
}
