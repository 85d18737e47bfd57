//! Reads on behind damage, and accounts for every byte of the file.

use super::forging::forge;
use super::input::Input;
use super::reading::{self, BatchRead, Failure, batch_read, read_batches};
use super::writing;
use disky::{
    BatchMemory, ChunkHeader, ChunkType, CorruptionStrategy, ErrorKind, ReaderOptions,
    RecordReader, RecordWriter, SIGNATURE_SIZE, SkippedRegion, hash,
};

const BLOCK_SIZE: usize = 65_536;
const BLOCK_HEADER_SIZE: usize = 24;
const CHUNK_HEADER_SIZE: usize = 40;
const MAX_EDITS: usize = 8;
/// Of as many regions between two batches the last one may span chunks.
const MAX_REGIONS: usize = 4096;

/// Recovers a file that `data` describe: any bytes, a file of any chunks with damage of any kind, or
/// a sound file with one damaged stretch.
pub fn recovery(data: &[u8]) {
    let mut input = Input::new(data);
    match input.choice(3) {
        0 => {
            recover_in_every_way(input.rest());
        }
        1 => {
            let description = input.bytes();
            let mut file = forge(&mut Input::new(description));
            for _ in 0..MAX_EDITS {
                if input.is_empty() {
                    break;
                }
                edit(&mut file, &mut input);
            }
            recover_in_every_way(&file);
        }
        _ => one_damaged_stretch(&mut input),
    }
}

/// What came out of a damaged file.
pub struct Recovered {
    pub batches: Vec<BatchRead>,
    regions: Vec<SkippedRegion>,
    failure: Option<Failure>,
}

/// Recovers `file` with and without a search for chunks.
fn recover_in_every_way(file: &[u8]) -> Vec<BatchRead> {
    let searched = recover(file, true);
    let placed = recover(file, false);
    for recovered in [&searched, &placed] {
        check_accounts(file, recovered);
    }
    let strict = read_batches(file);
    assert!(
        searched.batches.starts_with(&strict.batches),
        "records before the first damage are missing"
    );
    if strict.failure.is_none() {
        assert_eq!(searched.batches.len(), strict.batches.len());
        assert!(searched.regions.is_empty() && placed.regions.is_empty());
    }
    if searched.failure.is_none() && placed.failure.is_none() {
        check_nothing_lost(&searched, &placed);
    }
    searched.batches
}

/// What is found without a search is not skipped because of one. It may turn out to be the index of
/// an ArrayRecord.
fn check_nothing_lost(searched: &Recovered, placed: &Recovered) {
    for batch in &placed.batches {
        let begin = batch.chunk_begin;
        let skips = |region: &SkippedRegion| {
            (region.begin..region.end).contains(&begin) && !is_block_header(region)
        };
        assert!(
            !searched.regions.iter().any(skips),
            "the search skips {batch:?}: {:?}",
            searched.regions
        );
    }
}

pub fn recover(file: &[u8], scan: bool) -> Recovered {
    let options = ReaderOptions {
        corruption: CorruptionStrategy::Recover,
        scan,
        ..reading::options()
    };
    let mut reader = RecordReader::new(file, options);
    let mut memory = BatchMemory::default();
    let (mut batches, mut regions) = (Vec::new(), Vec::new());
    let failure = loop {
        let next = reader.next_batch(&mut memory).map(|batch| {
            batch.map(|batch| {
                assert!(scan || !batch.scanned());
                batch_read(batch.chunk_begin(), batch.ends(), batch.data())
            })
        });
        while let Some(region) = reader.next_skipped_region() {
            assert!(scan || !region.scanned);
            regions.push(region);
        }
        match next {
            Ok(Some(batch)) => batches.push(batch),
            Ok(None) => break None,
            Err(error) => {
                // All else is damage.
                assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
                break Some(Failure::from(error));
            }
        }
    };
    let again = reader.next_batch(&mut memory).map(|batch| batch.is_some());
    match &failure {
        None => assert!(!again.unwrap()),
        Some(failure) => assert_eq!(&Failure::from(again.unwrap_err()), failure),
    }
    let size = file.len() as u64;
    assert!(reader.hashed_bytes() <= 4 * size + 4096, "too much hashing");
    Recovered {
        batches,
        regions,
        failure,
    }
}

/// From its beginning to its end a file consists of skipped regions and of intact chunks; those with
/// records were returned, but for the index of an ArrayRecord. Damaged block headers in a chunk are
/// regions, too.
fn check_accounts(file: &[u8], recovered: &Recovered) {
    let size = file.len() as u64;
    let mut regions = recovered.regions.iter().peekable();
    let mut batches = recovered.batches.iter().peekable();
    let mut before = 0;
    for region in &recovered.regions {
        assert!(
            before <= region.begin && region.begin < region.end && region.end <= size,
            "{region:?} of {size} bytes, after one that ends at {before}"
        );
        before = region.end;
    }
    if recovered.regions.len() >= MAX_REGIONS {
        return;
    }
    let mut position = 0;
    while position < size {
        if recovered.failure.is_some() && batches.peek().is_none() && regions.peek().is_none() {
            return;
        }
        let chunk =
            chunk_at(file, position).filter(|(header, data)| hash(data) == header.data_hash);
        let skipped = |region: &&SkippedRegion| {
            region.begin == position && (chunk.is_none() || !is_block_header(region))
        };
        if let Some(region) = regions.next_if(skipped) {
            position = region.end;
            continue;
        }
        let Some((header, _)) = chunk else {
            panic!(
                "byte {position} of {size} is in no account: {:?} {:?}",
                recovered.regions, recovered.batches
            );
        };
        let end = header.end(position).unwrap();
        if let Some(batch) = batches.next_if(|batch| batch.chunk_begin == position) {
            assert!(header.chunk_type.holds_records());
            assert_eq!(
                (batch.records, batch.bytes),
                (header.num_records, header.decoded_data_size)
            );
        } else {
            match header.chunk_type {
                ChunkType::Signature | ChunkType::Metadata | ChunkType::Padding => {}
                // Perhaps the index of an ArrayRecord; what is none must not be passed over in
                // files whose records are known.
                ChunkType::Simple => {}
                other => assert!(other.holds_records() && header.num_records == 0),
            }
        }
        while regions
            .next_if(|region| region.begin < end && is_block_header(region))
            .is_some()
        {}
        position = end;
    }
    assert!(batches.next().is_none() && regions.next().is_none());
}

/// No chunk ends behind a block header, so that only one that lies in a chunk is a region by itself.
fn is_block_header(region: &SkippedRegion) -> bool {
    let block_begin = region.begin.is_multiple_of(BLOCK_SIZE as u64);
    block_begin && region.end - region.begin == BLOCK_HEADER_SIZE as u64
}

/// The chunk that begins at `position`, if its header matches its hash and its data are all there.
pub fn chunk_at(file: &[u8], position: u64) -> Option<(ChunkHeader, Vec<u8>)> {
    let mut payload = file
        .iter()
        .enumerate()
        .skip(position as usize)
        .filter(|(at, _)| at % BLOCK_SIZE >= BLOCK_HEADER_SIZE)
        .map(|(_, &byte)| byte);
    let bytes: Vec<u8> = payload.by_ref().take(CHUNK_HEADER_SIZE).collect();
    let field = |at: usize| {
        let bytes = bytes.get(at..at + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    };
    if field(0)? != hash(&bytes[8..]) || bytes.len() < CHUNK_HEADER_SIZE {
        return None;
    }
    let header = ChunkHeader {
        data_size: field(8)?,
        data_hash: field(16)?,
        chunk_type: ChunkType::from_byte(bytes[24]),
        num_records: field(24)? >> 8,
        decoded_data_size: field(32)?,
    };
    let size = usize::try_from(header.data_size).ok()?;
    let data: Vec<u8> = payload.take(size).collect();
    (data.len() == size).then_some((header, data))
}

/// Changes `file` somewhere.
pub fn edit(file: &mut Vec<u8>, input: &mut Input<'_>) {
    let kind = input.choice(8);
    let (begin, end) = stretch(file, input);
    match kind {
        0 | 1 => xor(&mut file[begin..end], input.byte()),
        2 => file[begin..end].fill(input.byte()),
        3 => file.truncate(begin),
        4 => file.extend_from_slice(input.bytes()),
        5 => drop(file.drain(begin..end)),
        6 => {
            let inserted = file[begin..end].to_vec();
            let (at, _) = stretch(file, input);
            file.splice(at..at, inserted);
        }
        _ => {
            let (at, _) = stretch(file, input);
            let end = end.min(begin + file.len() - at);
            file.copy_within(begin..end, at);
        }
    }
}

/// A stretch of `file`; few bytes more often than many.
fn stretch(file: &[u8], input: &mut Input<'_>) -> (usize, usize) {
    let size = file.len() as u64;
    let mut begin = input.number();
    if input.choice(2) == 1 {
        // Around a block header.
        begin = begin.wrapping_mul(BLOCK_SIZE as u64);
        begin = begin.wrapping_add(input.number()).wrapping_sub(128);
    }
    let begin = begin % (size + 1);
    let end = begin.saturating_add(input.number()).min(size);
    (begin as usize, end as usize)
}

fn xor(bytes: &mut [u8], mask: u8) {
    bytes.iter_mut().for_each(|byte| *byte ^= mask);
}

/// One stretch of damage costs the chunks that it touches, and no other.
fn one_damaged_stretch(input: &mut Input<'_>) {
    let description = input.bytes();
    let Some(original) = sound_file(&mut Input::new(description)) else {
        return;
    };
    let expected = read_batches(&original).batches;
    let mut file = original.clone();
    let (begin, end) = stretch(&file, input);
    match input.choice(2) {
        0 => file[begin..end].fill(0),
        _ => xor(&mut file[begin..end], input.byte()),
    }
    let damaged = begin as u64..end as u64;
    let recovered = recover_in_every_way(&file);
    if embeds_a_file(&original) {
        return;
    }
    for batch in &recovered {
        assert!(expected.contains(batch), "records that were not written");
    }
    for batch in &expected {
        let (header, _) = chunk_at(&original, batch.chunk_begin).unwrap();
        let chunk_end = header.end(batch.chunk_begin).unwrap();
        let touched = batch.chunk_begin < damaged.end && damaged.start < chunk_end;
        assert!(
            touched || recovered.contains(batch),
            "an intact chunk was lost"
        );
    }
}

/// A file as a writer makes it; none if the options do not go together.
pub fn sound_file(input: &mut Input<'_>) -> Option<Vec<u8>> {
    let options = writing::options(input);
    let mut file = Vec::new();
    let writer = RecordWriter::new(&mut file, &options).ok()?;
    writing::write_records(writer, &options, input);
    Some(file)
}

/// Says whether there is a file signature in the records of `file`.
pub fn embeds_a_file(file: &[u8]) -> bool {
    let signature = &file[BLOCK_HEADER_SIZE..SIGNATURE_SIZE as usize];
    let found = |bytes: &[u8]| bytes.windows(8).any(|window| window == &signature[..8]);
    found(&file[SIGNATURE_SIZE as usize..])
}
