//! Taking records apart, which the encoder gives up if it does not pay.

use crate::error::Error;

/// Why records are not taken apart.
pub(super) enum Refused {
    /// They have too little in common.
    TooVaried,
    Failed(Error),
}

/// The result of taking records apart.
pub(super) type Attempt<T> = std::result::Result<T, Refused>;

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// An index that refers to nothing.
pub(super) const NONE: u32 = u32::MAX;
