//! Damaged files: what is intact comes back, all of it and nothing else; what was skipped is told;
//! and it costs no more than was said.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub)]

#[path = "../support/mod.rs"]
mod support;

mod cost;
mod damage;
mod model;
mod strange;

use damage::{Damage, KINDS, Kind, Random};
use disky::{
    BatchMemory, Compression, CorruptionStrategy, Dialect, ReaderOptions, RecordReader,
    WriterOptions,
};
use model::{Original, coalesce};
use std::path::PathBuf;
use support::{RunMemory, bytes, golden, write_all};

fn recovering(scan: bool) -> ReaderOptions {
    ReaderOptions {
        corruption: CorruptionStrategy::Recover,
        scan,
        ..ReaderOptions::default()
    }
}

/// How many bytes may be hashed to find out what is intact.
fn cost_limit(file: &[u8]) -> u64 {
    4 * file.len() as u64 + 4096
}

/// What a reader that goes on behind damage gave.
struct Recovered {
    batches: Vec<(usize, bool, Vec<Vec<u8>>)>,
    regions: Vec<disky::SkippedRegion>,
    hashed: u64,
}

fn recover(file: &[u8], scan: bool) -> Recovered {
    let mut reader = RecordReader::new(file, recovering(scan));
    let mut memory = BatchMemory::default();
    let (mut batches, mut regions) = (Vec::new(), Vec::new());
    while let Some(batch) = reader.next_batch(&mut memory).unwrap() {
        let records = batch.iter().map(<[u8]>::to_vec).collect();
        batches.push((batch.chunk_begin() as usize, batch.scanned(), records));
        regions.extend(std::iter::from_fn(|| reader.next_skipped_region()));
    }
    regions.extend(std::iter::from_fn(|| reader.next_skipped_region()));
    Recovered {
        batches,
        regions,
        hashed: reader.hashed_bytes(),
    }
}

/// Reads the same chunks as [`recover`], in runs.
fn recover_runs(file: &[u8], scan: bool) -> Recovered {
    let mut reader = RecordReader::new(file, recovering(scan));
    let mut memory = RunMemory::default();
    let (mut batches, mut regions) = (Vec::new(), Vec::new());
    loop {
        let run = memory.next_run(&mut reader).unwrap();
        regions.extend(std::iter::from_fn(|| reader.next_skipped_region()));
        if run.is_empty() {
            break;
        }
        // A run of several chunks ends before the first part that is skipped.
        let before = |region: &disky::SkippedRegion| region.begin < run[0].0 as u64;
        assert!(run.len() == 1 || regions.iter().all(before));
        batches.extend(run);
    }
    Recovered {
        batches,
        regions,
        hashed: reader.hashed_bytes(),
    }
}

/// Checks that runs change nothing but time.
fn check_runs(damaged: &[u8], scan: bool, expected: &Recovered, case: &str) {
    let found = recover_runs(damaged, scan);
    assert!(found.batches == expected.batches, "{case}: records of runs");
    let [found_regions, regions] = [&found, expected].map(|all| format!("{:?}", all.regions));
    assert_eq!(found_regions, regions, "{case}: regions of runs");
    let most = cost_limit(damaged);
    assert!(
        found.hashed <= most,
        "{case}: {} hashed in runs",
        found.hashed
    );
}

/// Checks what is read from `damaged`, which was `original`, against what is to be.
fn check(original: &Original, damaged: &[u8], case: &str) {
    let after = original.after(damaged);
    let with_scan = after.expected(true);
    let without = after.expected(false);
    // Reading twice the same way would prove nothing more.
    let ways = 1 + usize::from(with_scan != without);
    for (scan, expected) in [(true, with_scan), (false, without)].into_iter().take(ways) {
        let found = recover(damaged, scan);
        let with_records = expected.chunks.iter().copied();
        let with_records: Vec<(usize, bool)> = with_records
            .filter(|(begin, _)| original.records.contains_key(begin))
            .collect();
        let places: Vec<(usize, bool)> = found.batches.iter().map(|b| (b.0, b.1)).collect();
        assert_eq!(places, with_records, "{case}, scan {scan}: chunks");
        for (begin, _, records) in &found.batches {
            assert!(original.records[begin] == *records, "{case}: {begin}");
        }
        let gaps = found.regions.iter();
        let gaps = coalesce(gaps.map(|gap| (gap.begin as usize, gap.end as usize)));
        assert_eq!(gaps, expected.gaps, "{case}, scan {scan}: gaps");
        for region in &found.regions {
            let at = region.reason.position().unwrap();
            assert!(
                (region.begin..=region.end).contains(&at),
                "{case}: {region:?}"
            );
        }
        let most = cost_limit(damaged);
        assert!(found.hashed <= most, "{case}: {} hashed", found.hashed);
        check_runs(damaged, scan, &found, case);
    }
    check_strict(original, damaged, case);
}

/// Without recovery: the records before the first damage, and its position.
fn check_strict(original: &Original, damaged: &[u8], case: &str) {
    let (chunks, position) = original.after(damaged).first_damage();
    let mut reader = RecordReader::new(damaged, ReaderOptions::default());
    let mut memory = BatchMemory::default();
    let mut found = Vec::new();
    let error = loop {
        match reader.next_batch(&mut memory) {
            Ok(Some(batch)) => {
                let records: Vec<Vec<u8>> = batch.iter().map(<[u8]>::to_vec).collect();
                assert!(original.records[&(batch.chunk_begin() as usize)] == records);
                found.push(batch.chunk_begin() as usize);
            }
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    let before = original.chunks[..chunks].iter().map(|chunk| chunk.begin);
    let before: Vec<usize> = before
        .filter(|begin| original.records.contains_key(begin))
        .collect();
    assert_eq!(found, before, "{case}: ERROR");
    let at = error.as_ref().and_then(disky::Error::position);
    assert_eq!(at, position.map(|at| at as u64), "{case}: {error:?}");
    assert!(error.is_none_or(|e| e.kind().is_damage()), "{case}");
    assert!(reader.next_skipped_region().is_none());
}

fn golden_files(folder: &str) -> Vec<Original> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(golden().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    let named = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        Original::new(&name, std::fs::read(path).unwrap())
    };
    paths.into_iter().map(named).collect()
}

fn foreign() -> Vec<u8> {
    std::fs::read(golden().join("disky/lines.zstd.disky")).unwrap()
}

/// How many times as many cases to try as in everyday runs.
fn soak() -> usize {
    std::env::var("DISKY_TEST_ROUNDS").map_or(1, |n| n.parse().unwrap())
}

/// Damages each file in `rounds` ways, or in as many fewer as it is larger than 40 KB.
fn damage_all(files: &[Original], rounds: usize, seed: u64) {
    let foreign = foreign();
    let rounds = rounds * soak();
    let mut cases = 0;
    for (number, original) in files.iter().enumerate() {
        let fewer = 1 + original.bytes.len() / 40_000;
        for round in 0..rounds.div_ceil(fewer) {
            let seed = seed + (number * 100_000 + round) as u64;
            // Neighbouring files begin with other kinds, so that few rounds make all kinds.
            let kind = KINDS[(number * 7 + round) % KINDS.len()];
            // What is overwritten may be the beginning of a file within the file, and the chunk
            // header before it: then nothing tells what the rest of that file is part of.
            if original.name.starts_with("nested") && kind.overwrites() {
                continue;
            }
            let case = format!("{}, {kind:?}, seed {seed}", original.name);
            let mut random = Random::new(seed);
            let mut damage = Damage::new(original, &foreign, &mut random);
            damage.apply(kind);
            check(original, &damage.file, &case);
            cases += 1;
        }
    }
    println!("{cases} cases");
}

#[test]
fn disky_files() {
    damage_all(&golden_files("disky"), KINDS.len(), 10_000_000);
}

#[test]
fn shards() {
    damage_all(&golden_files("disky/shards"), KINDS.len(), 20_000_000);
}

#[test]
fn riegeli_files() {
    damage_all(&golden_files("riegeli"), KINDS.len(), 30_000_000);
}

#[test]
fn array_record_files() {
    damage_all(&golden_files("arrayrecord"), 20, 40_000_000);
}

/// Each record of at least the chunk size in a chunk of its own, and no other chunks.
fn uncompressed(chunk_size: u64) -> WriterOptions {
    WriterOptions {
        compression: Compression::None,
        dialect: Dialect::Disky,
        chunk_size,
        upstream_compatibility: false,
        ..WriterOptions::default()
    }
}

fn written_from(name: &str, records: &[Vec<u8>], chunk_size: u64) -> Original {
    let original = Original::new(name, write_all(records, &uncompressed(chunk_size)));
    assert!(original.all_records() == records);
    original
}

fn written(name: &str, sizes: impl Iterator<Item = usize>, chunk_size: u64) -> Original {
    let records: Vec<Vec<u8>> = sizes
        .enumerate()
        .map(|(i, size)| bytes(i as u64, size))
        .collect();
    written_from(name, &records, chunk_size)
}

/// Files within files, where they can be taken for part of the outer one most easily: stored as they
/// are, at the end of a chunk, alone in it, over many blocks; and the last one so that the part of
/// its signature that lies behind a block header looks like the beginning of a concatenated file.
fn nested() -> Vec<Original> {
    let inner = |count: u64, size: usize| {
        let records: Vec<Vec<u8>> = (0..count).map(|i| bytes(90 + i, size)).collect();
        write_all(&records, &uncompressed(1000))
    };
    let (small, large) = (inner(20, 100), inner(80, 900));
    let deep = write_all(&[large.clone(), small.clone()], &uncompressed(100));
    let plain = |i: u64| bytes(i, 700);
    let outer = |filler: usize, chunk_size| {
        let mut records = vec![bytes(1, filler), small.clone(), plain(2), plain(3)];
        for file in [&small, &large, &deep, &small] {
            records.extend([plain(4), file.clone(), plain(5), plain(6), plain(7)]);
        }
        records.extend([small.clone(), plain(8), plain(9)]);
        written_from("nested", &records, chunk_size)
    };
    // Signature, chunk header, compression type, sizes: 64 + 40 + 2 + 3; 40 + 2 + 2.
    let begin = model::BLOCK - 24;
    let aligned = outer(begin - 44 - 109, 1);
    assert_eq!(aligned.bytes[begin..begin + 24], small[..24]);
    vec![
        outer(10, 1),
        outer(10, 2000),
        outer(60_000, 10_000),
        aligned,
    ]
}

/// Many small chunks, and chunks of every size mod 64 KiB among them.
#[test]
fn many_chunks() {
    let small = (0..300).map(|i| 100 + i * 7);
    let mixed = (0..60).map(|i| (i * i * 379) % 70_000);
    let files = [
        written("small", small, 300),
        written("mixed", mixed, 1000),
        written("tiny", (0..1000).map(|i| i % 3), 1),
    ];
    damage_all(&files, 4 * KINDS.len(), 50_000_000);
}

/// Chunks without records, which lie before large records for the sake of upstream's reader.
#[test]
fn chunks_without_records() {
    let records: Vec<Vec<u8>> = [50_000, 300_000, 9, 300_000]
        .iter()
        .zip(1..)
        .map(|(&size, seed)| bytes(seed, size))
        .collect();
    let files = [Compression::None, Compression::default()].map(|compression| {
        let options = WriterOptions {
            compression,
            upstream_compatibility: true,
            ..uncompressed(1)
        };
        let original = Original::new("for upstream", write_all(&records, &options));
        assert!(original.all_records() == records);
        assert!(original.chunks.len() > 1 + records.len());
        original
    });
    damage_all(&files, 4 * KINDS.len(), 50_000_000);
}

#[test]
fn files_within_files() {
    let files = nested();
    damage_all(&files, KINDS.len(), 60_000_000);
    let mut cases = 0;
    for original in &files {
        for i in 1..original.chunks.len() {
            cases += every_part(original, i);
        }
    }
    println!("{cases} cases of parts");
}

/// Damages header, data and block headers of a chunk, and what is around, in all combinations;
/// returns how many.
fn every_part(original: &Original, i: usize) -> usize {
    // All of them only where there is time; neighbouring chunks get others.
    let stride = if soak() > 1 { 1 } else { 21 };
    let mut cases = 0;
    for parts in (1 + i as u64 % stride..64).step_by(stride as usize) {
        let mut random = Random::new(70_000_000 + i as u64 * 64 + parts);
        let mut damage = Damage::new(original, &[], &mut random);
        let has = |part: u64| parts & part != 0;
        if has(1) {
            damage.break_header(i);
        }
        if has(2) {
            damage.break_data(i);
        }
        if has(4) {
            damage.break_blocks_of(i);
        }
        if has(8) {
            damage.break_header(i + 1);
        }
        if has(16) {
            damage.apply(Kind::AllBlockHeaders);
        }
        if has(32) {
            damage.apply(Kind::SignatureGone);
        }
        let case = format!("{}, chunk {i}, parts {parts:#b}", original.name);
        check(original, &damage.file, &case);
        cases += 1;
    }
    cases
}

#[test]
fn undamaged_files() {
    for folder in ["disky", "disky/shards", "riegeli", "arrayrecord"] {
        for original in golden_files(folder) {
            let found = recover(&original.bytes, true);
            assert!(found.regions.is_empty(), "{}", original.name);
            let records: Vec<Vec<u8>> = found.batches.into_iter().flat_map(|b| b.2).collect();
            assert!(records == original.all_records(), "{}", original.name);
            let size = original.bytes.len() as u64;
            assert!(found.hashed <= size, "{}: {}", original.name, found.hashed);
        }
    }
}
