//! The error for data that contradict the layout of transposed chunks.

use crate::error::{ErrorKind, Malformed};

/// The data are malformed, as `detail` states.
pub(super) fn wrong(detail: impl Into<String>) -> Malformed {
    Malformed::new(ErrorKind::TransposedData, detail)
}
