//! What no writer makes: contents that contradict their header, structures from elsewhere, sources
//! that fail.

use crate::cost::block_header;
use crate::damage::Random;
use crate::model::{BLOCK, Original, coalesce};
use crate::support::{bytes, write_all};
use crate::{cost_limit, recover, recovering, uncompressed};
use disky::{
    BatchMemory, ChunkHeader, ChunkType, ChunkWriter, Dialect, ErrorKind, Limits, ReaderOptions,
    RecordReader, Source, WriterOptions, hash,
};
use proptest::prelude::*;
use std::io::{self, IoSliceMut};

/// A chunk of one record, with right hashes.
fn record(text: &[u8]) -> (ChunkHeader, Vec<u8>) {
    let data = [&[0, 1, text.len() as u8], text].concat();
    (chunk(b'r', 1, text.len() as u64, &data), data)
}

fn chunk(chunk_type: u8, num_records: u64, decoded_data_size: u64, data: &[u8]) -> ChunkHeader {
    ChunkHeader {
        data_size: data.len() as u64,
        data_hash: hash(data),
        chunk_type: ChunkType::from_byte(chunk_type),
        num_records,
        decoded_data_size,
    }
}

fn file_of(chunks: &[(ChunkHeader, Vec<u8>)]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut writer = ChunkWriter::new(&mut file, 0);
    writer.write_signature().unwrap();
    for (header, data) in chunks {
        writer.write(header, &[data]).unwrap();
    }
    file
}

fn records_of(file: &[u8]) -> Vec<Vec<u8>> {
    let found = recover(file, true);
    found
        .batches
        .into_iter()
        .flat_map(|batch| batch.2)
        .collect()
}

#[test]
fn chunks_that_contradict_themselves_are_left_out() {
    let cases: &[(u8, u64, u64, &[u8], ErrorKind)] = &[
        (b'r', 1, 0, &[], ErrorKind::RecordSizes),
        (b'r', 1, 2, &[0, 1, 3, b'a', b'b'], ErrorKind::RecordSizes),
        (b'r', 1, 1 << 60, &[0, 1, 2, 97, 98], ErrorKind::RecordSizes),
        (b'r', 1, 1 << 60, &[b'z', 1, 2, 97], ErrorKind::RecordSizes),
        (b'r', 1, 2, &[b'z', 1, 2, 97, 98], ErrorKind::CompressedData),
        (
            b'r',
            1,
            2,
            &[9, 1, 2, 97],
            ErrorKind::UnsupportedCompression,
        ),
        (b't', 1, 2, &[0, 1, 2], ErrorKind::TransposedData),
        (b'x', 1, 2, &[0, 1, 2], ErrorKind::UnsupportedChunkType),
        (b'p', 1, 0, &[0; 50], ErrorKind::ChunkHeader),
        (b's', 0, 0, &[0; 50], ErrorKind::ChunkHeader),
    ];
    for &(chunk_type, records, decoded, data, kind) in cases {
        let lie = (chunk(chunk_type, records, decoded, data), data.to_vec());
        let file = file_of(&[record(b"before"), lie.clone(), record(b"behind")]);
        let found = recover(&file, true);
        let case = format!("{} {data:02x?}", chunk_type as char);
        let places: Vec<usize> = found.batches.iter().map(|batch| batch.0).collect();
        let begin = file_of(&[record(b"before")]).len();
        let end = file_of(&[record(b"before"), lie]).len();
        assert_eq!(places, [64, end], "{case}");
        let gaps: Vec<_> = found.regions.iter().map(|r| (r.begin, r.end)).collect();
        assert_eq!(gaps, [(begin as u64, end as u64)], "{case}");
        assert_eq!(found.regions[0].reason.kind(), kind, "{case}");
    }
}

/// As many records as to reach past the end of the file: the chunk takes nothing with it.
#[test]
fn a_record_count_that_claims_the_rest_of_the_file() {
    let mut file = file_of(&[record(b"liar"), record(b"one"), record(b"two")]);
    file[64 + 25..64 + 32].copy_from_slice(&[0xff, 0xff, 0xff, 0, 0, 0, 0]);
    let stated = hash(&file[64 + 8..64 + 40]);
    file[64..64 + 8].copy_from_slice(&stated.to_le_bytes());
    let found = recover(&file, true);
    let scanned: Vec<bool> = found.batches.iter().map(|batch| batch.1).collect();
    assert_eq!(scanned, [true, true]);
    assert_eq!(records_of(&file), [b"one", b"two"]);
    assert_eq!(found.regions[0].end, 64 + 40 + 3 + 4);
    assert!(recover(&file, false).batches.is_empty());
}

/// Records that a higher limit would give are not left out, but those that nobody could have are.
#[test]
fn chunks_above_the_limit_are_an_error() {
    let file = file_of(&[record(b"before"), record(&[b'a'; 100]), record(b"behind")]);
    let limited = |max_chunk_size| ReaderOptions {
        limits: Limits::default().max_chunk_size(max_chunk_size),
        ..recovering(true)
    };
    let mut reader = RecordReader::new(&file[..], limited(60));
    let mut memory = BatchMemory::default();
    assert!(reader.next_batch(&mut memory).unwrap().is_some());
    for _ in 0..3 {
        let error = reader.next_batch(&mut memory).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }
    let mut damaged = file.clone();
    damaged[64 + 49 + 60] ^= 1;
    let mut reader = RecordReader::new(&damaged[..], limited(60));
    assert!(reader.next_batch(&mut memory).unwrap().is_some());
    let behind = reader.next_batch(&mut memory).unwrap().unwrap();
    assert_eq!(behind.get(0), Some(&b"behind"[..]));
    let region = reader.next_skipped_region().unwrap();
    assert_eq!(region.reason.kind(), ErrorKind::DataHash);
}

/// Records of which the second is a record file of two chunks, each a chunk alone; and where that
/// file lies.
fn with_a_file_inside(behind: &[&[u8]]) -> (Original, usize, usize) {
    let inner = write_all(&[bytes(1, 200), bytes(2, 200)], &uncompressed(100));
    let mut records = vec![b"before".to_vec(), inner.clone()];
    records.extend(behind.iter().map(|record| record.to_vec()));
    let original = Original::new("inside", write_all(&records, &uncompressed(1)));
    let end = original.chunks[2].data_end;
    (original, end - inner.len(), end)
}

/// Half of an embedded signature is enough to know an embedded file; without it nothing tells.
#[test]
fn what_is_left_of_an_embedded_signature() {
    let (original, inner, _) = with_a_file_inside(&[b"behind"]);
    let mut damaged = original.bytes.clone();
    damaged[original.chunks[2].begin] ^= 1;
    for at in [inner, inner + 23, inner + 24, inner + 63] {
        let mut damaged = damaged.clone();
        damaged[at] ^= 1;
        crate::check(&original, &damaged, &format!("byte {at}"));
        assert_eq!(records_of(&damaged), [b"before"], "byte {at}");
    }
    damaged[inner] ^= 1;
    damaged[inner + 24] ^= 1;
    let found = recover(&damaged, true);
    let scanned: Vec<bool> = found.batches.iter().map(|batch| batch.1).collect();
    assert_eq!(scanned, [false, true, true, true]);
    let found = recover(&damaged, false);
    assert_eq!(found.batches.len(), 1);
}

/// An intact chunk is passed as a whole by a search, though the chain from it leads nowhere.
#[test]
fn embedded_files_in_intact_chunks_end_no_search() {
    let (original, ..) = with_a_file_inside(&[b"third", b"fourth", b"fifth"]);
    let mut damaged = original.bytes.clone();
    damaged[original.chunks[1].begin] ^= 1;
    damaged[original.chunks[3].begin] ^= 1;
    crate::check(&original, &damaged, "around");
    assert_eq!(records_of(&damaged), [&b"fourth"[..], b"fifth"]);
}

/// An embedded file is known by its first bytes even where integers have used up what may be hashed
/// to find one.
#[test]
fn embedded_files_behind_integers() {
    let inner = write_all(&[bytes(1, 200), bytes(2, 200)], &uncompressed(100));
    let integers = (0..50_000u64).flat_map(|i| (100 + i * 7 % 60_000).to_le_bytes());
    let record: Vec<u8> = integers.chain(inner.iter().copied()).collect();
    let records = [b"before".to_vec(), record, b"behind".to_vec()];
    let original = Original::new("integers", write_all(&records, &uncompressed(1)));
    let outer = original.chunks[2];
    let mut damaged = original.bytes.clone();
    for block in (BLOCK..damaged.len()).step_by(BLOCK) {
        damaged[block] ^= 1;
    }
    damaged[outer.begin] ^= 1;
    damaged[outer.data_end - inner.len() + 24] ^= 1;
    crate::check(&original, &damaged, "integers");
    assert_eq!(records_of(&damaged), [b"before"]);
}

/// A block header that states where the next chunk begins confirms where a damaged one ends, so that
/// it is not searched.
#[test]
fn a_damaged_chunk_before_one_that_a_block_header_states() {
    let long = vec![b'x'; 2 * BLOCK];
    let (original, inner, _) = with_a_file_inside(&[&long, b"behind"]);
    let mut damaged = original.bytes.clone();
    damaged[inner] ^= 1;
    damaged[inner + 24] ^= 1;
    damaged[original.chunks[3].begin] ^= 1;
    assert_eq!(records_of(&damaged), [&b"before"[..], b"behind"]);
}

/// Chains that lead nowhere are followed once, not from each of their chunks.
#[test]
fn long_chains_do_not_use_up_the_budget() {
    let records: Vec<Vec<u8>> = (0..1000).map(|i| bytes(i, 10)).collect();
    let original = Original::new("chain", write_all(&records, &uncompressed(1)));
    assert!(original.bytes.len() < BLOCK);
    let mut damaged = original.bytes.clone();
    for i in [1, original.chunks.len() - 3] {
        damaged[original.chunks[i].begin] ^= 1;
    }
    crate::check(&original, &damaged, "chain");
    assert_eq!(records_of(&damaged), records[998..]);
}

/// The last chunk of a piece of another file ends, by chance, where a chunk of this file ends: it
/// leads to the end of the file, but so does what it overlaps.
#[test]
fn a_foreign_chain_that_joins_by_chance() {
    let records: Vec<Vec<u8>> = (0..100).map(|i| bytes(i, 10)).collect();
    let original = Original::new("joined", write_all(&records, &uncompressed(1)));
    let chunks = &original.chunks;
    let foreign = file_of(&[record(b"foreign")])[64..].to_vec();
    let begin = chunks[10].begin + 5;
    let mut piece = foreign.clone();
    // A header that claims everything up to the end of the 50th chunk.
    let size = chunks[50].end - begin - foreign.len() - 40;
    piece.extend_from_slice(&crate::cost::header(size));
    let mut damaged = original.bytes.clone();
    damaged[begin..begin + piece.len()].copy_from_slice(&piece);
    crate::check(&original, &damaged, "joined");
    assert!(!records_of(&damaged).contains(&b"foreign".to_vec()));
}

/// What is left of a torn chunk is not searched, though chunks of an embedded file end where it is
/// torn.
#[test]
fn a_torn_tail_is_not_searched() {
    let (original, inner, end) = with_a_file_inside(&[]);
    let file = Original::new("inner", original.bytes[inner..end].to_vec());
    let cut = inner + file.chunks[1].end;
    let mut damaged = original.bytes[..cut].to_vec();
    // Without its signature nothing would tell it from the outer file.
    damaged[inner..inner + 64].fill(0);
    let found = recover(&damaged, true);
    assert_eq!(found.batches.len(), 1);
    assert_eq!(found.regions.len(), 1);
    assert_eq!(found.regions[0].reason.kind(), ErrorKind::Truncated);
    assert_eq!(found.regions[0].end, cut as u64);
}

#[test]
fn concatenated_files_and_their_signatures() {
    let first = crate::golden_files("riegeli");
    let first = first
        .iter()
        .find(|file| file.name.starts_with("protos.zstd"))
        .unwrap();
    assert_eq!(first.bytes.len() % BLOCK, 0);
    let second: Vec<Vec<u8>> = (0..50).map(|i| bytes(i, 300)).collect();
    let second = write_all(&second, &uncompressed(1000));
    let whole = Original::new("concatenated", [&first.bytes[..], &second].concat());
    let signature = first.bytes.len();
    for at in (0..64).step_by(5).map(|offset| signature + offset) {
        let mut damaged = whole.bytes.clone();
        damaged[at] ^= 4;
        crate::check(&whole, &damaged, &format!("byte {at}"));
        let found = recover(&damaged, true);
        assert_eq!(found.batches.len(), whole.records.len());
    }
}

/// A sector that went to the wrong place: a block header that is intact but not of this chunk.
#[test]
fn block_headers_from_elsewhere() {
    let records: Vec<Vec<u8>> = (0..400).map(|i| bytes(i, 2000)).collect();
    let original = Original::new("misdirected", write_all(&records, &uncompressed(9_000)));
    let blocks = original.bytes.len() / BLOCK;
    for (from, to) in (1..blocks).flat_map(|from| (1..blocks).map(move |to| (from, to))) {
        for len in [24, 512, 4096] {
            let mut damaged = original.bytes.clone();
            let (from, to) = (from * BLOCK, to * BLOCK);
            damaged.copy_within(from..from + len, to);
            let found = recover(&damaged, true);
            let places: Vec<usize> = found.batches.iter().map(|batch| batch.0).collect();
            let expected: Vec<usize> = original
                .chunks
                .iter()
                .filter(|chunk| {
                    let hit = len > 24 && from != to;
                    let in_it = chunk.begin.max(to) < chunk.data_end.min(to + len);
                    !hit || !in_it
                })
                .map(|chunk| chunk.begin)
                .filter(|begin| original.records.contains_key(begin))
                .collect();
            assert_eq!(places, expected, "{len} bytes from {from} to {to}");
        }
    }
}

/// Whole blocks of another file, where block headers belong: which file is the right one cannot be
/// told, but what lies outside comes back, and nothing comes twice.
#[test]
fn blocks_of_another_file() {
    let records: Vec<Vec<u8>> = (0..400).map(|i| bytes(i, 2000)).collect();
    let original = Original::new("outer", write_all(&records, &uncompressed(9_000)));
    let other: Vec<Vec<u8>> = (0..300).map(|i| bytes(1000 + i, 3100)).collect();
    let other = write_all(&other, &uncompressed(40_000));
    let blocks = original.bytes.len() / BLOCK;
    for first in 1..blocks {
        for last in first + 1..=blocks {
            let (begin, end) = (first * BLOCK, last * BLOCK);
            let mut damaged = original.bytes.clone();
            damaged[begin..end].copy_from_slice(&other[begin..end]);
            let found = recover(&damaged, true);
            assert_covered(&found, &damaged);
            let places: Vec<usize> = found.batches.iter().map(|batch| batch.0).collect();
            for chunk in &original.chunks[1..] {
                // Behind the piece a block header must say where chunks begin.
                let behind = chunk.begin >= end + BLOCK;
                if chunk.end <= begin || behind {
                    assert!(places.contains(&chunk.begin), "{first} {last} {chunk:?}");
                }
            }
        }
    }
}

/// What was returned and what was skipped lie in order and do not overlap, but for block headers
/// within chunks.
fn assert_covered(found: &crate::Recovered, file: &[u8]) {
    let gaps = found
        .regions
        .iter()
        .map(|r| (r.begin as usize, r.end as usize));
    let gaps: Vec<(usize, usize)> = gaps.collect();
    assert!(
        gaps.iter().all(|gap| gap.0 < gap.1 && gap.1 <= file.len()),
        "{gaps:?}"
    );
    assert!(
        gaps.windows(2).all(|pair| pair[0].1 <= pair[1].0),
        "{gaps:?}"
    );
    let begins: Vec<usize> = found.batches.iter().map(|batch| batch.0).collect();
    assert!(begins.is_sorted_by(|a, b| a < b), "{begins:?}");
    let wide = gaps.iter().filter(|gap| gap.1 - gap.0 != 24);
    for gap in wide {
        assert!(
            !begins.iter().any(|b| (gap.0..gap.1).contains(b)),
            "{gap:?}"
        );
    }
    assert!(found.hashed <= cost_limit(file), "{} hashed", found.hashed);
}

/// Fails the request with this number, once.
struct FailsOnce<'a>(&'a [u8], usize);

impl Source for FailsOnce<'_> {
    fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.1 = self.1.wrapping_sub(1);
        if self.1 == usize::MAX {
            return Err(io::Error::from_raw_os_error(5));
        }
        // Little at a time, so that there are many requests to fail.
        let mut few = vec![0; 8192];
        let got = self.0.read_at(offset, &mut [IoSliceMut::new(&mut few)])?;
        (&few[..got]).read_at(0, pieces)
    }

    fn size(&self) -> u64 {
        self.0.len() as u64
    }
}

/// A failed request is no damage: it is reported, and nothing is lost when it is made again.
#[test]
fn failed_requests_are_errors_and_change_nothing() {
    let records: Vec<Vec<u8>> = (0..200).map(|i| bytes(i, 2000)).collect();
    let original = Original::new("failing", write_all(&records, &uncompressed(9_000)));
    let mut damaged = original.bytes.clone();
    let chunks = &original.chunks;
    for at in [
        chunks[2].begin,
        chunks[5].begin + 50,
        2 * BLOCK,
        chunks[25].begin + 9,
    ] {
        damaged[at] ^= 1;
    }
    let expected = recover(&damaged, true);
    let describe = |regions: &[disky::SkippedRegion]| -> Vec<String> {
        regions.iter().map(|region| format!("{region:?}")).collect()
    };
    let mut errors = 0;
    for request in 0.. {
        let mut reader = RecordReader::new(FailsOnce(&damaged, request), recovering(true));
        let (mut memory, mut places) = (BatchMemory::default(), Vec::new());
        let mut failed = false;
        loop {
            match reader.next_batch(&mut memory) {
                Ok(Some(batch)) => places.push(batch.chunk_begin() as usize),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!((error.kind(), error.os_error()), (ErrorKind::Io, Some(5)));
                    failed = true;
                }
            }
        }
        let regions: Vec<_> = std::iter::from_fn(|| reader.next_skipped_region()).collect();
        assert_eq!(
            describe(&regions),
            describe(&expected.regions),
            "request {request}"
        );
        let all = expected.batches.iter().map(|batch| batch.0);
        assert_eq!(places, all.collect::<Vec<_>>(), "request {request}");
        if !failed {
            break;
        }
        errors += 1;
    }
    assert!(errors > 40, "{errors}");
}

#[test]
fn other_questions_do_not_disturb() {
    let records: Vec<Vec<u8>> = (0..100).map(|i| bytes(i, 2000)).collect();
    let original = Original::new("asked", write_all(&records, &uncompressed(9_000)));
    let mut damaged = original.bytes.clone();
    damaged[BLOCK] ^= 1;
    damaged[original.chunks[3].begin] ^= 1;
    let expected = recover(&damaged, true);
    let mut reader = RecordReader::new(&damaged[..], recovering(true));
    let (mut memory, mut places) = (BatchMemory::default(), Vec::new());
    while let Some(batch) = reader.next_batch(&mut memory).unwrap() {
        places.push(batch.chunk_begin() as usize);
        // They tell of damage, whatever is done about it.
        assert!(reader.count().is_err());
        assert!(reader.chunk_at(original.chunks[3].begin as u64).is_err());
        assert_eq!(reader.metadata().unwrap(), None);
    }
    let all: Vec<usize> = expected.batches.iter().map(|batch| batch.0).collect();
    assert_eq!(places, all);
    assert_eq!(reader.hashed_bytes(), expected.hashed);
}

/// Regions that touch are one only if the same is wrong with them, so that each reason is told.
#[test]
fn regions_that_touch_for_other_reasons() {
    let file = file_of(&[record(b"one"), record(b"two"), record(b"three")]);
    let end = file.len() as u64;
    let mut damaged = file.clone();
    damaged[30] ^= 1;
    damaged[70] ^= 1;
    let found = recover(&damaged, false);
    assert_eq!(found.batches.len(), 0);
    let regions: Vec<_> = found
        .regions
        .iter()
        .map(|region| (region.begin, region.end, region.reason.kind()))
        .collect();
    let expected = [
        (0, 64, ErrorKind::NotARecordFile),
        (64, end, ErrorKind::ChunkHeader),
    ];
    assert_eq!(regions, expected);

    // Two chunks in a row with the same damage are one, and so many with two kinds of it are not.
    let lie = |kind: u8| (chunk(b'r', 1, 2, &[kind, 1, 2]), vec![kind, 1, 2]);
    let same = file_of(&[lie(9), lie(9), record(b"behind")]);
    assert_eq!(recover(&same, true).regions.len(), 1);
    let other = file_of(&[lie(9), lie(0), lie(9), record(b"behind")]);
    let kinds: Vec<_> = recover(&other, true)
        .regions
        .iter()
        .map(|region| region.reason.kind())
        .collect();
    let unknown = ErrorKind::UnsupportedCompression;
    assert_eq!(kinds, [unknown, ErrorKind::RecordSizes, unknown]);
}

/// However many regions there are between two batches, few are kept, and they cover the same.
#[test]
fn many_regions_take_little_memory() {
    let padding = || (chunk(b'p', 0, 0, b""), Vec::new());
    let damaged = || {
        let mut header = chunk(b'r', 1, 1, b"");
        header.data_hash ^= 1;
        (header, Vec::new())
    };
    let pairs = (0..10_000).flat_map(|_| [damaged(), padding()]);
    let chunks: Vec<_> = std::iter::once(record(b"one"))
        .chain(pairs)
        .chain([record(b"two")])
        .collect();
    let found = recover(&file_of(&chunks), true);
    assert_eq!(found.batches.len(), 2);
    assert_eq!(found.regions.len(), 4096);
    let end = found.batches[1].0 as u64;
    assert_eq!(found.regions.last().unwrap().end, end - 40);
}

/// What counts is how many there are between two batches, however late somebody asks for them.
#[test]
fn regions_before_the_last_batch_are_all_kept() {
    let pairs = (0..5000).flat_map(|_| {
        let mut header = chunk(b'r', 1, 1, b"");
        header.data_hash ^= 1;
        [(header, Vec::new()), record(b"one")]
    });
    let file = file_of(&pairs.collect::<Vec<_>>());
    let mut reader = RecordReader::new(&file[..], recovering(true));
    let mut memory = BatchMemory::default();
    let mut batches = 0;
    while reader.next_batch(&mut memory).unwrap().is_some() {
        batches += 1;
    }
    assert_eq!((batches, reader.skipped_regions()), (5000, 5000));
}

/// A chunk that a search has found is so; the same chunk, or one before it, after a seek is not.
#[test]
fn a_seek_forgets_the_search() {
    let file = file_of(&[record(b"one"), record(b"two"), record(b"three")]);
    let mut damaged = file.clone();
    let two = file_of(&[record(b"one")]).len() as u64;
    let three = file_of(&[record(b"one"), record(b"two")]).len() as u64;
    damaged[two as usize] ^= 1;
    let mut reader = RecordReader::new(&damaged[..], recovering(true));
    let mut memory = BatchMemory::default();
    let mut scanned = Vec::new();
    while let Some(batch) = reader.next_batch(&mut memory).unwrap() {
        scanned.push((batch.chunk_begin(), batch.scanned()));
    }
    assert_eq!(scanned, [(64, false), (three, true)]);
    reader.seek(64, two).unwrap();
    let batch = reader.next_batch(&mut memory).unwrap().unwrap();
    assert_eq!((batch.chunk_begin(), batch.scanned()), (64, false));
}

/// The last chunk may lack padding: what was skipped ends where the file does.
#[test]
fn a_damaged_chunk_without_its_padding() {
    let options = WriterOptions {
        dialect: Dialect::Riegeli,
        ..WriterOptions::default()
    };
    let whole = Original::new("padded", write_all(&vec![Vec::new(); 500], &options));
    let mut file = whole.bytes.clone();
    let least = whole.chunks[1].data_end;
    file[least - 1] ^= 1;
    assert!(file.len() > least + 400);
    while file.len() >= least {
        let found = recover(&file, true);
        assert_eq!(found.batches.len(), 0);
        let region = found.regions.last().unwrap();
        assert_eq!(region.reason.kind(), ErrorKind::DataHash);
        assert_eq!(region.end, file.len() as u64);
        assert_covered(&found, &file);
        file.pop();
    }
}

/// Block headers say where the chunk with the damaged header ends. Its records are not searched,
/// though one of them holds chunks, without their signature, that end where it does.
#[test]
fn what_a_block_header_covers_is_not_searched() {
    let inner = write_all(&[bytes(1, 200), bytes(2, 200)], &uncompressed(100));
    let outer = [&bytes(3, BLOCK + 5000)[..], &inner[64..]].concat();
    let records = [b"before".to_vec(), outer, bytes(4, BLOCK)];
    let original = Original::new("covered", write_all(&records, &uncompressed(1)));
    let covered = original.chunks[2];
    assert_eq!(covered.data_end, covered.end);
    for break_next in [false, true] {
        let mut damaged = original.bytes.clone();
        damaged[covered.begin + 3] ^= 1;
        if break_next {
            damaged[original.chunks[3].data_end - 1] ^= 1;
        }
        let found = recover(&damaged, true);
        let places: Vec<_> = found.batches.iter().map(|b| (b.0, b.1)).collect();
        let mut expected = vec![(64, false), (original.chunks[3].begin, false)];
        expected.truncate(2 - usize::from(break_next));
        assert_eq!(places, expected);
        let gap = &found.regions[0];
        assert_eq!(
            (gap.begin, gap.end),
            (covered.begin as u64, covered.end as u64)
        );
        assert!(!gap.scanned);
    }
}

/// A header that claims more than the file holds is believed unless all that could confirm it is
/// damaged: then what follows is searched.
#[test]
fn a_claim_past_the_end_that_no_block_header_confirms() {
    let large = [&[0, 3, 0x80, 0x80, 4][..], &bytes(1, BLOCK)].concat();
    let large = (chunk(b'r', 1, BLOCK as u64, &large), large);
    let mut file = file_of(&[record(b"one"), record(b"lie"), large, record(b"two")]);
    let begin = file_of(&[record(b"one")]).len();
    let behind = file_of(&[record(b"one"), record(b"lie")]).len();
    file[begin + 8..begin + 16].copy_from_slice(&(1u64 << 30).to_le_bytes());
    let stated = hash(&file[begin + 8..begin + 40]);
    file[begin..begin + 8].copy_from_slice(&stated.to_le_bytes());
    file[BLOCK] ^= 1;
    let found = recover(&file, true);
    let places: Vec<_> = found.batches.iter().map(|b| (b.0, b.1)).collect();
    let last = file.len() - 40 - 6;
    assert_eq!(places, [(64, false), (behind, true), (last, true)]);
}

#[test]
fn small_files_of_any_sort() {
    for file in [&b""[..], b"x", &[0; 63], &[0; 64], &[0; 65], &[7; 500]] {
        let found = recover(file, true);
        assert_eq!(found.batches.len(), 0);
        let gaps = found
            .regions
            .iter()
            .map(|r| (r.begin as usize, r.end as usize));
        let all = (!file.is_empty()).then_some((0, file.len()));
        assert_eq!(coalesce(gaps), all.into_iter().collect::<Vec<_>>());
    }
    let empty = write_all(&[], &WriterOptions::default());
    assert!(recover(&empty, true).regions.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Structures thrown together: no panic, no overlap, and no more hashing than is promised.
    #[test]
    fn structures_thrown_together(seed: u64, size in 0usize..300_000) {
        let mut random = Random::new(seed);
        let mut file = vec![0; size];
        for _ in 0..random.below(300) {
            let at = random.below(size.max(1));
            let number = random.below(4 * BLOCK);
            let piece = match random.below(5) {
                0 => bytes(number as u64, number % 3000),
                1 => file_of(&[record(b"one"), record(b"two")]),
                2 => file_of(&[record(b"three")])[64..].to_vec(),
                3 => write_all(&[bytes(1, number)], &uncompressed(100)),
                _ => block_header(random.below(at + 1), number).to_vec(),
            };
            let at = if random.below(2) == 0 { at / BLOCK * BLOCK } else { at };
            let end = size.min(at + piece.len());
            file[at.min(end)..end].copy_from_slice(&piece[..end - at.min(end)]);
        }
        assert_covered(&recover(&file, true), &file);
        assert_covered(&recover(&file, false), &file);
    }
}
