//! A sink from which the caller takes the bytes.

use crate::bytes::sink::Sink;
use std::io::{self, IoSlice};

/// Keeps written bytes until the owner of the sink [takes](Self::take) them, in order.
#[derive(Debug, Default)]
pub struct PulledSink {
    pending: Vec<u8>,
    /// How many of the pending bytes were taken.
    taken: usize,
    /// Position of the first pending byte.
    begin: u64,
}

impl PulledSink {
    /// Number of bytes to take.
    pub fn pending(&self) -> usize {
        self.pending.len() - self.taken
    }

    /// Moves the next pending bytes to `out`, as many as fit; returns their number.
    pub fn take(&mut self, out: &mut [u8]) -> usize {
        let rest = &self.pending[self.taken..];
        let size = rest.len().min(out.len());
        out[..size].copy_from_slice(&rest[..size]);
        self.taken += size;
        if self.taken == self.pending.len() {
            self.begin += self.taken as u64;
            self.taken = 0;
            self.pending.clear();
        }
        size
    }

    fn end(&self) -> u64 {
        self.begin + self.pending.len() as u64
    }
}

impl Sink for PulledSink {
    fn write_at(&mut self, offset: u64, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        if offset != self.end() {
            return Err(io::Error::other("a stream is written in order"));
        }
        let size = pieces.iter().map(|piece| piece.len()).sum();
        self.pending
            .try_reserve(size)
            .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        for piece in pieces {
            self.pending.extend_from_slice(piece);
        }
        Ok(size)
    }

    /// Bytes that were taken cannot be cut off.
    fn truncate(&mut self, size: u64) -> io::Result<()> {
        let kept = size.checked_sub(self.begin).map(|kept| kept as usize);
        match kept {
            Some(kept) if kept >= self.taken => {
                self.pending.truncate(kept);
                Ok(())
            }
            _ => Err(io::Error::other("bytes of a stream cannot be cut off")),
        }
    }

    /// The caller makes the bytes durable.
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_taken_in_order_and_once() {
        let mut sink = PulledSink::default();
        sink.write_at(0, &[IoSlice::new(b"abc"), IoSlice::new(b"de")])
            .unwrap();
        let mut out = [0; 3];
        assert_eq!((sink.take(&mut out), &out), (3, b"abc"));
        assert_eq!(sink.pending(), 2);
        sink.write_at(5, &[IoSlice::new(b"f")]).unwrap();
        assert_eq!((sink.take(&mut out), &out), (3, b"def"));
        assert_eq!(sink.take(&mut out), 0);
        assert!(sink.write_at(7, &[IoSlice::new(b"x")]).is_err());
        sink.write_at(6, &[IoSlice::new(b"ghi")]).unwrap();
        assert_eq!(sink.take(&mut out[..1]), 1);
        sink.truncate(8).unwrap();
        assert!(sink.truncate(6).is_err());
        assert_eq!(sink.take(&mut out), 1);
        assert_eq!(out[0], b'h');
    }
}
