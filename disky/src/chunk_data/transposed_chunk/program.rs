//! The state machine of a transposed chunk, as its header describes it.

use super::fields::Fields;
use super::limits::{Limits, Memory};
use super::malformed::wrong;
use crate::error::Parsed;
use crate::format::varint;

/// Tags that no field can have, and the actions of states with them.
pub(super) const NO_OPERATION: u32 = 0;
pub(super) const NON_PROTO: u32 = 1;
pub(super) const START_OF_SUBMESSAGE: u32 = 2;
pub(super) const START_OF_MESSAGE: u32 = 3;
/// Tags of fields begin here: field number 1, wire type 0.
const LEAST_TAG: u32 = 8;
/// The wire type that marks the end of a submessage, and its distance from the wire type of its
/// field.
const END_OF_SUBMESSAGE: u32 = 6;
pub(super) const FROM_LENGTH_DELIMITED: u32 = END_OF_SUBMESSAGE - 2;
/// Subtypes of varints. Below this: one less than the length of a value in a buffer. From this on:
/// the value itself plus this.
pub(super) const INLINE: u8 = 10;
const MAX_INLINE: u8 = INLINE + 0x7f;

/// The action of a state. Records are written from their ends to their beginnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Writes nothing.
    Pass,
    /// Ends the current record: this is its beginning.
    StartMessage,
    /// Writes length and tag of the submessage that has ended last.
    StartSubmessage,
    /// Remembers the end of a submessage.
    EndSubmessage,
    /// Copies a record that is not a message.
    NonProto,
    /// Writes a tag, and an inline value if there is one.
    Tag,
    /// Writes a tag and a varint.
    Varint,
    /// Writes a tag and four or eight bytes.
    Fixed,
    /// Writes a tag, a length and this number of bytes.
    LengthDelimited,
}

/// A state.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    /// The tag as a varint, followed by an inline value if there is one: the lowest `tag_len`
    /// bytes, in the order in which they are written.
    pub(super) tag: u64,
    pub(super) tag_len: u8,
    /// The size of the value in the buffer, if the action determines it.
    pub(super) width: u8,
    pub(super) action: Action,
    /// Whether `next` always follows, so that no transition is needed.
    pub(super) implicit: bool,
    /// The buffer to read from, if the action reads one.
    pub(super) buffer: u32,
    /// The state that follows, or the first of the states that may follow.
    pub(super) next: u32,
}

impl State {
    fn new(action: Action) -> Self {
        Self {
            tag: 0,
            tag_len: 0,
            width: 0,
            action,
            implicit: false,
            buffer: 0,
            next: 0,
        }
    }

    fn tagged(action: Action, tag: u32) -> Self {
        let (tag, tag_len) = varint::word(tag);
        Self {
            tag,
            tag_len,
            ..Self::new(action)
        }
    }

    fn with_width(self, width: u8) -> Self {
        Self { width, ..self }
    }

    fn with_inline(self, value: u8) -> Self {
        Self {
            tag: self.tag | u64::from(value) << (8 * self.tag_len),
            tag_len: self.tag_len + 1,
            ..self
        }
    }

    fn reads_buffer(&self) -> bool {
        matches!(
            self.action,
            Action::NonProto | Action::Varint | Action::Fixed | Action::LengthDelimited
        )
    }
}

/// The state machine.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) states: Vec<State>,
    /// The first state.
    pub(super) first: u32,
    /// The buffer with the lengths of records that are not messages, if there may be any.
    pub(super) lengths: Option<u32>,
}

impl Program {
    /// Reads the rest of a header, after its buckets and buffers. Every index in the result is
    /// valid, and no state follows itself by implicit transitions alone.
    pub(super) fn read(
        fields: &mut Fields<'_>,
        num_buffers: u32,
        limits: Limits,
        memory: &mut Memory,
    ) -> Parsed<Self> {
        let num_states = fields.index("the number of states")?;
        limits.states(num_states.into())?;
        let states = States::find(fields, num_states)?.read(fields, num_buffers, memory)?;
        let first = fields.index("the first state")?;
        if first >= num_states {
            return Err(wrong(format!(
                "the machine begins in state {first} of {num_states}"
            )));
        }
        fields.check_end()?;
        check_implicit_loops(&states, memory)?;
        let lengths = match states.iter().any(|state| state.action == Action::NonProto) {
            // The indices of these states were checked, so there is a last buffer.
            true => Some(num_buffers - 1),
            false => None,
        };
        Ok(Self {
            states,
            first,
            lengths,
        })
    }
}

/// The columns of the table of states: all tags, then all successors, then the subtypes of those
/// that have one, then the buffers of those that have one.
struct States<'a> {
    count: u32,
    tags: Fields<'a>,
    successors: Fields<'a>,
    subtypes: Fields<'a>,
}

impl<'a> States<'a> {
    /// Finds the columns; moves `fields` to the last one.
    fn find(fields: &mut Fields<'a>, count: u32) -> Parsed<Self> {
        let tags = fields.clone();
        let mut num_subtypes = 0;
        for _ in 0..count {
            let tag = fields.index("the tag of a state")?;
            num_subtypes += usize::from(tag >= LEAST_TAG && tag & 7 == 0);
        }
        let successors = fields.clone();
        for _ in 0..count {
            fields.index("the successor of a state")?;
        }
        Ok(Self {
            count,
            tags,
            successors,
            subtypes: fields.split("the subtypes of states", num_subtypes)?,
        })
    }

    fn read(
        mut self,
        buffers: &mut Fields<'_>,
        num_buffers: u32,
        memory: &mut Memory,
    ) -> Parsed<Vec<State>> {
        let mut states = memory.vec(self.count.into())?;
        for index in 0..self.count {
            let tag = self.tags.index("the tag of a state")?;
            let mut state = self.state(index, tag)?;
            if state.reads_buffer() {
                state.buffer = buffers.index("the buffer of a state")?;
                if state.buffer >= num_buffers {
                    return Err(wrong(format!(
                        "state {index} reads buffer {} of {num_buffers}",
                        state.buffer
                    )));
                }
            }
            (state.next, state.implicit) = self.successor(index)?;
            states.push(state);
        }
        Ok(states)
    }

    fn state(&mut self, index: u32, tag: u32) -> Parsed<State> {
        match tag {
            NO_OPERATION => return Ok(State::new(Action::Pass)),
            NON_PROTO => return Ok(State::new(Action::NonProto)),
            START_OF_SUBMESSAGE => return Ok(State::new(Action::StartSubmessage)),
            START_OF_MESSAGE => return Ok(State::new(Action::StartMessage)),
            _ => {}
        }
        let invalid = || wrong(format!("state {index} has the invalid tag {tag}"));
        if tag < LEAST_TAG {
            return Err(invalid());
        }
        Ok(match tag & 7 {
            0 => return self.varint(index, tag),
            1 => State::tagged(Action::Fixed, tag).with_width(8),
            2 => State::tagged(Action::LengthDelimited, tag),
            3 | 4 => State::tagged(Action::Tag, tag),
            5 => State::tagged(Action::Fixed, tag).with_width(4),
            END_OF_SUBMESSAGE => State::tagged(Action::EndSubmessage, tag - FROM_LENGTH_DELIMITED),
            _ => return Err(invalid()),
        })
    }

    fn varint(&mut self, index: u32, tag: u32) -> Parsed<State> {
        match self.subtypes.byte("the subtype of a state")? {
            subtype @ 0..INLINE => Ok(State::tagged(Action::Varint, tag).with_width(subtype + 1)),
            subtype @ INLINE..=MAX_INLINE => {
                Ok(State::tagged(Action::Tag, tag).with_inline(subtype - INLINE))
            }
            subtype => Err(wrong(format!(
                "state {index} has the invalid subtype {subtype}"
            ))),
        }
    }

    /// The state that follows, and whether it always follows.
    fn successor(&mut self, index: u32) -> Parsed<(u32, bool)> {
        let next = self.successors.index("the successor of a state")?;
        match next.checked_sub(self.count) {
            None => Ok((next, false)),
            Some(next) if next < self.count => Ok((next, true)),
            Some(next) => Err(wrong(format!(
                "state {index} of {} is followed by state {next}",
                self.count
            ))),
        }
    }
}

/// Rejects loops of implicit transitions, which would never end.
fn check_implicit_loops(states: &[State], memory: &mut Memory) -> Parsed<()> {
    // For each state the first walk, counted from 1, that has visited it.
    let mut seen: Vec<u32> = memory.vec(states.len() as u64)?;
    seen.resize(states.len(), 0);
    for start in 0..states.len() {
        let walk = start as u32 + 1;
        let mut at = start;
        while seen[at] == 0 {
            seen[at] = walk;
            if !states[at].implicit {
                break;
            }
            at = states[at].next as usize;
            if seen[at] == walk {
                return Err(wrong(format!(
                    "state {at} follows itself by implicit transitions alone"
                )));
            }
        }
    }
    Ok(())
}
