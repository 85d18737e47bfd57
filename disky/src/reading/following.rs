//! Follows a file that grows.

use crate::bytes::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::reading::batch::Next;
use crate::reading::forward::Forward;
use crate::reading::record_file::RecordFile;

/// The number of calls that return [`Next::NotYet`] for damage in the last chunk of a growing file
/// before a call reports the damage.
const MAX_DOUBTS: u32 = 10;

/// The known facts about the end of a file that grows.
#[derive(Debug, Default)]
pub(crate) struct Following {
    /// A position where damage was found, and in how many calls.
    doubt: (u64, u32),
}

impl Following {
    /// Does the same as [`Forward::next`], but reads the size of the file again at its end.
    pub(crate) fn next<S: Source>(
        &mut self,
        file: &mut RecordFile<S>,
        forward: &mut Forward,
        ends: &mut [u64],
        data: &mut [u8],
    ) -> Result<Next> {
        file.chunks.check_not_cut()?;
        let (mut first_growth, mut first_damage) = (true, true);
        loop {
            let damage = match forward.next(file, ends, data) {
                Ok(Next::End) if !forward.is_finished() && !is_after_range(file) => None,
                Err(error) if error.kind() == ErrorKind::Truncated => None,
                Err(error) if error.kind().is_damage() => Some(error),
                other => return other,
            };
            let is_followed = damage.is_some() && file.chunks.is_followed();
            forward.forget_chunk();
            let grown = file.look_again()?;
            // The damaged bytes may have been read before the writer wrote the last bytes of the
            // chunk, and the chunk after it later: damage counts if a second look finds it again.
            if (grown && std::mem::take(&mut first_growth))
                || (damage.is_some() && std::mem::take(&mut first_damage))
            {
                continue;
            }
            return self.outcome(file.chunks.position(), damage, is_followed);
        }
    }

    /// Reports `damage` at `position` if another chunk follows it, or if many calls have found it.
    fn outcome(&mut self, position: u64, damage: Option<Error>, is_followed: bool) -> Result<Next> {
        match damage {
            Some(damage) if is_followed || !self.doubt(position) => Err(damage),
            _ => Ok(Next::NotYet),
        }
    }

    /// Counts a call that has found damage at `position`; returns whether to doubt it still.
    fn doubt(&mut self, position: u64) -> bool {
        let (at, calls) = self.doubt;
        let calls = if at == position { calls } else { 0 };
        self.doubt = (position, calls.saturating_add(1));
        calls < MAX_DOUBTS
    }
}

fn is_after_range<S: Source>(file: &RecordFile<S>) -> bool {
    file.chunks.position() >= file.options.range.end
}
