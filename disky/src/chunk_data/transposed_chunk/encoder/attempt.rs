//! Dividing records, which the encoder stops if the gain is too small.

use crate::error::Error;

/// The reason why records are not divided.
pub(super) enum Refused {
    /// The records have too little in common.
    TooVaried,
    Failed(Error),
}

/// The result of dividing records.
pub(super) type Attempt<T> = std::result::Result<T, Refused>;

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// An index that refers to nothing.
pub(super) const NONE: u32 = u32::MAX;
