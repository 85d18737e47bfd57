//! Whole files, 1 MiB at a time, whatever they hold.

use crate::boundary::Outcome;
use highway::{HighwayHash, HighwayHasher, Key};
use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};
use std::path::Path;

const BUFFER_SIZE: usize = 1 << 20;

pub(crate) fn read(path: &Path) -> Outcome<i64> {
    for_each_buffer(path, |bytes| {
        black_box(bytes);
    })
}

pub(crate) fn read_and_hash(path: &Path) -> Outcome<i64> {
    for_each_buffer(path, |bytes| {
        black_box(hash(bytes));
    })
}

fn for_each_buffer(path: &Path, mut action: impl FnMut(&[u8])) -> Outcome<i64> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; BUFFER_SIZE];
    let mut size = 0;
    loop {
        let len = file.read(&mut buffer)?;
        if len == 0 {
            return Ok(size);
        }
        action(&buffer[..len]);
        size += len as i64;
    }
}

pub(crate) fn copy_hash_and_write(bytes: &[u8], path: &Path) -> Outcome<i64> {
    let mut file = File::create(path)?;
    let mut buffer = vec![0; BUFFER_SIZE];
    for piece in bytes.chunks(BUFFER_SIZE) {
        let copy = &mut buffer[..piece.len()];
        copy.copy_from_slice(piece);
        black_box(hash(copy));
        file.write_all(copy)?;
    }
    Ok(bytes.len() as i64)
}

/// Any key takes the same time.
fn hash(bytes: &[u8]) -> u64 {
    HighwayHasher::new(Key([1, 2, 3, 4])).hash64(bytes)
}
