//! The wire format of protocol buffer messages, in the form in which a decoder reassembles them:
//! every varint is as short as possible.
//!
//! Source: "Encoding" in the documentation of protocol buffers.

use super::growth::push;
use crate::error::Result;
use crate::format::varint;

pub(super) const VARINT: u32 = 0;
pub(super) const FIXED64: u32 = 1;
pub(super) const LENGTH_DELIMITED: u32 = 2;
pub(super) const START_GROUP: u32 = 3;
pub(super) const END_GROUP: u32 = 4;
pub(super) const FIXED32: u32 = 5;

/// Whether `bytes` are a message: complete fields, and complete groups. Ignores the contents of
/// length-delimited fields. `groups` is memory.
pub(super) fn is_message(bytes: &[u8], groups: &mut Vec<u32>) -> Result<bool> {
    groups.clear();
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some((tag, len)) = tag(rest) else {
            return Ok(false);
        };
        rest = &rest[len..];
        let number = tag >> 3;
        let size = match tag & 7 {
            VARINT => shortest(rest).map(|(_, len)| len),
            FIXED64 => Some(8),
            FIXED32 => Some(4),
            LENGTH_DELIMITED => delimited_size(rest),
            START_GROUP => {
                push(groups, number)?;
                Some(0)
            }
            END_GROUP => groups.pop().filter(|&begun| begun == number).map(|_| 0),
            _ => None,
        };
        match size.and_then(|size| rest.get(size..)) {
            Some(after) => rest = after,
            None => return Ok(false),
        }
    }
    Ok(groups.is_empty())
}

/// The tag at the start of `bytes`, and its length.
#[inline(always)]
fn tag(bytes: &[u8]) -> Option<(u32, usize)> {
    let (tag, len) = shortest(bytes)?;
    let tag = u32::try_from(tag).ok().filter(|tag| tag >> 3 != 0)?;
    Some((tag, len))
}

/// The size of a length and of the bytes that it delimits.
fn delimited_size(bytes: &[u8]) -> Option<usize> {
    let (length, len) = shortest(bytes)?;
    usize::try_from(length).ok()?.checked_add(len)
}

/// The varint at the start of `bytes`, and its length; `None` if it is longer than necessary.
#[inline(always)]
fn shortest(bytes: &[u8]) -> Option<(u64, usize)> {
    match *bytes.first()? {
        byte @ 0..0x80 => Some((byte.into(), 1)),
        _ => varint::read(bytes).filter(|&(_, len)| bytes[len - 1] != 0),
    }
}

/// The varint at the start of `bytes`, which must begin with one of 32 bits, and its length.
#[inline(always)]
pub(super) fn known_varint(bytes: &[u8]) -> (u32, usize) {
    // Most are below 128.
    if let Some(&byte @ 0..0x80) = bytes.first() {
        return (byte.into(), 1);
    }
    let (mut value, mut len) = (0, 0);
    for &byte in bytes.iter().take(5) {
        value |= u32::from(byte & 0x7f) << (7 * len);
        len += 1;
        if byte < 0x80 {
            break;
        }
    }
    (value, len)
}

/// The length of the varint at the start of `bytes`, which must begin with one.
#[inline(always)]
pub(super) fn known_varint_len(bytes: &[u8]) -> usize {
    let more = bytes.iter().take_while(|&&byte| byte >= 0x80).count();
    more + 1
}
