//! Bytes that the caller supplies: the engine states which it needs, and the caller repeats the
//! call.

use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Excess, Refusal, Result};
use std::io::{self, IoSliceMut};

/// The minimum size of a request in bytes, if that many bytes are likely to be useful.
const LEAST_REQUEST: u64 = 64 << 10;

/// The bytes that a [`PulledSource`] needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Position of the first needed byte.
    pub offset: u64,
    /// Number of bytes without which the call cannot continue; at least 1.
    pub size: u64,
    /// Number of bytes that are likely to be useful; at least `size`.
    pub welcome: u64,
}

/// A source for which the owner [supplies](Self::supply) the bytes.
///
/// A call that needs further bytes fails with [`ErrorKind::NeedBytes`]; [`need`](Self::need) then
/// returns the needed bytes, and the repeated call continues. The source keeps all supplied bytes
/// until a step of the call is complete, so that the call ends; repeated calls need geometrically
/// more bytes at once.
///
/// A source of known size may need bytes anywhere. A source of unknown size, a stream, needs one
/// byte after the other, and keeps the bytes after the reader's position.
#[derive(Debug, Clone)]
pub struct PulledSource {
    /// `None` in a stream until its end was supplied.
    size: Option<u64>,
    is_stream: bool,
    pieces: Vec<Piece>,
    /// Number of bytes supplied since the last complete step.
    supplied: u64,
    max_kept: u64,
    need: Option<Need>,
}

/// Adjoining bytes.
#[derive(Debug, Clone, Default)]
struct Piece {
    bytes: Vec<u8>,
    /// Index in `bytes` of the first byte that is kept, and its position in the source.
    start: usize,
    begin: u64,
}

impl Piece {
    fn len(&self) -> u64 {
        (self.bytes.len() - self.start) as u64
    }

    fn end(&self) -> u64 {
        self.begin + self.len()
    }

    /// The bytes from `offset` on, if the piece contains this position.
    fn from(&self, offset: u64) -> Option<&[u8]> {
        (self.begin..self.end())
            .contains(&offset)
            .then(|| &self.bytes[self.start + (offset - self.begin) as usize..])
    }

    fn forget_before(&mut self, position: u64) {
        let gone = position.saturating_sub(self.begin).min(self.len());
        self.start += gone as usize;
        self.begin += gone;
    }

    fn start_again_at(&mut self, position: u64) {
        self.bytes.clear();
        (self.start, self.begin) = (0, position);
    }

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        // This condition is rarely true, so that each byte is moved at most once on average.
        if self.start >= self.bytes.len() / 2 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.try_reserve(bytes.len()).map_err(|cause| {
            let detail = format!("no memory for bytes of a source: {cause}");
            Error::new(ErrorKind::OutOfMemory, detail)
        })?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

impl PulledSource {
    /// A source of `size` bytes, which may be needed in any order.
    ///
    /// It keeps at most `max_kept` bytes in addition to those of one [`supply`](Self::supply). A
    /// step that needs more fails with [`ErrorKind::TooLarge`].
    pub fn new(size: u64, max_kept: u64) -> Self {
        Self {
            size: Some(size),
            is_stream: false,
            pieces: Vec::new(),
            supplied: 0,
            max_kept,
            need: None,
        }
    }

    /// A stream: its bytes come in order, and its size is unknown until its end.
    pub fn stream(max_kept: u64) -> Self {
        Self {
            size: None,
            is_stream: true,
            ..Self::new(0, max_kept)
        }
    }

    /// A source of the same size that has none of the bytes; `None` for a stream, whose bytes can be
    /// read only once.
    pub fn alike(&self) -> Option<Self> {
        let size = self.size.filter(|_| !self.is_stream)?;
        Some(Self::new(size, self.max_kept))
    }

    /// The bytes that the last call needs, which failed with [`ErrorKind::NeedBytes`]; `None` if
    /// they were supplied.
    pub fn need(&self) -> Option<Need> {
        self.need
    }

    /// Supplies the bytes at `offset`: all or a part of those that [`need`](Self::need) returns, or
    /// more. `at_end` states that no bytes follow.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] if the bytes of a stream do not follow those
    /// supplied before, or if the bytes lie beyond the end of the source; and with
    /// [`ErrorKind::OutOfMemory`].
    pub fn supply(&mut self, offset: u64, bytes: &[u8], at_end: bool) -> Result<()> {
        let misplaced = |detail: &str| Err(Error::new(ErrorKind::InvalidArgument, detail));
        let Some(end) = offset.checked_add(bytes.len() as u64) else {
            return misplaced("bytes were supplied beyond the largest source");
        };
        if self.size.is_some_and(|size| end > size) {
            return misplaced("bytes were supplied beyond the end of the source");
        }
        if self.is_stream && offset != self.stream_end() {
            return misplaced("bytes of a stream were supplied out of order");
        }
        self.add(offset, bytes)?;
        self.supplied += bytes.len() as u64;
        if at_end {
            self.size = Some(end);
        }
        self.need = self.need.and_then(|need| still_needed(need, offset, end));
        if at_end {
            self.need = None;
        }
        Ok(())
    }

    fn add(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        if let Some(piece) = self.pieces.iter_mut().find(|piece| piece.end() == offset) {
            return piece.append(bytes);
        }
        let mut piece = Piece {
            begin: offset,
            ..Piece::default()
        };
        piece.append(bytes)?;
        self.pieces.push(piece);
        Ok(())
    }

    fn stream_end(&self) -> u64 {
        self.pieces.last().map_or(0, Piece::end)
    }

    /// Position up to which the bytes from `offset` on are available.
    fn available_end(&self, offset: u64) -> u64 {
        let mut end = offset;
        while let Some(bytes) = self.pieces.iter().find_map(|piece| piece.from(end)) {
            end += bytes.len() as u64;
        }
        end
    }

    /// The error for the missing bytes from `offset` to `end`.
    fn ask(&mut self, offset: u64, end: u64, ahead: u64) -> io::Error {
        let begin = self.pieces.first().map_or(offset, |piece| piece.begin);
        if self.is_stream && offset < begin {
            return io::Error::other(format!(
                "a stream cannot go back: byte {offset} was read before"
            ));
        }
        let offset = match self.is_stream {
            true => offset.min(self.stream_end()),
            false => offset,
        };
        let kept: u64 = self.pieces.iter().map(Piece::len).sum();
        if kept >= self.max_kept {
            let excess = Excess {
                size: kept.saturating_add(end - offset),
                limit: self.max_kept,
            };
            return Refusal::TooMuchKept { begin, excess }.into();
        }
        let room = self.max_kept - kept;
        let limit = self.size.map_or(u64::MAX, |size| size - offset).min(room);
        let size = (end - offset).min(limit);
        let welcome = size.saturating_add(ahead).max(self.supplied);
        self.need = Some(Need {
            offset,
            size,
            welcome: welcome.max(LEAST_REQUEST).min(limit),
        });
        Refusal::NeedBytes.into()
    }
}

/// The rest of `need` after the bytes from `offset` to `end` were supplied.
fn still_needed(need: Need, offset: u64, end: u64) -> Option<Need> {
    let needed_end = need.offset.saturating_add(need.size);
    if offset > need.offset || end <= need.offset {
        return Some(need);
    }
    (end < needed_end).then(|| Need {
        offset: end,
        size: needed_end - end,
        welcome: need.welcome.saturating_sub(end - need.offset).max(1),
    })
}

impl Source for PulledSource {
    fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        if self.size.is_some_and(|size| offset >= size) {
            return Ok(0);
        }
        let kept = self.pieces.iter().find_map(|piece| piece.from(offset));
        let Some(mut kept) = kept else {
            return Err(self.ask(offset, offset.saturating_add(1), 0));
        };
        kept.read_at(0, pieces)
    }

    fn size(&self) -> u64 {
        self.size.unwrap_or(u64::MAX)
    }

    fn reaches(&mut self, end: u64) -> io::Result<bool> {
        if let Some(size) = self.size {
            return Ok(end <= size);
        }
        let available = self.stream_end();
        if end <= available {
            return Ok(true);
        }
        Err(self.ask(available, end, 0))
    }

    fn provide(&mut self, offset: u64, len: u64, ahead: u64) -> io::Result<()> {
        let wanted = offset.saturating_add(len).min(self.size());
        let available = self.available_end(offset);
        if wanted <= available {
            return Ok(());
        }
        Err(self.ask(available, wanted, ahead))
    }

    fn has(&self, offset: u64, len: u64) -> bool {
        offset.saturating_add(len) <= self.available_end(offset)
    }

    fn passed(&mut self, position: u64) {
        self.supplied = 0;
        if self.is_stream {
            if let Some(piece) = self.pieces.last_mut() {
                piece.forget_before(position);
            }
            return;
        }
        let reached = |piece: &Piece| piece.begin <= position && position <= piece.end();
        if self.pieces.is_empty() {
            return;
        }
        // One piece is enough, and its memory is reused.
        let kept = self.pieces.iter().position(reached);
        let mut piece = self.pieces.swap_remove(kept.unwrap_or(0));
        self.pieces.clear();
        match kept {
            Some(_) => piece.forget_before(position),
            None => piece.start_again_at(position),
        }
        self.pieces.push(piece);
    }

    fn goes_back(&self) -> bool {
        !self.is_stream
    }
}
