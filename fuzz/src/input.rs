//! Values out of arbitrary bytes.

/// Takes values off the front of bytes. Where these have run out there are zeros, so that every
/// input means something.
///
/// What an input means must not change, or the corpus becomes worthless.
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        first
    }

    /// A number below `many`, at most 256.
    pub fn choice(&mut self, many: usize) -> usize {
        usize::from(self.byte()) % many
    }

    /// Any number: one byte for a small one; two, four or eight after a byte that says so.
    pub fn number(&mut self) -> u64 {
        let len = match self.byte() {
            0xff => 8,
            0xfe => 4,
            0xfd => 2,
            small => return small.into(),
        };
        (0..len).fold(0, |number, shift| {
            number | u64::from(self.byte()) << (8 * shift)
        })
    }

    /// As many bytes as a number before them says, or there are.
    pub fn bytes(&mut self) -> &'a [u8] {
        let len = self.number();
        let len = usize::try_from(len).map_or(self.0.len(), |len| len.min(self.0.len()));
        let (bytes, rest) = self.0.split_at(len);
        self.0 = rest;
        bytes
    }

    /// All bytes that are left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}
