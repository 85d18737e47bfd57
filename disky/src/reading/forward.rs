//! The walk forward through a file: decodes, passes or checks one chunk after the other.

use crate::array_record::ArrayRecordPart;
use crate::array_record::walk::Walk;
use crate::bytes::source::Source;
use crate::error::{Error, Result};
use crate::format::chunk::ChunkType;
use crate::format::chunk_reader::{Chunk, ChunkReader};
use crate::format::chunk_run::{Target, read_run};
use crate::format::hash::{STREAMS, streams};
use crate::reading::batch::{Batch, Next, Slot};
use crate::reading::damage::reason_to_skip;
use crate::reading::decoding::Decoder;
use crate::reading::nearest::locate;
use crate::reading::record_file::{RecordFile, STEP};
use crate::reading::recordless::{check_recordless, check_undecoded, has_records, is_empty};
use crate::reading::recovery::Recovery;
use crate::reading::skipped_region::SkippedRegion;

/// The state of the walk. Its position in the file is the position of the file's chunk reader, or
/// of `recovery`.
pub(crate) struct Forward {
    decoder: Decoder,
    walk: Walk,
    recovery: Option<Recovery>,
    /// Whether the walk has reached the beginning of its range.
    in_range: bool,
    /// The position of a chunk that an index or a list states to contain records of the user.
    vouched: Option<u64>,
    /// Number of bytes that were hashed before the current chunk was read.
    hashed_before: u64,
    /// Whether the last chunk other than padding was a postscript, after which a file ends.
    finished: bool,
    /// Whether a run ended with damage, and no chunk was delivered since.
    run_failed: bool,
}

impl Forward {
    /// A walk from the beginning of the range of `file`, or from the position of its chunk reader.
    pub(crate) fn new<S: Source>(file: &RecordFile<S>) -> Self {
        Self {
            decoder: Decoder::new(&file.options),
            walk: Walk::default(),
            recovery: file.recovery(),
            in_range: file.options.range.start == 0,
            vouched: None,
            hashed_before: 0,
            finished: false,
            run_failed: false,
        }
    }

    /// Where the next chunk may begin.
    pub(crate) fn position<S: Source>(&self, file: &RecordFile<S>) -> u64 {
        match &self.recovery {
            None => file.chunks.position(),
            Some(recovery) => recovery.position(),
        }
    }

    /// Whether the walk has passed the postscript of an ArrayRecord, and no other chunk than
    /// padding after it.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// Keeps a region that another walk has skipped.
    pub(crate) fn keep_skipped(&mut self, region: SkippedRegion) {
        if let Some(recovery) = &mut self.recovery {
            recovery.keep(region);
        }
    }

    /// Takes the first skipped region.
    pub(crate) fn next_skipped_region(&mut self) -> Option<SkippedRegion> {
        self.recovery.as_mut()?.next_region()
    }

    /// How many skipped regions are kept.
    pub(crate) fn skipped_regions(&self) -> usize {
        self.recovery.as_ref().map_or(0, Recovery::regions)
    }

    /// Forgets the data of the current chunk, which may have changed.
    pub(crate) fn forget_chunk(&mut self) {
        self.decoder.forget();
    }

    /// Decodes the next chunk that contains records, up to the end of the file or of the range.
    pub(crate) fn next<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        ends: &mut [u64],
        data: &mut [u8],
    ) -> Result<Next> {
        while let Some(chunk) = self.next_chunk(file)? {
            let part = self.part(file, &chunk)?;
            let decoded = self
                .decoder
                .decode(&mut file.chunks, &chunk, part, ends, data);
            let next = match decoded {
                Ok(Some(need @ Next::NeedMemory { .. })) => return Ok(need),
                Ok(next) => next,
                Err(error) => {
                    self.skip_damage(file, &chunk, error)?;
                    continue;
                }
            };
            self.pass(&chunk, part);
            match next {
                Some(Next::Batch(batch)) => return Ok(Next::Batch(self.deliver(file, batch))),
                _ => self.advance(file),
            }
        }
        Ok(Next::End)
    }

    /// Decodes a run of neighbouring chunks, at most one for each of `slots`, and adds them to
    /// `batches`. The run ends before the first chunk that [`next`](Self::next) must treat: one
    /// that is damaged, that has no records of the user, or that does not fit into its slot. Adds
    /// nothing if that is the first one.
    pub(crate) fn next_run<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        slots: &mut [Slot<'_>],
        batches: &mut Vec<Batch>,
    ) -> Result<()> {
        if !self.reads_runs(file) {
            return Ok(());
        }
        let Some(first) = self.next_chunk(file)? else {
            return Ok(());
        };
        if self.part(file, &first)?.is_some() {
            return Ok(());
        }
        let mut fittings = Vec::with_capacity(STREAMS);
        let run = self.find_run(file, first, |forward, chunks, chunk, index| {
            let Some(slot) = slots.get(index) else {
                return Ok(false);
            };
            let fitting = forward.decoder.place_in(chunks, chunk, slot)?;
            fittings.extend(fitting);
            Ok(fitting.is_some())
        });
        let read = self
            .decoder
            .read_run(&mut file.chunks, &run, &fittings, slots);
        let intact = read.unwrap_or(0);
        self.run_failed = intact < run.len();
        let slots = fittings.into_iter().zip(slots);
        for (index, (chunk, (fitting, slot))) in run[..intact].iter().zip(slots).enumerate() {
            let Ok(batch) = self.decoder.decode_in_run(chunk, fitting, index, slot) else {
                self.run_failed = true;
                return Ok(());
            };
            self.arrive(file, *chunk);
            self.pass(chunk, None);
            batches.push(self.deliver(file, batch));
        }
        Ok(())
    }

    /// Whether the next chunk may begin a run: not if its data were read already, and not if a run
    /// would be read in vain because damage is likely to end it, or the bytes come in order.
    fn reads_runs<S: Source>(&self, file: &RecordFile<S>) -> bool {
        !self.run_failed && !self.decoder.has_loaded() && file.chunks.goes_back()
    }

    /// Whether `chunk` may belong to a run of `size` bytes: whether it contains records, and the run
    /// may be hashed in vain.
    fn may_join_run<S: Source>(&self, file: &RecordFile<S>, chunk: &Chunk, size: u64) -> bool {
        let affordable = |recovery: &Recovery| recovery.affordable(&file.chunks, size);
        has_records(chunk, None) && self.recovery.as_ref().is_none_or(affordable)
    }

    /// The chunk after `last`, which `walk` now passes, if it is in the range and no part of the index
    /// of an ArrayRecord.
    fn following_chunk<S: Source>(
        &self,
        file: &mut RecordFile<S>,
        walk: &mut Walk,
        last: &Chunk,
    ) -> Result<Option<Chunk>> {
        walk.pass(last, None);
        if last.end >= file.options.range.end {
            return Ok(None);
        }
        file.chunks.seek(last.end);
        let Some(chunk) = file.chunks.chunk()? else {
            return Ok(None);
        };
        Ok(file.part(walk, &chunk)?.is_none().then_some(chunk))
    }

    /// Moves to `chunk` of a run.
    fn arrive<S: Source>(&mut self, file: &mut RecordFile<S>, chunk: Chunk) {
        file.chunks.arrive(chunk);
        if let Some(recovery) = &mut self.recovery {
            recovery.arrive(chunk);
        }
    }

    /// Goes past the next chunk that contains records if it begins at `chunk_begin`. Otherwise
    /// returns `None`, and the chunk remains the next one.
    pub(crate) fn skip<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        chunk_begin: u64,
    ) -> Result<Option<Batch>> {
        while let Some(chunk) = self.next_chunk(file)? {
            let part = self.part(file, &chunk)?;
            let has_records = has_records(&chunk, part);
            if has_records && chunk.begin != chunk_begin {
                return Ok(None);
            }
            let limits = file.options.limits;
            let passed = match has_records {
                true => self.decoder.check_limits(&chunk),
                false => check_recordless(&mut file.chunks, &chunk, part, &limits),
            };
            if let Err(error) = passed {
                self.skip_damage(file, &chunk, error)?;
                continue;
            }
            self.walk.pass(&chunk, part);
            self.decoder.forget();
            if !has_records {
                self.advance(file);
                continue;
            }
            file.chunks.add_hashed(chunk.header.data_size);
            return Ok(Some(self.deliver(file, undecoded_batch(&chunk))));
        }
        Ok(None)
    }

    /// Checks the hashes of the remaining chunks; returns `false` at the end, `true` as soon as
    /// there are skipped regions or notices, or a step was made.
    pub(crate) fn verify<S: Source>(&mut self, file: &mut RecordFile<S>) -> Result<bool> {
        let end = file.chunks.position().saturating_add(STEP);
        while self.skipped_regions() == 0
            && file.array_record.notices() == 0
            && file.chunks.position() < end
        {
            let Some(chunk) = self.next_chunk(file)? else {
                return Ok(false);
            };
            let part = self.part(file, &chunk)?;
            if part.is_none() && self.verify_run(file, chunk) {
                continue;
            }
            let limits = file.options.limits;
            let checked = match is_empty(&chunk) {
                true => check_recordless(&mut file.chunks, &chunk, part, &limits),
                false => check_undecoded(&mut file.chunks, &chunk),
            };
            match checked {
                Ok(()) => {
                    self.walk.pass(&chunk, part);
                    self.decoder.forget();
                    self.run_failed = false;
                    self.advance(file);
                }
                Err(error) => self.skip_damage(file, &chunk, error)?,
            }
        }
        Ok(true)
    }

    /// Checks a run of chunks with records that begins with `first`. Goes past the intact chunks
    /// before the first damaged one; returns whether there were any.
    fn verify_run<S: Source>(&mut self, file: &mut RecordFile<S>, first: Chunk) -> bool {
        if !self.reads_runs(file) {
            return false;
        }
        let run = self.find_run(file, first, |_, _, _, _| Ok(true));
        let mut targets: Vec<Target<'_>> = run.iter().map(|_| Target::nowhere()).collect();
        let intact = read_run(&mut file.chunks, &run, &mut targets).unwrap_or(0);
        self.run_failed = intact < run.len();
        for chunk in &run[..intact] {
            self.arrive(file, *chunk);
            self.walk.pass(chunk, None);
            self.decoder.forget();
            self.advance(file);
        }
        intact > 0
    }

    /// The chunks of the run that begins with `first`, as far as each `fits` at its index. The position
    /// of the walk does not change.
    fn find_run<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        first: Chunk,
        mut fits: impl FnMut(&Self, &mut ChunkReader<S>, &Chunk, usize) -> Result<bool>,
    ) -> Vec<Chunk> {
        let before = file.chunks.hashed();
        let here = file.chunks.enter_visit(first.begin);
        let mut walk = self.walk.clone();
        let mut run: Vec<Chunk> = Vec::with_capacity(STREAMS);
        let (mut size, mut headers) = (0, 0);
        let mut next = Some(first);
        while let Some(chunk) = next {
            size += chunk.header.data_size;
            // A run does not ask for bytes: they may be missing, and the first chunk is delivered.
            if !self.may_join_run(file, &chunk, size)
                || !file.chunks.has_data(&chunk)
                || !fits(self, &mut file.chunks, &chunk, run.len()).unwrap_or(false)
            {
                break;
            }
            run.push(chunk);
            headers = file.chunks.hashed() - before;
            next = match run.len() < streams() {
                true => self.following_chunk(file, &mut walk, &chunk).ok().flatten(),
                false => None,
            };
        }
        file.chunks.leave_visit(here);
        file.chunks.add_hashed(headers);
        run
    }

    /// Moves to `chunk_begin`, where a chunk begins, or the range or the file begins or ends. If
    /// `chunk_end` is not 0, a list or an index states that a chunk of records of the user begins
    /// there, and ends there at the latest.
    pub(crate) fn seek<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        chunk_begin: u64,
        chunk_end: u64,
    ) {
        // A range need not begin with a chunk.
        self.in_range = chunk_begin == 0 || chunk_begin != file.options.range.start;
        self.decoder.forget();
        self.run_failed = false;
        self.walk = Walk::from(chunk_begin);
        self.vouched = (chunk_end > 0).then_some(chunk_begin);
        file.chunks.seek_extent(chunk_begin, chunk_end);
        // The source need not keep the bytes that were supplied for a failed call.
        file.chunks.visit_done(chunk_begin);
        if let Some(recovery) = &mut self.recovery {
            recovery.seek(chunk_begin, file.chunks.hashed());
        }
    }

    /// The next chunk that begins in the range.
    fn next_chunk<S: Source>(&mut self, file: &mut RecordFile<S>) -> Result<Option<Chunk>> {
        if !self.in_range {
            let begin = locate(file, file.options.range.start)?;
            self.seek(file, begin, 0);
            self.in_range = true;
        }
        let end = file.options.range.end;
        let chunk = match &mut self.recovery {
            None if file.chunks.position() >= end => Ok(None),
            None => file.chunks.chunk(),
            Some(recovery) => recovery.chunk(&mut file.chunks, end),
        };
        self.hashed_before = file.chunks.hashed();
        chunk
    }

    /// Which part of an ArrayRecord `chunk` is, at which the walk has arrived.
    fn part<S: Source>(
        &self,
        file: &mut RecordFile<S>,
        chunk: &Chunk,
    ) -> Result<Option<ArrayRecordPart>> {
        match self.vouched == Some(chunk.begin) {
            true => Ok(None),
            false => file.part(&self.walk, chunk),
        }
    }

    fn pass(&mut self, chunk: &Chunk, part: Option<ArrayRecordPart>) {
        self.walk.pass(chunk, part);
        if chunk.header.chunk_type != ChunkType::Padding {
            self.finished = part == Some(ArrayRecordPart::Postscript);
        }
    }

    fn advance<S: Source>(&mut self, file: &mut RecordFile<S>) {
        match &mut self.recovery {
            None => file.chunks.advance(),
            Some(recovery) => recovery.accept(&mut file.chunks),
        }
        file.chunks.step_done(file.chunks.position());
    }

    fn deliver<S: Source>(&mut self, file: &mut RecordFile<S>, batch: Batch) -> Batch {
        let scanned = self.recovery.as_ref().is_some_and(Recovery::is_scanned);
        self.run_failed = false;
        self.advance(file);
        if let Some(recovery) = &mut self.recovery {
            recovery.delivered();
        }
        Batch { scanned, ..batch }
    }

    /// Goes past `chunk`, for which reading failed with `error`, if damage is skipped.
    fn skip_damage<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        chunk: &Chunk,
        error: Error,
    ) -> Result<()> {
        let skipped = self.try_to_skip(file, chunk, error);
        if skipped.as_ref().is_err_and(Error::is_need) {
            // The next call reads the chunk again; its bytes count once.
            file.chunks.forget_hashed_since(self.hashed_before);
        }
        skipped
    }

    fn try_to_skip<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        chunk: &Chunk,
        error: Error,
    ) -> Result<()> {
        let Some(recovery) = &mut self.recovery else {
            return Err(error);
        };
        let (chunks, limits) = (&mut file.chunks, &file.options.limits);
        let reason = reason_to_skip(chunks, &mut self.decoder, limits, chunk, error)?;
        recovery.reject(chunks, reason)
    }
}

/// The batch of a chunk whose records the caller already has.
fn undecoded_batch(chunk: &Chunk) -> Batch {
    Batch {
        chunk_begin: chunk.begin,
        chunk_end: chunk.end,
        records: chunk.header.num_records as usize,
        data_offset: 0,
        data_size: chunk.header.decoded_data_size as usize,
        scanned: false,
    }
}
