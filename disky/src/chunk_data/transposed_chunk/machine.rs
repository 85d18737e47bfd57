//! Runs the state machine of a transposed chunk, which writes its records.
//!
//! The machine writes the last record first, and each record from its end to its beginning, because
//! a submessage must be complete before its length is written.

use super::limits::{Limits, MAX_DEPTH};
use super::malformed::wrong;
use super::program::{Action, Program, State};
use crate::error::{Malformed, Parsed};
use crate::format::varint;
use std::ops::Range;

/// Values and tags are copied in words of this many bytes if there is room.
pub(super) const WORD: usize = size_of::<u128>();
/// The bits that mark the continuation of a varint.
pub(super) const CONTINUED: u128 = u128::from_ne_bytes([0x80; WORD]);

/// A submessage whose beginning was not reached yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Submessage {
    /// The number of bytes of all records before its end.
    end: usize,
    /// The state that ended it, which has its tag.
    state: u32,
}

/// A running machine.
pub(super) struct Machine<'a> {
    program: &'a Program,
    /// The decompressed buckets, which contain the buffers.
    buckets: &'a [u8],
    /// The rest of each buffer.
    buffers: &'a mut [Range<usize>],
    ends: &'a mut [u64],
    values: &'a mut [u8],
    /// How many bytes of `values` are not written yet; the bytes after them are.
    unwritten: usize,
    /// How many records have no beginning yet.
    unfinished: usize,
    /// The beginning of the last complete record.
    beginning: usize,
    open: &'a mut Vec<Submessage>,
    /// The minimum size of the tags and lengths of the open submessages in bytes.
    owed: usize,
    /// How many states that write nothing were visited.
    idle: u64,
    #[cfg(test)]
    pub(super) visits: u64,
}

impl<'a> Machine<'a> {
    /// A machine that reads from `buffers`, parts of `buckets`, and writes records that fill
    /// `values` and their end offsets, which fill `ends`. `open` is memory.
    pub(super) fn new(
        program: &'a Program,
        buckets: &'a [u8],
        buffers: &'a mut [Range<usize>],
        ends: &'a mut [u64],
        values: &'a mut [u8],
        open: &'a mut Vec<Submessage>,
    ) -> Self {
        open.clear();
        if let Some(last) = ends.last_mut() {
            *last = values.len() as u64;
        }
        Self {
            program,
            buckets,
            buffers,
            unwritten: values.len(),
            unfinished: ends.len(),
            beginning: values.len(),
            ends,
            values,
            open,
            owed: 0,
            idle: 0,
            #[cfg(test)]
            visits: 0,
        }
    }

    /// Runs until a transition is needed and none is left.
    pub(super) fn run(&mut self, transitions: &[u8]) -> Parsed<()> {
        let states = &self.program.states[..];
        let mut transitions = transitions.iter();
        // How many further transitions lead to the first of the states that may follow.
        let mut repeats = 0;
        let mut index = self.program.first as usize;
        loop {
            let state = states.get(index).ok_or_else(|| no_state(index))?;
            self.visit(state, index)?;
            index = state.next as usize;
            if state.implicit {
                continue;
            }
            if repeats > 0 {
                repeats -= 1;
                continue;
            }
            let Some(&transition) = transitions.next() else {
                return self.finish();
            };
            index += usize::from(transition >> 2);
            repeats = transition & 3;
        }
    }

    #[inline(always)]
    fn visit(&mut self, state: &State, index: usize) -> Parsed<()> {
        #[cfg(test)]
        {
            self.visits += 1;
        }
        match state.action {
            Action::Varint => {
                let value = self.take(state)?;
                let continued = CONTINUED & low_bytes(usize::from(state.width) - 1);
                self.put_tagged(state, value | continued, state.width.into())
            }
            Action::Fixed => {
                let value = self.take(state)?;
                self.put_tagged(state, value, state.width.into())
            }
            Action::Tag => self.put_tagged(state, 0, 0),
            Action::LengthDelimited => self.length_delimited(state),
            Action::StartMessage => self.start_message(),
            Action::EndSubmessage => self.end_submessage(state, index),
            Action::StartSubmessage => self.start_submessage(),
            Action::NonProto => self.non_proto(state),
            Action::Pass => self.pass(),
        }
    }

    /// Takes the next `state.width` bytes, at most ten, from the buffer of `state`.
    #[inline(always)]
    fn take(&mut self, state: &State) -> Parsed<u128> {
        let buffer = &mut self.buffers[state.buffer as usize];
        let width = usize::from(state.width);
        if buffer.len() < width {
            return Err(exhausted(state, buffer, width as u64));
        }
        let word = match self.buckets[buffer.start..].first_chunk::<WORD>() {
            Some(word) => u128::from_le_bytes(*word) & low_bytes(width),
            None => word_of(&self.buckets[buffer.start..buffer.start + width]),
        };
        buffer.start += width;
        Ok(word)
    }

    /// Writes the tag of `state`, followed by the lowest `len` bytes of `value`; 1 to 16 bytes in
    /// total.
    #[inline(always)]
    fn put_tagged(&mut self, state: &State, value: u128, len: usize) -> Parsed<()> {
        let word = u128::from(state.tag) | value << (8 * state.tag_len);
        self.put(word, usize::from(state.tag_len) + len)
    }

    /// Writes the lowest `len` bytes of `word`, 1 to 16; all other bytes of it are 0.
    #[inline(always)]
    fn put(&mut self, word: u128, len: usize) -> Parsed<()> {
        let begin = self.room(len)?;
        match self.values[..self.unwritten].last_chunk_mut::<WORD>() {
            // The bytes that this writes before the value are overwritten later.
            Some(place) => *place = (word << (8 * (WORD - len))).to_le_bytes(),
            None => {
                self.values[begin..self.unwritten].copy_from_slice(&word.to_le_bytes()[..len]);
            }
        }
        self.unwritten = begin;
        Ok(())
    }

    /// The beginning of the next `len` bytes.
    #[inline(always)]
    fn room(&self, len: usize) -> Parsed<usize> {
        self.unwritten
            .checked_sub(len)
            .ok_or_else(|| too_much(self.values.len()))
    }

    fn length_delimited(&mut self, state: &State) -> Parsed<()> {
        let buffer = &mut self.buffers[state.buffer as usize];
        let bytes = &self.buckets[buffer.clone()];
        let (length, length_len) =
            varint::read(bytes).ok_or_else(|| no_length(state.buffer, bytes.len()))?;
        let len = usize::try_from(length)
            .ok()
            .and_then(|length| length.checked_add(length_len))
            .filter(|&len| len <= bytes.len())
            .ok_or_else(|| exhausted(state, buffer, length))?;
        let begin = buffer.start;
        buffer.start += len;
        if len + usize::from(state.tag_len) <= WORD
            && let Some(word) = self.buckets[begin..].first_chunk::<WORD>()
        {
            let value = u128::from_le_bytes(*word) & low_bytes(len);
            return self.put_tagged(state, value, len);
        }
        self.copy(begin..begin + len)?;
        self.put_tagged(state, 0, 0)
    }

    /// Copies a range of the buckets.
    fn copy(&mut self, stretch: Range<usize>) -> Parsed<()> {
        let begin = self.room(stretch.len())?;
        self.values[begin..self.unwritten].copy_from_slice(&self.buckets[stretch]);
        self.unwritten = begin;
        Ok(())
    }

    #[inline(always)]
    fn start_message(&mut self) -> Parsed<()> {
        if !self.open.is_empty() {
            return Err(still_open(self.open.len()));
        }
        let unfinished = self
            .unfinished
            .checked_sub(1)
            .ok_or_else(|| too_many_records(self.ends.len()))?;
        if let Some(before) = unfinished.checked_sub(1) {
            self.ends[before] = self.unwritten as u64;
        }
        self.unfinished = unfinished;
        self.beginning = self.unwritten;
        Ok(())
    }

    #[inline(always)]
    fn end_submessage(&mut self, state: &State, index: usize) -> Parsed<()> {
        // Its tag and its length: so there are never more open submessages than fit the records.
        let owed = self.owed + usize::from(state.tag_len) + 1;
        if self.unwritten < owed {
            return Err(too_much(self.values.len()));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(wrong(format!(
                "submessages are nested deeper than {MAX_DEPTH}"
            )));
        }
        self.open
            .try_reserve(1)
            .map_err(|_| Malformed::no_memory())?;
        self.owed = owed;
        self.open.push(Submessage {
            end: self.unwritten,
            // There are fewer than 2^31 states.
            state: index as u32,
        });
        Ok(())
    }

    #[inline(always)]
    fn start_submessage(&mut self) -> Parsed<()> {
        let Submessage { end, state } = self.open.pop().ok_or_else(none_open)?;
        let length = u32::try_from(end - self.unwritten).map_err(|_| too_long())?;
        let (length, length_len) = varint::word(length);
        let state = &self.program.states[state as usize];
        self.owed -= usize::from(state.tag_len) + 1;
        self.put_tagged(state, length.into(), length_len.into())
    }

    fn non_proto(&mut self, state: &State) -> Parsed<()> {
        let lengths = self.program.lengths.unwrap_or(state.buffer);
        let bytes = &self.buckets[self.buffers[lengths as usize].clone()];
        let (length, length_len) =
            varint::read(bytes).ok_or_else(|| no_length(lengths, bytes.len()))?;
        self.buffers[lengths as usize].start += length_len;
        let buffer = &mut self.buffers[state.buffer as usize];
        let len = usize::try_from(length)
            .ok()
            .filter(|&len| len <= buffer.len())
            .ok_or_else(|| exhausted(state, buffer, length))?;
        let begin = buffer.start;
        buffer.start += len;
        self.copy(begin..begin + len)?;
        self.start_message()
    }

    /// Counts a visit to a state that writes nothing, and fails if there were too many.
    fn pass(&mut self) -> Parsed<()> {
        self.idle += 1;
        let bytes = self.values.len() - self.unwritten;
        let records = self.ends.len() - self.unfinished;
        if self.idle <= Limits::idle_visits((bytes + records) as u64) {
            return Ok(());
        }
        Err(wrong(format!(
            "{} states without a value for {records} records of {bytes} bytes",
            self.idle
        )))
    }

    fn finish(&self) -> Parsed<()> {
        if !self.open.is_empty() {
            return Err(still_open(self.open.len()));
        }
        if self.unfinished > 0 || self.unwritten > 0 {
            return Err(wrong(format!(
                "the chunk header states {} records of {} bytes, the chunk holds {} of {}",
                self.ends.len(),
                self.values.len(),
                self.ends.len() - self.unfinished,
                self.values.len() - self.unwritten
            )));
        }
        if self.beginning > 0 {
            return Err(wrong(format!(
                "the first {} bytes of the chunk are not a record",
                self.beginning
            )));
        }
        match self.buffers.iter().position(|buffer| !buffer.is_empty()) {
            None => Ok(()),
            Some(index) => Err(wrong(format!(
                "{} bytes of buffer {index} are left over",
                self.buffers[index].len()
            ))),
        }
    }
}

/// The lowest `count` bytes, fewer than 16, of a word.
#[inline(always)]
pub(super) fn low_bytes(count: usize) -> u128 {
    (1 << (8 * count)) - 1
}

/// A word of up to 16 bytes.
#[cold]
pub(super) fn word_of(bytes: &[u8]) -> u128 {
    let mut word = [0; WORD];
    word[..bytes.len()].copy_from_slice(bytes);
    u128::from_le_bytes(word)
}

#[cold]
pub(super) fn no_state(index: usize) -> Malformed {
    wrong(format!(
        "a transition leads to state {index}, past the last one"
    ))
}

#[cold]
pub(super) fn too_much(total: usize) -> Malformed {
    wrong(format!(
        "the chunk holds more than the {total} bytes of records that its header states"
    ))
}

#[cold]
pub(super) fn too_many_records(records: usize) -> Malformed {
    wrong(format!(
        "the chunk holds more than the {records} records that its header states"
    ))
}

#[cold]
pub(super) fn exhausted(state: &State, buffer: &Range<usize>, wanted: u64) -> Malformed {
    wrong(format!(
        "buffer {} has {} bytes left, a value needs {wanted}",
        state.buffer,
        buffer.len()
    ))
}

#[cold]
pub(super) fn no_length(buffer: u32, left: usize) -> Malformed {
    wrong(format!(
        "buffer {buffer} has {left} bytes left, which do not begin with a length"
    ))
}

#[cold]
pub(super) fn still_open(count: usize) -> Malformed {
    wrong(format!(
        "{count} submessages have no beginning in their record"
    ))
}

#[cold]
pub(super) fn none_open() -> Malformed {
    wrong("a submessage begins that has no end")
}

#[cold]
pub(super) fn too_long() -> Malformed {
    wrong("a submessage has more than 4 GiB")
}
