//! Finds the intact part of a torn tail: where to cut the file so that it can be continued.
//!
//! The search looks for chunks only at positions that a chain of chunks or an intact block header
//! states. A chunk is intact if its header and its data match their hashes; the block headers
//! across it are not part of it. Before a cut, a recovering walk goes over the part to cut off. If it
//! finds a record, also by a scan, there is no cut: a repair never cuts off a record that recovery
//! returns.

use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::format::block::{self, BLOCK_HEADER_SIZE, BLOCK_SIZE, BlockHeader};
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::reading::batch::Next;
use crate::reading::reader_options::{CorruptionStrategy, ReaderOptions};
use crate::reading::record_reader::RecordReader;
use crate::writing::ending::{self, Prefix};
use std::io::IoSliceMut;

/// The maximum number of hashed bytes, as a multiple of the size of the file. Without this limit,
/// overlapping chunks that damaged headers state could be hashed any number of times.
const MOST_HASHED: u64 = 4;
/// The additional number of hashed bytes, for small files.
const HASHED_ANYWAY: u64 = 1 << 20;

/// A torn tail.
#[derive(Debug)]
pub(crate) struct Tear {
    /// The beginning of the torn part: the end of the last intact chunk.
    pub(crate) cut: u64,
    /// The damage.
    pub(crate) damage: Error,
}

impl Tear {
    /// The error for a writer that must not cut the file.
    pub(crate) fn into_error(self) -> Error {
        let detail = format!(
            "{}; the file cannot be continued like this: everything from byte {} on is torn, and \
             a repair cuts it off",
            self.reason(),
            self.cut
        );
        Error::at(self.damage.kind(), self.cut, detail)
    }

    /// The damage, with its position unless that is the cut.
    pub(crate) fn reason(&self) -> String {
        match self.damage.position() {
            Some(position) if position != self.cut => self.damage.to_string(),
            _ => self.damage.detail().to_owned(),
        }
    }
}

/// Finds the position at which the tail of `source` is torn. The source begins with a file
/// signature and is damaged as `damage` states.
///
/// Fails if a cut would not repair the file, or would cut off an intact part.
pub(crate) fn find(source: &mut impl Source, damage: Error) -> Result<Tear> {
    let size = source.size();
    let mut search = Search::new(Prefix::of(source, size));
    let last = search.last_whole_chunk()?;
    let damage = search.damage_behind(&last, damage)?;
    let intact = search.first_whole_chunk_behind(last.end)?;
    let end = last.end.min(size);
    if let Some(intact) = intact {
        let place = format!("the chunk at byte {} after it is intact", intact.begin);
        return Err(refusal(&damage, end, &place));
    }
    // Damaged fill bytes are cut off too: a chunk without its fill bytes is intact. A padding chunk
    // is cut off if a block header across it is damaged.
    let padding = last.header.chunk_type == ChunkType::Padding;
    let cuts = [
        Some(end),
        Some(last.data_end()),
        padding.then_some(last.begin),
    ];
    let mut unmended = None;
    for cut in cuts.into_iter().flatten() {
        match ending::continuation(Prefix::of(source, cut)) {
            Ok(_) if cut < size => {
                return match first_recoverable(source, cut)? {
                    None => Ok(Tear { cut, damage }),
                    Some(begin) => {
                        let place = format!("the chunk at byte {begin} after it is intact");
                        Err(refusal(&damage, cut, &place))
                    }
                };
            }
            Ok(_) => {}
            Err(error) if error.kind().is_damage() => unmended = unmended.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    let place = format!("the last chunk, at byte {}, is intact", last.begin);
    let unmended = unmended.unwrap_or(damage);
    let position = unmended.position().unwrap_or(end);
    Err(refusal(&unmended, position, &place))
}

/// Where the first chunk begins that has records, is intact, and is found by a recovering reader
/// from `cut` on.
fn first_recoverable(source: &mut impl Source, cut: u64) -> Result<Option<u64>> {
    let size = source.size();
    // What follows an intact header is that chunk, up to the end of the file.
    let header = damage(ChunkReader::new(Prefix::of(source, size)).header_at(cut))?;
    if header.is_ok() || is_zero(source, cut)? {
        return Ok(None);
    }
    let options = ReaderOptions {
        corruption: CorruptionStrategy::Recover,
        ..ReaderOptions::default()
    };
    let mut reader = RecordReader::new(Prefix::of(source, size), options);
    reader.seek(cut, 0)?;
    // A chunk is intact if it lacks nothing but memory for its records.
    match reader.next(&mut [], &mut [])? {
        Next::End => Ok(None),
        _ => Ok(Some(reader.position())),
    }
}

/// Whether all bytes from `begin` on are zeros, as after a power cut.
fn is_zero(source: &mut impl Source, begin: u64) -> Result<bool> {
    static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
    let mut bytes = vec![1; ZEROS.len()];
    let mut position = begin;
    loop {
        let read = source
            .read_at(position, &mut [IoSliceMut::new(&mut bytes)])
            .map_err(|e| Error::io_at("cannot read", position, e))?;
        if bytes[..read] != ZEROS[..read] {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
        position += read as u64;
    }
}

/// The error for a file that a cut would not repair.
fn refusal(damage: &Error, position: u64, place: &str) -> Error {
    let detail = format!(
        "{}; the file cannot be continued, nor repaired by a cut, because {place}: recover its \
         records to a new file",
        damage.detail()
    );
    Error::at(damage.kind(), position, detail)
}

struct Search<S> {
    chunks: ChunkReader<S>,
    most_hashed: u64,
}

impl<S: Source> Search<S> {
    fn new(source: S) -> Self {
        let chunks = ChunkReader::new(source);
        let most_hashed = chunks.size().saturating_mul(MOST_HASHED) + HASHED_ANYWAY;
        Self {
            chunks,
            most_hashed,
        }
    }

    /// The last intact chunk of the last chain that has one. The file signature counts as an intact
    /// chunk.
    fn last_whole_chunk(&mut self) -> Result<Chunk> {
        let mut limit = self.chunks.size();
        loop {
            let begin = self.last_chain_begin(limit)?;
            if let Some(last) = self.last_whole_of_chain(begin, limit)? {
                return Ok(last);
            }
            if begin == 0 {
                // The file signature was intact at the beginning of the search.
                let detail = "the file was changed while it was read";
                return Err(Error::at(ErrorKind::Truncated, 0, detail));
            }
            limit = begin;
        }
    }

    /// The beginning of the last chunk before `limit` that an intact block header states and that
    /// has a header.
    fn last_chain_begin(&mut self, limit: u64) -> Result<u64> {
        let mut block_begin = limit.saturating_sub(1) / BLOCK_SIZE * BLOCK_SIZE;
        let mut damaged = None;
        while block_begin > 0 {
            if let Some(header) = self.block_header(block_begin)? {
                let begin = block_begin
                    .checked_sub(header.previous_chunk)
                    .filter(|&begin| block::is_chunk_boundary(begin) && damaged != Some(begin));
                if let Some(begin) = begin {
                    if self.chunk_at(begin)?.is_ok() {
                        return Ok(begin);
                    }
                    damaged = Some(begin);
                }
            }
            block_begin -= BLOCK_SIZE;
        }
        Ok(0)
    }

    /// The last intact chunk of the chain from `begin` on that begins before `limit`.
    fn last_whole_of_chain(&mut self, begin: u64, limit: u64) -> Result<Option<Chunk>> {
        let (mut position, mut last) = (begin, None);
        while position < limit {
            let Ok(chunk) = self.chunk_at(position)? else {
                break;
            };
            if self.verify(&chunk)?.is_ok() {
                last = Some(chunk);
            }
            position = chunk.end;
        }
        Ok(last)
    }

    /// The damage after `last`; `otherwise` if the next chunk has none.
    fn damage_behind(&mut self, last: &Chunk, otherwise: Error) -> Result<Error> {
        if last.end >= self.chunks.size() {
            return Ok(otherwise);
        }
        let damage = match self.chunk_at(last.end)? {
            Err(damage) => damage,
            Ok(chunk) => match self.verify(&chunk)? {
                Err(damage) => damage,
                Ok(()) => otherwise,
            },
        };
        if damage.kind() == ErrorKind::MisplacedSignature {
            return Err(damage);
        }
        Ok(damage)
    }

    /// The first intact chunk after `begin`: those that intact block headers state, and those of
    /// the chains from the ends of these.
    fn first_whole_chunk_behind(&mut self, begin: u64) -> Result<Option<Chunk>> {
        let mut block_begin = block::next_block(begin);
        let mut followed = None;
        while block_begin < self.chunks.size() {
            let place = self
                .block_header(block_begin)?
                .and_then(|header| block_begin.checked_add(header.next_chunk))
                .filter(|&place| block::is_chunk_boundary(place) && followed != Some(place));
            if let Some(place) = place {
                if let Some(chunk) = self.first_whole_of_chain(place)? {
                    return Ok(Some(chunk));
                }
                followed = Some(place);
            }
            block_begin += BLOCK_SIZE;
        }
        Ok(None)
    }

    fn first_whole_of_chain(&mut self, begin: u64) -> Result<Option<Chunk>> {
        let mut position = begin;
        while position < self.chunks.size() {
            let Ok(chunk) = self.chunk_at(position)? else {
                break;
            };
            if self.verify(&chunk)?.is_ok() {
                return Ok(Some(chunk));
            }
            position = chunk.end;
        }
        Ok(None)
    }

    /// The header of the block at `block_begin`, if it is complete and intact.
    fn block_header(&mut self, block_begin: u64) -> Result<Option<BlockHeader>> {
        if block_begin + BLOCK_HEADER_SIZE > self.chunks.size() {
            return Ok(None);
        }
        Ok(damage(self.chunks.block_header(block_begin))?.ok())
    }

    /// The chunk at `begin`, if its header is intact and the file contains its data.
    fn chunk_at(&mut self, begin: u64) -> Result<Found<Chunk>> {
        self.check_effort(begin)?;
        self.chunks.tolerate_block_headers();
        let chunk = self.chunks.header_at(begin);
        damage(chunk.and_then(|chunk| self.chunks.check_extent(&chunk).map(|()| chunk)))
    }

    fn verify(&mut self, chunk: &Chunk) -> Result<Found<()>> {
        self.check_effort(chunk.begin)?;
        self.chunks.tolerate_block_headers();
        damage(self.chunks.verify_data(chunk))
    }

    fn check_effort(&self, position: u64) -> Result<()> {
        if self.chunks.hashed() <= self.most_hashed {
            return Ok(());
        }
        let detail = "the end of the file is damaged in too many places to decide which part is torn: \
                      recover its records to a new file";
        Err(Error::at(ErrorKind::ChunkHeader, position, detail))
    }
}

/// A part of the file, or its damage.
type Found<T> = std::result::Result<T, Error>;

/// Separates damage, which is a result of the search, from failures.
fn damage<T>(result: Result<T>) -> Result<Found<T>> {
    match result {
        Err(error) if !error.kind().is_damage() => Err(error),
        found => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::chunk::ChunkHeader;
    use crate::format::chunk_writer::ChunkWriter;
    use crate::writing::append;
    use std::io;

    /// Counts the requested bytes.
    struct Counting<'a>(&'a [u8], u64);

    impl Source for Counting<'_> {
        fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
            let read = self.0.read_at(offset, pieces)?;
            self.1 += read as u64;
            Ok(read)
        }

        fn size(&self) -> u64 {
            self.0.len() as u64
        }
    }

    /// A file in which an intact header in each block begins a chunk that states everything up to
    /// the end, with damaged data.
    fn claims(blocks: u64) -> Vec<u8> {
        let mut file = Vec::new();
        ChunkWriter::new(&mut file, 0).write_signature().unwrap();
        let end = blocks * BLOCK_SIZE;
        file.resize(end as usize, 0);
        for begin in (1..blocks - 1).map(|block| block * BLOCK_SIZE) {
            let header = ChunkHeader {
                data_size: block::payload_between(begin, end) - 40,
                data_hash: 1,
                chunk_type: ChunkType::Simple,
                num_records: 1,
                decoded_data_size: 1,
            };
            let mut chunk = Vec::new();
            let mut writer = ChunkWriter::new(&mut chunk, begin);
            writer.write(&header, &[]).unwrap();
            let header = begin as usize..begin as usize + 64;
            file[header.clone()].copy_from_slice(&chunk[header]);
        }
        file
    }

    /// Finding the cut reads at most a few times the size of the file, whatever the headers state.
    #[test]
    fn claims_cost_a_few_times_the_file() {
        let file = claims(200);
        let size = file.len() as u64;
        let mut source = Counting(&file, 0);
        let error = append::tail(&mut source).unwrap_err();
        assert!(error.detail().contains("too many places"), "{error}");
        // The chunk with which the limit is exceeded, at most the complete file, and block headers.
        let most = MOST_HASHED * size + HASHED_ANYWAY + size + size / 8;
        assert_eq!(MOST_HASHED, 4, "docs/durability.md says so");
        assert!(source.1 <= most, "{} of {most}", source.1);
        assert!(source.1 > 3 * size, "nothing was claimed: {}", source.1);
    }
}
