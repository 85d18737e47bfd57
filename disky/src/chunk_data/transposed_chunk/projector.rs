//! Runs the state machine of a transposed chunk for some fields of its records.
//!
//! What a state does depends on the submessage or group in which the machine is. Writers give each
//! field on each path states of its own, so the projector decides once for each state what to do,
//! and decides again only if it meets the state in another submessage. It follows states without
//! effect that always follow each other only once.
//!
//! Writers also give each field on each path a buffer of its own. If a buffer turns out to have
//! values that are needed and others that are not, the projector begins anew and takes all values
//! from their buffers in order.

use super::buckets::Buckets;
use super::limits::{Limits, MAX_DEPTH, Memory};
use super::machine::{
    CONTINUED, WORD, exhausted, low_bytes, no_length, no_state, none_open, still_open,
    too_many_records, word_of,
};
use super::malformed::wrong;
use super::program::{Action, Program, State};
use super::projected_records::{Records, Sizes};
use crate::chunk_data::field_projection::{FieldProjection, Inclusion};
use crate::error::{Malformed, Parsed};
use crate::format::varint;
use std::ops::Range;

/// Where the machine is: a node of the projection, or one of these.
type Context = u32;
/// In a field that is read completely.
const COMPLETE: Context = u32::MAX;
/// In a field that is not read.
const EXCLUDED: Context = u32::MAX - 1;
/// No state was met here.
const NOWHERE: Context = u32::MAX - 2;

const START_GROUP: u64 = 3;
const END_GROUP: u64 = 4;

/// A use of a buffer.
const TAKEN: u8 = 1;
const SKIPPED: u8 = 2;

/// A state as it was met in a context.
#[derive(Debug, Clone, Copy)]
pub(super) struct Met {
    context: Context,
    /// The state that follows, or the first of the states that may follow: for [`Decision::Skip`]
    /// after the last state to skip.
    next: u32,
    /// For [`Decision::Skip`] the number of states to skip; for [`Decision::End`] the context that it
    /// leads to.
    value: u32,
    decision: Decision,
    /// Whether `next` always follows.
    implicit: bool,
}

/// What to do in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// Nothing, as in the states that always follow.
    Skip,
    /// Takes a value from its buffer, and drops it.
    Drop,
    /// Writes the field as the state says.
    Write,
    /// Writes the field with the default value of its type.
    Default,
    /// Enters a submessage or group, from its end.
    End,
    /// Leaves a submessage or group, at its start.
    Start,
    /// Enters a submessage or group that the projection leaves out, from its end.
    EndExcluded,
    /// Leaves such a submessage or group, at its start.
    StartExcluded,
}

/// The rest of a buffer, and how it is used.
#[derive(Debug, Clone)]
pub(super) struct Buffer {
    rest: Range<usize>,
    uses: u8,
}

/// A submessage or group whose beginning was not reached yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    /// The number of bytes that were written when it ended.
    end: usize,
    /// The state that ended it.
    state: u32,
    /// Where it lies.
    outer: Context,
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The records are complete.
    Done,
    /// A buffer has values that are needed and others that are not.
    SharedBuffer,
}

/// A running machine.
pub(super) struct Projector<'a> {
    program: &'a Program,
    projection: &'a FieldProjection,
    buckets: Buckets<'a>,
    buffers: Vec<Buffer>,
    met: Vec<Met>,
    records: &'a mut Records,
    open: Vec<Open>,
    /// How many records have no beginning yet.
    unfinished: usize,
    /// How many bytes were written when the last record was complete.
    complete: usize,
    context: Context,
    /// How many submessages and groups that are not read are open, and where they lie.
    excluded: u64,
    around: Context,
    /// How many states that write nothing were visited, and how many may be.
    idle: u64,
    most_idle: u64,
    /// Whether every value is taken from its buffer.
    exact: bool,
    shared: bool,
    #[cfg(test)]
    pub(super) steps: u64,
}

impl<'a> Projector<'a> {
    /// A machine that reads from `buffers`, parts of `buckets`, and writes to `records`.
    pub(super) fn new(
        program: &'a Program,
        projection: &'a FieldProjection,
        buckets: Buckets<'a>,
        buffers: Vec<Buffer>,
        met: Vec<Met>,
        records: &'a mut Records,
        sizes: Sizes,
    ) -> Parsed<Self> {
        let count = usize::try_from(sizes.records).map_err(|_| Malformed::no_memory())?;
        records.begin(count, sizes)?;
        let bytes = sizes.most_bytes();
        Ok(Self {
            program,
            projection,
            buckets,
            buffers,
            met,
            records,
            open: Vec::new(),
            unfinished: count,
            complete: 0,
            context: FieldProjection::ROOT,
            excluded: 0,
            around: FieldProjection::ROOT,
            idle: 0,
            // States that read a value write at least a byte if all fields are read.
            most_idle: Limits::idle_visits(sizes.records.saturating_add(bytes))
                .saturating_add(bytes),
            exact: false,
            shared: false,
            #[cfg(test)]
            steps: 0,
        })
    }

    /// Takes every value from its buffer.
    pub(super) fn exactly(mut self) -> Parsed<Self> {
        self.exact = true;
        for buffer in &mut self.buffers {
            self.buckets.load(&mut buffer.rest)?;
            buffer.uses = TAKEN | SKIPPED;
        }
        Ok(self)
    }

    /// Runs until a transition is needed and none is left.
    pub(super) fn run(&mut self, transitions: &[u8]) -> Parsed<Outcome> {
        let mut table = std::mem::take(&mut self.met);
        let mut transitions = transitions.iter();
        // How many further transitions lead to the first of the states that may follow.
        let mut repeats = 0;
        let mut index = self.program.first as usize;
        // Copies, so that skipping states accesses the table alone.
        let (mut context, mut idle) = (self.context, self.idle);
        loop {
            #[cfg(test)]
            {
                self.steps += 1;
            }
            let mut met = *table.get(index).ok_or_else(|| no_state(index))?;
            if met.context != context {
                self.context = context;
                met = self.meet(&mut table, index)?;
                if self.shared {
                    return Ok(Outcome::SharedBuffer);
                }
            }
            match met.decision {
                Decision::Skip => idle += u64::from(met.value),
                Decision::EndExcluded => {
                    idle += 1;
                    self.excluded += 1;
                    if context != EXCLUDED {
                        self.around = context;
                        context = EXCLUDED;
                    }
                }
                Decision::StartExcluded => {
                    idle += 1;
                    // There is one, because the context is such a field.
                    self.excluded = self.excluded.saturating_sub(1);
                    if self.excluded == 0 {
                        context = self.around;
                    }
                }
                _ => {
                    (self.context, self.idle) = (context, idle);
                    self.visit(met, index)?;
                    (context, idle) = (self.context, self.idle);
                }
            }
            if idle > self.most_idle {
                return Err(self.records.too_idle(idle));
            }
            index = met.next as usize;
            if met.implicit {
                continue;
            }
            if repeats > 0 {
                repeats -= 1;
                continue;
            }
            let Some(&transition) = transitions.next() else {
                return self.finish().map(|()| Outcome::Done);
            };
            index += usize::from(transition >> 2);
            repeats = transition & 3;
        }
    }

    #[inline(always)]
    fn visit(&mut self, met: Met, index: usize) -> Parsed<()> {
        let state = &self.program.states[index];
        match met.decision {
            Decision::Write => self.write(state),
            Decision::Default => self.write_default(state),
            Decision::End => self.end(state, index, met.value),
            Decision::Start => self.start(state),
            Decision::Drop => self.drop_value(state),
            // The run treats them.
            Decision::Skip | Decision::EndExcluded | Decision::StartExcluded => Ok(()),
        }
    }

    /// Decides what to do in the state `index`, and in the states that always follow if it is
    /// skipped.
    #[cold]
    fn meet(&mut self, table: &mut [Met], index: usize) -> Parsed<Met> {
        let mut last = self.decide(index)?;
        table[index] = last;
        if self.exact {
            return Ok(last);
        }
        // Decides forward along the chain, up to a state that is not skipped, or that was decided
        // before and so leads to the end of the chain.
        let mut length = 1;
        while last.decision == Decision::Skip && last.implicit {
            let next = last.next as usize;
            let known = table[next];
            if known.context == self.context {
                if known.decision == Decision::Skip {
                    last = known;
                    length += known.value;
                }
                break;
            }
            let decided = self.decide(next)?;
            table[next] = decided;
            if decided.decision != Decision::Skip {
                break;
            }
            last = decided;
            length += 1;
        }
        // Then states for each state of the chain how far it leads.
        let mut at = index;
        let mut left = length;
        while left > last.value {
            let met = &mut table[at];
            at = met.next as usize;
            (met.next, met.implicit) = (last.next, last.implicit);
            met.value = left;
            left -= 1;
        }
        Ok(table[index])
    }

    /// What to do in the state `index` in the current context.
    fn decide(&mut self, index: usize) -> Parsed<Met> {
        let program = self.program;
        let state = &program.states[index];
        let (decision, to) = match state.action {
            Action::Pass => (Decision::Skip, None),
            Action::StartMessage => (Decision::Write, None),
            Action::NonProto => {
                self.take_from(program.lengths.unwrap_or(state.buffer))?;
                self.take_from(state.buffer)?;
                (Decision::Write, None)
            }
            Action::StartSubmessage => (self.leave(), None),
            Action::EndSubmessage => self.enter(number_of(state)),
            Action::Tag => match wire_type(state) {
                START_GROUP => (self.leave(), None),
                END_GROUP => self.enter(number_of(state)),
                _ => (self.value(number_of(state)), None),
            },
            Action::Varint | Action::Fixed | Action::LengthDelimited => {
                let decision = self.value(number_of(state));
                (self.use_buffer(decision, state.buffer)?, None)
            }
        };
        Ok(Met {
            context: self.context,
            next: state.next,
            value: to.unwrap_or(1),
            decision,
            implicit: state.implicit,
        })
    }

    /// What to do at the end of the submessage or group `number`.
    fn enter(&self, number: u32) -> (Decision, Option<Context>) {
        match self.included(number) {
            None => (Decision::EndExcluded, None),
            Some((Inclusion::Complete, _)) => (Decision::End, Some(COMPLETE)),
            Some((_, child)) => (Decision::End, Some(child)),
        }
    }

    /// What to do at the start of a submessage or group.
    fn leave(&self) -> Decision {
        match self.context {
            EXCLUDED => Decision::StartExcluded,
            _ => Decision::Start,
        }
    }

    /// What to do with a value of the field `number`.
    fn value(&self, number: u32) -> Decision {
        match self.included(number) {
            None => Decision::Skip,
            Some((Inclusion::Existence, _)) => Decision::Default,
            Some((Inclusion::Complete | Inclusion::Children, _)) => Decision::Write,
        }
    }

    fn included(&self, number: u32) -> Option<(Inclusion, Context)> {
        match self.context {
            EXCLUDED => None,
            COMPLETE => Some((Inclusion::Complete, COMPLETE)),
            node => self.projection.child(node, number),
        }
    }

    /// Notes how the values of `buffer` are used; returns the decision, which may change if all values
    /// are taken.
    fn use_buffer(&mut self, decision: Decision, buffer: u32) -> Parsed<Decision> {
        if decision == Decision::Write {
            self.take_from(buffer)?;
            return Ok(decision);
        }
        let used = &mut self.buffers[buffer as usize];
        used.uses |= SKIPPED;
        self.shared |= used.uses == TAKEN | SKIPPED && !self.exact;
        Ok(match (decision, self.exact) {
            (Decision::Skip, true) => Decision::Drop,
            (decision, _) => decision,
        })
    }

    /// Makes the values of `buffer` available.
    fn take_from(&mut self, buffer: u32) -> Parsed<()> {
        let used = &mut self.buffers[buffer as usize];
        if used.uses & TAKEN == 0 {
            self.buckets.load(&mut used.rest)?;
            used.uses |= TAKEN;
        }
        self.shared |= used.uses & SKIPPED != 0 && !self.exact;
        Ok(())
    }

    fn write(&mut self, state: &State) -> Parsed<()> {
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
            Action::LengthDelimited => {
                let value = self.take_delimited(state)?;
                self.records.copy(self.buckets.bytes(), value)?;
                self.put_tagged(state, 0, 0)
            }
            Action::StartMessage => self.start_message(),
            Action::NonProto => self.non_proto(state),
            _ => self.put_tagged(state, 0, 0),
        }
    }

    /// Writes a field with the default value of its type.
    fn write_default(&mut self, state: &State) -> Parsed<()> {
        if self.exact {
            self.drop_value(state)?;
        }
        match state.action {
            Action::Fixed => self.put_tagged(state, 0, state.width.into()),
            // An inline value follows the tag.
            Action::Tag => {
                let tag_len = usize::from(state.tag_len) - 1;
                let tag = u128::from(state.tag) & low_bytes(tag_len);
                self.records.put(tag, tag_len + 1)
            }
            _ => self.put_tagged(state, 0, 1),
        }
    }

    /// Takes a value from its buffer.
    fn drop_value(&mut self, state: &State) -> Parsed<()> {
        self.pass();
        match state.action {
            Action::Varint | Action::Fixed => self.take(state).map(|_| ()),
            Action::LengthDelimited => self.take_delimited(state).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Takes the next `state.width` bytes, at most ten, from the buffer of `state`.
    #[inline(always)]
    fn take(&mut self, state: &State) -> Parsed<u128> {
        let buffer = &mut self.buffers[state.buffer as usize].rest;
        let width = usize::from(state.width);
        if buffer.len() < width {
            return Err(exhausted(state, buffer, width as u64));
        }
        let bytes = self.buckets.bytes();
        let word = match bytes[buffer.start..].first_chunk::<WORD>() {
            Some(word) => u128::from_le_bytes(*word) & low_bytes(width),
            None => word_of(&bytes[buffer.start..buffer.start + width]),
        };
        buffer.start += width;
        Ok(word)
    }

    /// Takes a length and as many bytes from the buffer of `state`; returns where they lie.
    fn take_delimited(&mut self, state: &State) -> Parsed<Range<usize>> {
        let buffer = &mut self.buffers[state.buffer as usize].rest;
        let bytes = &self.buckets.bytes()[buffer.clone()];
        let (length, length_len) =
            varint::read(bytes).ok_or_else(|| no_length(state.buffer, bytes.len()))?;
        let len = usize::try_from(length)
            .ok()
            .and_then(|length| length.checked_add(length_len))
            .filter(|&len| len <= bytes.len())
            .ok_or_else(|| exhausted(state, buffer, length))?;
        let begin = buffer.start;
        buffer.start += len;
        Ok(begin..begin + len)
    }

    /// Writes the tag of `state`, followed by the lowest `len` bytes of `value`; 1 to 16 bytes in
    /// total.
    #[inline(always)]
    fn put_tagged(&mut self, state: &State, value: u128, len: usize) -> Parsed<()> {
        let word = u128::from(state.tag) | value << (8 * state.tag_len);
        self.records.put(word, usize::from(state.tag_len) + len)
    }

    fn start_message(&mut self) -> Parsed<()> {
        let open = self.open.len() as u64 + self.excluded;
        if open > 0 {
            return Err(still_open(open as usize));
        }
        self.unfinished = self
            .unfinished
            .checked_sub(1)
            .ok_or_else(|| too_many_records(self.records.count()))?;
        self.records.end(self.unfinished, self.complete);
        self.complete = self.records.written();
        Ok(())
    }

    fn non_proto(&mut self, state: &State) -> Parsed<()> {
        let lengths = self.program.lengths.unwrap_or(state.buffer);
        let rest = &mut self.buffers[lengths as usize].rest;
        let bytes = &self.buckets.bytes()[rest.clone()];
        let (length, length_len) =
            varint::read(bytes).ok_or_else(|| no_length(lengths, bytes.len()))?;
        rest.start += length_len;
        let buffer = &mut self.buffers[state.buffer as usize].rest;
        let len = usize::try_from(length)
            .ok()
            .filter(|&len| len <= buffer.len())
            .ok_or_else(|| exhausted(state, buffer, length))?;
        let begin = buffer.start;
        buffer.start += len;
        self.records
            .copy(self.buckets.bytes(), begin..begin + len)?;
        self.start_message()
    }

    /// Ends the submessage or group of `state`, whose fields lie in `inner`.
    fn end(&mut self, state: &State, index: usize, inner: Context) -> Parsed<()> {
        let open = &mut self.open;
        if open.len() >= MAX_DEPTH {
            return Err(wrong(format!(
                "submessages are nested deeper than {MAX_DEPTH}"
            )));
        }
        open.try_reserve(1).map_err(|_| Malformed::no_memory())?;
        open.push(Open {
            end: self.records.written(),
            // There are fewer than 2^31 states.
            state: index as u32,
            outer: self.context,
        });
        self.context = inner;
        match state.action {
            Action::EndSubmessage => {
                self.pass();
                Ok(())
            }
            _ => self.put_tagged(state, 0, 0),
        }
    }

    /// Writes the start of the submessage or group that ended last; `state` must start the same kind,
    /// and a group must have the same field number.
    fn start(&mut self, state: &State) -> Parsed<()> {
        let Open {
            end,
            state: at,
            outer,
        } = self.open.pop().ok_or_else(none_open)?;
        self.context = outer;
        let ended = &self.program.states[at as usize];
        let is_group = ended.action == Action::Tag;
        let fits = match state.action {
            Action::StartSubmessage => !is_group,
            _ => is_group && number_of(ended) == number_of(state),
        };
        if !fits {
            return Err(wrong(
                "a submessage or group begins where another one has ended",
            ));
        }
        if is_group {
            return self.put_tagged(state, 0, 0);
        }
        let length =
            u32::try_from(self.records.written() - end).map_err(|_| super::machine::too_long())?;
        let (length, length_len) = varint::word(length);
        self.put_tagged(ended, length.into(), length_len.into())
    }

    /// Counts a visit to a state that writes nothing; the run fails if there are too many.
    fn pass(&mut self) {
        self.idle += 1;
    }

    fn finish(&mut self) -> Parsed<()> {
        let open = self.open.len() as u64 + self.excluded;
        if open > 0 {
            return Err(still_open(open as usize));
        }
        self.records.check_written()?;
        let written = self.records.written();
        if self.unfinished > 0 {
            let stated = self.records.count();
            return Err(wrong(format!(
                "the chunk header states {stated} records, the chunk holds {}",
                stated - self.unfinished
            )));
        }
        if self.complete < written {
            return Err(wrong(format!(
                "the first {} bytes of the chunk are not a record",
                written - self.complete
            )));
        }
        let is_left = |buffer: &Buffer| buffer.uses & TAKEN != 0 && !buffer.rest.is_empty();
        if let Some(index) = self.buffers.iter().position(is_left) {
            return Err(wrong(format!(
                "{} bytes of buffer {index} are left over",
                self.buffers[index].rest.len()
            )));
        }
        self.records.finish();
        Ok(())
    }
}

/// Memory to run a machine of `states` states on `buffers`.
pub(super) fn memory(
    states: usize,
    buffers: &[Range<usize>],
    memory: &mut Memory,
) -> Parsed<(Vec<Met>, Vec<Buffer>)> {
    let mut met = memory.vec(states as u64)?;
    met.resize(
        states,
        Met {
            context: NOWHERE,
            next: 0,
            value: 1,
            decision: Decision::Skip,
            implicit: false,
        },
    );
    let mut rests = memory.vec(buffers.len() as u64)?;
    rests.extend(buffers.iter().map(|buffer| Buffer {
        rest: buffer.clone(),
        uses: 0,
    }));
    Ok((met, rests))
}

/// The wire type of the tag of `state`.
fn wire_type(state: &State) -> u64 {
    state.tag & 7
}

/// The field number of the tag of `state`.
fn number_of(state: &State) -> u32 {
    let (tag, _) = varint::read(&state.tag.to_le_bytes()).unwrap_or_default();
    (tag >> 3) as u32
}
