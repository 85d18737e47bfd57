//! The state of a hash, in vector registers, and what rounds of all widths need.

use std::arch::x86_64::{__m256i, _mm256_loadu_si256};

/// How many bytes a round adds to a state.
pub(super) const PACKET: usize = 32;
/// The order in which a round mixes the bytes of two neighbouring words, for the lower and the
/// higher of them: each byte is the number of one of their 16.
pub(super) const ZIP_ORDER: [i64; 2] = [0x000f_010e_0502_0c03, 0x0708_0609_0d0a_040b];

/// The state of a hash.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub(super) v0: __m256i,
    pub(super) v1: __m256i,
    pub(super) mul0: __m256i,
    pub(super) mul1: __m256i,
}

#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn load(packet: &[u8; PACKET]) -> __m256i {
    // SAFETY: `packet` has the 32 bytes that the load reads; it needs no alignment.
    unsafe { _mm256_loadu_si256(packet.as_ptr().cast()) }
}
