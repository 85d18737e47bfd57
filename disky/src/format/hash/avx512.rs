//! The rounds of HighwayHash with AVX-512: a vector contains the states of two byte sequences.
//!
//! With AVX2 three sequences use all of the arithmetic units. Wider vectors need half the instructions.

use crate::format::hash::state::{PACKET, State, ZIP_ORDER, load};
use std::arch::x86_64::{
    __m256i, __m512i, _mm512_add_epi64, _mm512_castsi256_si512, _mm512_castsi512_si256,
    _mm512_extracti64x4_epi64, _mm512_inserti64x4, _mm512_mul_epu32, _mm512_set_epi64,
    _mm512_shuffle_epi8, _mm512_srli_epi64, _mm512_xor_si512,
};

/// Proof that the processor has AVX-512 and does not reduce its clock rate for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    /// The proof; `None` if the processor does not have AVX-512, or reduces its clock rate.
    pub(super) fn detect() -> Option<Self> {
        let has_all = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        // Processors without VBMI2 reduce their clock rate when they multiply vectors of 512 bits.
        (has_all && is_x86_feature_detected!("avx512vbmi2")).then_some(Self(()))
    }

    /// Adds the first `count` packets of each sequence, which must have as many, to its state.
    pub(super) fn add_packets<const P: usize>(
        self,
        states: [[&mut State; 2]; P],
        packets: [[&[[u8; PACKET]]; 2]; P],
        count: usize,
    ) {
        // SAFETY: `self` exists only if the processor has AVX-512.
        unsafe { add_packets(states, packets, count) }
    }
}

/// The states of two hashes.
#[derive(Clone, Copy)]
struct Pair {
    v0: __m512i,
    v1: __m512i,
    mul0: __m512i,
    mul1: __m512i,
}

impl Pair {
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn of([a, b]: [&State; 2]) -> Self {
        Self {
            v0: joined(a.v0, b.v0),
            v1: joined(a.v1, b.v1),
            mul0: joined(a.mul0, b.mul0),
            mul1: joined(a.mul1, b.mul1),
        }
    }

    /// Adds a packet for each hash. The steps are those of the round with AVX2.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn round(&mut self, packets: __m512i) {
        self.v1 = _mm512_add_epi64(self.v1, _mm512_add_epi64(self.mul0, packets));
        let product = _mm512_mul_epu32(self.v1, _mm512_srli_epi64::<32>(self.v0));
        self.mul0 = _mm512_xor_si512(self.mul0, product);
        self.v0 = _mm512_add_epi64(self.v0, self.mul1);
        let product = _mm512_mul_epu32(self.v0, _mm512_srli_epi64::<32>(self.v1));
        self.mul1 = _mm512_xor_si512(self.mul1, product);
        self.v0 = _mm512_add_epi64(self.v0, zipped(self.v1));
        self.v1 = _mm512_add_epi64(self.v1, zipped(self.v0));
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn store(&self, states: [&mut State; 2]) {
        let [a, b] = states;
        [a.v0, b.v0] = halves(self.v0);
        [a.v1, b.v1] = halves(self.v1);
        [a.mul0, b.mul0] = halves(self.mul0);
        [a.mul1, b.mul1] = halves(self.mul1);
    }
}

/// Adds the first `count` packets of each sequence to its state.
#[target_feature(enable = "avx512f,avx512bw")]
fn add_packets<const P: usize>(
    states: [[&mut State; 2]; P],
    packets: [[&[[u8; PACKET]]; 2]; P],
    count: usize,
) {
    let packets = packets.map(|pair| pair.map(|list| &list[..count]));
    let mut pairs = states.each_ref().map(|[a, b]| Pair::of([a, b]));
    for i in 0..count {
        for (pair, [first, second]) in pairs.iter_mut().zip(&packets) {
            pair.round(joined(load(&first[i]), load(&second[i])));
        }
    }
    for (pair, states) in pairs.iter().zip(states) {
        pair.store(states);
    }
}

/// Bytes of two neighbouring words in the order in which a round mixes them.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn zipped(v: __m512i) -> __m512i {
    let [low, high] = ZIP_ORDER;
    let order = _mm512_set_epi64(high, low, high, low, high, low, high, low);
    _mm512_shuffle_epi8(v, order)
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn joined(low: __m256i, high: __m256i) -> __m512i {
    _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn halves(v: __m512i) -> [__m256i; 2] {
    [_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64::<1>(v)]
}
