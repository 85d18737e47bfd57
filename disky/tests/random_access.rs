//! Chunks found by position, listed, and read in ranges: of other people's files, and of damaged
//! ones.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use disky::{
    BatchMemory, Container, CorruptionStrategy, Dialect, Extent, Nearest, Next, ReaderOptions,
    RecordReader, WriterOptions,
};
use std::io::Cursor;
use std::ops::Range;
use std::path::PathBuf;
use support::{bytes, digest, golden, manifest, write_all};

/// The paths and contents of all golden files, shards too.
fn golden_files() -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for file in manifest("manifest.tsv") {
        let path = golden().join(&file.path);
        if path.is_dir() {
            paths.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        } else {
            paths.push(path);
        }
    }
    assert!(paths.len() >= 49);
    let read = |path: PathBuf| (path.display().to_string(), std::fs::read(path).unwrap());
    paths.into_iter().map(read).collect()
}

fn in_range(range: Range<u64>, corruption: CorruptionStrategy) -> ReaderOptions {
    ReaderOptions {
        range,
        corruption,
        ..ReaderOptions::default()
    }
}

/// Each chunk's position and records.
type Chunks = Vec<(u64, Vec<Vec<u8>>)>;

fn read(file: &[u8], options: ReaderOptions) -> Chunks {
    let mut reader = RecordReader::new(file, options);
    let mut memory = BatchMemory::default();
    let mut chunks = Vec::new();
    while let Some(batch) = reader.next_batch(&mut memory).unwrap() {
        let records = batch.iter().map(<[u8]>::to_vec).collect();
        chunks.push((batch.chunk_begin(), records));
    }
    chunks
}

/// The positions of the chunks that are read in `range`, of those that the file has, `all`.
fn begins(file: &[u8], all: &[Extent], range: Range<u64>) -> Vec<u64> {
    let mut reader = RecordReader::new(file, in_range(range, CorruptionStrategy::Error));
    let mut begins = Vec::new();
    for chunk in all {
        begins.extend(
            reader
                .skip(chunk.begin)
                .unwrap()
                .map(|batch| batch.chunk_begin),
        );
    }
    // And nothing but these.
    assert_eq!(reader.next(&mut [], &mut []).unwrap(), Next::End);
    begins
}

/// All chunks of the file that hold records.
fn all_chunks(file: &[u8]) -> Vec<Extent> {
    list(
        &mut RecordReader::new(file, ReaderOptions::default()),
        u64::MAX,
        1000,
    )
}

fn list(reader: &mut RecordReader<&[u8]>, limit: u64, at_once: usize) -> Vec<Extent> {
    let mut all = Vec::new();
    let mut some = vec![Extent::default(); at_once];
    let mut position = 0;
    while position < limit.min(reader.size()) {
        let (count, next) = reader.list_chunks(position, limit, &mut some).unwrap();
        all.extend(&some[..count]);
        position = next;
    }
    all
}

#[test]
fn chunks_are_listed_as_they_are_read() {
    for (path, file) in golden_files() {
        let chunks = read(&file, ReaderOptions::default());
        let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
        for at_once in [1, 7, 1000] {
            let listed = list(&mut reader, u64::MAX, at_once);
            assert_eq!(listed.len(), chunks.len(), "{path}");
            for (extent, (begin, records)) in listed.iter().zip(&chunks) {
                let size: usize = records.iter().map(Vec::len).sum();
                let expected = (*begin, records.len() as u64, size as u64);
                let found = (extent.begin, extent.records, extent.decoded_data_size);
                assert_eq!(found, expected, "{path}");
            }
        }
        let half = file.len() as u64 / 2;
        let before = chunks.iter().filter(|(begin, _)| *begin < half).count();
        assert_eq!(list(&mut reader, half, 3).len(), before, "{path}");
    }
}

#[test]
fn a_listed_chunk_is_read_by_itself() {
    for (path, file) in golden_files() {
        let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
        let mut memory = BatchMemory::default();
        let mut chunks = read(&file, ReaderOptions::default());
        let mut listed = list(&mut reader, u64::MAX, 100);
        // Backwards, so that nothing comes by itself.
        chunks.reverse();
        listed.reverse();
        for (extent, (begin, records)) in listed.iter().zip(&chunks) {
            for end in [0, extent.end] {
                reader.seek(extent.begin, end).unwrap();
                let batch = reader.next_batch(&mut memory).unwrap().unwrap();
                assert_eq!(batch.chunk_begin(), *begin, "{path}");
                assert!(batch.iter().eq(records), "{path} at {begin}");
            }
        }
    }
}

#[test]
fn an_index_lists_what_a_walk_finds() {
    let mut indexed = 0;
    for (path, file) in golden_files() {
        let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
        let Some(index) = reader.index().unwrap() else {
            assert!(!path.contains("array_record"), "{path}");
            continue;
        };
        indexed += 1;
        let listed = list(&mut reader, u64::MAX, 10);
        assert_eq!(index.len(), listed.len(), "{path}");
        for (index, listed) in index.iter().zip(&listed) {
            assert_eq!(index.begin, listed.begin, "{path}");
            assert_eq!(index.records, listed.records, "{path}");
            assert!(index.end >= listed.end, "{path}");
        }
    }
    assert!(indexed >= 10, "only {indexed} files with an index");
}

/// Two of them, one behind the other: the footer at the end is of the second one alone, and is at a
/// place where the first one has its own.
#[test]
fn the_index_of_a_concatenated_file_is_not_believed() {
    let array_record = WriterOptions {
        container: Container::ArrayRecord,
        dialect: Dialect::Riegeli,
        group_size: 2,
        final_padding: 65536,
        ..WriterOptions::default()
    };
    let records: Vec<Vec<u8>> = (0..7).map(|i| bytes(i, 50)).collect();
    let once = write_all(&records, &array_record);
    let twice = [&once[..], &once[..]].concat();
    let mut reader = RecordReader::new(&twice[..], ReaderOptions::default());
    assert!(reader.index().unwrap().is_none());
    assert_eq!(reader.count().unwrap(), 14);
    let whole = read(&twice, ReaderOptions::default());
    let all = all_chunks(&twice);
    assert_eq!(whole.len(), 8);
    for split in (0..twice.len() as u64).step_by(1000) {
        let mut parts = begins(&twice, &all, 0..split);
        parts.extend(begins(&twice, &all, split..u64::MAX));
        assert!(
            parts.iter().eq(whole.iter().map(|(begin, _)| begin)),
            "split at {split}"
        );
    }
}

/// An ArrayRecord that has lost its postscript, and whose footer is therefore known by its content.
#[test]
fn a_footer_is_no_records_for_who_starts_in_the_middle() {
    for (path, file) in golden_files() {
        if !path.contains("array_record") {
            continue;
        }
        let cut = &file[..file.len() - 65536];
        let whole = read(cut, ReaderOptions::default());
        let all = all_chunks(cut);
        for split in (0..cut.len() as u64).step_by(1000) {
            let behind = begins(cut, &all, split..u64::MAX);
            let expected = whole
                .iter()
                .map(|(begin, _)| begin)
                .filter(|&&begin| begin >= split);
            assert!(
                behind.iter().eq(expected),
                "{path} from {split}: {behind:?}"
            );
        }
    }
}

#[test]
fn every_split_gives_each_chunk_once() {
    for (path, file) in golden_files() {
        let all = all_chunks(&file);
        let whole = begins(&file, &all, 0..u64::MAX);
        for split in (0..=file.len() as u64 + 1000).step_by(1000) {
            let mut parts = begins(&file, &all, 0..split);
            parts.extend(begins(&file, &all, split..u64::MAX));
            assert_eq!(parts, whole, "{path} split at {split}");
        }
    }
}

#[test]
fn adjoining_ranges_give_each_record_once() {
    for (path, file) in golden_files() {
        let whole = read(&file, ReaderOptions::default());
        for size in [1000, 65536, 100_000] {
            let mut parts = Vec::new();
            let mut counted = 0;
            for begin in (0..file.len() as u64).step_by(size) {
                let range = begin..begin + size as u64;
                let options = in_range(range, CorruptionStrategy::Error);
                counted += RecordReader::new(&file[..], options.clone())
                    .count()
                    .unwrap();
                parts.extend(read(&file, options));
            }
            let records = |chunks: &Chunks| digest(chunks.iter().flat_map(|(_, records)| records));
            assert_eq!(
                records(&parts),
                records(&whole),
                "{path} in parts of {size}"
            );
            let total: usize = whole.iter().map(|(_, records)| records.len()).sum();
            assert_eq!(counted as usize, total, "{path} in parts of {size}");
        }
    }
}

/// What several readers recover together is what one recovers alone; so is what they skip.
#[test]
fn ranges_of_a_damaged_file() {
    let seed = 20_260_822;
    println!("seed {seed}");
    let records: Vec<Vec<u8>> = (0..400).map(|i| bytes(i, 100 + i as usize * 17)).collect();
    let options = WriterOptions {
        chunk_size: 30_000,
        ..WriterOptions::default()
    };
    let intact = write_all(&records, &options);
    for case in 0..24u64 {
        let mut file = intact.clone();
        for hit in 0..3 {
            let noise = bytes(seed + case * 3 + hit, 8);
            let at = u64::from_le_bytes(noise.try_into().unwrap()) as usize % (file.len() - 200);
            file[at..at + 1 + (case as usize % 100)].fill(0x5a);
        }
        let recover = |range| {
            let mut reader =
                RecordReader::new(&file[..], in_range(range, CorruptionStrategy::Recover));
            let (mut begins, mut regions) = (Vec::new(), Vec::new());
            let mut memory = BatchMemory::default();
            while let Some(batch) = reader.next_batch(&mut memory).unwrap() {
                begins.push((batch.chunk_begin(), batch.len()));
            }
            while let Some(region) = reader.next_skipped_region() {
                regions.push(region.begin);
            }
            (begins, regions)
        };
        let whole = recover(0..u64::MAX);
        // Where something begins is where it could be taken for part of both ranges.
        let mut splits: Vec<u64> = (0..file.len() as u64).step_by(29_989).collect();
        splits.extend(whole.0.iter().map(|&(begin, _)| begin));
        splits.extend(&whole.1);
        for split in splits {
            let (mut begins, mut regions) = recover(0..split);
            let behind = recover(split..u64::MAX);
            begins.extend(behind.0);
            regions.extend(behind.1);
            assert_eq!(begins, whole.0, "case {case} split at {split}");
            let missing = whole.1.iter().find(|begin| !regions.contains(begin));
            assert_eq!(missing, None, "case {case} split at {split}: {regions:?}");
        }
    }
}

#[test]
fn the_nearest_chunk() {
    for (path, file) in golden_files() {
        let mut all = Vec::new();
        let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
        let mut position = 0;
        while let Some(description) = reader.chunk_at(position).unwrap() {
            position = description.chunk.end;
            all.push(description.chunk);
        }
        for position in (0..file.len() as u64 + 70_000).step_by(997) {
            let after = all.iter().find(|chunk| chunk.begin >= position);
            let found = reader.find_chunk(position, Nearest::AtOrAfter).unwrap();
            assert_eq!(
                found.map(|extent| (extent.begin, extent.end)),
                after.map(|chunk| (chunk.begin, chunk.end)),
                "{path} {position}"
            );
            let before = all.iter().rfind(|chunk| chunk.begin <= position);
            let found = reader.find_chunk(position, Nearest::AtOrBefore).unwrap();
            assert_eq!(
                found.map(|extent| (extent.begin, extent.records)),
                before.map(|chunk| (chunk.begin, chunk.header.num_records)),
                "{path} {position}"
            );
        }
    }
}

/// Behind damage the last chunk is the one before it, however much of the file lies between.
#[test]
fn the_nearest_chunk_of_a_damaged_file() {
    let records: Vec<Vec<u8>> = (0..40).map(|i| bytes(i, 29_000)).collect();
    let options = WriterOptions {
        chunk_size: 30_000,
        ..WriterOptions::default()
    };
    let intact = write_all(&records, &options);
    let all = all_chunks(&intact);
    for (first, count) in [(0, 1), (3, 1), (4, 1), (7, 9), (38, 2), (0, 40)] {
        let mut file = intact.clone();
        for chunk in &all[first..first + count] {
            file[chunk.begin as usize + 30] ^= 1; // in the chunk header, or a block header before it
            file[chunk.begin as usize + 60] ^= 1;
        }
        let options = in_range(0..u64::MAX, CorruptionStrategy::Recover);
        let mut reader = RecordReader::new(&file[..], options);
        let mut left = Vec::new();
        let mut position = 0;
        while let Some(chunk) = reader.find_chunk(position, Nearest::AtOrAfter).unwrap() {
            left.push(chunk.begin);
            position = chunk.end;
        }
        assert_eq!(left.len(), 41 - count, "{first} {count}");
        for position in (0..file.len() as u64).step_by(4999) {
            let before = left.iter().rfind(|&&begin| begin <= position);
            let found = reader.find_chunk(position, Nearest::AtOrBefore).unwrap();
            assert_eq!(
                found.map(|extent| extent.begin),
                before.copied(),
                "{first} {count} {position}"
            );
        }
    }
}

/// What a search for chunks may cost counts from the seek before it.
#[test]
fn damage_is_searched_however_often_somebody_comes_by() {
    let records: Vec<Vec<u8>> = (0..20).map(|i| bytes(i, 20_000)).collect();
    let options = WriterOptions {
        chunk_size: 20_000,
        ..WriterOptions::default()
    };
    let mut file = write_all(&records, &options);
    // In the second block nothing but a search finds a chunk: its begin is in none of the headers.
    let all = all_chunks(&file);
    let victim = all.iter().position(|chunk| chunk.begin > 1 << 16).unwrap();
    file[all[victim].begin as usize + 30] ^= 1;
    let options = in_range(0..u64::MAX, CorruptionStrategy::Recover);
    let mut reader = RecordReader::new(&file[..], options);
    let mut memory = BatchMemory::default();
    for pass in 0..10 {
        reader.seek(0, 0).unwrap();
        let mut count = 0;
        while let Some(batch) = reader.next_batch(&mut memory).unwrap() {
            count += batch.len();
        }
        assert_eq!(count, 19, "pass {pass}");
        let found = reader.find_chunk(all[victim].begin, Nearest::AtOrAfter);
        assert_eq!(found.unwrap().unwrap().begin, all[victim + 1].begin);
    }
}

/// The `riegeli` crate gives each record the same position, and finds it there.
#[test]
fn positions_are_those_of_the_riegeli_crate() {
    let mut compared = 0;
    for (path, file) in golden_files() {
        let options = riegeli::ReaderOptions::new();
        let Ok(mut theirs) = riegeli::RecordReader::new(Cursor::new(&file), options) else {
            continue;
        };
        if path.contains("array_record") {
            continue; // It takes the index for records.
        }
        'chunks: for (begin, records) in read(&file, ReaderOptions::default()) {
            for (index, record) in records.iter().enumerate() {
                // It knows the RIEGELI dialect alone, and fails at the first chunk of the other.
                let Ok(Some(read)) = theirs.read_record() else {
                    break 'chunks;
                };
                assert_eq!(&read, record, "{path}");
                let position = theirs.last_pos();
                let expected = (begin, index as u64, begin + index as u64);
                assert_eq!(
                    (
                        position.chunk_begin,
                        position.record_index,
                        position.numeric()
                    ),
                    expected,
                    "{path}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 10_000, "only {compared} positions were compared");
}

#[test]
fn seeking_where_no_chunk_begins() {
    let file = write_all(&[b"one".to_vec()], &WriterOptions::default());
    let size = file.len() as u64;
    let mut reader = RecordReader::new(&file[..], in_range(0..1000, CorruptionStrategy::Error));
    let mut memory = BatchMemory::default();
    for (position, why) in [
        (10, "inside a block header"),
        (1001, "outside the range"),
        (999, "after the end"),
    ] {
        let error = reader.seek(position, 0).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    // What follows a refusal is what was to follow.
    assert_eq!(reader.next_batch(&mut memory).unwrap().unwrap().len(), 1);
    reader.seek(size, 0).unwrap();
    assert_eq!(reader.next(&mut [], &mut []).unwrap(), Next::End);
    reader.seek(70, 0).unwrap();
    assert!(reader.next_batch(&mut memory).is_err());
    reader.seek(0, 0).unwrap();
    assert_eq!(reader.next_batch(&mut memory).unwrap().unwrap().len(), 1);
}

#[test]
fn what_is_skipped_counts_as_read() {
    for (path, file) in golden_files() {
        let chunks = read(&file, ReaderOptions::default());
        let mut reader = RecordReader::new(&file[..], ReaderOptions::default());
        let mut memory = BatchMemory::default();
        for (index, (begin, records)) in chunks.iter().enumerate() {
            if index % 2 == 0 {
                assert!(reader.skip(*begin + 1).unwrap().is_none(), "{path}");
                let skipped = reader.skip(*begin).unwrap().unwrap();
                assert_eq!(
                    (skipped.chunk_begin, skipped.records),
                    (*begin, records.len())
                );
            } else {
                let batch = reader.next_batch(&mut memory).unwrap().unwrap();
                assert!(batch.iter().eq(records), "{path}");
            }
        }
        assert!(reader.skip(0).unwrap().is_none(), "{path}");
    }
}
