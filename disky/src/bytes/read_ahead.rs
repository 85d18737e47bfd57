//! Reads a few bytes more than requested, so that the header of the next chunk, or many small
//! chunks, cost no request of their own.

use crate::bytes::source::Source;
use std::io::{self, IoSliceMut};

/// A source with a window of bytes that were read ahead.
#[derive(Debug)]
pub(crate) struct ReadAhead<S> {
    source: S,
    window: Vec<u8>,
    begin: u64,
    len: usize,
}

impl<S: Source> ReadAhead<S> {
    pub(crate) fn new(source: S) -> Self {
        Self {
            source,
            window: Vec::new(),
            begin: 0,
            len: 0,
        }
    }

    /// The source.
    pub(crate) fn source(&self) -> &S {
        &self.source
    }

    pub(crate) fn size(&self) -> u64 {
        self.source.size()
    }

    /// See [`Source::reaches`].
    pub(crate) fn reaches(&mut self, end: u64) -> io::Result<bool> {
        self.source.reaches(end)
    }

    /// See [`Source::has`].
    pub(crate) fn has(&self, offset: u64, len: u64) -> bool {
        self.source.has(offset, len)
    }

    /// See [`Source::passed`].
    pub(crate) fn passed(&mut self, position: u64) {
        self.source.passed(position);
    }

    /// See [`Source::goes_back`].
    pub(crate) fn goes_back(&self) -> bool {
        self.source.goes_back()
    }

    pub(crate) fn source_mut(&mut self) -> &mut S {
        &mut self.source
    }

    /// Reads the size of the source again, and forgets the bytes that were read ahead, because the
    /// writer may have written only a part of them at that time.
    pub(crate) fn refresh(&mut self) -> io::Result<()> {
        self.len = 0;
        self.source.refresh_size()
    }

    /// Fills `pieces` with the bytes from `offset` on, and keeps up to `ahead` bytes after them.
    /// Returns the number of bytes read; it is less than requested only at the end of the source.
    pub(crate) fn read(
        &mut self,
        offset: u64,
        pieces: Vec<IoSliceMut<'_>>,
        ahead: usize,
    ) -> io::Result<usize> {
        let wanted: usize = pieces.iter().map(|piece| piece.len()).sum();
        let mut pieces = pieces;
        let mut rest = &mut pieces[..];
        let mut got = self.copy_from_window(offset, rest);
        if got == wanted {
            return Ok(got);
        }
        IoSliceMut::advance_slices(&mut rest, got);

        let begin = offset.saturating_add(got as u64);
        self.source
            .provide(begin, (wanted - got) as u64, ahead as u64)?;
        if self.window.len() < ahead {
            self.window.resize(ahead, 0);
        }
        self.begin = offset + wanted as u64;
        self.len = 0;
        let mut all: Vec<IoSliceMut<'_>> = Vec::with_capacity(rest.len() + 1);
        all.extend(rest.iter_mut().map(|piece| IoSliceMut::new(piece)));
        all.push(IoSliceMut::new(&mut self.window[..ahead]));
        let mut left = &mut all[..];
        while got < wanted {
            let read = self.source.read_at(offset + got as u64, left)?;
            if read == 0 {
                return Ok(got);
            }
            got += read;
            IoSliceMut::advance_slices(&mut left, read);
        }
        self.len = got - wanted;
        Ok(wanted)
    }

    fn copy_from_window(&self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> usize {
        let Some(start) = offset.checked_sub(self.begin) else {
            return 0;
        };
        if start >= self.len as u64 {
            return 0;
        }
        let mut kept = &self.window[start as usize..self.len];
        let before = kept.len();
        for piece in pieces {
            let len = piece.len().min(kept.len());
            piece[..len].copy_from_slice(&kept[..len]);
            kept = &kept[len..];
        }
        before - kept.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns at most `most` bytes per request, as a slow file system may do.
    struct Trickle<'a>(&'a [u8], usize);

    impl Source for Trickle<'_> {
        fn read_at(&mut self, offset: u64, pieces: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
            let mut bytes = vec![0; self.1];
            let read = self.0.read_at(offset, &mut [IoSliceMut::new(&mut bytes)])?;
            (&bytes[..read]).read_at(0, pieces)
        }

        fn size(&self) -> u64 {
            self.0.len() as u64
        }
    }

    proptest! {
        #[test]
        fn reads_the_same_bytes_whatever_is_kept(
            reads in prop::collection::vec((0usize..300, 1usize..80, 1usize..80, 0usize..200), 1..20),
            most in 1usize..100,
        ) {
            let bytes: Vec<u8> = (0..=255).collect();
            let mut source = ReadAhead::new(Trickle(&bytes, most));
            for (offset, a, b, ahead) in reads {
                let (mut first, mut second) = (vec![0; a], vec![0; b]);
                let pieces = vec![IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
                let got = source.read(offset as u64, pieces, ahead).unwrap();
                let expected = &bytes[offset.min(256)..(offset + a + b).min(256)];
                prop_assert_eq!(got, expected.len());
                first.extend_from_slice(&second);
                prop_assert_eq!(&first[..got], expected);
            }
        }
    }
}
