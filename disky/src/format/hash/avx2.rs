//! HighwayHash with AVX2, for several byte sequences at once.
//!
//! Each step of the hash needs the result of the step before, so that one sequence leaves most of
//! the processor idle. Steps of independent sequences fill the gaps: two sequences take little
//! longer than one. Three are the most whose states fit into the 16 vector registers. The module
//! `avx512` takes over long sequences if there are two or four, and if the processor can.
//!
//! Arrays are filled in loops: `map` of an array is compiled without AVX2, and so it does not become a
//! part of a function with AVX2, but is called.
//!
//! Source of the algorithm: J. Alakuijala, B. Cox, J. Wassenberg, "Fast keyed hash/pseudo-random
//! function using SIMD multiply and permute".

use crate::format::hash::avx512::Avx512;
use crate::format::hash::constants::KEY;
use crate::format::hash::state::{PACKET, State, ZIP_ORDER, load};
use std::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_mul_epu32, _mm256_or_si256, _mm256_permutevar8x32_epi32,
    _mm256_set_epi32, _mm256_set_epi64x, _mm256_set1_epi32, _mm256_shuffle_epi8, _mm256_sllv_epi32,
    _mm256_srli_epi64, _mm256_srlv_epi32, _mm256_storeu_si256, _mm256_xor_si256,
};

/// The constants with which HighwayHash begins.
const MUL0: [u64; 4] = [
    0xdbe6_d5d5_fe4c_ce2f,
    0xa409_3822_299f_31d0,
    0x1319_8a2e_0370_7344,
    0x243f_6a88_85a3_08d3,
];
const MUL1: [u64; 4] = [
    0x3bd3_9e10_cb0e_f593,
    0xc0ac_f169_b5f1_8a8c,
    0xbe54_66cf_34e9_0c6c,
    0x4528_21e6_38d0_1377,
];
/// Rounds after the last byte.
const FINAL_ROUNDS: usize = 4;
/// Number of rounds from which on AVX-512 takes less time, although the states must be joined.
const MANY_ROUNDS: usize = 8;

/// Proof that the processor has AVX2.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    /// The proof; `None` if the processor does not have AVX2.
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    /// How many sequences of equal size are hashed in the shortest time per byte.
    pub(super) fn streams(self) -> usize {
        match Avx512::detect() {
            Some(_) => 4,
            None => 3,
        }
    }

    /// The hash of `input`.
    pub(super) fn hash(self, input: &[u8]) -> u64 {
        // SAFETY: `self` exists only if the processor has AVX2.
        let [hash] = unsafe { hash_together([input]) };
        hash
    }

    /// Writes the hash of each of `inputs` to the element of `hashes` with the same index.
    pub(super) fn hash_many(self, inputs: &[&[u8]], hashes: &mut [u64]) {
        let streams = self.streams();
        for (inputs, hashes) in inputs.chunks(streams).zip(hashes.chunks_mut(streams)) {
            // SAFETY: `self` exists only if the processor has AVX2.
            unsafe { hash_few(inputs, hashes) }
        }
    }

    /// A hasher that has seen no bytes yet.
    pub(super) fn hasher(self) -> Hasher {
        // SAFETY: `self` exists only if the processor has AVX2.
        unsafe { Hasher::new() }
    }
}

impl State {
    #[target_feature(enable = "avx2")]
    #[inline]
    fn new() -> Self {
        let rotated = KEY.map(|word| word.rotate_left(32));
        let (mul0, mul1) = (vector(MUL0), vector(MUL1));
        Self {
            v0: _mm256_xor_si256(mul0, vector(KEY)),
            v1: _mm256_xor_si256(mul1, vector(rotated)),
            mul0,
            mul1,
        }
    }

    /// Adds a packet.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn round(&mut self, packet: __m256i) {
        // The packet is added to `mul0`, which is ready long before `v1`.
        self.v1 = _mm256_add_epi64(self.v1, _mm256_add_epi64(self.mul0, packet));
        let product = _mm256_mul_epu32(self.v1, _mm256_srli_epi64::<32>(self.v0));
        self.mul0 = _mm256_xor_si256(self.mul0, product);
        self.v0 = _mm256_add_epi64(self.v0, self.mul1);
        let product = _mm256_mul_epu32(self.v0, _mm256_srli_epi64::<32>(self.v1));
        self.mul1 = _mm256_xor_si256(self.mul1, product);
        self.v0 = _mm256_add_epi64(self.v0, zipped(self.v1));
        self.v1 = _mm256_add_epi64(self.v1, zipped(self.v0));
    }

    /// Adds the last bytes of a sequence, fewer than a packet. Has no effect if there are none.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn remainder(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let size = bytes.len() as i32;
        self.v0 = _mm256_add_epi64(self.v0, _mm256_set1_epi32(size));
        let left = _mm256_sllv_epi32(self.v1, _mm256_set1_epi32(size));
        let right = _mm256_srlv_epi32(self.v1, _mm256_set1_epi32(32 - size));
        self.v1 = _mm256_or_si256(left, right);
        self.round(load(&last_packet(bytes)));
    }

    /// Rounds that mix the state with itself.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn final_round(&mut self) {
        let order = _mm256_set_epi32(2, 3, 0, 1, 6, 7, 4, 5);
        self.round(_mm256_permutevar8x32_epi32(self.v0, order));
    }

    /// The hash, after the final rounds.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn result(&self) -> u64 {
        let sum = _mm256_add_epi64(
            _mm256_add_epi64(self.v0, self.v1),
            _mm256_add_epi64(self.mul0, self.mul1),
        );
        words(sum)[0]
    }
}

/// Bytes of two neighbouring words in the order in which a round mixes them.
#[target_feature(enable = "avx2")]
#[inline]
fn zipped(v: __m256i) -> __m256i {
    let [low, high] = ZIP_ORDER;
    _mm256_shuffle_epi8(v, _mm256_set_epi64x(high, low, high, low))
}

/// The packet for the last bytes of a sequence, 1 to 31.
fn last_packet(bytes: &[u8]) -> [u8; PACKET] {
    let mut packet = [0; PACKET];
    let fours = bytes.len() & !3;
    packet[..fours].copy_from_slice(&bytes[..fours]);
    let rest = &bytes[fours..];
    if bytes.len() >= 16 {
        packet[28..].copy_from_slice(&bytes[bytes.len() - 4..]);
    } else if let (Some(&first), Some(&last)) = (rest.first(), rest.last()) {
        packet[16..19].copy_from_slice(&[first, rest[rest.len() / 2], last]);
    }
    packet
}

#[target_feature(enable = "avx2")]
#[inline]
fn vector(words: [u64; 4]) -> __m256i {
    let [a, b, c, d] = words.map(|word| word as i64);
    _mm256_set_epi64x(d, c, b, a)
}

#[target_feature(enable = "avx2")]
#[inline]
fn words(v: __m256i) -> [u64; 4] {
    let mut words = [0; 4];
    // SAFETY: `words` has the 32 bytes that the store writes; it needs no alignment.
    unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), v) };
    words
}

/// Adds the first packets of each of `inputs` to the state with the same index: as many as all of
/// them have. Returns the number of these bytes.
#[target_feature(enable = "avx2")]
#[inline]
fn add_packets<const N: usize>(states: &mut [State; N], inputs: [&[u8]; N]) -> usize {
    let mut packets: [&[[u8; PACKET]]; N] = [&[]; N];
    let mut count = usize::MAX;
    for (list, input) in packets.iter_mut().zip(inputs) {
        *list = input.as_chunks().0;
        count = count.min(list.len());
    }
    let avx512 = Avx512::detect().filter(|_| count >= MANY_ROUNDS);
    match (avx512, &mut states[..], &packets[..]) {
        (Some(avx512), [a, b], &[p, q]) => avx512.add_packets([[a, b]], [[p, q]], count),
        (Some(avx512), [a, b, c, d], &[p, q, r, s]) => {
            avx512.add_packets([[a, b], [c, d]], [[p, q], [r, s]], count);
        }
        _ => add_rounds(states, packets, count),
    }
    count * PACKET
}

/// Adds the first `count` packets of each sequence, which must have as many, to its state.
#[target_feature(enable = "avx2")]
#[inline]
fn add_rounds<const N: usize>(
    states: &mut [State; N],
    mut packets: [&[[u8; PACKET]]; N],
    count: usize,
) {
    for list in &mut packets {
        *list = &list[..count];
    }
    let mut local = *states;
    for i in 0..count {
        for (state, list) in local.iter_mut().zip(&packets) {
            state.round(load(&list[i]));
        }
    }
    *states = local;
}

/// Adds all packets of each of `inputs` to the state with the same index. Returns the bytes after
/// them, fewer than a packet each.
#[target_feature(enable = "avx2")]
#[inline]
fn add_all_packets<'a, const N: usize>(
    states: &mut [State; N],
    inputs: [&'a [u8]; N],
) -> [&'a [u8]; N] {
    let added = add_packets(states, inputs);
    let mut rests = inputs;
    for rest in &mut rests {
        *rest = &rest[added..];
    }
    while let Some([a, b]) = two_longer(rests) {
        let mut pair = [states[a], states[b]];
        let added = add_packets(&mut pair, [rests[a], rests[b]]);
        [states[a], states[b]] = pair;
        rests[a] = &rests[a][added..];
        rests[b] = &rests[b][added..];
    }
    for (state, rest) in states.iter_mut().zip(&mut rests) {
        let mut one = [*state];
        let added = add_packets(&mut one, [*rest]);
        [*state] = one;
        *rest = &rest[added..];
    }
    rests
}

/// The hashes, after all bytes were added.
#[target_feature(enable = "avx2")]
#[inline]
fn finished<const N: usize>(mut states: [State; N]) -> [u64; N] {
    for _ in 0..FINAL_ROUNDS {
        for state in &mut states {
            state.final_round();
        }
    }
    let mut hashes = [0; N];
    for (hash, state) in hashes.iter_mut().zip(&states) {
        *hash = state.result();
    }
    hashes
}

/// Writes the hash of each of `inputs`, at most four, to the element of `hashes` with the same index.
#[target_feature(enable = "avx2")]
fn hash_few(inputs: &[&[u8]], hashes: &mut [u64]) {
    match (inputs, hashes) {
        (&[a], [out]) => [*out] = hash_together([a]),
        (&[a, b], [p, q]) => [*p, *q] = hash_together([a, b]),
        (&[a, b, c], [p, q, r]) => [*p, *q, *r] = hash_together([a, b, c]),
        (&[a, b, c, d], [p, q, r, s]) => [*p, *q, *r, *s] = hash_together([a, b, c, d]),
        _ => {}
    }
}

/// The hashes of `inputs`.
#[target_feature(enable = "avx2")]
#[inline]
fn hash_together<const N: usize>(inputs: [&[u8]; N]) -> [u64; N] {
    let mut states = [State::new(); N];
    let rests = add_all_packets(&mut states, inputs);
    for (state, rest) in states.iter_mut().zip(rests) {
        state.remainder(rest);
    }
    finished(states)
}

/// Two sequences that have packets left.
fn two_longer<const N: usize>(rests: [&[u8]; N]) -> Option<[usize; 2]> {
    let mut longer = (0..N).filter(|&i| rests[i].len() >= PACKET);
    Some([longer.next()?, longer.next()?])
}

/// Hashes a sequence that arrives in pieces. Only [`Avx2::hasher`] makes one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hasher {
    state: State,
    /// Bytes that do not fill a packet yet.
    kept: [u8; PACKET],
    len: usize,
}

impl Hasher {
    #[target_feature(enable = "avx2")]
    fn new() -> Self {
        Self {
            state: State::new(),
            kept: [0; PACKET],
            len: 0,
        }
    }

    /// Adds each of `pieces` to the sequence of the hasher with the same index.
    pub(super) fn update<const N: usize>(hashers: [&mut Self; N], pieces: [&[u8]; N]) {
        // SAFETY: hashers exist only if the processor has AVX2.
        unsafe { update(hashers, pieces) }
    }

    /// Returns the hash of all added bytes.
    pub(super) fn finish(self) -> u64 {
        // SAFETY: hashers exist only if the processor has AVX2.
        unsafe { finish(self) }
    }

    /// Adds `bytes`, which do not fill the packet that was begun.
    fn keep(&mut self, bytes: &[u8]) {
        self.kept[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
}

#[target_feature(enable = "avx2")]
fn update<const N: usize>(mut hashers: [&mut Hasher; N], pieces: [&[u8]; N]) {
    let mut rests = pieces;
    for (hasher, rest) in hashers.iter_mut().zip(&mut rests) {
        *rest = fill_packet(hasher, rest);
    }
    let mut states = hashers.each_ref().map(|hasher| hasher.state);
    let rests = add_all_packets(&mut states, rests);
    for ((hasher, state), rest) in hashers.into_iter().zip(states).zip(rests) {
        hasher.state = state;
        hasher.keep(rest);
    }
}

/// Completes the packet that was begun, if one was. Returns the bytes that were not needed for it.
#[target_feature(enable = "avx2")]
fn fill_packet<'a>(hasher: &mut Hasher, bytes: &'a [u8]) -> &'a [u8] {
    if hasher.len == 0 {
        return bytes;
    }
    let (taken, rest) = bytes.split_at(bytes.len().min(PACKET - hasher.len));
    hasher.keep(taken);
    if hasher.len == PACKET {
        hasher.state.round(load(&hasher.kept));
        hasher.len = 0;
    }
    rest
}

#[target_feature(enable = "avx2")]
fn finish(mut hasher: Hasher) -> u64 {
    hasher.state.remainder(&hasher.kept[..hasher.len]);
    finished([hasher.state])[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets that differ from one another.
    fn packets(seed: u8) -> Vec<[u8; PACKET]> {
        (0..40u8)
            .map(|i| std::array::from_fn(|j| seed ^ i.wrapping_mul(31) ^ (j as u8).wrapping_mul(7)))
            .collect()
    }

    #[target_feature(enable = "avx2")]
    fn agrees<const N: usize>() {
        let lists: [Vec<[u8; PACKET]>; N] = std::array::from_fn(|i| packets(i as u8));
        for count in 0..40 {
            let (mut narrow, mut either) = ([State::new(); N], [State::new(); N]);
            add_rounds(&mut narrow, lists.each_ref().map(Vec::as_slice), count);
            let inputs = lists.each_ref().map(|list| list[..count].as_flattened());
            assert_eq!(add_packets(&mut either, inputs), count * PACKET);
            assert_eq!(
                finished(narrow),
                finished(either),
                "{N} sequences, {count} packets"
            );
        }
    }

    /// The rounds with AVX2 alone, and those that AVX-512 takes over if the processor has it.
    #[test]
    fn both_kinds_of_rounds_agree() {
        if Avx2::detect().is_some() {
            // SAFETY: the processor has AVX2.
            unsafe {
                agrees::<1>();
                agrees::<2>();
                agrees::<3>();
                agrees::<4>();
            }
        }
    }
}
