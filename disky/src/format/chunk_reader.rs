//! Reads a file chunk by chunk: checks every structure that it passes, and reads chunk data.

use crate::bytes::read_ahead::ReadAhead;
use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::format::block::{self, BLOCK_SIZE, BlockHeader, BlockHeaderBytes, Stretch};
use crate::format::chunk::{CHUNK_HEADER_SIZE, ChunkHeader, ChunkHeaderBytes, ChunkType};
use crate::format::hash::{Hasher, hash};
use std::io::IoSliceMut;

/// Size in bytes of the file signature: the first block header and the signature chunk.
pub const SIGNATURE_SIZE: u64 = block::BLOCK_HEADER_SIZE + CHUNK_HEADER_SIZE;
/// How many bytes of a wrong file signature an error shows.
const SHOWN: usize = 8;

/// Bytes kept after a large chunk: the header of the next chunk and the beginning of its data, with
/// a block header between.
const HEADER_AHEAD: usize = 128;
/// Bytes kept after a small chunk, so that a series of small chunks costs one request.
const SMALL_CHUNKS_AHEAD: usize = 128 << 10;
/// The size in bytes below which a chunk is small.
const SMALL_CHUNK: u64 = 32 << 10;
/// Size of the memory through which the data of a chunk pass that is only checked.
const VERIFY_BYTES: usize = 256 << 10;

/// Number of bytes of a block header, and of a chunk header, that their hashes cover.
pub(crate) const HASHED_OF_BLOCK_HEADER: u64 = block::BLOCK_HEADER_SIZE - 8;
pub(crate) const HASHED_OF_CHUNK_HEADER: u64 = CHUNK_HEADER_SIZE - 8;

/// A chunk found in the file: its header, which was checked, and its extent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// Position of the chunk. If a block header comes first, this is its position, a multiple of
    /// the block size.
    pub begin: u64,
    /// Position just past the chunk and its fill bytes. In an unfinished file the fill bytes may
    /// be missing; then this is past the end of the file.
    pub end: u64,
    /// The header.
    pub header: ChunkHeader,
}

impl Chunk {
    /// Position just past the chunk header.
    fn data_begin(&self) -> u64 {
        // The header was read from the file, so this position is in the file and cannot overflow.
        block::payload_end(self.begin, CHUNK_HEADER_SIZE).unwrap_or(u64::MAX)
    }

    /// Position just past the data.
    pub(crate) fn data_end(&self) -> u64 {
        // Chunks are made of headers whose end fits 63 bits, and the data end no later.
        self.header.data_end(self.begin).unwrap_or(u64::MAX)
    }
}

/// Reads the chunks of a source in order.
///
/// The position changes only in [`advance`](Self::advance), so that a failed call can be repeated.
#[derive(Debug)]
pub struct ChunkReader<S> {
    source: ReadAhead<S>,
    position: u64,
    current: Option<Chunk>,
    /// Whether chunks are read in order, so that reading ahead pays.
    in_order: bool,
    ahead: usize,
    block_headers: Vec<BlockHeaderBytes>,
    /// The damage of block headers that were passed, if it is tolerated.
    tolerated: Option<Vec<Error>>,
    hashed: u64,
    /// Position just past the data of the last chunk that was passed.
    passed: u64,
    /// The size of the source, if it was found to be less than `passed`.
    cut: Option<u64>,
    /// Whether the reader is on a visit to another position.
    visiting: bool,
}

/// The state of a reader before a visit to another position.
#[derive(Debug)]
pub(crate) struct Visit {
    position: u64,
    current: Option<Chunk>,
    tolerated: Option<Vec<Error>>,
    visiting: bool,
    hashed: u64,
    passed: u64,
}

impl<S: Source> ChunkReader<S> {
    /// A reader at the beginning of `source`.
    pub fn new(source: S) -> Self {
        Self {
            source: ReadAhead::new(source),
            position: 0,
            current: None,
            in_order: true,
            ahead: HEADER_AHEAD,
            block_headers: Vec::new(),
            tolerated: None,
            hashed: 0,
            passed: 0,
            cut: None,
            visiting: false,
        }
    }

    /// The source.
    pub(crate) fn source(&self) -> &S {
        self.source.source()
    }

    /// From now on expects requests for chunks in any order.
    pub(crate) fn expect_random_access(&mut self) {
        self.in_order = false;
    }

    /// Position of the next chunk.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Size of the source in bytes.
    pub fn size(&self) -> u64 {
        self.source.size()
    }

    /// Reads the size of the source again, and forgets the current chunk.
    ///
    /// Fails if the source has become shorter than the part already read; every later call then
    /// fails too.
    pub(crate) fn refresh(&mut self) -> Result<()> {
        self.current = None;
        self.source
            .refresh()
            .map_err(|e| Error::io("cannot read the size", e))?;
        if self.size() < self.passed {
            self.cut.get_or_insert(self.size());
        }
        self.check_not_cut()
    }

    /// Fails if [`refresh`](Self::refresh) has found that the source has become shorter than the
    /// part already read.
    pub(crate) fn check_not_cut(&self) -> Result<()> {
        let Some(size) = self.cut else {
            return Ok(());
        };
        let detail = format!(
            "truncated: the file was cut to {size} bytes, but {} bytes of it were read before; it is not \
             followed any more; open it again to read what it holds now",
            self.passed
        );
        Err(Error::at(ErrorKind::Truncated, size, detail))
    }

    /// Whether the current chunk is known, and another chunk follows it.
    pub(crate) fn is_followed(&mut self) -> bool {
        let Some(end) = self.current.map(|chunk| chunk.end) else {
            return false;
        };
        let next = self.visit_at(end, |chunks| chunks.header_at(end));
        next.is_ok()
    }

    /// Moves to `position`, which must be the beginning of a chunk or the end of the file.
    pub fn seek(&mut self, position: u64) {
        self.position = position;
        self.current = None;
    }

    /// Moves to the chunk at `position`, which ends at `end` or before. If it is small, one request
    /// reads it.
    pub(crate) fn seek_extent(&mut self, position: u64, end: u64) {
        self.seek(position);
        let size = end.saturating_sub(position);
        self.ahead = match size < SMALL_CHUNKS_AHEAD as u64 {
            true => (size as usize).max(HEADER_AHEAD),
            false => HEADER_AHEAD,
        };
    }

    /// Reads the header of the block at `block_begin`.
    pub(crate) fn block_header(&mut self, block_begin: u64) -> Result<BlockHeader> {
        let mut bytes = [0; block::BLOCK_HEADER_SIZE as usize];
        let piece = vec![IoSliceMut::new(&mut bytes)];
        read_exact(&mut self.source, block_begin, piece, HEADER_AHEAD)?;
        self.hashed += HASHED_OF_BLOCK_HEADER;
        parse_block_header(block_begin, &bytes)
    }

    /// Bytes hashed so far.
    pub(crate) fn hashed(&self) -> u64 {
        self.hashed
    }

    /// Adds bytes of this file that another walk has hashed.
    pub(crate) fn add_hashed(&mut self, bytes: u64) {
        self.hashed += bytes;
    }

    /// From now on the reader records damage of block headers and does not fail because of it. Earlier
    /// records of such damage are dropped.
    pub(crate) fn tolerate_block_headers(&mut self) {
        self.tolerated.get_or_insert_default().clear();
    }

    /// Takes the damage of the block headers passed since
    /// [`tolerate_block_headers`](Self::tolerate_block_headers), in file order.
    pub(crate) fn take_tolerated(&mut self) -> Vec<Error> {
        let mut tolerated = self.tolerated.take().unwrap_or_default();
        tolerated.sort_by_key(Error::position);
        tolerated.dedup_by_key(|error| error.position());
        tolerated
    }

    /// Runs `visit` at `position`. Afterwards the reader is at its position again; bytes that
    /// `visit` has hashed do not count.
    pub(crate) fn visit_at<R>(
        &mut self,
        position: u64,
        visit: impl FnOnce(&mut Self) -> Result<R>,
    ) -> Result<R> {
        let here = self.enter_visit(position);
        let visited = visit(self);
        self.leave_visit(here);
        visited
    }

    /// Begins a visit as [`visit_at`](Self::visit_at) does, for callers that also need other state
    /// meanwhile.
    pub(crate) fn enter_visit(&mut self, position: u64) -> Visit {
        Visit {
            position: std::mem::replace(&mut self.position, position),
            current: self.current.take(),
            tolerated: self.tolerated.take(),
            visiting: std::mem::replace(&mut self.visiting, true),
            hashed: self.hashed,
            passed: self.passed,
        }
    }

    /// Ends a visit: the reader is at its position again.
    pub(crate) fn leave_visit(&mut self, from: Visit) {
        self.position = from.position;
        self.current = from.current;
        self.tolerated = from.tolerated;
        self.visiting = from.visiting;
        (self.hashed, self.passed) = (from.hashed, from.passed);
    }

    /// Returns the chunk at the current position; `None` at the end of the file.
    ///
    /// Checks the header: its hash, the block headers across it, and that the data lie within the
    /// file.
    pub fn chunk(&mut self) -> Result<Option<Chunk>> {
        if self.current.is_none() && self.lies_before_end(self.position)? {
            self.current = Some(self.step(Self::read_chunk_header)?);
        }
        Ok(self.current)
    }

    /// Moves to `chunk`, whose header was read and checked before.
    pub(crate) fn arrive(&mut self, chunk: Chunk) {
        self.position = chunk.begin;
        self.current = Some(chunk);
    }

    /// Moves to the chunk after the current one.
    pub fn advance(&mut self) {
        if let Some(chunk) = self.current.take() {
            self.position = chunk.end;
            self.passed = chunk.data_end();
            self.ahead = self.ahead_of(&chunk);
        }
    }

    /// Reads `out.len()` bytes of the data of `chunk` from `offset` on, which the data must have.
    /// Checks nothing.
    pub fn peek_data(&mut self, chunk: &Chunk, offset: u64, out: &mut [u8]) -> Result<()> {
        let begin = block::payload_end(chunk.begin, CHUNK_HEADER_SIZE + offset);
        self.read_payload(begin.unwrap_or(u64::MAX), out, self.ahead_of(chunk))
    }

    /// Reads the data of `chunk` into `out`, which must have their size, and checks the data and
    /// the block headers across them.
    pub fn read_data(&mut self, chunk: &Chunk, out: &mut [u8]) -> Result<()> {
        self.read_payload(chunk.data_begin(), out, self.ahead_of(chunk))?;
        self.check_block_headers(chunk.data_begin(), chunk)?;
        self.hashed += out.len() as u64;
        check_data_hash(chunk, hash(out))
    }

    /// Checks the data of `chunk` and the block headers across them, without returning them.
    pub fn verify_data(&mut self, chunk: &Chunk) -> Result<()> {
        let mut memory = vec![0; VERIFY_BYTES.min(chunk.header.data_size as usize)];
        let mut hasher = Hasher::new();
        let mut position = chunk.data_begin();
        let mut left = chunk.header.data_size;
        while left > 0 {
            let part = (memory.len() as u64).min(left);
            let out = &mut memory[..part as usize];
            self.read_payload(position, out, HEADER_AHEAD)?;
            self.check_block_headers(position, chunk)?;
            hasher.update(out);
            self.hashed += part;
            position = block::payload_end(position, part).unwrap_or(u64::MAX);
            left -= part;
        }
        check_data_hash(chunk, hasher.finish())
    }

    /// How many bytes to keep after the requested bytes of `chunk`.
    pub(crate) fn ahead_of(&self, chunk: &Chunk) -> usize {
        let size = chunk.end - chunk.begin;
        match (size < SMALL_CHUNK, self.in_order) {
            (true, true) => SMALL_CHUNKS_AHEAD,
            (true, false) => (size as usize).max(HEADER_AHEAD),
            (false, _) => HEADER_AHEAD,
        }
    }

    fn read_chunk_header(&mut self) -> Result<Chunk> {
        let begin = self.position;
        if begin == 0 {
            self.check_signature()?;
        }
        let chunk = self.parse_header(begin)?;
        self.check_block_headers(begin, &chunk)?;
        self.check_extent(&chunk)?;
        check_header_values(&chunk)?;
        Ok(chunk)
    }

    /// Returns the chunk that begins at `begin`, a chunk boundary, as its header states; its data
    /// may lie past the end of the file.
    ///
    /// After [`tolerate_block_headers`](Self::tolerate_block_headers), damaged block headers across
    /// the chunk header are kept and are not an error.
    pub(crate) fn header_at(&mut self, begin: u64) -> Result<Chunk> {
        let chunk = self.parse_header(begin)?;
        if self.tolerated.is_some() {
            self.check_block_headers(begin, &chunk)?;
        }
        check_header_values(&chunk)?;
        Ok(chunk)
    }

    /// Returns the same as [`header_at`](Self::header_at), but `None` if the header is damaged.
    pub(crate) fn intact_header_at(&mut self, begin: u64) -> Result<Option<Chunk>> {
        match self.header_at(begin) {
            Ok(chunk) => Ok(Some(chunk)),
            Err(error) if error.kind().is_damage() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the chunk header at `begin`. Checks only its hash and that its values are in the range
    /// of file offsets.
    fn parse_header(&mut self, begin: u64) -> Result<Chunk> {
        let mut bytes: ChunkHeaderBytes = [0; CHUNK_HEADER_SIZE as usize];
        if let Err(error) =
            self.require(begin, CHUNK_HEADER_SIZE, || String::from("a chunk header"))
        {
            return Err(match error.kind() {
                ErrorKind::Truncated => self.no_chunk(begin, error),
                _ => error,
            });
        }
        self.read_payload(begin, &mut bytes, self.ahead)?;
        self.hashed += HASHED_OF_CHUNK_HEADER;
        let header = match ChunkHeader::from_bytes(&bytes) {
            Ok(header) => header,
            Err(mismatch) => {
                let detail = format!(
                    "damaged chunk header: it states hash {:#018x}, its bytes hash to {:#018x}",
                    mismatch.stated, mismatch.computed
                );
                let error = Error::at(ErrorKind::ChunkHeader, begin, detail);
                return Err(self.no_chunk(begin, error));
            }
        };
        let end = header.end(begin).ok_or_else(|| {
            let detail = format!(
                "the chunk header states {} bytes of data and {} records, which no file can hold",
                header.data_size, header.num_records
            );
            Error::at(ErrorKind::ChunkHeader, begin, detail)
        })?;
        Ok(Chunk { begin, end, header })
    }

    /// Checks the file signature. It is the same in all files, so a file of another kind is
    /// distinguished from a damaged one at once.
    pub(crate) fn check_signature(&mut self) -> Result<()> {
        let expected = signature();
        let (found, got) = self.signature_at(0)?;
        if got == found.len() && found == expected {
            return Ok(());
        }
        if found[..got] == expected[..got] {
            return Err(Error::at(
                ErrorKind::Truncated,
                0,
                format!(
                    "truncated: the file ends at byte {got}, inside its {SIGNATURE_SIZE}-byte file signature"
                ),
            ));
        }
        let wrong = (0..got).find(|&i| found[i] != expected[i]).unwrap_or(0);
        // The first eight bytes in which a difference lies.
        let begin = wrong / SHOWN * SHOWN;
        let end = begin + SHOWN;
        let (found, expected) = (hex(&found[begin..end.min(got)]), hex(&expected[begin..end]));
        let detail = if begin == 0 {
            format!(
                "not a record file, or its file signature is damaged: it starts with {found}, \
                 a record file with {expected}"
            )
        } else {
            format!(
                "the file signature is damaged, or this is not a record file: bytes {begin} to \
                 {} are {found}, those of a record file {expected}",
                end.min(got) - 1
            )
        };
        Err(Error::at(ErrorKind::NotARecordFile, wrong as u64, detail))
    }

    /// The bytes at `position`, where a file signature may lie, and their number.
    fn signature_at(&mut self, position: u64) -> Result<([u8; SIGNATURE_SIZE as usize], usize)> {
        let mut found = [0; SIGNATURE_SIZE as usize];
        let ahead = self.ahead;
        let got = self
            .source
            .read(position, vec![IoSliceMut::new(&mut found)], ahead)
            .map_err(|e| Error::io_at("cannot read", position, e))?;
        Ok((found, got))
    }

    /// The error for `begin`, where no chunk begins because of `error`: states it if another file
    /// begins there.
    fn no_chunk(&mut self, begin: u64, error: Error) -> Error {
        match self.signature_at(begin) {
            Ok((found, got)) if got == found.len() && found == signature() => Error::at(
                ErrorKind::MisplacedSignature,
                begin,
                "another record file begins in the middle of a block: files were concatenated whose \
                     sizes are not multiples of 65536 bytes; split the file here and read each part by itself",
            ),
            // Whether another file begins here is unknown until the bytes are supplied.
            Err(need) if need.is_need() => need,
            _ => error,
        }
    }

    /// Whether the file has a byte at `position`.
    pub(crate) fn lies_before_end(&mut self, position: u64) -> Result<bool> {
        self.reaches(position, position.saturating_add(1))
    }

    fn reaches(&mut self, begin: u64, end: u64) -> Result<bool> {
        let reached = self.source.reaches(end);
        reached.map_err(|e| Error::io_at("cannot read", begin, e))
    }

    /// Makes sure that the size of the file is known, even if the source must supply all its bytes
    /// for that.
    pub(crate) fn settle_size(&mut self) -> Result<()> {
        self.reaches(self.position, u64::MAX).map(|_| ())
    }

    /// States that a step is complete and will not be repeated, and that the next one begins at
    /// `position`. Has no effect on a visit, which is repeated from its beginning if it needs
    /// bytes.
    pub(crate) fn step_done(&mut self, position: u64) {
        if !self.visiting {
            self.source.passed(position);
        }
    }

    /// States the same as [`step_done`](Self::step_done), for a visit, or a part of it, that will
    /// not be repeated. Has no effect for a stream, whose walk continues where it was.
    pub(crate) fn visit_done(&mut self, position: u64) {
        if self.goes_back() {
            self.source.passed(position);
        }
    }

    /// Whether the data of `chunk` can be read now, without bytes being supplied first.
    pub(crate) fn has_data(&self, chunk: &Chunk) -> bool {
        let begin = chunk.data_begin();
        self.source
            .has(begin, chunk.data_end().saturating_sub(begin))
    }

    pub(crate) fn goes_back(&self) -> bool {
        self.source.goes_back()
    }

    pub(crate) fn source_mut(&mut self) -> &mut S {
        self.source.source_mut()
    }

    /// Fails unless `payload` bytes from `begin` on lie within the file.
    fn require(&mut self, begin: u64, payload: u64, what: impl Fn() -> String) -> Result<()> {
        let end = block::payload_end(begin, payload);
        if let Some(end) = end
            && self.reaches(begin, end)?
        {
            return Ok(());
        }
        let what = what();
        let where_it_ends = match self.size() {
            u64::MAX => String::from("no file is large enough for"),
            size => format!("the file ends at byte {size}, inside"),
        };
        let detail = format!("truncated: {where_it_ends} {what} that begins here");
        Err(Error::at(ErrorKind::Truncated, begin, detail))
    }

    pub(crate) fn check_extent(&mut self, chunk: &Chunk) -> Result<()> {
        let size = chunk.header.data_size;
        self.require(chunk.begin, CHUNK_HEADER_SIZE + size, || {
            format!("a chunk of {size} bytes of data")
        })
    }

    /// Forgets the bytes hashed since `hashed`, by a step that will be repeated.
    pub(crate) fn forget_hashed_since(&mut self, hashed: u64) {
        self.hashed = hashed;
    }

    /// Runs `step`. If the step needs bytes, and so must be repeated, the bytes that it has hashed
    /// do not count.
    pub(crate) fn step<R>(&mut self, step: impl FnOnce(&mut Self) -> Result<R>) -> Result<R> {
        let hashed = self.hashed;
        let result = step(self);
        if result.as_ref().is_err_and(Error::is_need) {
            self.hashed = hashed;
        }
        result
    }

    /// Reads `out.len()` payload bytes from `begin` on. The block headers between them go to
    /// `self.block_headers`.
    pub(crate) fn read_payload(&mut self, begin: u64, out: &mut [u8], ahead: usize) -> Result<()> {
        let size = out.len() as u64;
        let headers = block::stretches(begin, size)
            .filter(|stretch| matches!(stretch, Stretch::Header(_)))
            .count();
        self.block_headers.clear();
        self.block_headers.resize(headers, [0; 24]);

        let mut pieces = Vec::with_capacity(2 * headers + 1);
        let mut block_headers = &mut self.block_headers[..];
        let mut rest = out;
        for stretch in block::stretches(begin, size) {
            let piece = match stretch {
                Stretch::Payload(len) => {
                    let (piece, after) = std::mem::take(&mut rest).split_at_mut(len as usize);
                    rest = after;
                    piece
                }
                Stretch::Header(_) => {
                    let (piece, after) = std::mem::take(&mut block_headers).split_at_mut(1);
                    block_headers = after;
                    piece.as_flattened_mut()
                }
            };
            pieces.push(IoSliceMut::new(piece));
        }
        read_exact(&mut self.source, begin, pieces, ahead)
    }

    /// The block headers that the last [`read_payload`](Self::read_payload) has passed.
    pub(crate) fn passed_block_headers(&self) -> &[BlockHeaderBytes] {
        &self.block_headers
    }

    /// Checks the block headers that the last [`read_payload`](Self::read_payload) has passed,
    /// which started at `begin` in `chunk`.
    pub(crate) fn check_block_headers(&mut self, begin: u64, chunk: &Chunk) -> Result<()> {
        let mut block_begin = block::next_block(begin);
        for bytes in &self.block_headers {
            self.hashed += HASHED_OF_BLOCK_HEADER;
            let checked = check_block_header(block_begin, bytes, chunk);
            match (checked, &mut self.tolerated) {
                (Err(error), Some(tolerated)) => tolerated.push(error),
                (checked, _) => checked?,
            }
            block_begin += BLOCK_SIZE;
        }
        Ok(())
    }
}

/// The file signature: the first 64 bytes of every file.
pub(crate) fn signature() -> [u8; SIGNATURE_SIZE as usize] {
    let mut bytes = [0; SIGNATURE_SIZE as usize];
    let (block, chunk) = bytes.split_at_mut(block::BLOCK_HEADER_SIZE as usize);
    block.copy_from_slice(&BlockHeader::interrupting(0, 0, SIGNATURE_SIZE).to_bytes());
    chunk.copy_from_slice(&ChunkHeader::signature().to_bytes());
    bytes
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(" ")
}

/// Fills `pieces` with the bytes of the file from `offset` on.
fn read_exact<S: Source>(
    source: &mut ReadAhead<S>,
    offset: u64,
    pieces: Vec<IoSliceMut<'_>>,
    ahead: usize,
) -> Result<()> {
    let wanted: usize = pieces.iter().map(|piece| piece.len()).sum();
    let got = source
        .read(offset, pieces, ahead)
        .map_err(|e| Error::io_at("cannot read", offset, e))?;
    if got < wanted {
        return Err(Error::at(
            ErrorKind::Truncated,
            offset + got as u64,
            "truncated: the file became shorter while it was read",
        ));
    }
    Ok(())
}

fn parse_block_header(block_begin: u64, bytes: &BlockHeaderBytes) -> Result<BlockHeader> {
    BlockHeader::from_bytes(bytes).map_err(|mismatch| {
        let detail = format!(
            "damaged block header: it states hash {:#018x}, its bytes hash to {:#018x}",
            mismatch.stated, mismatch.computed
        );
        Error::at(ErrorKind::BlockHeader, block_begin, detail)
    })
}

fn check_block_header(block_begin: u64, bytes: &BlockHeaderBytes, chunk: &Chunk) -> Result<()> {
    let found = parse_block_header(block_begin, bytes)?;
    let expected = BlockHeader::interrupting(block_begin, chunk.begin, chunk.end);
    if found == expected {
        return Ok(());
    }
    let detail = format!(
        "the block header states a chunk from {} bytes before to {} bytes after it; \
         the chunk reaches from {} bytes before to {} bytes after",
        found.previous_chunk, found.next_chunk, expected.previous_chunk, expected.next_chunk
    );
    Err(Error::at(ErrorKind::BlockHeader, block_begin, detail))
}

/// Fails unless the data of `chunk`, whose hash is `computed`, match the hash in its header.
pub(crate) fn check_data_hash(chunk: &Chunk, computed: u64) -> Result<()> {
    let stated = chunk.header.data_hash;
    if stated == computed {
        return Ok(());
    }
    let detail = format!(
        "damaged chunk data: the chunk header states hash {stated:#018x}, \
         the {} bytes of data hash to {computed:#018x}",
        chunk.header.data_size
    );
    Err(Error::at(ErrorKind::DataHash, chunk.begin, detail))
}

/// Checks the values that a header of each type must have.
pub(crate) fn check_header_values(chunk: &Chunk) -> Result<()> {
    let ChunkHeader {
        data_size,
        num_records,
        decoded_data_size,
        chunk_type,
        ..
    } = chunk.header;
    let wrong = |detail: String| Err(Error::at(ErrorKind::ChunkHeader, chunk.begin, detail));
    match chunk_type {
        ChunkType::Signature if (data_size, num_records, decoded_data_size) != (0, 0, 0) => {
            wrong(format!(
                "a file signature states {data_size} bytes of data, {num_records} records and \
                 {decoded_data_size} bytes decoded, where all must be 0"
            ))
        }
        ChunkType::Padding if (num_records, decoded_data_size) != (0, 0) => wrong(format!(
            "padding states {num_records} records and {decoded_data_size} bytes decoded, \
             where both must be 0"
        )),
        ChunkType::Metadata if num_records != 0 => {
            wrong(format!("file metadata state {num_records} records, not 0"))
        }
        _ => Ok(()),
    }
}
