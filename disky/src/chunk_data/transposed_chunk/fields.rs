//! The header of a transposed chunk, value by value.

use super::malformed::wrong;
use crate::error::Parsed;
use crate::format::varint;

/// The rest of a header.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn new(header: &'a [u8]) -> Self {
        Self(header)
    }

    /// The next value, a varint.
    pub(super) fn varint(&mut self, what: &str) -> Parsed<u64> {
        // Most are below 128.
        if let Some((&byte, rest)) = self.0.split_first()
            && byte < 0x80
        {
            self.0 = rest;
            return Ok(byte.into());
        }
        let (value, len) = varint::read(self.0).ok_or_else(|| {
            wrong(format!(
                "the header ends inside {what}, or it is not a varint"
            ))
        })?;
        self.0 = &self.0[len..];
        Ok(value)
    }

    /// The next value, a varint of 32 bits.
    pub(super) fn index(&mut self, what: &str) -> Parsed<u32> {
        let value = self.varint(what)?;
        u32::try_from(value).map_err(|_| wrong(format!("{what} is {value}, which exceeds 32 bits")))
    }

    /// The next value, a byte.
    pub(super) fn byte(&mut self, what: &str) -> Parsed<u8> {
        let (&byte, rest) = self
            .0
            .split_first()
            .ok_or_else(|| wrong(format!("the header ends before {what}")))?;
        self.0 = rest;
        Ok(byte)
    }

    /// The next `len` bytes.
    pub(super) fn split(&mut self, what: &str, len: usize) -> Parsed<Self> {
        let (bytes, rest) = self
            .0
            .split_at_checked(len)
            .ok_or_else(|| wrong(format!("the header ends inside {what}")))?;
        self.0 = rest;
        Ok(Self(bytes))
    }

    /// Fails if there are bytes left.
    pub(super) fn check_end(&self) -> Parsed<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(wrong(format!(
            "{} bytes of the header are left over",
            self.0.len()
        )))
    }
}
