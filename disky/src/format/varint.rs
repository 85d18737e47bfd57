//! Variable-length integers: seven bits per byte, least significant group first; the top bit is set
//! in every byte but the last.
//!
//! Upstream disky writes some values with a redundant last byte (docs/format.md, "Varints"). Every
//! form of up to [`MAX_LEN`] bytes is accepted; the shortest one is written.

/// The longest encoding of a 64-bit value.
pub(crate) const MAX_LEN: usize = 10;

/// Decodes the integer at the beginning of `bytes`: returns its value and its length in bytes.
///
/// Returns `None` if `bytes` ends inside the integer, if it is longer than [`MAX_LEN`], or if it
/// does not fit 64 bits.
#[inline]
pub(crate) fn read(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (index, &byte) in bytes.iter().take(MAX_LEN).enumerate() {
        let group = u64::from(byte & 0x7f);
        if index == MAX_LEN - 1 && group > 1 {
            return None;
        }
        value |= group << (7 * index);
        if byte < 0x80 {
            return Some((value, index + 1));
        }
    }
    None
}

/// Appends the shortest encoding of `value` to `out`.
#[inline]
pub(crate) fn write(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Makes the integer at `begin` of `bytes` one byte longer by a redundant group. It must be shorter
/// than [`MAX_LEN`].
pub(crate) fn lengthen(bytes: &mut Vec<u8>, begin: usize) {
    let more = bytes[begin..].iter().take_while(|&&byte| byte >= 0x80);
    let last = begin + more.count();
    bytes[last] |= 0x80;
    bytes.insert(last + 1, 0);
}

/// The length of the shortest encoding of `value` in bytes.
#[inline]
pub(crate) fn len(value: u64) -> usize {
    ((u64::BITS - (value | 1).leading_zeros()) as usize).div_ceil(7)
}

/// The shortest encoding of `value` as the lowest bytes of a word, first byte lowest, and its
/// length in bytes.
#[inline]
pub(crate) fn word(mut value: u32) -> (u64, u8) {
    let (mut word, mut len) = (0, 0);
    while value >= 0x80 {
        word |= u64::from(value & 0x7f | 0x80) << (8 * len);
        value >>= 7;
        len += 1;
    }
    (word | u64::from(value) << (8 * len), len + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_redundant_groups_up_to_ten_bytes() {
        assert_eq!(read(&[0xff, 0x00]), Some((127, 2)));
        assert_eq!(read(&[0x80, 0xff, 0x00]), Some((16256, 3)));
        assert_eq!(
            read(&[0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]),
            Some((1, 10))
        );
    }

    #[test]
    fn rejects_what_does_not_fit() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[0x80]), None);
        assert_eq!(read(&[0xff; 10]), None);
        let mut eleven = [0x80; 11];
        eleven[10] = 0;
        assert_eq!(read(&eleven), None);
        assert_eq!(
            read(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]),
            None
        );
    }

    #[test]
    fn a_longer_encoding_of_the_same_value() {
        for value in [0, 1, 127, 128, 1 << 40] {
            let mut bytes = vec![0xaa];
            write(value, &mut bytes);
            for len in len(value)..MAX_LEN {
                assert_eq!(read(&bytes[1..]), Some((value, len)));
                lengthen(&mut bytes, 1);
                bytes.push(0x55);
                assert_eq!(read(&bytes[1..]), Some((value, len + 1)));
                assert_eq!(bytes.pop(), Some(0x55));
            }
        }
    }

    proptest! {
        #[test]
        fn words_are_what_is_written(value: u32, shift in 0u32..32) {
            let value = value >> shift;
            let mut bytes = Vec::new();
            write(value.into(), &mut bytes);
            let (word, len) = word(value);
            prop_assert_eq!(&word.to_le_bytes()[..len.into()], &bytes[..]);
        }

        #[test]
        fn reads_what_it_writes(value: u64, shift in 0u32..64, tail: Vec<u8>) {
            let value = value >> shift;
            let mut bytes = Vec::new();
            write(value, &mut bytes);
            prop_assert_eq!(len(value), bytes.len());
            let len = bytes.len();
            bytes.extend_from_slice(&tail);
            prop_assert_eq!(read(&bytes), Some((value, len)));
        }
    }
}
