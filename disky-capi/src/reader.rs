//! `disky_reader`: reads the records of a file.

use crate::boundary::{call, check_apart, input, load, output, place};
use crate::error::{DISKY_ERROR_MESSAGE_SIZE, Failure, disky_error, message};
use crate::handle::Handle;
use crate::path::path;
use crate::reader_source::ReaderSource;
use crate::status::{DISKY_END, DISKY_NEED_MEMORY, DISKY_NOT_YET, DISKY_OK, disky_status};
use disky::{
    AccessPattern, ArrayRecordPart, Batch, ChunkDescription, CorruptionStrategy, Dialect, Extent,
    FileSource, Nearest, Next, Notice, ReaderOptions, RecordReader, SkippedRegion,
};

/// Reads the records of a file in order, a chunk at a time.
pub struct disky_reader {
    // Behind a pointer to it is a `Handle<RecordReader<ReaderSource>>`.
    _opaque: [u8; 0],
}

/// How to read.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct disky_reader_options {
    /// The largest chunk that is decoded, in bytes: its records and 8 for each, and likewise its
    /// encoded data. 0 means the default, 1 GiB.
    pub max_chunk_size: u64,
    /// The largest record that is returned, in bytes. 0 means the default, no limit but that on
    /// chunks.
    pub max_record_size: u64,
    /// The most records of a chunk that is decoded. 0 means the default, no limit but that on
    /// chunks.
    pub max_records_per_chunk: u64,
    /// A DISKY_CORRUPTION_ constant.
    pub corruption_strategy: u32,
    /// With DISKY_CORRUPTION_RECOVER, 1 if chunks that only a search finds are to be left out, else
    /// 0.
    pub without_scan: u32,
    /// 1 if disky_reader_next is to follow a file that grows, else 0. Not with
    /// DISKY_CORRUPTION_RECOVER.
    pub tail: u32,
    /// 1 if chunks will be asked for here and there, so that nothing is to be read ahead, else 0.
    pub random_access: u32,
    /// The chunks that begin in range_begin..range_end are read, positions in bytes. Readers of
    /// adjoining ranges read each chunk exactly once, wherever the ranges begin.
    pub range_begin: u64,
    /// The end of the range; 0 means that of the file.
    pub range_end: u64,
}

/// Damage is a failure.
pub const DISKY_CORRUPTION_ERROR: u32 = 0;
/// Damage is skipped, and reading goes on behind it: disky_reader_skipped_region tells what was
/// skipped.
pub const DISKY_CORRUPTION_RECOVER: u32 = 1;

/// Where disky_reader_next put the records of a chunk, or how much memory it needs.
#[repr(C)]
pub struct disky_batch {
    /// Position of the chunk in the file, in bytes.
    pub chunk_begin: u64,
    /// Position just past the chunk and its padding, in bytes; where the next chunk may begin.
    pub chunk_end: u64,
    /// Number of records, at least 1.
    pub records: u64,
    /// Where the records begin in `data`, in bytes.
    pub data_offset: u64,
    /// Size of all records in bytes.
    pub data_size: u64,
    /// How many notices disky_reader_notice has to tell.
    pub notices: u64,
    /// How many regions disky_reader_skipped_region has to tell.
    pub skipped_regions: u64,
    /// 1 if only a search has found the chunk, so that it is likely but not proven to be part of
    /// this file; else 0. Never 1 but with DISKY_CORRUPTION_RECOVER.
    pub scanned: u32,
    /// Always 0.
    pub reserved: u32,
}

/// A part of the file that was skipped.
#[repr(C)]
pub struct disky_skipped_region {
    /// Position of its first byte.
    pub begin: u64,
    /// Position just past its last byte.
    pub end: u64,
    /// 1 if `end` is known from a search alone, else 0.
    pub scanned: u32,
    /// Always 0.
    pub reserved: u32,
    /// What is wrong there, as the failure that DISKY_CORRUPTION_ERROR would give.
    pub reason: disky_error,
}

/// A chunk, as disky_reader_chunk_at describes it.
#[repr(C)]
pub struct disky_chunk {
    /// Position of the chunk in bytes.
    pub begin: u64,
    /// Position just past the chunk and its padding, in bytes.
    pub end: u64,
    /// Number of records.
    pub records: u64,
    /// Size of its encoded data in bytes.
    pub data_size: u64,
    /// Sum of its record sizes in bytes.
    pub decoded_data_size: u64,
    /// The byte that denotes its type, `r` for example.
    pub chunk_type: u32,
    /// The byte that denotes its compression, `z` for example; UINT32_MAX if chunks of its type
    /// have none.
    pub compression_type: u32,
    /// DISKY_DIALECT_DISKY, DISKY_DIALECT_RIEGELI, or UINT32_MAX if the chunk shows none.
    pub dialect: u32,
    /// What of an ArrayRecord it is, a DISKY_PART_ constant.
    pub part: u32,
}

/// How many buckets a disky_sizes has.
pub const DISKY_SIZE_BUCKETS: usize = 65;

/// A distribution of sizes in bytes.
#[repr(C)]
pub struct disky_sizes {
    /// How many there are.
    pub count: u64,
    /// The smallest one, 0 if there is none.
    pub smallest: u64,
    /// The largest one, 0 if there is none.
    pub largest: u64,
    /// The sum of their sizes.
    pub total: u64,
    /// How many there are of 0 bytes, of 1, of 2 to 3, of 4 to 7, and so on: bucket `i` has those of
    /// less than 2 to the power of `i` that no bucket before it has.
    pub buckets: [u64; DISKY_SIZE_BUCKETS],
}

/// Something that a caller should know though reading goes on.
#[repr(C)]
pub struct disky_notice {
    /// The byte position in the file that it is about.
    pub position: u64,
    /// Bytes of `message` in use.
    pub message_size: u32,
    /// 1 if the message was longer than what is in `message`, otherwise 0.
    pub truncated: u32,
    /// What was found and what is done about it, in English, UTF-8, not terminated; without
    /// position and file name.
    pub message: [u8; DISKY_ERROR_MESSAGE_SIZE],
}

/// No part of an ArrayRecord's index.
pub const DISKY_PART_NONE: u32 = 0;
/// The footer of an ArrayRecord, which lists its chunks; holds no records of the user.
pub const DISKY_PART_FOOTER: u32 = 1;
/// The postscript of an ArrayRecord, which tells where the footer is; holds no records of the user.
pub const DISKY_PART_POSTSCRIPT: u32 = 2;

/// Compressed simple chunks as upstream disky lays them out.
pub const DISKY_DIALECT_DISKY: u32 = 0;
/// Compressed simple chunks as Google's Riegeli lays them out.
pub const DISKY_DIALECT_RIEGELI: u32 = 1;

/// Opens the file at `path` for reading and stores the reader in `reader`. Nothing of the contents
/// is read yet; what is appended from now on is seen only with `tail`.
///
/// # Safety
///
/// `path` has `path_size` bytes; `options`, `reader` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_open(
    path: *const u8,
    path_size: u64,
    options: *const disky_reader_options,
    reader: *mut *mut disky_reader,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(reader)?;
            let path = self::path(path, path_size)?;
            let options = engine_options(&load(options)?)?;
            options.check()?;
            let source = FileSource::open_for(&path, options.access_pattern)?;
            let source = ReaderSource::File(source);
            let engine = RecordReader::new(source, options);
            out.write(Handle::into_raw(engine).cast());
            Ok(DISKY_OK)
        })
    }
}

/// Opens a reader without a file, to which the caller brings `source_size` bytes; UINT64_MAX if it
/// is not known how many these are, as in a stream. Any call on the reader may be
/// DISKY_NEED_BYTES. Bytes of a stream are needed in order, and so nothing can be asked for that
/// lies before the reader's position: that is DISKY_IO. Those of a known size are needed in any
/// order, and again; they are the same each time.
///
/// The reader keeps a copy of what a call needs until it has got it: at most twice
/// `max_chunk_size` and 16 MiB, beyond which it is DISKY_TOO_LARGE. With DISKY_CORRUPTION_RECOVER
/// that is what of a stream may lie behind the first damage, and how large a damaged part of
/// another source may be. Not with `tail`.
///
/// # Safety
///
/// `options`, `reader` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_open_pulled(
    source_size: u64,
    options: *const disky_reader_options,
    reader: *mut *mut disky_reader,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(reader)?;
            let options = engine_options(&load(options)?)?;
            if options.tail {
                return Err(Failure::invalid(
                    "only a file that grows can be followed, by its path",
                ));
            }
            let source = ReaderSource::pulled(source_size, options.max_chunk_size);
            let engine = RecordReader::new(source, options);
            out.write(Handle::into_raw(engine).cast());
            Ok(DISKY_OK)
        })
    }
}

/// Which bytes a reader needs.
#[repr(C)]
pub struct disky_need {
    /// Position of the first one.
    pub offset: u64,
    /// How many are needed before the call gets any further, at least 1.
    pub size: u64,
    /// How many are likely to be of use, at least `size`.
    pub welcome: u64,
}

/// Says which bytes the call needs that was DISKY_NEED_BYTES.
///
/// DISKY_OK: `need` is written. DISKY_END: they were supplied.
///
/// # Safety
///
/// `reader` is alive; `need` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_need(
    reader: *mut disky_reader,
    need: *mut disky_need,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(need)?;
            let found = Handle::enter(handle(reader), |reader| {
                Ok(reader.source_mut().pull()?.need())
            })?;
            let Some(found) = found else {
                return Ok(DISKY_END);
            };
            out.write(disky_need {
                offset: found.offset,
                size: found.size,
                welcome: found.welcome,
            });
            Ok(DISKY_OK)
        })
    }
}

/// Copies `size` bytes, those at `offset` of the source, into the reader; fewer than it needs, or
/// more. `at_end` is 1 if none follow, else 0. Where bytes do not belong there it is
/// DISKY_INVALID_ARGUMENT.
///
/// # Safety
///
/// `bytes` has `size` bytes that nobody writes during the call; `reader` is alive; `error` points to
/// what its type says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_supply(
    reader: *mut disky_reader,
    offset: u64,
    bytes: *const u8,
    size: u64,
    at_end: u32,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let bytes = input(bytes, size)?;
            let at_end = match at_end {
                0 => false,
                1 => true,
                _ => return Err(Failure::invalid("at_end is neither 0 nor 1")),
            };
            Handle::enter(handle(reader), |reader| {
                Ok(reader.source_mut().pull()?.supply(offset, bytes, at_end)?)
            })?;
            Ok(DISKY_OK)
        })
    }
}

fn engine_options(options: &disky_reader_options) -> Result<ReaderOptions, Failure> {
    let mut engine = ReaderOptions::default();
    match options.max_chunk_size {
        0 => {}
        size => engine.max_chunk_size = size,
    }
    match options.max_record_size {
        0 => {}
        size => engine.max_record_size = size,
    }
    match options.max_records_per_chunk {
        0 => {}
        records => engine.max_records_per_chunk = records,
    }
    engine.corruption = match options.corruption_strategy {
        DISKY_CORRUPTION_ERROR => CorruptionStrategy::Error,
        DISKY_CORRUPTION_RECOVER => CorruptionStrategy::Recover,
        _ => return Err(Failure::invalid("unknown corruption strategy")),
    };
    engine.scan = match options.without_scan {
        0 => true,
        1 => false,
        _ => return Err(Failure::invalid("without_scan is neither 0 nor 1")),
    };
    engine.tail = match options.tail {
        0 => false,
        1 => true,
        _ => return Err(Failure::invalid("tail is neither 0 nor 1")),
    };
    engine.access_pattern = match options.random_access {
        0 => AccessPattern::Sequential,
        1 => AccessPattern::Random,
        _ => return Err(Failure::invalid("random_access is neither 0 nor 1")),
    };
    engine.range.start = options.range_begin;
    if options.range_end != 0 {
        engine.range.end = options.range_end;
    }
    if engine.range.start > engine.range.end {
        return Err(Failure::invalid("the range ends before it begins"));
    }
    Ok(engine)
}

/// Decodes the next chunk that has records: to `ends` where each record ends, relative to the first
/// one's begin, and to `data` their bytes. `batch` says where; `ends_capacity` counts values,
/// `data_capacity` bytes. `ends` and `data` do not overlap.
///
/// DISKY_OK: done. DISKY_NEED_MEMORY: nothing was decoded; `batch` is written, and its `records`
/// and `data_size` are the capacities to call again with. DISKY_END: there are no more records;
/// `batch` is written, and only its `chunk_end`, `notices` and `skipped_regions` mean anything. DISKY_NOT_YET:
/// with `tail`, there is no other whole chunk for now; `batch` is as for DISKY_END, and the call may
/// be made again, some milliseconds later at least. After a failure the same call fails in the same
/// way.
///
/// With `tail` damage with no chunk behind it is DISKY_NOT_YET in 10 calls before it is a failure,
/// because the size of a file may be seen before its contents. A file that has become shorter than
/// what was read is DISKY_TRUNCATED. Only the postscript of an ArrayRecord is followed by DISKY_END.
///
/// # Safety
///
/// `ends` and `data` have the capacities stated, all of it initialised; `reader` is alive; `batch`
/// and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_next(
    reader: *mut disky_reader,
    ends: *mut u64,
    ends_capacity: u64,
    data: *mut u8,
    data_capacity: u64,
    batch: *mut disky_batch,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(batch)?;
            check_apart(ends, ends_capacity, data, data_capacity)?;
            let ends = output(ends, ends_capacity)?;
            let data = output(data, data_capacity)?;
            let (status, found) = Handle::enter(handle(reader), |reader| {
                let next = reader.next(ends, data)?;
                Ok(outcome(reader, next))
            })?;
            out.write(found);
            Ok(status)
        })
    }
}

/// The status that tells what `next` came to, and the numbers.
fn outcome(reader: &RecordReader<ReaderSource>, next: Next) -> (disky_status, disky_batch) {
    let (status, batch) = match next {
        Next::End => (DISKY_END, NO_BATCH),
        Next::NotYet => (DISKY_NOT_YET, NO_BATCH),
        Next::NeedMemory { ends, data } => {
            let need = disky_batch {
                records: ends as u64,
                data_size: data as u64,
                ..NO_BATCH
            };
            (DISKY_NEED_MEMORY, need)
        }
        Next::Batch(found) => (DISKY_OK, found.into()),
    };
    let batch = disky_batch {
        chunk_end: reader.position(),
        notices: reader.notices() as u64,
        skipped_regions: reader.skipped_regions() as u64,
        ..batch
    };
    (status, batch)
}

const NO_BATCH: disky_batch = disky_batch {
    chunk_begin: 0,
    chunk_end: 0,
    records: 0,
    data_offset: 0,
    data_size: 0,
    notices: 0,
    skipped_regions: 0,
    scanned: 0,
    reserved: 0,
};

impl From<Batch> for disky_batch {
    fn from(found: Batch) -> Self {
        Self {
            chunk_begin: found.chunk_begin,
            chunk_end: found.chunk_end,
            records: found.records as u64,
            data_offset: found.data_offset as u64,
            data_size: found.data_size as u64,
            scanned: found.scanned.into(),
            ..NO_BATCH
        }
    }
}

/// Goes past the next chunk that has records, as if disky_reader_next had decoded it, if it is the
/// one at `chunk_begin`. For a caller that has its records already: its data are not looked at.
///
/// DISKY_OK: done; `batch` tells of the chunk. DISKY_END: the next chunk with records, if there is
/// one, is another one, and still the next; `batch` is as disky_reader_next writes it at the end.
/// Skipped regions and notices are told as by disky_reader_next.
///
/// # Safety
///
/// `reader` is alive; `batch` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_skip(
    reader: *mut disky_reader,
    chunk_begin: u64,
    batch: *mut disky_batch,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(batch)?;
            let (status, found) = Handle::enter(handle(reader), |reader| {
                let next = reader.skip(chunk_begin)?.map_or(Next::End, Next::Batch);
                Ok(outcome(reader, next))
            })?;
            out.write(found);
            Ok(status)
        })
    }
}

/// Moves to the chunk at `chunk_begin`: its records are read next. Nothing is read yet.
///
/// If `chunk_end` is not 0, this is a disky_extent of disky_reader_chunks or disky_reader_index: the
/// chunk is then read with as few requests as its size allows, and taken for one of records without
/// a look at it.
///
/// DISKY_INVALID_ARGUMENT: no chunk can begin there, or it is outside the range of the reader, whose
/// position then stays the same.
///
/// # Safety
///
/// `reader` is alive; `error` points to what its type says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_seek(
    reader: *mut disky_reader,
    chunk_begin: u64,
    chunk_end: u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            Handle::enter(handle(reader), |reader| {
                Ok(reader.seek(chunk_begin, chunk_end)?)
            })?;
            Ok(DISKY_OK)
        })
    }
}

/// Where a chunk lies, and how much is in it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct disky_extent {
    /// Position of the chunk in bytes.
    pub begin: u64,
    /// Position just past the chunk in bytes; of disky_reader_index, where it ends or before.
    pub end: u64,
    /// Number of records.
    pub records: u64,
    /// Sum of its record sizes in bytes.
    pub decoded_data_size: u64,
}

impl From<Extent> for disky_extent {
    fn from(found: Extent) -> Self {
        Self {
            begin: found.begin,
            end: found.end,
            records: found.records,
            decoded_data_size: found.decoded_data_size,
        }
    }
}

/// Of disky_reader_find_chunk: the last chunk that begins at a position or before it.
pub const DISKY_NEAREST_AT_OR_BEFORE: u32 = 0;
/// Of disky_reader_find_chunk: the first chunk that begins at a position or behind it.
pub const DISKY_NEAREST_AT_OR_AFTER: u32 = 1;
/// Of disky_reader_find_chunk: the last chunk that holds records of the user, in the range, and begins
/// before a position. With DISKY_CORRUPTION_RECOVER it can be read, and what is skipped between it and
/// the position is told by disky_reader_skipped_region. Whoever goes back from chunk to chunk in this
/// way reads each part of the file once for it.
pub const DISKY_NEAREST_RECORDS_BEFORE: u32 = 2;

/// Finds the chunk, of any type unless `nearest` says otherwise, that is nearest to `position`;
/// `nearest` is a DISKY_NEAREST_ constant. The block headers tell where to look, so that a few small
/// reads do. The position of the reader does not change.
///
/// DISKY_OK: `extent` is written. DISKY_END: there is none on that side.
///
/// # Safety
///
/// `reader` is alive; `extent` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_find_chunk(
    reader: *mut disky_reader,
    position: u64,
    nearest: u32,
    extent: *mut disky_extent,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(extent)?;
            let nearest = match nearest {
                DISKY_NEAREST_AT_OR_BEFORE => Some(Nearest::AtOrBefore),
                DISKY_NEAREST_AT_OR_AFTER => Some(Nearest::AtOrAfter),
                DISKY_NEAREST_RECORDS_BEFORE => None,
                _ => return Err(Failure::invalid("unknown way to be nearest")),
            };
            let found = Handle::enter(handle(reader), |reader| {
                Ok(match nearest {
                    Some(nearest) => reader.find_chunk(position, nearest)?,
                    None => reader.records_before(position)?,
                })
            })?;
            let Some(found) = found else {
                return Ok(DISKY_END);
            };
            out.write(found.into());
            Ok(DISKY_OK)
        })
    }
}

/// How many extents are listed without leaving the engine.
const LISTED_AT_ONCE: usize = 64;

/// Lists the chunks that hold records of the user and begin in `position`..`limit`, from chunk
/// headers, to `extents`, which has room for `capacity`. `count` is how many were listed, and `next`
/// where to go on: whoever goes on there until it is at least `limit`, or the size of the file, has
/// all. `position` is 0, a `next`, or where a chunk begins. The position of the reader does not
/// change.
///
/// Damage is a failure, also with DISKY_CORRUPTION_RECOVER; what was listed before it is told first.
///
/// # Safety
///
/// `extents` has the capacity stated, all of it initialised; `reader` is alive; `count`, `next` and
/// `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_chunks(
    reader: *mut disky_reader,
    position: u64,
    limit: u64,
    extents: *mut disky_extent,
    capacity: u64,
    count: *mut u64,
    next: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let (count, next) = (place(count)?, place(next)?);
            let extents = output(extents, capacity)?;
            let (listed, position) = Handle::enter(handle(reader), |reader| {
                list(reader, position, limit, extents)
            })?;
            count.write(listed as u64);
            next.write(position);
            Ok(DISKY_OK)
        })
    }
}

fn list(
    reader: &mut RecordReader<ReaderSource>,
    position: u64,
    limit: u64,
    extents: &mut [disky_extent],
) -> Result<(usize, u64), Failure> {
    let mut some = [Extent::default(); LISTED_AT_ONCE];
    let (mut listed, mut position) = (0, position);
    for part in extents.chunks_mut(LISTED_AT_ONCE) {
        let found = match reader.list_chunks(position, limit, &mut some[..part.len()]) {
            Err(_) if listed > 0 => break,
            found => found?,
        };
        for (out, extent) in part.iter_mut().zip(&some[..found.0]) {
            *out = (*extent).into();
        }
        listed += found.0;
        position = found.1;
        if found.0 < part.len() {
            break;
        }
    }
    Ok((listed, position))
}

/// Tells the chunks that the footer of an ArrayRecord lists, in `extents`, which has room for
/// `capacity`, and in `count` how many there are. Only the first and the last one are known to be
/// there: who reads a chunk compares its number of records with what is listed.
///
/// DISKY_OK: done. DISKY_NEED_MEMORY: only `count` is written, which is more than the capacity.
/// DISKY_END: there is no footer that can be used.
///
/// # Safety
///
/// `extents` has the capacity stated, all of it initialised; `reader` is alive; `count` and `error`
/// point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_index(
    reader: *mut disky_reader,
    extents: *mut disky_extent,
    capacity: u64,
    count: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let count = place(count)?;
            let extents = output(extents, capacity)?;
            let found = Handle::enter(handle(reader), |reader| Ok(reader.index()?))?;
            let Some(found) = found else {
                return Ok(DISKY_END);
            };
            count.write(found.len() as u64);
            let Some(extents) = extents.get_mut(..found.len()) else {
                return Ok(DISKY_NEED_MEMORY);
            };
            for (out, extent) in extents.iter_mut().zip(found) {
                *out = extent.into();
            }
            Ok(DISKY_OK)
        })
    }
}

/// Stores in `shared` a new reader of the same open file, at its beginning, with the same limits and
/// DISKY_CORRUPTION_ERROR. The two are used and freed independently, by different threads if so
/// wanted. Of a reader without a file it is DISKY_INVALID_ARGUMENT.
///
/// # Safety
///
/// `reader` is alive; `shared` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_share(
    reader: *mut disky_reader,
    shared: *mut *mut disky_reader,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(shared)?;
            let engine = Handle::enter(handle(reader), |reader| {
                let source = reader.source().share()?;
                Ok(reader.alike(source))
            })?;
            out.write(Handle::into_raw(engine).cast());
            Ok(DISKY_OK)
        })
    }
}

/// Checks every hash from the current position on, without decoding anything.
///
/// DISKY_OK: there are skipped regions or notices to be asked for; then the call is to be made
/// again. DISKY_END: the end of the file is reached; there may be some to be asked for, too.
///
/// # Safety
///
/// `reader` is alive; `error` points to what its type says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_verify(
    reader: *mut disky_reader,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let more = Handle::enter(handle(reader), |reader| Ok(reader.verify()?))?;
            Ok(if more { DISKY_OK } else { DISKY_END })
        })
    }
}

/// Tells the next part of the file that was skipped, in file order, each once. After each batch
/// these are those that begin before its end, at the end of the file all others.
///
/// DISKY_OK: `region` is written. DISKY_END: there is no other one so far.
///
/// # Safety
///
/// `reader` is alive; `region` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_skipped_region(
    reader: *mut disky_reader,
    region: *mut disky_skipped_region,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(region)?;
            let found = Handle::enter(handle(reader), |reader| Ok(reader.next_skipped_region()))?;
            let Some(found) = found else {
                return Ok(DISKY_END);
            };
            out.write(found.into());
            Ok(DISKY_OK)
        })
    }
}

impl From<SkippedRegion> for disky_skipped_region {
    fn from(found: SkippedRegion) -> Self {
        Self {
            begin: found.begin,
            end: found.end,
            scanned: found.scanned.into(),
            reserved: 0,
            reason: Failure::from(found.reason).account(),
        }
    }
}

/// Tells what is to be known of the file though reading goes on: what any call on this reader has
/// noticed and was not told yet, the oldest first.
///
/// DISKY_OK: `notice` is written. DISKY_END: there is none.
///
/// # Safety
///
/// `reader` is alive; `notice` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_notice(
    reader: *mut disky_reader,
    notice: *mut disky_notice,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(notice)?;
            let found = Handle::enter(handle(reader), |reader| Ok(reader.take_notice()))?;
            let Some(found) = found else {
                return Ok(DISKY_END);
            };
            out.write(found.into());
            Ok(DISKY_OK)
        })
    }
}

impl From<Notice> for disky_notice {
    fn from(found: Notice) -> Self {
        let text = message(&found.message);
        Self {
            position: found.position,
            message_size: text.size,
            truncated: text.truncated,
            message: text.bytes,
        }
    }
}

/// Reads the file metadata, a serialized RecordsMetadata message, into `metadata`, which has room
/// for `metadata_capacity` bytes, and stores their size in bytes in `metadata_size`. The position of
/// the reader does not change.
///
/// DISKY_OK: done. DISKY_NEED_MEMORY: `metadata_size` is written and more than the capacity;
/// `metadata` is not. DISKY_END: the file has none. DISKY_TOO_LARGE: they exceed 64 MiB, or the
/// limit of the reader.
///
/// # Safety
///
/// `metadata` has the capacity stated, all of it initialised; `reader` is alive; `metadata_size` and
/// `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_metadata(
    reader: *mut disky_reader,
    metadata: *mut u8,
    metadata_capacity: u64,
    metadata_size: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let size = place(metadata_size)?;
            let memory = output(metadata, metadata_capacity)?;
            let found = Handle::enter(handle(reader), |reader| Ok(reader.metadata()?))?;
            let Some(found) = found else {
                return Ok(DISKY_END);
            };
            size.write(found.len() as u64);
            let Some(memory) = memory.get_mut(..found.len()) else {
                return Ok(DISKY_NEED_MEMORY);
            };
            memory.copy_from_slice(&found);
            Ok(DISKY_OK)
        })
    }
}

/// Stores how large the records of the whole file are in `sizes`. Of simple chunks only the record
/// sizes are read, and their data hashes are not checked. Records of chunks above the limit, or of a
/// compression that is not known, are left out. The position of the reader does not change.
///
/// # Safety
///
/// `reader` is alive; `sizes` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_record_sizes(
    reader: *mut disky_reader,
    sizes: *mut disky_sizes,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(sizes)?;
            let found = Handle::enter(handle(reader), |reader| Ok(reader.record_sizes()?))?;
            out.write(disky_sizes {
                count: found.count,
                smallest: found.smallest,
                largest: found.largest,
                total: found.total,
                buckets: found.buckets,
            });
            Ok(DISKY_OK)
        })
    }
}

/// Describes the chunk that begins at `position`, of any type, from its header and its first bytes.
/// The first chunk begins at 0, each other one at the end of the one before; asked for in this
/// order, the parts of an ArrayRecord are known even where its postscript is lost. The position of
/// the reader does not change.
///
/// DISKY_OK: `chunk` is written. DISKY_END: `position` is the end of the file.
///
/// # Safety
///
/// `reader` is alive; `chunk` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_chunk_at(
    reader: *mut disky_reader,
    position: u64,
    chunk: *mut disky_chunk,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(chunk)?;
            let found = Handle::enter(handle(reader), |reader| Ok(reader.chunk_at(position)?))?;
            let Some(found) = found else {
                return Ok(DISKY_END);
            };
            out.write(found.into());
            Ok(DISKY_OK)
        })
    }
}

impl From<ChunkDescription> for disky_chunk {
    fn from(found: ChunkDescription) -> Self {
        let header = found.chunk.header;
        Self {
            begin: found.chunk.begin,
            end: found.chunk.end,
            records: header.num_records,
            data_size: header.data_size,
            decoded_data_size: header.decoded_data_size,
            chunk_type: header.chunk_type.to_byte().into(),
            compression_type: found
                .compression_type
                .map_or(u32::MAX, |c| c.to_byte().into()),
            dialect: match found.dialect {
                Some(Dialect::Disky) => DISKY_DIALECT_DISKY,
                Some(Dialect::Riegeli) => DISKY_DIALECT_RIEGELI,
                None => u32::MAX,
            },
            part: match found.part {
                None => DISKY_PART_NONE,
                Some(ArrayRecordPart::Footer) => DISKY_PART_FOOTER,
                Some(ArrayRecordPart::Postscript) => DISKY_PART_POSTSCRIPT,
            },
        }
    }
}

/// Counts the records of the whole file, from chunk headers alone, into `records`. The position of
/// the reader does not change.
///
/// # Safety
///
/// `reader` is alive; `records` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_count(
    reader: *mut disky_reader,
    records: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(records)?;
            let count = Handle::enter(handle(reader), |reader| Ok(reader.count()?))?;
            out.write(count);
            Ok(DISKY_OK)
        })
    }
}

/// Stores the size of the file in bytes, as it was when the reader was opened, in `size`; UINT64_MAX
/// if it is not known.
///
/// # Safety
///
/// `reader` is alive; `size` and `error` point to what their types say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_file_size(
    reader: *mut disky_reader,
    size: *mut u64,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(error, || {
            let out = place(size)?;
            let found = Handle::enter(handle(reader), |reader| Ok(reader.size()))?;
            out.write(found);
            Ok(DISKY_OK)
        })
    }
}

/// Closes the file and frees the reader, which is not used again. Null is fine. DISKY_BUSY: a call
/// is using the reader, and nothing was freed.
///
/// # Safety
///
/// `reader` is null or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_reader_free(reader: *mut disky_reader) -> disky_status {
    // SAFETY: what is dereferenced is what the caller vouches for.
    unsafe {
        call(std::ptr::null_mut(), || {
            Handle::free(handle(reader))?;
            Ok(DISKY_OK)
        })
    }
}

fn handle(reader: *mut disky_reader) -> *mut Handle<RecordReader<ReaderSource>> {
    reader.cast()
}
