//! Cuts the torn tail of a file.

use crate::bytes::sink::{FileSink, Sink};
use crate::bytes::source::{FileSource, Source};
use crate::error::{Error, Result};
use crate::writing::append::{self, Tail};
use crate::writing::torn_tail::Tear;
use std::path::Path;

/// The part of a file that a repair has cut off, or would cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// Size of the file in bytes before the cut.
    pub size_before: u64,
    /// Size of the file in bytes after the cut: the end of its last complete chunk, or 0 if the
    /// file signature was incomplete.
    pub size_after: u64,
    /// The damage from `size_after` on, in English, without file name.
    pub reason: String,
}

impl Repair {
    pub(crate) fn of(tear: &Tear, size_before: u64) -> Self {
        Self {
            size_before,
            size_after: tear.cut,
            reason: tear.reason(),
        }
    }
}

/// Cuts the file at `path` at the end of its last complete chunk if its tail is torn, and returns
/// after the cut is durable; `None` if its tail is not torn. Damage before the tail stays
/// unnoticed.
///
/// With `dry_run` the file is only read, and not locked, so that programs that only read never
/// keep a writer from opening it. The end of a file that a writer has open can look torn for a
/// moment.
///
/// Missing padding of the last chunk is not damage. Fails, without changing the file:
///
/// - with [`ErrorKind::Locked`] if a writer has the file open, unless `dry_run`;
/// - with [`ErrorKind::InvalidArgument`] for an ArrayRecord;
/// - with [`ErrorKind::Io`];
/// - with the damage, if a cut would not repair the file: if it is not a record file, or if an
///   intact part lies after the damage.
///
/// [`ErrorKind::Locked`]: crate::ErrorKind::Locked
///
/// [`ErrorKind::InvalidArgument`]: crate::ErrorKind::InvalidArgument
///
/// [`ErrorKind::Io`]: crate::ErrorKind::Io
pub fn repair(path: &Path, dry_run: bool) -> Result<Option<Repair>> {
    if dry_run {
        let mut source = FileSource::open(path)?;
        let tear = torn(&mut source)?;
        return Ok(tear.map(|tear| Repair::of(&tear, source.size())));
    }
    let mut sink = FileSink::open_existing(path)?;
    let mut source = sink.source()?;
    let Some(tear) = torn(&mut source)? else {
        return Ok(None);
    };
    let found = Repair::of(&tear, source.size());
    cut(&mut sink, &tear)?;
    sink.sync().map_err(|e| Error::io("cannot sync", e))?;
    Ok(Some(found))
}

fn torn(source: &mut impl Source) -> Result<Option<Tear>> {
    Ok(match append::tail(source)? {
        Tail::Torn(tear) => Some(tear),
        Tail::Intact(_) => None,
    })
}

/// Cuts off the torn part.
pub(crate) fn cut(sink: &mut impl Sink, tear: &Tear) -> Result<()> {
    let cut = sink.truncate(tear.cut);
    cut.map_err(|e| Error::io_at("cannot cut the torn tail off", tear.cut, e))
}
