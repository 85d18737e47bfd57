//! The engine alone, in memory: small files, so that a run takes seconds.
#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use disky::{
    BatchMemory, Compression, ReaderOptions, RecordReader, RecordWriter, WriterOptions, Zstd, hash,
    hash_many,
};
use highway::{HighwayHash, HighwayHasher, Key};
use std::hint::black_box;

const BYTES: usize = 8 << 20;

/// Records like lines of a log, which zstd can make smaller.
fn records(size: usize) -> Vec<Vec<u8>> {
    let line = |number: usize| format!("{:08} INFO t-{} order/", number * 3, number % 16);
    (0..BYTES / size)
        .map(|number| line(number).bytes().cycle().take(size).collect())
        .collect()
}

fn options(level: Option<i32>) -> WriterOptions {
    WriterOptions {
        compression: level.map_or(Compression::None, |level| {
            Compression::Zstd(Zstd::new(level).unwrap())
        }),
        ..WriterOptions::default()
    }
}

fn write(records: &[Vec<u8>], options: &WriterOptions, file: &mut Vec<u8>) {
    let mut writer = RecordWriter::new(file, options).unwrap();
    for record in records {
        writer.write(record).unwrap();
    }
    writer.close().unwrap();
}

fn read(file: &[u8], memory: &mut BatchMemory) -> usize {
    let mut reader = RecordReader::new(file, ReaderOptions::default());
    let mut size = 0;
    while let Some(batch) = reader.next_batch(memory).unwrap() {
        for record in batch.iter() {
            size += record.len();
        }
    }
    size
}

fn engine(criterion: &mut Criterion) {
    for size in [40, 1_000, 100_000] {
        let records = records(size);
        for (name, level) in [("none", None), ("zstd-3", Some(3))] {
            let options = options(level);
            let mut file = Vec::new();
            write(&records, &options, &mut file);
            let mut memory = BatchMemory::default();
            let mut group = criterion.benchmark_group(format!("{size}-bytes-{name}"));
            group.throughput(Throughput::Bytes((records.len() * size) as u64));
            group.bench_function("read", |bencher| {
                bencher.iter(|| black_box(read(&file, &mut memory)));
            });
            group.bench_function("write", |bencher| {
                bencher.iter_batched_ref(
                    || Vec::with_capacity(2 * BYTES),
                    |file| write(&records, &options, file),
                    BatchSize::PerIteration,
                );
            });
            group.finish();
        }
    }
}

/// Three chunks: hashed by the crate `highway`, one after the other, and at the same time.
fn hashes(criterion: &mut Criterion) {
    for size in [32, 1_000, 64 << 10, 1 << 20] {
        let bytes = vec![1u8; 3 * size];
        let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
        let mut group = criterion.benchmark_group(format!("hash-{size}-bytes"));
        group.throughput(Throughput::Bytes(3 * size as u64));
        group.bench_function("highway", |bencher| {
            let hash = |bytes| HighwayHasher::new(Key([1, 2, 3, 4])).hash64(bytes);
            bencher.iter(|| {
                chunks
                    .iter()
                    .map(|chunk| hash(black_box(chunk)) >> 2)
                    .sum::<u64>()
            });
        });
        group.bench_function("one", |bencher| {
            bencher.iter(|| {
                chunks
                    .iter()
                    .map(|chunk| hash(black_box(chunk)) >> 2)
                    .sum::<u64>()
            });
        });
        group.bench_function("three", |bencher| {
            let mut hashes = [0; 3];
            bencher.iter(|| {
                hash_many(black_box(&chunks), &mut hashes);
                hashes
            });
        });
        group.finish();
    }
}

criterion_group!(benches, hashes, engine);
criterion_main!(benches);
