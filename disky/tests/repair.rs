//! Torn files: what is whole survives a repair, nothing else does, and nothing that is whole is ever
//! cut.
#![allow(clippy::unwrap_used)]

mod support;

use disky::{
    Chunk, ChunkHeader, ChunkReader, ChunkType, ChunkWriter, Compression, Dialect, Error,
    ErrorKind, FileSource, OpenMode, RecordWriter, WriterOptions, hash, repair,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use support::{bytes, golden, manifest, read_all, write_all};

const BLOCK: usize = 65536;
const HEADER: usize = 24;

/// A file that is torn over and over again.
struct Specimen {
    name: String,
    content: Vec<u8>,
    chunks: Vec<Chunk>,
    /// Where the data of each chunk end.
    data_ends: Vec<u64>,
    /// The records of the chunks up to each chunk end.
    records: BTreeMap<u64, usize>,
    all: Vec<Vec<u8>>,
    riegeli: bool,
    path: PathBuf,
    /// What became of the file after a repair to a size and one more record, checked once.
    repaired: BTreeMap<u64, Vec<u8>>,
    _directory: tempfile::TempDir,
}

/// All of its data are zeros, so that zeros behind a tear make the chunk whole again.
const UNCOMPRESSED_EMPTIES: &str = "uncompressed empty records";

const ADDED: &[u8] = b"added after the tear";

fn options(riegeli: bool, repair: bool) -> WriterOptions {
    WriterOptions {
        compression: Compression::None,
        dialect: if riegeli {
            Dialect::Riegeli
        } else {
            Dialect::Disky
        },
        repair,
        ..WriterOptions::default()
    }
}

/// A directory, in memory where there is such a one: the same file is written thousands of times, and
/// some file systems write to the disk at once what is written to a file that was cut.
fn scratch() -> tempfile::TempDir {
    let memory = tempfile::tempdir_in("/dev/shm");
    memory.or_else(|_| tempfile::tempdir()).unwrap()
}

/// Where data end, from the bytes alone: block headers are counted one by one.
fn data_end(chunk: &Chunk) -> u64 {
    let (mut position, mut left) = (chunk.begin, 40 + chunk.header.data_size);
    while left > 0 {
        if position % BLOCK as u64 == 0 {
            position += HEADER as u64;
        }
        position += 1;
        left -= 1;
    }
    position
}

impl Specimen {
    fn of(name: &str, content: Vec<u8>, riegeli: bool) -> Self {
        let mut chunks = Vec::new();
        let mut records = BTreeMap::new();
        let mut count = 0;
        let mut reader = ChunkReader::new(&content[..]);
        while let Some(chunk) = reader.chunk().unwrap() {
            if chunk.header.chunk_type.holds_records() {
                count += chunk.header.num_records as usize;
            }
            records.insert(chunk.end, count);
            chunks.push(chunk);
            reader.advance();
        }
        let all = read_all(&content[..]).unwrap();
        assert_eq!(all.len(), count, "{name}");
        let directory = scratch();
        Self {
            name: name.to_owned(),
            content,
            data_ends: chunks.iter().map(data_end).collect(),
            chunks,
            records,
            all,
            riegeli,
            path: directory.path().join("torn"),
            repaired: BTreeMap::new(),
            _directory: directory,
        }
    }

    /// The last chunk of which the first `size` bytes have header and data.
    fn whole_at(&self, size: u64) -> Option<usize> {
        self.data_ends.iter().rposition(|&end| end <= size)
    }

    /// Sizes around every structure.
    fn edges(&self) -> BTreeSet<u64> {
        let mut edges = BTreeSet::new();
        let size = self.content.len() as u64;
        let near = if size > 100_000 { 1 } else { 2 };
        let mut around = |position: u64| {
            edges.extend(position.saturating_sub(near)..=(position + near).min(size));
        };
        let blocks = (0..=size).step_by(BLOCK);
        blocks
            .flat_map(|at| [at, at + 8, at + HEADER as u64])
            .for_each(&mut around);
        for (chunk, &data_end) in self.chunks.iter().zip(&self.data_ends) {
            for position in [chunk.begin, chunk.begin + 40, data_end, chunk.end] {
                around(position);
            }
        }
        edges.retain(|&at| at > 0 && at <= size);
        edges
    }

    fn put(&self, content: &[u8]) {
        std::fs::write(&self.path, content).unwrap();
    }

    fn open(&self, repair: bool) -> Result<RecordWriter<disky::FileSink>, Error> {
        let options = options(self.riegeli, repair);
        RecordWriter::open(&self.path, OpenMode::Append, &options)
    }

    /// Tears the file, whose content is there from its beginning on, after `size` bytes.
    fn tear(&mut self, size: u64) {
        let context = format!("{} cut at {size}", self.name);
        let torn = self.content[..size as usize].to_vec();
        self.put(&torn);
        let whole = self
            .whole_at(size)
            .map(|last| self.chunks[last].end.min(size));
        // What follows the data of the last whole chunk can be the padding, or a torn chunk.
        let intact = whole == Some(size);
        let plain = self.open(false);
        match plain {
            Ok(writer) => {
                assert!(intact, "{context}: continued");
                assert_eq!(writer.repair(), None);
                drop(writer);
                self.put(&torn);
            }
            Err(error) => {
                assert!(!intact, "{context}: {error}");
                assert!(error.kind().is_damage(), "{context}: {error}");
                assert_eq!(
                    error.position(),
                    Some(whole.unwrap_or(0)),
                    "{context}: {error}"
                );
                assert!(
                    std::fs::read(&self.path).unwrap() == torn,
                    "{context}: changed"
                );
            }
        }
        self.repair(&torn, whole.unwrap_or(0), &context);
    }

    /// Repairs the file, which holds `torn`: `whole` bytes are to stay.
    fn repair(&mut self, torn: &[u8], whole: u64, context: &str) {
        let dry = repair(&self.path, true).unwrap();
        assert!(
            std::fs::read(&self.path).unwrap() == torn,
            "{context}: a dry run changed it"
        );
        let mut writer = self.open(true).unwrap();
        assert_eq!(writer.repair(), dry.as_ref(), "{context}");
        match &dry {
            None => assert_eq!(whole, torn.len() as u64, "{context}"),
            Some(repair) => {
                assert_eq!(repair.size_before, torn.len() as u64, "{context}");
                assert_eq!(repair.size_after, whole, "{context}: {repair:?}");
                assert!(!repair.reason.is_empty());
            }
        }
        writer.write(ADDED).unwrap();
        writer.close().unwrap();
        let found = std::fs::read(&self.path).unwrap();
        assert!(
            found.starts_with(&self.content[..whole as usize]),
            "{context}: whole chunks are gone"
        );
        match self.repaired.get(&whole) {
            Some(before) => assert!(before == &found, "{context}"),
            None => {
                self.check(&found, whole, context);
                self.repaired.insert(whole, found);
            }
        }
    }

    /// All records of the whole chunks, and the added one.
    fn check(&self, found: &[u8], whole: u64, context: &str) {
        let last = self.whole_at(whole);
        let count = last.map_or(0, |last| self.records[&self.chunks[last].end]);
        let mut expected = self.all[..count].to_vec();
        expected.push(ADDED.to_vec());
        assert!(read_all(found).unwrap() == expected, "{context}");
        if self.riegeli {
            let mut reader =
                riegeli::RecordReader::new(Cursor::new(found), riegeli::ReaderOptions::new())
                    .unwrap();
            let mut records = Vec::new();
            while let Some(record) = reader.read_record().unwrap() {
                records.push(record);
            }
            assert!(records == expected, "{context}: riegeli");
        }
        let mut chunks = ChunkReader::new(found);
        while let Some(chunk) = chunks.chunk().unwrap() {
            chunks.verify_data(&chunk).unwrap();
            chunks.advance();
        }
    }
}

fn goldens() -> Vec<Specimen> {
    let mut specimens = Vec::new();
    for file in manifest("manifest.tsv") {
        let path = golden().join(&file.path);
        if path.is_dir() || file.path.starts_with("arrayrecord") {
            continue;
        }
        let riegeli = file.path.starts_with("riegeli");
        specimens.push(Specimen::of(
            &file.path,
            std::fs::read(path).unwrap(),
            riegeli,
        ));
    }
    assert!(specimens.len() >= 30, "{}", specimens.len());
    specimens
}

/// Records in chunks of every kind of place: small ones, one over several blocks, one that ends at a
/// block, one with padding over blocks.
fn forged() -> Vec<Specimen> {
    let mut specimens = Vec::new();
    for (riegeli, compression) in [
        (false, Compression::None),
        (true, Compression::None),
        (true, Compression::default()),
    ] {
        let flushed = |records: &[Vec<u8>], padding: u64| {
            let options = WriterOptions {
                compression,
                final_padding: padding,
                // Chunks are to lie also where upstream's reader does not take them.
                upstream_compatibility: false,
                ..options(riegeli, false)
            };
            let mut file = Vec::new();
            let mut writer = RecordWriter::new(&mut file, &options).unwrap();
            for record in records {
                writer.write(record).unwrap();
                writer.flush().unwrap();
            }
            writer.close().unwrap();
            file
        };
        let sizes = [5, 3 * BLOCK, 1, BLOCK - 300, 0, 700, 2 * BLOCK - 24, 9];
        let records: Vec<Vec<u8>> = sizes.iter().map(|&len| bytes(len as u64, len)).collect();
        specimens.push(Specimen::of("forged", flushed(&records, 1), riegeli));
        if riegeli {
            specimens.push(Specimen::of("padded", flushed(&records, 65536), riegeli));
        }
        let empties = vec![Vec::new(); 90_000];
        let options = WriterOptions {
            compression,
            ..options(riegeli, false)
        };
        let file = write_all(&empties, &options);
        let name = if compression == Compression::None {
            UNCOMPRESSED_EMPTIES
        } else {
            "empty records"
        };
        specimens.push(Specimen::of(name, file, riegeli));
    }
    specimens
}

#[test]
fn golden_files_cut_around_every_structure() {
    for mut specimen in goldens() {
        for size in specimen.edges() {
            specimen.tear(size);
        }
    }
}

#[test]
fn forged_files_cut_around_every_structure() {
    for mut specimen in forged() {
        for size in specimen.edges() {
            specimen.tear(size);
        }
    }
}

#[test]
fn a_small_file_cut_at_every_byte() {
    let records: Vec<Vec<u8>> = (0..8).map(|i| bytes(i, i as usize * 15)).collect();
    for riegeli in [false, true] {
        for chunk_size in [1, 200] {
            let options = WriterOptions {
                chunk_size,
                ..options(riegeli, false)
            };
            let mut specimen = Specimen::of("small", write_all(&records, &options), riegeli);
            for size in 1..=specimen.content.len() as u64 {
                specimen.tear(size);
            }
        }
    }
}

/// The same around a block boundary: a chunk header, data, and a chunk boundary at every distance.
#[test]
fn a_block_boundary_cut_at_every_byte() {
    for first in (BLOCK - 220..BLOCK - 60).step_by(9) {
        let records = [bytes(1, first), bytes(2, 30), bytes(3, 50)];
        let options = WriterOptions {
            chunk_size: 1,
            ..options(true, false)
        };
        let name = format!("first record of {first} bytes");
        let mut specimen = Specimen::of(&name, write_all(&records, &options), true);
        for size in BLOCK as u64 - 130..=specimen.content.len() as u64 {
            specimen.tear(size);
        }
    }
}

/// What power cuts and file systems leave behind the part that was written: zeros, other bytes.
#[test]
fn junk_behind_a_tear() {
    let seed = 7;
    println!("seed {seed}");
    for mut specimen in forged() {
        if specimen.name == UNCOMPRESSED_EMPTIES {
            continue;
        }
        let size = specimen.content.len() as u64;
        let edges: Vec<u64> = specimen.edges().into_iter().step_by(5).collect();
        for cut in edges.into_iter().filter(|&cut| cut >= 64) {
            for len in [1, 23, 24, 40, 100, BLOCK, 2 * BLOCK + 5] {
                for zeros in [true, false] {
                    let mut torn = specimen.content[..cut as usize].to_vec();
                    let junk = if zeros {
                        vec![0; len]
                    } else {
                        bytes(seed + cut, len)
                    };
                    torn.extend(junk);
                    // Junk may be right by chance, as zeros are in padding: then it is not junk.
                    if specimen.content.starts_with(&torn) {
                        continue;
                    }
                    let whole = specimen.whole_behind_junk(cut, &torn);
                    specimen.put(&torn);
                    let context = format!("{} of {size}: {cut}, {len} {zeros}", specimen.name);
                    if whole == torn.len() as u64 {
                        specimen.open(false).unwrap();
                        continue;
                    }
                    let error = specimen.open(false).err().unwrap();
                    assert_eq!(error.position(), Some(whole), "{context}: {error}");
                    specimen.repair(&torn, whole, &context);
                }
            }
        }
    }
}

impl Specimen {
    /// Where the file is to be cut of which `torn` has the first `cut` bytes and then junk.
    fn whole_behind_junk(&self, cut: u64, torn: &[u8]) -> u64 {
        let same = self
            .content
            .iter()
            .zip(torn)
            .take_while(|(a, b)| a == b)
            .count() as u64;
        let size = torn.len() as u64;
        let last = self.whole_at(same.max(cut)).unwrap();
        let (whole, data_end) = (&self.chunks[last], self.data_ends[last]);
        // Nothing looks into padding but for its last block header.
        let end = whole.end.min(size);
        let header = end.saturating_sub(25) / BLOCK as u64 * BLOCK as u64;
        let damaged = header >= data_end && header + 24 > same && header < end;
        if damaged { data_end } else { end }
    }
}

/// Damage that is no tear: a cut would take something whole, or would not mend the file.
#[test]
fn what_is_whole_is_never_cut() {
    let mut specimens = forged();
    let specimen = &mut specimens[0];
    let content = specimen.content.clone();
    let refused = |specimen: &Specimen, damaged: &[u8], position: u64, other: Option<u64>| {
        specimen.put(damaged);
        for dry_run in [true, false] {
            let error = repair(&specimen.path, dry_run).unwrap_err();
            assert_eq!(error.position(), Some(position), "{error}");
            assert!(error.kind().is_damage(), "{error}");
            if let Some(other) = other {
                assert!(error.detail().contains(&format!("byte {other}")), "{error}");
                assert!(error.detail().contains("recover"), "{error}");
            }
            assert!(std::fs::read(&specimen.path).unwrap() == damaged);
        }
        let error = specimen.open(true).err().unwrap();
        assert_eq!(error.position(), Some(position), "{error}");
        assert!(std::fs::read(&specimen.path).unwrap() == damaged);
    };
    let chunks = specimen.chunks.clone();
    // The chunk over two blocks before the last one, which no block header interrupts: its header.
    let (long, last) = (chunks[chunks.len() - 2], chunks[chunks.len() - 1]);
    let mut damaged = content.clone();
    damaged[long.begin as usize + 3] ^= 1;
    refused(specimen, &damaged, long.begin, Some(last.begin));
    // And torn behind that: the last one is still whole.
    damaged.extend([9; 30]);
    refused(specimen, &damaged, long.begin, Some(last.begin));

    // A block header across a whole chunk.
    let block = (last.begin as usize / BLOCK) * BLOCK;
    assert!(block > long.begin as usize);
    let mut damaged = content.clone();
    damaged[block + 1] ^= 1;
    refused(specimen, &damaged, block as u64, None);
    damaged.truncate(last.begin as usize + 45);
    refused(specimen, &damaged, block as u64, Some(long.begin));

    // Files that are something else.
    refused(specimen, &[0; 10], 0, None);
    refused(specimen, &[0; 100_000], 0, None);
    let mut damaged = content.clone();
    damaged[5] ^= 1;
    refused(specimen, &damaged, 5, None);
    // Two files, put together in a way that can be mended otherwise.
    let joined = [&content[..], &content[..]].concat();
    refused(specimen, &joined, content.len() as u64, None);
}

fn flushed(sizes: &[usize], padding: u64) -> Specimen {
    let options = WriterOptions {
        final_padding: padding,
        ..options(true, false)
    };
    let mut file = Vec::new();
    let mut writer = RecordWriter::new(&mut file, &options).unwrap();
    for (seed, &size) in sizes.iter().enumerate() {
        writer.write(&bytes(seed as u64, size)).unwrap();
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    Specimen::of("flushed", file, true)
}

/// A block header across a chunk that is nothing but padding: the chunk can go.
#[test]
fn padding_with_a_damaged_block_header_is_cut() {
    let specimen = flushed(&[100], 4 * BLOCK as u64);
    let (records, padding) = (specimen.chunks[1], specimen.chunks[2]);
    assert_eq!(padding.header.chunk_type, ChunkType::Padding);
    let mut damaged = specimen.content.clone();
    damaged[3 * BLOCK + 1] ^= 1;
    specimen.put(&damaged);
    let repaired = repair(&specimen.path, false).unwrap().unwrap();
    assert_eq!(repaired.size_after, records.end);
    let found = read_all(FileSource::open(&specimen.path).unwrap()).unwrap();
    assert_eq!(found, specimen.all);
}

/// What is whole behind a chunk of the same chain whose data are damaged is not cut with it.
#[test]
fn a_damaged_chunk_before_a_whole_one() {
    let specimen = flushed(&[50, 60, 70, 80], 1);
    let chunks = &specimen.chunks;
    let mut damaged = specimen.content.clone();
    let at = data_end(&chunks[2]) as usize - 1;
    damaged[at] ^= 1;
    let size = damaged.len() as u64;
    damaged.extend([9; 30]);
    specimen.put(&damaged);
    let repaired = repair(&specimen.path, false).unwrap().unwrap();
    assert_eq!(repaired.size_after, size);
    assert!(std::fs::read(&specimen.path).unwrap() == damaged[..size as usize]);
}

/// The chain behind the cut leads over a damaged chunk to a whole one: nothing is cut.
#[test]
fn a_whole_chunk_behind_two_damaged_ones() {
    let specimen = flushed(&[50, 3 * BLOCK, 300, 80], 1);
    let chunks = &specimen.chunks;
    let mut damaged = specimen.content.clone();
    damaged[chunks[2].begin as usize + 3] ^= 1;
    let at = data_end(&chunks[3]) as usize - 1;
    damaged[at] ^= 1;
    specimen.put(&damaged);
    let error = repair(&specimen.path, false).unwrap_err();
    let whole = format!("byte {}", chunks[4].begin);
    assert!(error.detail().contains(&whole), "{error}");
    assert!(std::fs::read(&specimen.path).unwrap() == damaged);
}

/// Chunks whose data are damaged, one or several, at the end: they go, but not past a whole one.
#[test]
fn damaged_data_at_the_end() {
    for index in [0, 3, 6] {
        let mut specimen = forged().remove(index);
        let records: Vec<Chunk> = specimen
            .chunks
            .iter()
            .filter(|chunk| chunk.header.data_size > 2 && chunk.header.chunk_type.holds_records())
            .copied()
            .collect();
        for many in 1..=records.len() {
            let first = records[records.len() - many];
            let tail: Vec<Chunk> = specimen
                .chunks
                .iter()
                .filter(|chunk| chunk.begin >= first.begin)
                .copied()
                .collect();
            let mut torn = specimen.content.clone();
            for chunk in &tail {
                let at = data_end(chunk) as usize - 1;
                torn[at] ^= 1;
            }
            specimen.put(&torn);
            let context = format!("{} {many}", specimen.name);
            let error = specimen.open(false).err().unwrap();
            assert_eq!(error.position(), Some(first.begin), "{context}: {error}");
            specimen.repair(&torn, first.begin, &context);
        }
    }
}

/// Records and then gigabytes of zeros, which are read once and not searched.
#[test]
fn gigabytes_of_zeros() {
    let mut specimen = forged().remove(0);
    let whole = specimen.content.len() as u64;
    specimen.put(&specimen.content);
    let file = OpenOptions::new().write(true).open(&specimen.path).unwrap();
    file.set_len(4 << 30).unwrap();
    drop(file);
    let error = specimen.open(false).err().unwrap();
    assert_eq!(error.position(), Some(whole), "{error}");
    let repaired = repair(&specimen.path, false).unwrap().unwrap();
    assert_eq!(
        (repaired.size_before, repaired.size_after),
        (4 << 30, whole)
    );
    let content = std::mem::take(&mut specimen.content);
    assert!(std::fs::read(&specimen.path).unwrap() == content);
    assert_eq!(repair(&specimen.path, false).unwrap(), None);
}

/// Block headers, each intact, each with a damaged chunk that claims everything up to the end.
#[test]
fn claims_without_end_are_not_followed() {
    const BLOCKS: usize = 300;
    let mut file = write_all(&[], &options(true, false));
    file.resize(BLOCKS * BLOCK, 0);
    for block in 1..BLOCKS - 1 {
        let begin = block * BLOCK;
        let left = (BLOCKS * BLOCK - begin) as u64;
        let headers = left.div_ceil(BLOCK as u64) * HEADER as u64;
        let header = ChunkHeader {
            data_size: left - headers - 40,
            data_hash: 1,
            chunk_type: ChunkType::Simple,
            num_records: 1,
            decoded_data_size: 1,
        };
        let mut chunk = Vec::new();
        ChunkWriter::new(&mut chunk, begin as u64)
            .write(&header, &[])
            .unwrap();
        file[begin..begin + 64].copy_from_slice(&chunk[begin..begin + 64]);
    }
    let directory = scratch();
    let path = directory.path().join("claims");
    std::fs::write(&path, &file).unwrap();
    let error = repair(&path, false).unwrap_err();
    assert!(error.detail().contains("too many places"), "{error}");
    assert!(std::fs::read(&path).unwrap() == file);
}

/// A number of records that no chunk has would make any amount of padding: it is not believed.
#[test]
fn a_chunk_that_lies_about_its_records() {
    let mut file = write_all(&[b"ab".to_vec()], &options(false, false));
    file[64 + 25..64 + 32].copy_from_slice(&[0, 0, 0, 0, 1, 0, 0]);
    let stated = hash(&file[72..104]);
    file[64..72].copy_from_slice(&stated.to_le_bytes());
    let directory = scratch();
    let path = directory.path().join("lie");
    for junk in [0, 100] {
        let mut damaged = file.clone();
        damaged.extend(vec![3; junk]);
        std::fs::write(&path, &damaged).unwrap();
        let options = options(false, true);
        let error = RecordWriter::open(&path, OpenMode::Append, &options)
            .err()
            .unwrap();
        assert_ne!(error.kind(), ErrorKind::Io, "{error}");
        assert!(std::fs::read(&path).unwrap() == damaged);
    }
}

#[test]
fn array_records_are_not_cut() {
    let directory = scratch();
    let path = directory.path().join("array");
    for file in manifest("manifest.tsv") {
        if !file.path.starts_with("arrayrecord") {
            continue;
        }
        let content = std::fs::read(golden().join(&file.path)).unwrap();
        for junk in [0, 30] {
            let mut torn = content.clone();
            torn.extend(vec![1; junk]);
            std::fs::write(&path, &torn).unwrap();
            let error = repair(&path, false).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
            assert!(std::fs::read(&path).unwrap() == torn);
        }
    }
}

#[test]
fn a_file_that_a_writer_holds_is_not_cut() {
    let directory = scratch();
    let path = directory.path().join("held");
    let writer = RecordWriter::open(&path, OpenMode::CreateNew, &WriterOptions::default()).unwrap();
    assert_eq!(repair(&path, false).unwrap_err().kind(), ErrorKind::Locked);
    // Looking takes no lock.
    assert_eq!(repair(&path, true).unwrap(), None);
    writer.close().unwrap();
    assert_eq!(repair(&path, false).unwrap(), None);
    std::fs::write(&path, []).unwrap();
    assert_eq!(repair(&path, false).unwrap(), None);
    assert_eq!(
        repair(Path::new("/nonexistent/file"), false)
            .unwrap_err()
            .kind(),
        ErrorKind::Io
    );
    assert_eq!(
        repair(directory.path(), false).unwrap_err().kind(),
        ErrorKind::Io
    );
    assert!(
        read_all(FileSource::open(&path).unwrap())
            .unwrap()
            .is_empty()
    );
}
