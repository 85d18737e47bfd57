//! Finds the position at which an existing file can be continued.

use crate::bytes::source::Source;
use crate::error::{ErrorKind, Result};
use crate::format::chunk_reader::SIGNATURE_SIZE;
use crate::writing::ending::{self, Continuation, Prefix};
use crate::writing::torn_tail::{self, Tear};

/// The state of the end of a file.
#[derive(Debug)]
pub(crate) enum Tail {
    /// Intact: the file signature, the last block header, the chunks from there to the end, and the
    /// data of the last one. `None` for a file of 0 bytes.
    Intact(Option<Continuation>),
    /// Torn, and nothing after the tear is intact.
    Torn(Tear),
}

/// Checks the end of the file in `source`.
///
/// Fails if the file cannot be continued, even after a cut.
pub(crate) fn tail(source: &mut impl Source) -> Result<Tail> {
    let size = source.size();
    let damage = match ending::continuation(Prefix::of(source, size)) {
        Ok(found) => return Ok(Tail::Intact(found)),
        Err(error) => error,
    };
    if damage.kind() == ErrorKind::NotARecordFile || !damage.kind().is_damage() {
        return Err(damage);
    }
    if size < SIGNATURE_SIZE {
        return Ok(Tail::Torn(Tear { cut: 0, damage }));
    }
    torn_tail::find(source, damage).map(Tail::Torn)
}
