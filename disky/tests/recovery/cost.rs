//! What looking for intact chunks costs, counted in bytes and not in seconds.

use crate::model::{BLOCK, Original};
use crate::support::{bytes, write_all};
use crate::{cost_limit, recovering, uncompressed};
use disky::{BatchMemory, ChunkHeader, ChunkType, RecordReader, Source, hash};
use std::cell::Cell;
use std::io::{self, IoSliceMut};

const MIB: usize = 1 << 20;

/// A source that counts the bytes and the requests it serves.
struct Counting<'a> {
    file: &'a [u8],
    read: &'a Cell<u64>,
    requests: &'a Cell<u64>,
}

impl Source for Counting<'_> {
    fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let got = self.file.read_at(offset, pieces)?;
        self.read.set(self.read.get() + got as u64);
        self.requests.set(self.requests.get() + 1);
        Ok(got)
    }

    fn size(&self) -> u64 {
        self.file.len() as u64
    }
}

/// Reads all of `file` and returns the positions of the chunks that came back. Checks that no more
/// was hashed than is promised, and that reading stays within bounds.
fn read(file: &[u8], most_requests: u64) -> Vec<usize> {
    let (read, requests) = (Cell::new(0), Cell::new(0));
    let source = Counting {
        file,
        read: &read,
        requests: &requests,
    };
    let mut reader = RecordReader::new(source, recovering(true));
    let (mut memory, mut found) = (BatchMemory::default(), Vec::new());
    while let Some(batch) = reader.next_batch(&mut memory).unwrap() {
        found.push(batch.chunk_begin() as usize);
    }
    let size = file.len() as u64;
    let hashed = reader.hashed_bytes();
    let (read, requests) = (read.get(), requests.get());
    println!("{size} bytes: {hashed} hashed, {read} read in {requests} requests");
    assert!(hashed <= cost_limit(file), "{hashed} hashed of {size}");
    assert!(read <= 64 * size, "{read} read of {size}");
    assert!(requests <= most_requests, "{requests} requests");
    found
}

fn records() -> Original {
    let records: Vec<Vec<u8>> = (0..200).map(|i| bytes(i, 5000)).collect();
    Original::new("records", write_all(&records, &uncompressed(50_000)))
}

fn chunks_of(original: &Original) -> Vec<usize> {
    original.records.keys().copied().collect()
}

/// A chunk header with a right hash, of records that nobody has.
pub fn header(data_size: usize) -> [u8; 40] {
    let mut bytes = [0; 40];
    bytes[8..16].copy_from_slice(&(data_size as u64).to_le_bytes());
    bytes[24] = ChunkType::Simple.to_byte();
    bytes[25] = 1;
    let stated = hash(&bytes[8..]);
    bytes[..8].copy_from_slice(&stated.to_le_bytes());
    bytes
}

/// A block header with a right hash.
pub fn block_header(previous_chunk: usize, next_chunk: usize) -> [u8; 24] {
    let mut bytes = [0; 24];
    bytes[8..16].copy_from_slice(&(previous_chunk as u64).to_le_bytes());
    bytes[16..].copy_from_slice(&(next_chunk as u64).to_le_bytes());
    let stated = hash(&bytes[8..]);
    bytes[..8].copy_from_slice(&stated.to_le_bytes());
    bytes
}

fn payload(begin: usize, end: usize) -> usize {
    let blocks = end.div_ceil(BLOCK) - begin.div_ceil(BLOCK);
    end - begin - 24 * blocks
}

#[test]
fn zeros_after_the_records_cost_no_hashing() {
    let original = records();
    let mut file = original.bytes.clone();
    file.resize(9 * MIB, 0);
    assert_eq!(read(&file, 1000), chunks_of(&original));
    let mut reader = RecordReader::new(&file[..], recovering(true));
    while reader
        .next_batch(&mut BatchMemory::default())
        .unwrap()
        .is_some()
    {}
    let size = original.bytes.len() as u64;
    assert!(reader.hashed_bytes() < size + size / 8);
}

/// Small integers look like block headers and chunk headers; chunks behind them are found all the
/// same.
#[test]
fn integers_do_not_use_up_the_budget() {
    let original = records();
    let mut file = original.bytes.clone();
    let chunks = &original.chunks;
    for block in (BLOCK..file.len()).step_by(BLOCK) {
        file[block] ^= 1;
    }
    let (from, to) = (chunks[2].begin, chunks[chunks.len() - 3].begin);
    let mut random = crate::Random::new(90_000_000);
    for at in (from..to).step_by(8) {
        let number = 100 + random.below(60_000) as u64;
        let end = to.min(at + 8);
        file[at..end].copy_from_slice(&number.to_le_bytes()[..end - at]);
    }
    let mut expected = chunks_of(&original);
    expected.retain(|begin| !(from..to).contains(begin));
    assert_eq!(read(&file, 1000), expected);
}

/// Chunk headers one after the other, each of which claims everything up to the end; behind them,
/// placed by block headers, what must come back all the same.
#[test]
fn headers_that_claim_everything_to_the_end() {
    let original = records();
    for with_tail in [false, true] {
        let mut file = original.bytes[..64].to_vec();
        let end = 8 * MIB;
        while file.len() + 64 < end {
            let at = file.len();
            let headers = at.next_multiple_of(BLOCK) - at;
            if headers < 40 || at % BLOCK < 25 {
                file.resize(at + headers.clamp(1, 25), 0);
                continue;
            }
            file.extend_from_slice(&header(payload(at, end) - 40));
        }
        file.resize(end, 0);
        let mut expected = Vec::new();
        if with_tail {
            let tail = &original.bytes[BLOCK..];
            file.extend_from_slice(tail);
            expected = chunks_of(&original);
            // Where a chunk begins that a block header of the tail states.
            expected.retain(|&begin| begin >= BLOCK);
            expected.iter_mut().for_each(|begin| *begin += end - BLOCK);
        }
        let found = read(&file, 200_000);
        assert_eq!(found, expected, "with a tail: {with_tail}");
    }
}

/// Chunks without data, whose hash is wrong: chains as long as can be, that lead nowhere.
#[test]
fn long_chains_that_lead_nowhere() {
    let original = records();
    for tail in [&b"x"[..], &[0; 100], b""] {
        let mut file = original.bytes.clone();
        let begin = file.len();
        while file.len() < begin + MIB {
            let at = file.len();
            match at % BLOCK {
                0 => file.resize(at + 24, 0),
                // Whole headers up to the next block, so that none is interrupted.
                offset if BLOCK - offset < 40 => file.resize(at + BLOCK - offset, 0),
                _ => file.extend_from_slice(&header(0)),
            }
        }
        file.extend_from_slice(tail);
        // Headers of this file are damaged, so that they are looked for.
        file[begin] ^= 1;
        assert_eq!(read(&file, 200_000), chunks_of(&original));
    }
}

/// Block headers with right hashes, each of which states another chunk, from early in the file to
/// its end.
#[test]
fn block_headers_that_disagree() {
    let original = records();
    let steps = [0, 40, 4000, BLOCK];
    for (step, with_headers) in steps.iter().flat_map(|&step| [(step, false), (step, true)]) {
        let mut file = original.bytes[..64].to_vec();
        file.resize(6 * MIB, 0);
        for block in (BLOCK..file.len()).step_by(BLOCK) {
            let begin = (100 + block / BLOCK * step).min(block);
            let begin = if begin % BLOCK < 25 {
                begin + 25
            } else {
                begin
            };
            let begin = begin.min(block);
            let end = file.len();
            let stated = block_header(block - begin, end - block);
            file[block..block + 24].copy_from_slice(&stated);
            if with_headers && begin % BLOCK >= 25 && begin % BLOCK + 40 <= BLOCK {
                let lies = header(payload(begin, end) - 40);
                file[begin..begin + 40].copy_from_slice(&lies);
            }
        }
        // Each block header is asked about twice at most, without going back to the first one.
        assert_eq!(read(&file, 600).len(), 0, "step {step}");
    }
}

/// The same, where each block header and a chunk header agree that a chunk reaches from there to the
/// end.
#[test]
fn block_headers_and_chunk_headers_against_those_behind_them() {
    let mut file = records().bytes[..64].to_vec();
    file.resize(6 * MIB, 0);
    for block in (BLOCK..file.len()).step_by(BLOCK) {
        let (begin, end) = (block - 1000, file.len());
        let stated = block_header(1000, end - block);
        file[block..block + 24].copy_from_slice(&stated);
        let lies = header(payload(begin, end) - 40);
        file[begin..begin + 40].copy_from_slice(&lies);
    }
    assert_eq!(read(&file, 20_000).len(), 0);
}

/// All that can make a search expensive at once, in every order of a few.
#[test]
fn any_mixture() {
    let original = records();
    for seed in 80_000_000..80_000_020 {
        let mut random = crate::Random::new(seed);
        let mut file = original.bytes.clone();
        let end = file.len();
        for _ in 0..2000 {
            let at = random.below(end - 40);
            let claims = match random.below(3) {
                0 => 0,
                1 => random.below(BLOCK),
                _ => payload(at, end).saturating_sub(40),
            };
            file[at..at + 40].copy_from_slice(&header(claims));
        }
        println!("seed {seed}");
        read(&file, 100_000);
    }
}

/// A chunk header as the library makes it is the one that these tests make.
#[test]
fn headers_of_these_tests() {
    let mut file = Vec::new();
    let stated = ChunkHeader {
        data_size: 7,
        data_hash: 0,
        chunk_type: ChunkType::Simple,
        num_records: 1,
        decoded_data_size: 0,
    };
    let mut writer = disky::ChunkWriter::new(&mut file, 64);
    writer.write(&stated, &[&[0; 7]]).unwrap();
    assert_eq!(file[64..104], header(7));
}
