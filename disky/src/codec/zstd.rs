//! zstd, one frame at a time, with contexts that are reused.

use crate::codec::compression::Zstd;
use crate::error::{Error, ErrorKind, Malformed, Parsed, Result};
use std::sync::{Mutex, PoisonError};
use zstd_safe::{CCtx, CParameter, DCtx, ResetDirective};

/// The first four bytes of a zstd frame.
pub(crate) const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The maximum decompressed size of a block of a frame, and the minimum size of such a block: three
/// bytes of header and the byte to repeat (RFC 8878, section 3.1.1.2).
const MAX_BLOCK_BYTES: u64 = 128 << 10;
const MIN_BLOCK_BYTES: u64 = 4;

/// The unused contexts of the process. Allocating a new context costs time, and the last used
/// context is in the processor's caches.
struct Unused<T>(Mutex<Vec<T>>);

static COMPRESSION_CONTEXTS: Unused<CCtx<'static>> = Unused(Mutex::new(Vec::new()));
static DECOMPRESSION_CONTEXTS: Unused<DCtx<'static>> = Unused(Mutex::new(Vec::new()));

impl<T> Unused<T> {
    /// The maximum number of kept contexts, and their maximum size in bytes: contexts of the
    /// highest levels take hundreds of megabytes.
    const MOST: usize = 16;
    const LARGEST: usize = 8 << 20;

    /// Takes the context that was used last.
    fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps `context`, of `size` bytes; returns it if it is too large, or if enough are kept.
    fn keep(&self, context: T, size: usize) -> Option<T> {
        let mut unused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if unused.len() < Self::MOST && size <= Self::LARGEST && unused.try_reserve(1).is_ok() {
            unused.push(context);
            return None;
        }
        Some(context)
    }
}

/// Decompresses frames.
pub(crate) struct Decompressor(Option<DCtx<'static>>);

impl Drop for Decompressor {
    fn drop(&mut self) {
        if let Some(context) = self.0.take() {
            let size = context.sizeof();
            let _ = DECOMPRESSION_CONTEXTS.keep(context, size);
        }
    }
}

impl Decompressor {
    pub(crate) fn new() -> Result<Self> {
        let mut decompressor = Self(None);
        decompressor.context()?;
        Ok(decompressor)
    }

    fn context(&mut self) -> Result<&mut DCtx<'static>> {
        let context = match self.0.take().or_else(|| DECOMPRESSION_CONTEXTS.take()) {
            Some(context) => context,
            None => {
                DCtx::try_create().ok_or_else(|| out_of_memory("a zstd decompression context"))?
            }
        };
        Ok(self.0.insert(context))
    }

    /// Decompresses `frame`, which [`check_frame`] has accepted for `out.len()` bytes. Fills `out`
    /// exactly.
    pub(crate) fn decompress(&mut self, frame: &[u8], out: &mut [u8]) -> Parsed<()> {
        let expected = out.len();
        let context = self.context().map_err(|_| Malformed::no_memory())?;
        match context.decompress(out, frame) {
            Ok(size) if size == expected => Ok(()),
            Ok(size) => Err(malformed(format!(
                "the zstd frame inflates to {size} bytes where {expected} are stated"
            ))),
            Err(code) => Err(not_inflated(code, expected)),
        }
    }
}

/// Checks, before memory is allocated, that `bytes` are one zstd frame that can decompress to
/// `size` bytes.
pub(crate) fn check_frame(bytes: &[u8], size: u64) -> Parsed<()> {
    if !bytes.starts_with(&MAGIC) {
        return Err(malformed("compressed data do not start with a zstd frame"));
    }
    let frame_len = zstd_safe::find_frame_compressed_size(bytes).map_err(|code| {
        malformed(format!(
            "the zstd frame is broken: {}",
            zstd_safe::get_error_name(code)
        ))
    })?;
    if frame_len != bytes.len() {
        return Err(malformed(format!(
            "{} bytes follow the zstd frame; only a single frame is allowed",
            bytes.len() - frame_len
        )));
    }
    if let Ok(Some(stated)) = zstd_safe::get_frame_content_size(bytes)
        && stated != size
    {
        return Err(malformed(format!(
            "the zstd frame states {stated} bytes where {size} are expected"
        )));
    }
    let most = (bytes.len() as u64 / MIN_BLOCK_BYTES + 1).saturating_mul(MAX_BLOCK_BYTES);
    if size > most {
        return Err(malformed(format!(
            "a zstd frame of {} bytes cannot inflate to {size} bytes",
            bytes.len()
        )));
    }
    Ok(())
}

/// Compresses complete buffers into frames. Keeps a context between two calls only if the context
/// is large. So, if many compressors take turns on a few threads, most of them have no context.
pub(crate) struct Compressor {
    parameters: Zstd,
    own: Option<CCtx<'static>>,
}

impl Compressor {
    pub(crate) fn new(parameters: Zstd) -> Result<Self> {
        let mut compressor = Self {
            parameters,
            own: None,
        };
        // Reports wrong parameters now.
        let context = compressor.context()?;
        compressor.give_back(context);
        Ok(compressor)
    }

    fn context(&mut self) -> Result<CCtx<'static>> {
        if let Some(own) = self.own.take() {
            return Ok(own);
        }
        let mut context = match COMPRESSION_CONTEXTS.take() {
            Some(mut used) => {
                used.reset(ResetDirective::SessionAndParameters)
                    .map_err(|code| refused(code, "to begin anew"))?;
                used
            }
            None => {
                CCtx::try_create().ok_or_else(|| out_of_memory("a zstd compression context"))?
            }
        };
        context
            .set_parameter(CParameter::CompressionLevel(self.parameters.level()))
            .map_err(|code| refused(code, "the compression level"))?;
        if let Some(window_log) = self.parameters.window_log() {
            context
                .set_parameter(CParameter::WindowLog(window_log))
                .map_err(|code| refused(code, "the window size"))?;
        }
        Ok(context)
    }

    fn give_back(&mut self, context: CCtx<'static>) {
        let size = context.sizeof();
        self.own = COMPRESSION_CONTEXTS.keep(context, size);
    }

    /// Compresses `bytes` into one frame and appends it to `out`.
    pub(crate) fn compress(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let start = out.len();
        let bound = zstd_safe::compress_bound(bytes.len());
        out.try_reserve(bound)
            .map_err(|_| out_of_memory("compressed data"))?;
        let mut context = self.context()?;
        let mut tail = Tail { out, start };
        context
            .compress2(&mut tail, bytes)
            .map_err(|code| refused(code, "the data"))?;
        self.give_back(context);
        Ok(())
    }
}

/// The maximum size that a [`Compressor`] makes of `bytes` bytes; above zstd's limit, any large
/// number.
pub(crate) fn compress_bound(bytes: u64) -> u64 {
    usize::try_from(bytes).map_or(u64::MAX, |bytes| zstd_safe::compress_bound(bytes) as u64)
}

/// Appends a frame of 0 bytes to `out`, of at least `size` bytes and at most two more, if `size` is
/// at least 9: a header without window, then empty raw blocks of three bytes, the last of which is
/// marked as last (RFC 8878, sections 3.1.1.1 and 3.1.1.2).
pub(crate) fn write_nothing(size: usize, out: &mut Vec<u8>) {
    const HEADER: [u8; 2] = [0x20, 0];
    const BLOCK: [u8; 3] = [0; 3];
    const LAST_BLOCK: [u8; 3] = [1, 0, 0];
    let fixed = MAGIC.len() + HEADER.len() + LAST_BLOCK.len();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&HEADER);
    for _ in 0..size.saturating_sub(fixed).div_ceil(BLOCK.len()) {
        out.extend_from_slice(&BLOCK);
    }
    out.extend_from_slice(&LAST_BLOCK);
}

/// The spare capacity of a vector after `start`, which zstd fills without it being zeroed first.
struct Tail<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
}

// SAFETY: `as_mut_ptr` and `capacity` describe the vector's own allocation from `start` on, `start`
// is at most the vector's length, and `filled_until` is only called by zstd-safe with the number of
// bytes that zstd has written there.
unsafe impl zstd_safe::WriteBuf for Tail<'_> {
    fn as_slice(&self) -> &[u8] {
        &self.out[self.start..]
    }

    fn capacity(&self) -> usize {
        self.out.capacity() - self.start
    }

    fn as_mut_ptr(&mut self) -> *mut u8 {
        self.out.as_mut_ptr().wrapping_add(self.start)
    }

    unsafe fn filled_until(&mut self, n: usize) {
        // SAFETY: zstd initialised `n` bytes from `start` on, within the capacity that it was told.
        unsafe { self.out.set_len(self.start + n) }
    }
}

fn malformed(detail: impl Into<String>) -> Malformed {
    Malformed::new(ErrorKind::CompressedData, detail)
}

/// Whether zstd failed with `code` because memory was exhausted. Then neither the caller's
/// arguments nor the data are wrong.
fn is_lack_of_memory(code: usize) -> bool {
    // A failed call returns its error code as a negative number.
    code.wrapping_neg()
        == zstd_safe::zstd_sys::ZSTD_ErrorCode::ZSTD_error_memory_allocation as usize
}

fn not_inflated(code: usize, expected: usize) -> Malformed {
    if is_lack_of_memory(code) {
        return Malformed::no_memory();
    }
    malformed(format!(
        "the zstd frame does not inflate to the {expected} bytes stated: {}",
        zstd_safe::get_error_name(code)
    ))
}

fn refused(code: usize, what: &str) -> Error {
    if is_lack_of_memory(code) {
        return out_of_memory(
            "zstd to compress with; a lower level or a smaller window needs less",
        );
    }
    Error::new(
        ErrorKind::InvalidArgument,
        format!("zstd refused {what}: {}", zstd_safe::get_error_name(code)),
    )
}

fn out_of_memory(what: &str) -> Error {
    Error::new(ErrorKind::OutOfMemory, format!("no memory for {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Compressor::new(Zstd::default())
            .unwrap()
            .compress(bytes, &mut out)
            .unwrap();
        out
    }

    #[test]
    fn appends_after_what_is_there() {
        let mut out = b"head".to_vec();
        Compressor::new(Zstd::new(22).unwrap())
            .unwrap()
            .compress(&[7; 5000], &mut out)
            .unwrap();
        assert_eq!(&out[..4], b"head");
        let mut back = vec![0; 5000];
        check_frame(&out[4..], 5000).unwrap();
        Decompressor::new()
            .unwrap()
            .decompress(&out[4..], &mut back)
            .unwrap();
        assert_eq!(back, [7; 5000]);
    }

    #[test]
    fn levels_and_windows_at_the_edges() {
        let bytes: Vec<u8> = (0..100_000u32)
            .map(|i| (i.wrapping_mul(i) >> 9) as u8)
            .collect();
        for level in [-131_072, -1, 0, 1, 22] {
            for window_log in [None, Some(10), Some(31)] {
                let mut parameters = Zstd::new(level).unwrap();
                if let Some(window_log) = window_log {
                    parameters = parameters.with_window_log(window_log).unwrap();
                }
                let mut frame = Vec::new();
                let mut compressor = Compressor::new(parameters).unwrap();
                compressor.compress(&bytes, &mut frame).unwrap();
                check_frame(&frame, bytes.len() as u64).unwrap();
                let mut back = vec![0; bytes.len()];
                let mut decompressor = Decompressor::new().unwrap();
                decompressor.decompress(&frame, &mut back).unwrap();
                assert!(back == bytes, "{parameters:?}");
            }
        }
    }

    #[test]
    fn lack_of_memory_is_neither_a_bad_argument_nor_damage() {
        let no_memory = 64usize.wrapping_neg();
        assert!(zstd_safe::get_error_name(no_memory).contains("not enough memory"));
        assert_eq!(refused(no_memory, "it").kind(), ErrorKind::OutOfMemory);
        assert_eq!(not_inflated(no_memory, 1).kind, ErrorKind::OutOfMemory);

        let out_of_bound = 42usize.wrapping_neg();
        assert!(zstd_safe::get_error_name(out_of_bound).contains("out of bound"));
        assert_eq!(
            refused(out_of_bound, "it").kind(),
            ErrorKind::InvalidArgument
        );
        assert_eq!(
            not_inflated(out_of_bound, 1).kind,
            ErrorKind::CompressedData
        );
    }

    #[test]
    fn refuses_a_frame_that_lies_about_its_size() {
        let frame = frame(&[1; 100]);
        assert!(
            check_frame(&frame, 101)
                .unwrap_err()
                .detail
                .contains("states 100")
        );
        let mut small = [0; 99];
        assert!(
            Decompressor::new()
                .unwrap()
                .decompress(&frame, &mut small)
                .is_err()
        );
    }

    /// A frame need not state its decompressed size, which is then known only after decompression.
    #[test]
    fn refuses_a_frame_that_inflates_to_too_few_or_too_many_bytes() {
        // Header without a size, then one raw block of three bytes, marked last.
        let frame = [
            0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 0x19, 0x00, 0x00, b'a', b'b', b'c',
        ];
        for size in 0..=10 {
            check_frame(&frame, size).unwrap();
            let mut out = vec![b'?'; size as usize];
            let inflated = Decompressor::new().unwrap().decompress(&frame, &mut out);
            if size == 3 {
                inflated.unwrap();
                assert_eq!(out, b"abc");
                continue;
            }
            let malformed = inflated.unwrap_err();
            assert_eq!(malformed.kind, ErrorKind::CompressedData);
            let stated = format!("{size}");
            assert!(malformed.detail.contains(&stated), "{}", malformed.detail);
        }
    }

    #[test]
    fn refuses_several_frames_a_skippable_one_and_garbage() {
        let one = frame(b"abc");
        let two = [one.clone(), one.clone()].concat();
        assert!(
            check_frame(&two, 6)
                .unwrap_err()
                .detail
                .contains("follow the zstd frame")
        );
        let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0][..], &one[..]].concat();
        assert!(check_frame(&skippable, 3).is_err());
        assert!(check_frame(&one[..one.len() - 1], 3).is_err());
        assert!(check_frame(&[], 0).is_err());
    }

    #[test]
    fn refuses_sizes_that_no_frame_of_that_length_reaches() {
        // A frame without a content size: header, then one empty raw block marked last.
        let unsized_frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 0x01, 0x00, 0x00];
        assert!(check_frame(&unsized_frame, 0).is_ok());
        assert!(
            check_frame(&unsized_frame, 1 << 30)
                .unwrap_err()
                .detail
                .contains("cannot inflate")
        );
    }
}
