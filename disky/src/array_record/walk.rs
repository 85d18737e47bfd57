//! Distinguishes the footer and the postscript of an ArrayRecord from the records of the user, on a
//! walk over the chunks of any file.
//!
//! If the end of the file is intact, the postscript states the position of the footer. Otherwise a
//! footer is recognised because it lists the chunks that the walk has passed.

use crate::array_record::Records;
use crate::array_record::{self, ArrayRecordPart, Index, IndexEntry, NoFooter, POSTSCRIPT_SIZE};
use crate::bytes::source::Source;
use crate::chunk_data::RECORD_OVERHEAD;
use crate::chunk_data::simple_chunk;
use crate::error::{ErrorKind, Malformed, Parsed, Result};
use crate::format::block::{self, BLOCK_SIZE};
use crate::format::chunk::{CHUNK_HEADER_SIZE, ChunkType};
use crate::format::chunk_reader::{Chunk, ChunkReader, SIGNATURE_SIZE};
use std::collections::VecDeque;

/// The maximum size of a footer record, except for the first one, which contains the writer's
/// options.
const MAX_FOOTER_RECORD: u64 = 64;
const MAX_FOOTER_METADATA: u64 = 4 << 10;
/// The maximum size of a postscript, and its maximum number of records.
const MAX_POSTSCRIPT: u64 = 4 << 10;
const MAX_POSTSCRIPT_RECORDS: u64 = 16;
/// The maximum size of a footer at the end of a file that is to be continued.
const MAX_FOOTER: u64 = 1 << 30;

/// A contradiction in a file that does not stop reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Position in the file in bytes to which the notice refers.
    pub position: u64,
    /// The contradiction and how the reader resolves it; without position and file name.
    pub message: String,
}

/// The index at the end of a file.
#[derive(Debug, Clone)]
struct Trailer {
    postscript_begin: u64,
    /// The position of the footer, as the postscript states it.
    footer_begin: u64,
    footer: std::result::Result<Index, String>,
    /// Whether a footer exists, even if it cannot be used.
    footer_exists: bool,
}

/// The state of reading a file that may be an ArrayRecord.
#[derive(Debug, Default)]
pub(crate) struct ArrayRecord {
    /// The index at the end of the file, after it was read.
    trailer: Option<Option<Trailer>>,
    index_compared: bool,
    notices: VecDeque<Notice>,
}

impl ArrayRecord {
    /// Takes the oldest notice that was not taken yet.
    pub(crate) fn take_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// The number of notices that can be taken.
    pub(crate) fn notices(&self) -> usize {
        self.notices.len()
    }

    /// Forgets the end of the file, which has changed.
    pub(crate) fn forget_the_end(&mut self) {
        self.trailer = None;
    }

    fn trailer(
        &mut self,
        chunks: &mut ChunkReader<impl Source>,
        limit: u64,
    ) -> Result<Option<&Trailer>> {
        if self.trailer.is_none() {
            self.trailer = Some(look_at_the_end(chunks, limit)?);
        }
        Ok(self.trailer.as_ref().and_then(Option::as_ref))
    }

    fn notice(&mut self, position: u64, message: String) {
        self.notices.push_back(Notice { position, message });
    }

    fn notice_no_footer(&mut self, postscript_begin: u64, stated: u64, reason: &str) {
        if std::mem::replace(&mut self.index_compared, true) {
            return;
        }
        self.notice(
            postscript_begin,
            format!(
                "the ArrayRecord postscript states a footer at byte {stated}, where there is none \
                 to be used: {reason}; the file is read chunk by chunk without it"
            ),
        );
    }

    /// Compares the list in the footer at `footer_begin` with the chunks that a walk from the
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
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    /// The beginning of the file of chunks; not 0 if files were concatenated.
    origin: u64,
    /// Position of the next chunk of the walk.
    next: u64,
    /// The chunks passed since the origin, and the last of them.
    passed: Index,
    last: Option<IndexEntry>,
    after_footer: bool,
    /// The beginning of the last footer, counted from the origin.
    footer: Option<u64>,
    /// Whether the walk began in the middle of its file of chunks, so that the origin is unknown.
    begun_inside: bool,
}

impl Default for Walk {
    /// A walk from the beginning of a file. Losing the file signature, whose size is always the
    /// same, does not count as losing chunks.
    fn default() -> Self {
        Self {
            origin: 0,
            next: SIGNATURE_SIZE,
            passed: Index::default(),
            last: None,
            after_footer: false,
            footer: None,
            begun_inside: false,
        }
    }
}

impl Walk {
    /// A walk that begins at `position`, which need not be the beginning of a chunk.
    pub(crate) fn from(position: u64) -> Self {
        if position <= SIGNATURE_SIZE {
            return Self::default();
        }
        Self {
            next: u64::MAX,
            begun_inside: true,
            ..Self::default()
        }
    }

    /// Which part of an ArrayRecord `chunk` is, at which the walk has arrived; `None` if it is not
    /// a part of its index.
    ///
    /// Footers of more than `limit` bytes are not read. Damage is not reported here: reading the
    /// chunk reports it.
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
        let ahead;
        let trailer = match chunks.goes_back() {
            true => file.trailer(chunks, limit)?,
            false => {
                ahead = self.trailer_ahead(chunks, chunk, limit)?;
                ahead.as_ref()
            }
        };
        if let Some(trailer) = trailer {
            if chunk.begin == trailer.postscript_begin {
                let (stated, footer) = (trailer.footer_begin, trailer.footer.clone());
                if let Err(reason) = footer
                    && !self.has_footer_at(stated)
                {
                    file.notice_no_footer(chunk.begin, stated, &reason);
                }
                return Ok(Some(ArrayRecordPart::Postscript));
            }
            if chunk.begin == trailer.footer_begin && trailer.footer_exists {
                let postscript_begin = trailer.postscript_begin;
                match trailer.footer.clone() {
                    Ok(listed) if self.is_at(chunk) => {
                        file.compare(chunk.begin, &listed, &self.passed);
                    }
                    Ok(_) => {}
                    Err(reason) => file.notice_no_footer(postscript_begin, chunk.begin, &reason),
                }
                return Ok(Some(ArrayRecordPart::Footer));
            }
        }
        self.part_by_content(chunks, chunk, limit)
    }

    /// The end of a stream, if it is near enough to determine which part `chunk` is: if only
    /// `chunk`, possibly the footer, and padding lie before the postscript.
    fn trailer_ahead(
        &self,
        chunks: &mut ChunkReader<impl Source>,
        chunk: &Chunk,
        limit: u64,
    ) -> Result<Option<Trailer>> {
        if let Some(footer_begin) = last_postscript(chunks, chunk.begin)? {
            let passed = self.has_footer_at(footer_begin);
            return Ok(Some(Trailer {
                postscript_begin: chunk.begin,
                footer_begin,
                footer: Err(String::from("none was read there")),
                footer_exists: passed,
            }));
        }
        if !has_footer_shape(chunk) {
            return Ok(None);
        }
        let Some(postscript_begin) = behind_padding(chunks, chunk.end)? else {
            return Ok(None);
        };
        if last_postscript(chunks, postscript_begin)? != Some(chunk.begin) {
            return Ok(None);
        }
        trailer(chunks, postscript_begin, chunk.begin, limit).map(Some)
    }

    fn part_by_content(
        &self,
        chunks: &mut ChunkReader<impl Source>,
        chunk: &Chunk,
        limit: u64,
    ) -> Result<Option<ArrayRecordPart>> {
        if self.begun_inside && !may_end_an_array_record(chunks, chunk)? {
            return Ok(None);
        }
        if (self.after_footer || !self.is_at(chunk))
            && may_be_postscript(chunk)
            && let Ok(records) = records_at(chunks, chunk.begin, may_be_postscript)?
            && let Some(stated) = array_record::read_postscript(&records)
            && (self.after_footer || self.may_have_lost(stated, chunk))
        {
            return Ok(Some(ArrayRecordPart::Postscript));
        }
        // If chunks were lost, a footer lists more chunks than the walk has passed.
        let plausible = match self.is_at(chunk) {
            true => chunk.header.num_records == self.passed.chunks + 1,
            false => chunk.header.num_records > self.passed.chunks,
        };
        if plausible
            && may_be_footer(chunk, limit)
            && let Ok(records) = records_at(chunks, chunk.begin, |_| true)?
            && match self.begun_inside {
                true => self.is_plausible_footer(&records, chunk),
                false => self.is_listed_by(&records, chunk),
            }
        {
            return Ok(Some(ArrayRecordPart::Footer));
        }
        Ok(None)
    }

    /// Whether `records`, those of `chunk`, are a footer that lists the passed chunks. If chunks
    /// were lost, it must list the last passed one, and only chunks before `chunk`.
    fn is_listed_by(&self, records: &Records, chunk: &Chunk) -> bool {
        if self.passed.chunks == 0 && array_record::is_empty_footer(records) {
            return true;
        }
        let (mut ascending, mut lists_last) = (true, self.last.is_none());
        let mut before = 0;
        let listed = array_record::read_footer_entries(records, |entry| {
            let begin = entry.chunk_begin.saturating_add(self.origin);
            ascending &= before < begin && begin < chunk.begin;
            lists_last |= Some(entry) == self.last;
            before = begin;
        });
        match listed {
            Ok(listed) if self.is_at(chunk) => {
                listed.chunks > 0 && listed.agrees_with(&self.passed)
            }
            Ok(listed) => listed.chunks > 0 && ascending && lists_last,
            Err(_) => false,
        }
    }

    /// Whether `records`, those of `chunk`, are a footer, as far as a walk from the middle of the
    /// file can decide it: it lists chunks before `chunk`, and the chunk passed last is the last of
    /// them.
    fn is_plausible_footer(&self, records: &Records, chunk: &Chunk) -> bool {
        match (self.last, last_listed_before(records, chunk)) {
            (_, None) => false,
            (None, Some(_)) => true,
            // Positions count from the origin, which is a multiple of the block size.
            (Some(passed), Some(listed)) => {
                passed.num_records == listed.num_records
                    && passed.decoded_data_size == listed.decoded_data_size
                    && passed
                        .chunk_begin
                        .checked_sub(listed.chunk_begin)
                        .is_some_and(|origin| origin.is_multiple_of(BLOCK_SIZE))
            }
        }
    }

    /// Whether the walk has passed a footer at the position that a postscript states; it may belong
    /// to a file that was concatenated.
    fn has_footer_at(&self, stated: u64) -> bool {
        self.footer == Some(stated) && self.after_footer
    }

    /// Whether a chunk at `stated`, counted from the origin, may be among the chunks before `chunk`
    /// that the walk did not pass.
    fn may_have_lost(&self, stated: u64, chunk: &Chunk) -> bool {
        if self.begun_inside {
            return stated < chunk.begin;
        }
        let begin = stated.saturating_add(self.origin);
        (self.next..chunk.begin).contains(&begin)
    }

    /// Whether the walk has passed every chunk before `chunk`.
    fn is_at(&self, chunk: &Chunk) -> bool {
        self.next == chunk.begin
    }

    /// Goes past `chunk`, for which [`part`](Self::part) has returned `part`.
    pub(crate) fn pass(&mut self, chunk: &Chunk, part: Option<ArrayRecordPart>) {
        match part {
            Some(ArrayRecordPart::Footer) => {
                self.after_footer = true;
                self.footer = chunk.begin.checked_sub(self.origin);
            }
            Some(ArrayRecordPart::Postscript) => self.after_footer = false,
            None if chunk.header.chunk_type == ChunkType::Signature => {
                *self = Self {
                    origin: chunk.begin,
                    next: chunk.begin,
                    ..Self::default()
                };
            }
            None if chunk.header.chunk_type.holds_records() => {
                self.after_footer = false;
                let entry = IndexEntry {
                    chunk_begin: chunk.begin - self.origin,
                    decoded_data_size: chunk.header.decoded_data_size,
                    num_records: chunk.header.num_records,
                };
                self.passed.add(entry);
                self.last = Some(entry);
            }
            None => {}
        }
        if self.is_at(chunk) {
            self.next = chunk.end;
        }
    }
}

/// Whether `chunk` may be a footer or a postscript by its position: padding up to the next block
/// follows both, if the file is intact there. This avoids reading most chunks.
fn may_end_an_array_record(chunks: &mut ChunkReader<impl Source>, chunk: &Chunk) -> Result<bool> {
    if !has_footer_shape(chunk) && !may_be_postscript(chunk) {
        return Ok(false);
    }
    if chunk.end >= chunks.size() || chunk.end.is_multiple_of(POSTSCRIPT_SIZE) {
        return Ok(true);
    }
    let next = chunks.visit_at(chunk.end, |chunks| chunks.intact_header_at(chunk.end))?;
    Ok(next.is_none_or(|next| next.header.chunk_type == ChunkType::Padding))
}

/// The chunks that the footer at the end of the file lists, if it is usable: its first and its last
/// chunk exist, and the positions of the others ascend. Each chunk must end at the beginning of the
/// next one, or before.
pub(crate) fn index(
    chunks: &mut ChunkReader<impl Source>,
    limit: u64,
) -> Result<Option<Vec<IndexEntry>>> {
    let Some((postscript_begin, footer_begin)) = postscript(chunks)? else {
        return Ok(None);
    };
    if !may_begin_footer(footer_begin, postscript_begin) {
        return Ok(None);
    }
    let found = records_at(chunks, footer_begin, |chunk| {
        // If it is not, another file was concatenated after the file with this footer.
        let is_last = block::next_block(chunk.end) == postscript_begin;
        is_last && may_be_footer(chunk, limit)
    })?;
    let Ok(records) = found else {
        return Ok(None);
    };
    let mut entries = Vec::new();
    let no_memory = || Malformed::no_memory().in_chunk_at(footer_begin);
    entries
        .try_reserve_exact(records.ends.len())
        .map_err(|_| no_memory())?;
    let listed = array_record::read_footer_entries(&records, |entry| entries.push(entry));
    let ascending = entries.is_sorted_by(|a, b| a.chunk_begin < b.chunk_begin);
    let inside = entries
        .first()
        .is_none_or(|first| first.chunk_begin >= SIGNATURE_SIZE)
        && entries
            .last()
            .is_none_or(|last| last.chunk_begin < footer_begin);
    if listed.is_err() || !ascending || !inside {
        return Ok(None);
    }
    for entry in entries.first().into_iter().chain(entries.last()) {
        if !is_at_its_place(chunks, entry)? {
            return Ok(None);
        }
    }
    Ok(Some(entries))
}

fn is_at_its_place(chunks: &mut ChunkReader<impl Source>, entry: &IndexEntry) -> Result<bool> {
    if !block::is_chunk_boundary(entry.chunk_begin) {
        return Ok(false);
    }
    let begin = entry.chunk_begin;
    let found = chunks.visit_at(begin, |chunks| chunks.intact_header_at(begin))?;
    Ok(found.is_some_and(|chunk| {
        chunk.header.num_records == entry.num_records
            && chunk.header.decoded_data_size == entry.decoded_data_size
    }))
}

fn look_at_the_end(chunks: &mut ChunkReader<impl Source>, limit: u64) -> Result<Option<Trailer>> {
    let Some((postscript_begin, footer_begin)) = postscript(chunks)? else {
        return Ok(None);
    };
    trailer(chunks, postscript_begin, footer_begin, limit).map(Some)
}

fn trailer(
    chunks: &mut ChunkReader<impl Source>,
    postscript_begin: u64,
    footer_begin: u64,
    limit: u64,
) -> Result<Trailer> {
    let footer = footer_at(chunks, footer_begin, postscript_begin, limit)?;
    Ok(Trailer {
        postscript_begin,
        footer_begin,
        footer_exists: footer.as_ref().map_or_else(|e| e.is_footer, |_| true),
        footer: footer.map_err(|e| e.reason),
    })
}

/// The position of the footer, as the postscript at `begin` states it, if the file ends with it.
fn last_postscript(chunks: &mut ChunkReader<impl Source>, begin: u64) -> Result<Option<u64>> {
    if begin == 0 || !begin.is_multiple_of(BLOCK_SIZE) {
        return Ok(None);
    }
    let found = records_at(chunks, begin, may_be_postscript)?;
    let Some(footer_begin) = found.ok().as_ref().and_then(array_record::read_postscript) else {
        return Ok(None);
    };
    let end = begin.saturating_add(POSTSCRIPT_SIZE);
    let is_last = chunks.lies_before_end(end - 1)? && !chunks.lies_before_end(end)?;
    Ok(is_last.then_some(footer_begin))
}

/// The position of the first chunk from `begin` on that is not padding, if its header is intact.
fn behind_padding(chunks: &mut ChunkReader<impl Source>, begin: u64) -> Result<Option<u64>> {
    let mut position = begin;
    for _ in 0..2 {
        if !chunks.lies_before_end(position)? {
            return Ok(None);
        }
        match chunks.visit_at(position, |chunks| chunks.intact_header_at(position))? {
            Some(chunk) if chunk.header.chunk_type == ChunkType::Padding => position = chunk.end,
            Some(_) => return Ok(Some(position)),
            None => return Ok(None),
        }
    }
    Ok(None)
}

/// Whether the file ends with a postscript.
pub(crate) fn has_postscript(chunks: &mut ChunkReader<impl Source>) -> Result<bool> {
    Ok(postscript(chunks)?.is_some())
}

/// Whether `chunk` is the footer of an ArrayRecord: one that lists chunks before it.
pub(crate) fn is_footer(chunks: &mut ChunkReader<impl Source>, chunk: &Chunk) -> Result<bool> {
    if !may_be_footer(chunk, MAX_FOOTER) {
        return Ok(false);
    }
    let records = records_at(chunks, chunk.begin, |_| true)?;
    Ok(records.is_ok_and(|records| last_listed_before(&records, chunk).is_some()))
}

/// The last chunk that `records` list, if they are a footer that lists chunks before `chunk` in the
/// order of the file.
fn last_listed_before(records: &Records, chunk: &Chunk) -> Option<IndexEntry> {
    let (mut ascending, mut before) = (true, 0);
    let mut last = None;
    let listed = array_record::read_footer_entries(records, |entry| {
        ascending &= before < entry.chunk_begin && entry.chunk_begin < chunk.begin;
        before = entry.chunk_begin;
        last = Some(entry);
    });
    last.filter(|_| listed.is_ok() && ascending)
}

/// The position of the postscript at the end of the file, and of the footer that it states.
fn postscript(chunks: &mut ChunkReader<impl Source>) -> Result<Option<(u64, u64)>> {
    let size = chunks.size();
    if !size.is_multiple_of(BLOCK_SIZE) || size < BLOCK_SIZE + POSTSCRIPT_SIZE {
        return Ok(None);
    }
    let begin = size - POSTSCRIPT_SIZE;
    let found = records_at(chunks, begin, may_be_postscript)?;
    let footer_begin = found.ok().as_ref().and_then(array_record::read_postscript);
    Ok(footer_begin.map(|footer_begin| (begin, footer_begin)))
}

fn may_be_postscript(chunk: &Chunk) -> bool {
    let header = &chunk.header;
    header.chunk_type == ChunkType::Simple
        && header.data_size.max(header.decoded_data_size) <= MAX_POSTSCRIPT
        && header.num_records <= MAX_POSTSCRIPT_RECORDS
}

/// The reason why there is no usable footer.
struct Unusable {
    reason: String,
    is_footer: bool,
}

impl From<NoFooter> for Unusable {
    fn from(no_footer: NoFooter) -> Self {
        Self {
            reason: no_footer.to_string(),
            is_footer: no_footer.is_footer(),
        }
    }
}

/// Whether a footer can begin at `begin`, as a postscript at `postscript_begin` states it.
fn may_begin_footer(begin: u64, postscript_begin: u64) -> bool {
    (SIGNATURE_SIZE..postscript_begin).contains(&begin) && block::is_chunk_boundary(begin)
}

/// Reads the footer at `begin`, if a footer begins there.
fn footer_at(
    chunks: &mut ChunkReader<impl Source>,
    begin: u64,
    postscript_begin: u64,
    limit: u64,
) -> Result<std::result::Result<Index, Unusable>> {
    let nothing = |reason: String| {
        Ok(Err(Unusable {
            reason,
            is_footer: false,
        }))
    };
    if !may_begin_footer(begin, postscript_begin) {
        return nothing(format!(
            "no chunk between the bytes {SIGNATURE_SIZE} and {postscript_begin} begins there"
        ));
    }
    let mut too_large = false;
    let found = records_at(chunks, begin, |chunk| {
        too_large = has_footer_shape(chunk) && !is_within(chunk, limit);
        may_be_footer(chunk, limit)
    })?;
    if too_large {
        return Ok(Err(NoFooter::TooLarge.into()));
    }
    match found {
        Err(reason) => nothing(reason),
        Ok(records) => {
            Ok(array_record::read_footer_entries(&records, |_| {}).map_err(Unusable::from))
        }
    }
}

fn may_be_footer(chunk: &Chunk, limit: u64) -> bool {
    has_footer_shape(chunk) && is_within(chunk, limit)
}

fn has_footer_shape(chunk: &Chunk) -> bool {
    let header = &chunk.header;
    let most = MAX_FOOTER_RECORD
        .saturating_mul(header.num_records)
        .saturating_add(MAX_FOOTER_METADATA);
    // Every listed chunk lies before the footer, and has at least a header.
    let most_records = (chunk.begin / CHUNK_HEADER_SIZE).saturating_add(1);
    header.chunk_type == ChunkType::Simple
        && header.decoded_data_size <= most
        && header.num_records <= most_records
}

fn is_within(chunk: &Chunk, limit: u64) -> bool {
    let ends = chunk.header.num_records.saturating_mul(RECORD_OVERHEAD);
    let decoded = ends.saturating_add(chunk.header.decoded_data_size);
    decoded.max(chunk.header.data_size) <= limit
}

/// The records of the chunk at `begin` if the chunk is `suitable`, or the reason why it has no
/// usable records; fails if the chunk cannot be read. Damaged block headers are ignored here: the
/// walk reports them.
fn records_at(
    chunks: &mut ChunkReader<impl Source>,
    begin: u64,
    suitable: impl FnOnce(&Chunk) -> bool,
) -> Result<std::result::Result<Records, String>> {
    let found = chunks.visit_at(begin, |chunks| {
        let chunk = chunks.header_at(begin)?;
        chunks.check_extent(&chunk)?;
        chunks.tolerate_block_headers();
        Ok(match suitable(&chunk) {
            true => Some(records_of(chunks, &chunk)?),
            false => None,
        })
    });
    match found {
        Ok(Some(records)) => Ok(records.map_err(|malformed| malformed.detail)),
        Ok(None) => Ok(Err(NoFooter::Messages.to_string())),
        Err(error) if error.kind().is_damage() => Ok(Err(error.detail().to_owned())),
        Err(error) => Err(error),
    }
}

/// The records of a simple chunk, or its damage; fails if it cannot be read.
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
