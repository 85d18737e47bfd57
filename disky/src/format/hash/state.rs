//! The state of a hash, in vector registers.

use std::arch::x86_64::__m256i;

/// How many bytes a round adds to a state.
pub(super) const PACKET: usize = 32;

/// The state of a hash.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) v0: __m256i,
    pub(super) v1: __m256i,
    pub(super) mul0: __m256i,
    pub(super) mul1: __m256i,
}
