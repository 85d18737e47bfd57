//! The loop over records that a Rust program would write.

use crate::boundary::Outcome;
use disky::{BatchMemory, ReaderOptions, RecordReader};
use std::path::Path;

pub(crate) fn sum(path: &Path) -> Outcome<i64> {
    let mut reader = RecordReader::open(path, ReaderOptions::default())?;
    let mut memory = BatchMemory::default();
    let mut sum = 0;
    while let Some(batch) = reader.next_batch(&mut memory)? {
        for record in batch.iter() {
            let first = record
                .first()
                .map_or(0, |&byte| i64::from(byte.cast_signed()));
            sum += record.len() as i64 + first;
        }
    }
    Ok(sum)
}
