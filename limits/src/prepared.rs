//! zstd alone, on the chunks of a record file in memory.

use crate::arguments::Arguments;
use crate::chunks;
use crate::work::{Outcome, Work, shared};
use zstd_safe::{CCtx, CParameter, DCtx};

/// `ZSTD_decompressDCtx` on each chunk, into the same memory.
pub(crate) struct Decompress {
    frames: Vec<Vec<u8>>,
    /// Has room for the largest chunk.
    room: usize,
    threads: usize,
}

impl Decompress {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        let input = arguments.path("input")?;
        Ok(Self {
            frames: chunks::frames(&input)?,
            room: chunks::largest(&chunks::records(&input)?),
            threads: arguments.number("threads", 1)?,
        })
    }
}

impl Work for Decompress {
    fn run(&mut self) -> Outcome<i64> {
        shared(&self.frames, self.threads, |_, frames| {
            let mut decompressor = Decompressor::new(self.room)?;
            let mut size = 0;
            for frame in frames {
                size += decompressor.decompress(frame)?;
            }
            Ok(size)
        })
    }
}

/// Into the same memory.
pub(crate) struct Decompressor {
    context: DCtx<'static>,
    out: Vec<u8>,
}

impl Decompressor {
    /// For chunks of up to `room` bytes.
    pub(crate) fn new(room: usize) -> Outcome<Self> {
        Ok(Self {
            context: DCtx::try_create().ok_or("no memory for a context")?,
            out: vec![0; room],
        })
    }

    /// The size of what was in `frame`.
    pub(crate) fn decompress(&mut self, frame: &[u8]) -> Outcome<i64> {
        let len = self.context.decompress(&mut self.out[..], frame);
        Ok(len.map_err(zstd_safe::get_error_name)? as i64)
    }
}

/// `ZSTD_compress2` on the records of each chunk, into the same memory.
pub(crate) struct Compress {
    chunks: Vec<Vec<u8>>,
    level: i32,
    threads: usize,
}

impl Compress {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        Ok(Self {
            chunks: chunks::records(&arguments.path("input")?)?,
            level: arguments.level()?.ok_or("level= is none")?,
            threads: arguments.number("threads", 1)?,
        })
    }

    /// Compresses the chunks; each thread compresses neighbouring ones. `taking` is called for each
    /// thread and returns what takes the frames of `together` chunks.
    pub(crate) fn compress<T: FnMut(&[&[u8]]) -> Outcome<()>>(
        &self,
        together: usize,
        taking: impl Fn(usize) -> Outcome<T> + Sync,
    ) -> Outcome<i64> {
        shared(&self.chunks, self.threads, |thread, chunks| {
            let mut take = taking(thread)?;
            let room = zstd_safe::compress_bound(chunks::largest(chunks));
            let mut outs = vec![vec![0; room]; together];
            let mut context = CCtx::try_create().ok_or("no memory for a context")?;
            let set = context.set_parameter(CParameter::CompressionLevel(self.level));
            set.map_err(zstd_safe::get_error_name)?;
            let mut size = 0;
            for chunks in chunks.chunks(together) {
                let mut frames = Vec::with_capacity(together);
                for (chunk, out) in chunks.iter().zip(&mut outs) {
                    let len = context.compress2(&mut out[..], chunk);
                    frames.push(&out[..len.map_err(zstd_safe::get_error_name)?]);
                    size += chunk.len() as i64;
                }
                take(&frames)?;
            }
            Ok(size)
        })
    }
}

impl Work for Compress {
    fn run(&mut self) -> Outcome<i64> {
        self.compress(1, |_| Ok(|_: &[&[u8]]| Ok(())))
    }
}
