//! Tells an ArrayRecord's footer and postscript from the records of its user, on a walk over the
//! chunks of a file of any kind.
//!
//! Where the end of the file is whole, the postscript says which chunks they are. Where it is not,
//! a footer is known by what it lists: the very chunks that the walk has passed.

use crate::array_record::Records;
use crate::array_record::{self, ArrayRecordPart, Index, IndexEntry, NoFooter, POSTSCRIPT_SIZE};
use crate::block::BLOCK_SIZE;
use crate::chunk::ChunkType;
use crate::chunk_reader::{Chunk, ChunkReader, SIGNATURE_SIZE};
use crate::error::{Error, ErrorKind, Malformed, Parsed, Result};
use crate::simple_chunk;
use crate::source::Source;
use std::collections::VecDeque;

/// A footer record is smaller, but for the first one, which has the writer's options.
const MAX_FOOTER_RECORD: u64 = 64;
const MAX_FOOTER_METADATA: u64 = 64 << 10;

/// Something that the caller should know though reading goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The byte position in the file that it is about.
    pub position: u64,
    /// What was found and what is done about it; without position and file name.
    pub message: String,
}

/// What the end of a file tells.
#[derive(Debug, Clone)]
struct Trailer {
    postscript_begin: u64,
    footer: Option<(u64, Index)>,
}

/// What is known of a file that may be an ArrayRecord.
#[derive(Debug, Default)]
pub(crate) struct ArrayRecord {
    /// What the end of the file tells, once it was looked at.
    trailer: Option<Option<Trailer>>,
    index_compared: bool,
    notices: VecDeque<Notice>,
}

impl ArrayRecord {
    /// Takes the oldest notice that was not taken yet.
    pub(crate) fn take_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// How many notices there are to take.
    pub(crate) fn notices(&self) -> usize {
        self.notices.len()
    }

    /// Says whether the file ends with a postscript.
    pub(crate) fn has_postscript(&mut self, chunks: &mut ChunkReader<impl Source>) -> Result<bool> {
        Ok(self.trailer(chunks, u64::MAX)?.is_some())
    }

    fn trailer(
        &mut self,
        chunks: &mut ChunkReader<impl Source>,
        limit: u64,
    ) -> Result<Option<&Trailer>> {
        if self.trailer.is_none() {
            let trailer = self.look_at_the_end(chunks, limit)?;
            self.trailer = Some(trailer);
        }
        Ok(self.trailer.as_ref().and_then(Option::as_ref))
    }

    fn look_at_the_end(
        &mut self,
        chunks: &mut ChunkReader<impl Source>,
        limit: u64,
    ) -> Result<Option<Trailer>> {
        let size = chunks.size();
        if !size.is_multiple_of(BLOCK_SIZE) || size < BLOCK_SIZE + POSTSCRIPT_SIZE {
            return Ok(None);
        }
        let postscript_begin = size - POSTSCRIPT_SIZE;
        let Some(footer_begin) = postscript_at(chunks, postscript_begin)? else {
            return Ok(None);
        };
        let footer = match footer_at(chunks, footer_begin, postscript_begin, limit)? {
            Ok(index) => Some((footer_begin, index)),
            Err(reason) => {
                self.notice(
                    postscript_begin,
                    format!(
                        "the ArrayRecord postscript states a footer at byte {footer_begin}, where \
                         there is none: {reason}; the file is read chunk by chunk without it"
                    ),
                );
                None
            }
        };
        Ok(Some(Trailer {
            postscript_begin,
            footer,
        }))
    }

    fn notice(&mut self, position: u64, message: String) {
        self.notices.push_back(Notice { position, message });
    }

    /// Compares what the footer at `footer_begin` lists with the chunks that a walk from the
    /// beginning has passed.
    fn compare(&mut self, footer_begin: u64, listed: &Index, passed: &Index) {
        if std::mem::replace(&mut self.index_compared, true) || listed.agrees_with(passed) {
            return;
        }
        self.notice(
            footer_begin,
            format!(
                "the ArrayRecord footer disagrees with the file: it lists {} chunks with {} \
                 records, before it lie {} chunks with {} records, or their positions or sizes \
                 differ; the chunks are right, the footer is not used",
                listed.chunks, listed.records, passed.chunks, passed.records
            ),
        );
    }
}

/// A walk over the chunks of a file, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    /// Where the file of chunks began, which is not 0 where files were put one after the other.
    origin: u64,
    /// Where the chunk begins that the walk comes to.
    next: u64,
    /// The chunks passed since the origin.
    passed: Index,
    after_footer: bool,
}

impl Walk {
    /// Says what of an ArrayRecord the chunk is that the walk has come to; `None` if it is none.
    ///
    /// Footers of more than `limit` bytes are not looked into. Damage is not reported: whoever
    /// reads the chunk will meet it.
    pub(crate) fn part(
        &self,
        file: &mut ArrayRecord,
        chunks: &mut ChunkReader<impl Source>,
        chunk: &Chunk,
        limit: u64,
    ) -> Result<Option<ArrayRecordPart>> {
        if chunk.header.chunk_type != ChunkType::Simple {
            return Ok(None);
        }
        if let Some(trailer) = file.trailer(chunks, limit)? {
            if chunk.begin == trailer.postscript_begin {
                return Ok(Some(ArrayRecordPart::Postscript));
            }
            if let Some((footer_begin, listed)) = &trailer.footer
                && chunk.begin == *footer_begin
            {
                let (footer_begin, listed) = (*footer_begin, listed.clone());
                if self.is_at(chunk) {
                    file.compare(footer_begin, &listed, &self.passed);
                }
                return Ok(Some(ArrayRecordPart::Footer));
            }
        }
        self.part_by_content(chunks, chunk, limit)
    }

    fn part_by_content(
        &self,
        chunks: &mut ChunkReader<impl Source>,
        chunk: &Chunk,
        limit: u64,
    ) -> Result<Option<ArrayRecordPart>> {
        if self.after_footer
            && may_be_postscript(chunk)
            && let Ok(records) = records_of(chunks, chunk)?
            && array_record::read_postscript(&records).is_some()
        {
            return Ok(Some(ArrayRecordPart::Postscript));
        }
        if self.is_at(chunk)
            && chunk.header.num_records == self.passed.chunks + 1
            && may_be_footer(chunk, limit)
            && let Ok(records) = records_of(chunks, chunk)?
            && let Ok(listed) = array_record::read_footer(&records)
            && listed.agrees_with(&self.passed)
        {
            return Ok(Some(ArrayRecordPart::Footer));
        }
        Ok(None)
    }

    /// Says whether the walk has passed every chunk before `chunk`.
    fn is_at(&self, chunk: &Chunk) -> bool {
        self.next == chunk.begin
    }

    /// Goes past `chunk`, of which [`part`](Self::part) said that it is `part`.
    pub(crate) fn pass(&mut self, chunk: &Chunk, part: Option<ArrayRecordPart>) {
        match part {
            Some(part) => self.after_footer = part == ArrayRecordPart::Footer,
            None if chunk.header.chunk_type == ChunkType::Signature => {
                *self = Self {
                    origin: chunk.begin,
                    next: chunk.begin,
                    ..Self::default()
                };
            }
            None if chunk.header.chunk_type.holds_records() => {
                self.after_footer = false;
                self.passed.add(IndexEntry {
                    chunk_begin: chunk.begin - self.origin,
                    decoded_data_size: chunk.header.decoded_data_size,
                    num_records: chunk.header.num_records,
                });
            }
            None => {}
        }
        if self.is_at(chunk) {
            self.next = chunk.end;
        }
    }
}

/// The footer position that the postscript at `begin` states; `None` if none is there.
fn postscript_at(chunks: &mut ChunkReader<impl Source>, begin: u64) -> Result<Option<u64>> {
    let Ok(chunk) = chunk_at(chunks, begin)? else {
        return Ok(None);
    };
    if !may_be_postscript(&chunk) {
        return Ok(None);
    }
    let records = records_of(chunks, &chunk)?;
    Ok(records
        .ok()
        .as_ref()
        .and_then(array_record::read_postscript))
}

fn may_be_postscript(chunk: &Chunk) -> bool {
    chunk.header.chunk_type == ChunkType::Simple && chunk.header.data_size < POSTSCRIPT_SIZE
}

/// Reads the footer that is said to be at `begin`, before `limit_position`.
fn footer_at(
    chunks: &mut ChunkReader<impl Source>,
    begin: u64,
    postscript_begin: u64,
    limit: u64,
) -> Result<std::result::Result<Index, String>> {
    if !(SIGNATURE_SIZE..postscript_begin).contains(&begin) {
        return Ok(Err(format!(
            "a footer lies between the bytes {SIGNATURE_SIZE} and {postscript_begin}"
        )));
    }
    let chunk = match chunk_at(chunks, begin)? {
        Ok(chunk) => chunk,
        Err(error) => return Ok(Err(error.detail().to_owned())),
    };
    if !may_be_footer(&chunk, limit) {
        return Ok(Err(NoFooter::Messages.to_string()));
    }
    Ok(records_of(chunks, &chunk)?
        .map_err(|malformed| malformed.detail)
        .and_then(|records| array_record::read_footer(&records).map_err(|e| e.to_string())))
}

fn may_be_footer(chunk: &Chunk, limit: u64) -> bool {
    let header = &chunk.header;
    let most = MAX_FOOTER_RECORD
        .saturating_mul(header.num_records)
        .saturating_add(MAX_FOOTER_METADATA);
    header.chunk_type == ChunkType::Simple
        && header.decoded_data_size <= most
        && header.data_size.max(most) <= limit
}

/// The chunk at `begin`, or what is wrong there; fails if it cannot be read.
fn chunk_at(
    chunks: &mut ChunkReader<impl Source>,
    begin: u64,
) -> Result<std::result::Result<Chunk, Error>> {
    let found = chunks.visit_at(begin, |chunks| {
        let missing = || Error::at(ErrorKind::Truncated, begin, "the file ends there");
        chunks.chunk()?.ok_or_else(missing)
    });
    match found {
        Err(error) if !error.kind().is_damage() => Err(error),
        other => Ok(other),
    }
}

/// The records of a simple chunk, or what is wrong with it; fails if it cannot be read.
fn records_of(chunks: &mut ChunkReader<impl Source>, chunk: &Chunk) -> Result<Parsed<Records>> {
    let mut data = Vec::new();
    let no_memory = || Malformed::no_memory().in_chunk_at(chunk.begin);
    let size = usize::try_from(chunk.header.data_size).map_err(|_| no_memory())?;
    data.try_reserve_exact(size).map_err(|_| no_memory())?;
    data.resize(size, 0);
    match chunks.read_data(chunk, &mut data) {
        Err(error) if error.kind().is_damage() => {
            let detail = error.detail().to_owned();
            return Ok(Err(Malformed::new(error.kind(), detail)));
        }
        other => other?,
    }
    match simple_chunk::decode(&chunk.header, &data) {
        Err(malformed) if malformed.kind == ErrorKind::OutOfMemory => {
            Err(malformed.in_chunk_at(chunk.begin))
        }
        other => Ok(other.map(|(data, ends)| Records { data, ends })),
    }
}
