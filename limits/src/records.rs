//! Records that are to be written: a file `NAME.data` with all of them, and a file `NAME.ends` with
//! where each ends in it, as 64-bit little-endian numbers.

use crate::work::Outcome;
use std::path::{Path, PathBuf};

pub(crate) struct Records {
    data: Vec<u8>,
    ends: Vec<u64>,
}

impl Records {
    pub(crate) fn load(name: &Path) -> Outcome<Self> {
        Ok(Self {
            data: std::fs::read(data_path(name))?,
            ends: ends(name)?,
        })
    }

    pub(crate) fn data(&self) -> &[u8] {
        &self.data
    }

    /// Where they lie in [`Records::data`].
    pub(crate) fn ranges(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let mut begin = 0;
        self.ends.iter().map(move |&end| {
            let range = begin..end as usize;
            begin = end as usize;
            range
        })
    }
}

/// Where each record ends.
pub(crate) fn ends(name: &Path) -> Outcome<Vec<u64>> {
    let bytes = std::fs::read(suffixed(name, ".ends"))?;
    let (ends, _) = bytes.as_chunks();
    Ok(ends.iter().map(|&end| u64::from_le_bytes(end)).collect())
}

/// The file with all records.
pub(crate) fn data_path(name: &Path) -> PathBuf {
    suffixed(name, ".data")
}

/// Names have dots of their own.
fn suffixed(name: &Path, suffix: &str) -> PathBuf {
    let mut path = name.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}
