//! Simple chunks: record sizes and record values, possibly compressed.
//!
//! Source: "Simple chunk with records" in Google's Riegeli/records file format specification; for
//! the DISKY dialect docs/format.md, "Simple chunk".

use crate::codec::compression::{Compression, CompressionType, Dialect};
use crate::codec::zstd;
use crate::codec::{self, Compressor, Decompressor, Part};
use crate::error::{Error, ErrorKind, Malformed, Parsed, Result};
use crate::format::chunk::{ChunkHeader, ChunkType};
use crate::format::hash::Hasher;
use crate::format::varint;
use std::ops::Range;

/// The positions of the parts of a chunk's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SimpleChunk {
    /// The compression of sizes and values.
    pub(crate) compression_type: CompressionType,
    /// The dialect; `None` if the data look the same in both.
    pub(crate) dialect: Option<Dialect>,
    sizes: Part,
    values: Part,
}

/// Finds the parts of `data`, whose header is `header`, and checks everything that can be checked
/// before memory for the records is allocated.
pub(crate) fn parse(header: &ChunkHeader, data: &[u8]) -> Parsed<SimpleChunk> {
    let (compression_type, sizes) = parse_head(data)?;
    if let CompressionType::Unknown(_) = compression_type {
        return Err(codec::unsupported(compression_type));
    }
    let values = sizes.end..data.len();
    let dialect = dialect_of(compression_type, &data[values.clone()]);
    let (sizes, values) = match dialect {
        Some(Dialect::Disky) => {
            let sizes = Part::find(CompressionType::None, data, sizes)?;
            let values = Part {
                stored: values,
                size: header.decoded_data_size,
            };
            (sizes, values)
        }
        _ => {
            let sizes = Part::find(compression_type, data, sizes)?;
            let values = match compression_type {
                CompressionType::Zstd => find_framed(data, values)?,
                _ => Part::find(compression_type, data, values)?,
            };
            (sizes, values)
        }
    };
    check_values_size(header, values.size)?;
    if dialect == Some(Dialect::Riegeli) {
        sizes.check(compression_type, data)?;
    }
    check_record_count(header, sizes.size)?;
    values.check(compression_type, data)?;
    Ok(SimpleChunk {
        compression_type,
        dialect,
        sizes,
        values,
    })
}

/// Decodes a complete chunk into new memory: the bytes of its records, and the end offset of each.
pub(crate) fn decode(header: &ChunkHeader, data: &[u8]) -> Parsed<(Vec<u8>, Vec<u64>)> {
    let chunk = parse(header, data)?;
    let (mut values, mut ends) = (Vec::new(), Vec::new());
    codec::provide(&mut values, header.decoded_data_size)?;
    codec::provide(&mut ends, header.num_records)?;
    let mut decoder = Decoder::default();
    decoder.decode_ends(&chunk, data, &mut ends, header.decoded_data_size)?;
    decoder.decompress_values(&chunk, data, &mut values)?;
    Ok((values, ends))
}

impl SimpleChunk {
    /// Where the values begin in the data, in bytes; `None` if they are compressed.
    pub(crate) fn uncompressed_values(&self) -> Option<usize> {
        (self.compression_type == CompressionType::None).then_some(self.values.stored.start)
    }
}

/// Reads the compression type and the extent of the sizes.
fn parse_head(data: &[u8]) -> Parsed<(CompressionType, Range<usize>)> {
    let Some(&compression_type) = data.first() else {
        return Err(sizes_wrong(
            "the chunk has no data, not even a compression type",
        ));
    };
    let (sizes_size, len) = varint::read(&data[1..])
        .ok_or_else(|| sizes_wrong("the size of the record sizes is not a varint"))?;
    let begin = 1 + len;
    let end = usize::try_from(sizes_size)
        .ok()
        .and_then(|size| begin.checked_add(size))
        .filter(|&end| end <= data.len())
        .ok_or_else(|| {
            sizes_wrong(format!(
                "the record sizes are stated to take {sizes_size} bytes, but {} bytes of data follow",
                data.len() - begin
            ))
        })?;
    Ok((CompressionType::from_byte(compression_type), begin..end))
}

fn check_values_size(header: &ChunkHeader, values_bytes: u64) -> Parsed<()> {
    if values_bytes == header.decoded_data_size {
        return Ok(());
    }
    Err(sizes_wrong(format!(
        "the chunk header states {} bytes of records, the chunk holds {values_bytes}",
        header.decoded_data_size
    )))
}

/// Each size takes at least one byte.
fn check_record_count(header: &ChunkHeader, sizes_bytes: u64) -> Parsed<()> {
    let records = header.num_records;
    if records <= sizes_bytes && sizes_bytes <= records.saturating_mul(varint::MAX_LEN as u64) {
        return Ok(());
    }
    Err(sizes_wrong(format!(
        "{sizes_bytes} bytes cannot be the sizes of {records} records"
    )))
}

/// Finds the values of a zstd chunk of the RIEGELI dialect. If the data have no frame at the
/// position where that dialect requires one, the chunk has neither dialect.
fn find_framed(data: &[u8], range: Range<usize>) -> Parsed<Part> {
    Part::find(CompressionType::Zstd, data, range)
        .ok()
        .filter(|part| {
            part.stored.is_empty() || data[part.stored.clone()].starts_with(&zstd::MAGIC)
        })
        .ok_or_else(|| {
            Malformed::new(
                ErrorKind::CompressedData,
                "compressed data start neither with a zstd frame nor with their decompressed size \
                 and then one",
            )
        })
}

fn sizes_wrong(detail: impl Into<String>) -> Malformed {
    Malformed::new(ErrorKind::RecordSizes, detail)
}

/// The dialect of a simple chunk, if its data show one; `values` are at least the first bytes of
/// its values.
pub(crate) fn dialect_of(compression_type: CompressionType, values: &[u8]) -> Option<Dialect> {
    match compression_type {
        CompressionType::Zstd if values.starts_with(&zstd::MAGIC) => Some(Dialect::Disky),
        CompressionType::None | CompressionType::Unknown(_) => None,
        _ => Some(Dialect::Riegeli),
    }
}

/// The maximum size of the first fields of a chunk's data: the compression type and a size.
pub(crate) const HEAD_SIZE: u64 = 1 + varint::MAX_LEN as u64;

/// The number of bytes at the beginning of a chunk's data that suffices to decode its record sizes.
/// `head` is the beginning of the data, `data_size` their size.
pub(crate) fn sizes_end(head: &[u8], data_size: u64) -> u64 {
    // The bytes after the sizes show the dialect.
    values_offset(head).map_or(data_size, |offset| {
        offset
            .saturating_add(zstd::MAGIC.len() as u64)
            .min(data_size)
    })
}

/// Position of the values of a chunk in its data, from the first bytes of the data; `None` if these
/// do not state it.
pub(crate) fn values_offset(head: &[u8]) -> Option<u64> {
    let (sizes_size, len) = varint::read(head.get(1..)?)?;
    sizes_size.checked_add(1 + len as u64)
}

/// Decodes chunks; keeps its contexts and memory for the next chunk.
#[derive(Default)]
pub(crate) struct Decoder {
    codec: Decompressor,
    sizes: Vec<u8>,
}

impl Decoder {
    /// Decodes the sizes of `chunk`, parsed from `data`, into `ends`: the end offset of each
    /// record.
    ///
    /// `ends` has one element per record that the header states; the last end must be `total`.
    pub(crate) fn decode_ends(
        &mut self,
        chunk: &SimpleChunk,
        data: &[u8],
        ends: &mut [u64],
        total: u64,
    ) -> Parsed<()> {
        decode_ends(self.sizes(chunk, data)?, ends, total)
    }

    /// The sizes of `chunk`, parsed from `data`, as varints.
    pub(crate) fn sizes<'a>(&'a mut self, chunk: &SimpleChunk, data: &'a [u8]) -> Parsed<&'a [u8]> {
        let stored = &data[chunk.sizes.stored.clone()];
        if chunk.dialect != Some(Dialect::Riegeli) {
            return Ok(stored);
        }
        // At most ten bytes per record, as `parse` has checked.
        let sizes = codec::provide(&mut self.sizes, chunk.sizes.size)?;
        self.codec
            .decompress(chunk.compression_type, stored, sizes)?;
        Ok(sizes)
    }

    /// Decodes the sizes of the chunk whose data start with `head`, of [`sizes_end`] bytes: returns
    /// the end offset of each record.
    pub(crate) fn decode_ends_of_head(
        &mut self,
        header: &ChunkHeader,
        head: &[u8],
    ) -> Parsed<Vec<u64>> {
        let (compression_type, sizes) = parse_head(head)?;
        if let CompressionType::Unknown(_) = compression_type {
            return Err(codec::unsupported(compression_type));
        }
        let dialect = dialect_of(compression_type, &head[sizes.end..]);
        let sizes = match dialect {
            Some(Dialect::Riegeli) => Part::find(compression_type, head, sizes)?,
            _ => Part::find(CompressionType::None, head, sizes)?,
        };
        if dialect == Some(Dialect::Riegeli) {
            sizes.check(compression_type, head)?;
        }
        check_record_count(header, sizes.size)?;
        let chunk = SimpleChunk {
            compression_type,
            dialect,
            values: sizes.clone(),
            sizes,
        };
        let mut ends = Vec::new();
        codec::provide(&mut ends, header.num_records)?;
        self.decode_ends(&chunk, head, &mut ends, header.decoded_data_size)?;
        Ok(ends)
    }

    /// Decompresses the values of `chunk`, parsed from `data`, into `values`, which must have their
    /// size.
    pub(crate) fn decompress_values(
        &mut self,
        chunk: &SimpleChunk,
        data: &[u8],
        values: &mut [u8],
    ) -> Parsed<()> {
        let stored = &data[chunk.values.stored.clone()];
        self.codec
            .decompress(chunk.compression_type, stored, values)
    }
}

/// Decodes `sizes` into the end offset of each record. No bytes may be left, and the sum must be
/// `total`.
fn decode_ends(mut sizes: &[u8], ends: &mut [u64], total: u64) -> Parsed<()> {
    let mut end = 0u64;
    let mut index = 0;
    while index < ends.len() {
        let decoded = decode_several(sizes, &mut ends[index..], end, total);
        if decoded.records > 0 {
            end = decoded.end;
            sizes = &sizes[8..];
            index += decoded.records;
            continue;
        }
        let (size, len) = varint::read(sizes).ok_or_else(|| bad_size(index))?;
        end = end
            .checked_add(size)
            .filter(|&end| end <= total)
            .ok_or_else(|| {
                sizes_wrong(format!(
                    "record {index} of the chunk reaches past its {total} bytes of records"
                ))
            })?;
        ends[index] = end;
        sizes = &sizes[len..];
        index += 1;
    }
    if end != total || !sizes.is_empty() {
        return Err(sizes_wrong(format!(
            "the {} record sizes add up to {end} bytes with {} bytes of sizes left over, \
             where the chunk has {total} bytes of records",
            ends.len(),
            sizes.len()
        )));
    }
    Ok(())
}

/// The result of decoding eight bytes of sizes.
struct Decoded {
    records: usize,
    end: u64,
}

/// Decodes eight sizes of one byte or four of two, the common cases, if `sizes` begins with them
/// and `ends` has room; otherwise no record. They add at most 4 * 16,383, so that nothing overflows
/// before the caller compares the end with `total` again.
fn decode_several(sizes: &[u8], ends: &mut [u64], mut end: u64, total: u64) -> Decoded {
    const CONTINUED: u64 = 0x8080_8080_8080_8080;
    const TWO_BYTES: u64 = 0x0080_0080_0080_0080;
    let none = Decoded { records: 0, end };
    let Some(word) = sizes.first_chunk::<8>().filter(|_| end <= total) else {
        return none;
    };
    let word = u64::from_le_bytes(*word);
    match word & CONTINUED {
        0 => {
            let Some(eight) = ends.first_chunk_mut::<8>() else {
                return none;
            };
            for (index, place) in eight.iter_mut().enumerate() {
                end += (word >> (8 * index)) & 0x7f;
                *place = end;
            }
            Decoded { records: 8, end }
        }
        TWO_BYTES => {
            let Some(four) = ends.first_chunk_mut::<4>() else {
                return none;
            };
            for (index, place) in four.iter_mut().enumerate() {
                let pair = word >> (16 * index);
                end += (pair & 0x7f) | (pair >> 1) & 0x3f80;
                *place = end;
            }
            Decoded { records: 4, end }
        }
        _ => none,
    }
}

fn bad_size(index: usize) -> Malformed {
    sizes_wrong(format!(
        "the size of record {index} of the chunk is not a varint"
    ))
}

/// A chunk to write.
#[derive(Debug)]
pub struct EncodedChunk<'a> {
    /// Its header.
    pub header: ChunkHeader,
    /// Its data, in two pieces.
    pub data: [&'a [u8]; 2],
}

/// Encodes records into simple chunks; keeps its contexts and memory for the next chunk.
pub struct SimpleChunkEncoder {
    compression_type: CompressionType,
    dialect: Dialect,
    compressor: Option<Compressor>,
    head: Vec<u8>,
    sizes: Vec<u8>,
    values: Vec<u8>,
}

impl SimpleChunkEncoder {
    /// An encoder with this `compression`, and the layout of `dialect` for compressed chunks.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] if the dialect has no such compression, and with
    /// [`ErrorKind::OutOfMemory`] if the memory for a compression context cannot be allocated.
    pub fn new(compression: Compression, dialect: Dialect) -> Result<Self> {
        compression.check_dialect(dialect)?;
        Ok(Self {
            compression_type: compression.compression_type(),
            dialect,
            compressor: Compressor::new(compression)?,
            head: Vec::new(),
            sizes: Vec::new(),
            values: Vec::new(),
        })
    }

    /// Encodes records that lie one after the other in `records`; `ends` has the end offset of
    /// each.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] if the ends descend, or if the last one is not the
    /// end of `records`.
    pub fn encode<'a>(&'a mut self, records: &'a [u8], ends: &[u64]) -> Result<EncodedChunk<'a>> {
        encode_sizes(records.len() as u64, ends, &mut self.sizes)?;
        self.head.clear();
        self.head.push(self.compression_type.to_byte());
        match &mut self.compressor {
            None => {
                varint::write(self.sizes.len() as u64, &mut self.head);
                self.head.extend_from_slice(&self.sizes);
            }
            Some(compressor) => {
                // The memory for the values first contains the compressed sizes.
                self.values.clear();
                match self.dialect {
                    Dialect::Disky => self.values.extend_from_slice(&self.sizes),
                    Dialect::Riegeli => compressor.compress_part(&self.sizes, &mut self.values)?,
                }
                varint::write(self.values.len() as u64, &mut self.head);
                self.head.extend_from_slice(&self.values);
                self.values.clear();
                match self.dialect {
                    Dialect::Disky => compressor.compress(records, &mut self.values)?,
                    Dialect::Riegeli => compressor.compress_part(records, &mut self.values)?,
                }
            }
        }
        let data = self.data(records);
        let header = ChunkHeader {
            data_size: data.iter().map(|piece| piece.len() as u64).sum(),
            data_hash: hash_of(&data),
            chunk_type: ChunkType::Simple,
            num_records: ends.len() as u64,
            decoded_data_size: records.len() as u64,
        };
        Ok(EncodedChunk { header, data })
    }

    /// Makes the last encoded chunk, with this `header` and these `records`, one byte longer: the
    /// size of the record sizes gets a redundant group. Returns the new header.
    pub(crate) fn lengthen(&mut self, header: &ChunkHeader, records: &[u8]) -> ChunkHeader {
        varint::lengthen(&mut self.head, 1);
        ChunkHeader {
            data_size: header.data_size + 1,
            data_hash: hash_of(&self.data(records)),
            ..*header
        }
    }

    /// The end offset of each record of the last encoded chunk.
    pub(crate) fn ends(&self, header: &ChunkHeader) -> Result<Vec<u64>> {
        let decode = || -> Parsed<Vec<u64>> {
            let mut ends = Vec::new();
            codec::provide(&mut ends, header.num_records)?;
            decode_ends(&self.sizes, &mut ends, header.decoded_data_size)?;
            Ok(ends)
        };
        decode().map_err(|malformed| Error::new(malformed.kind, malformed.detail))
    }

    /// The data of the last encoded chunk, which contained `records`: the encoder does not keep
    /// these.
    pub(crate) fn data<'a>(&'a self, records: &'a [u8]) -> [&'a [u8]; 2] {
        let values = match self.compressor {
            None => records,
            Some(_) => &self.values,
        };
        [&self.head, values]
    }
}

fn hash_of(data: &[&[u8]]) -> u64 {
    let mut hasher = Hasher::new();
    data.iter().for_each(|piece| hasher.update(piece));
    hasher.finish()
}

fn encode_sizes(total: u64, ends: &[u64], sizes: &mut Vec<u8>) -> Result<()> {
    check_ends(total, ends)?;
    sizes.clear();
    let mut begin = 0;
    let (groups, rest) = ends.as_chunks();
    for group in groups {
        encode_eight(begin, group, sizes);
        begin = group[7];
    }
    for &end in rest {
        varint::write(end - begin, sizes);
        begin = end;
    }
    Ok(())
}

/// Encodes the sizes of eight records, the first of which begins at `begin`. If all of them have
/// one byte, it appends them at once.
fn encode_eight(mut begin: u64, ends: &[u64; 8], sizes: &mut Vec<u8>) {
    let values = ends.map(|end| end - std::mem::replace(&mut begin, end));
    if values.iter().all(|&size| size < 0x80) {
        sizes.extend_from_slice(&values.map(|size| size as u8));
    } else {
        values.iter().for_each(|&size| varint::write(size, sizes));
    }
}

/// Fails with [`ErrorKind::InvalidArgument`] unless `ends` ascend to `total`.
pub(crate) fn check_ends(total: u64, ends: &[u64]) -> Result<()> {
    if ends.is_sorted() && ends.last().copied().unwrap_or(0) == total {
        return Ok(());
    }
    Err(bad_ends(total))
}

fn bad_ends(total: u64) -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        format!("the record ends do not ascend to the {total} bytes of records"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::compression::{Brotli, Zstd};
    use proptest::prelude::*;

    fn round_trip(compression: Compression, dialect: Dialect, sizes: &[usize]) {
        let records: Vec<u8> = (0..sizes.iter().sum()).map(|i| (i % 251) as u8).collect();
        let ends: Vec<u64> = sizes
            .iter()
            .scan(0, |end, &size| {
                *end += size as u64;
                Some(*end)
            })
            .collect();
        let mut encoder = SimpleChunkEncoder::new(compression, dialect).unwrap();
        let chunk = encoder.encode(&records, &ends).unwrap();
        let data = chunk.data.concat();
        assert_eq!(crate::format::hash::hash(&data), chunk.header.data_hash);

        let parsed = parse(&chunk.header, &data).unwrap();
        let expected = (compression != Compression::None).then_some(dialect);
        assert_eq!(parsed.dialect, expected);
        let (mut ends_back, mut records_back) = (vec![0; ends.len()], vec![0; records.len()]);
        let mut decoder = Decoder::default();
        decoder
            .decode_ends(&parsed, &data, &mut ends_back, records.len() as u64)
            .unwrap();
        assert_eq!(ends_back, ends);
        if compression == Compression::None {
            assert_eq!(&data[parsed.values.stored], &records[..]);
        } else {
            decoder
                .decompress_values(&parsed, &data, &mut records_back)
                .unwrap();
            assert_eq!(records_back, records);
        }
    }

    fn every_layout(sizes: &[usize]) {
        round_trip(Compression::None, Dialect::Disky, sizes);
        for dialect in [Dialect::Disky, Dialect::Riegeli] {
            round_trip(Compression::Zstd(Zstd::default()), dialect, sizes);
        }
        round_trip(
            Compression::Brotli(Brotli::default()),
            Dialect::Riegeli,
            sizes,
        );
        round_trip(Compression::Snappy, Dialect::Riegeli, sizes);
    }

    #[test]
    fn sizes_around_the_varint_boundaries() {
        every_layout(&[]);
        every_layout(&[0]);
        every_layout(&[0; 100]);
        every_layout(&[0, 1, 126, 127, 128, 129, 16383, 16384, 16385, 0, 0]);
        for index in 0..17 {
            let mut sizes = [127; 17];
            sizes[index] = 128;
            every_layout(&sizes);
        }
    }

    #[test]
    fn ends_that_do_not_ascend_to_the_last_byte_are_refused() {
        let mut encoder = SimpleChunkEncoder::new(Compression::None, Dialect::Disky).unwrap();
        for at in 0..17 {
            let mut ends = [5; 17];
            ends[at] = 6;
            assert!(encoder.encode(&[0; 5], &ends).is_err());
            ends[at] = u64::MAX;
            assert!(encoder.encode(&[0; 5], &ends).is_err());
        }
        assert!(encoder.encode(&[0; 5], &[4; 17]).is_err());
        assert!(encoder.encode(&[0; 5], &[5; 17]).is_ok());
    }

    proptest! {
        #[test]
        fn any_sizes(sizes in prop::collection::vec(0usize..400, 0..60)) {
            every_layout(&sizes);
        }

        #[test]
        fn any_bytes_as_data_are_refused_or_decoded(
            compression_type in prop::sample::select(vec![0u8, b'z', b'b', b's', b'x']),
            rest in prop::collection::vec(any::<u8>(), 0..60),
            num_records in 0u64..40,
            decoded_data_size in 0u64..60,
        ) {
            let data = [&[compression_type][..], &rest].concat();
            let header = ChunkHeader {
                data_size: data.len() as u64, data_hash: 0, chunk_type: ChunkType::Simple,
                num_records, decoded_data_size,
            };
            if let Ok(chunk) = parse(&header, &data) {
                let mut ends = vec![0; num_records as usize];
                let mut values = vec![0; decoded_data_size as usize];
                let mut decoder = Decoder::default();
                if decoder.decode_ends(&chunk, &data, &mut ends, decoded_data_size).is_ok() {
                    prop_assert!(ends.is_sorted());
                    prop_assert_eq!(ends.last().copied().unwrap_or(0), decoded_data_size);
                }
                let _ = decoder.decompress_values(&chunk, &data, &mut values);
            }
        }
    }

    #[test]
    fn over_long_sizes_are_read() {
        let mut ends = [0; 3];
        decode_ends(
            &[0xff, 0x00, 0x01, 0x80, 0xff, 0x00],
            &mut ends,
            127 + 1 + 16256,
        )
        .unwrap();
        assert_eq!(ends, [127, 128, 128 + 16256]);
    }

    #[test]
    fn sizes_that_disagree_are_refused() {
        let mut two = [0; 2];
        for (sizes, total) in [
            (&[1u8, 2][..], 4),
            (&[1, 2], 2),
            (&[1], 1),
            (&[1, 2, 0], 3),
            (&[1, 0x80], 1),
            (
                &[
                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1,
                ],
                0,
            ),
        ] {
            assert!(decode_ends(sizes, &mut two, total).is_err(), "{sizes:?}");
        }
        let mut many = [0; 16];
        assert!(decode_ends(&[100; 16], &mut many, 1599).is_err());
        assert!(decode_ends(&[100; 16], &mut many, 10).is_err());
        assert!(decode_ends(&[100; 16], &mut many, 1600).is_ok());
    }

    #[test]
    fn codecs_that_only_one_dialect_has() {
        for compression in [Compression::Brotli(Brotli::default()), Compression::Snappy] {
            let Err(error) = SimpleChunkEncoder::new(compression, Dialect::Disky) else {
                panic!("{compression:?} was accepted");
            };
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            let expected = "not readable by upstream; choose RIEGELI";
            assert!(error.detail().ends_with(expected), "{error}");
        }
    }

    #[test]
    fn ends_that_do_not_fit_the_records_are_refused() {
        let mut encoder = SimpleChunkEncoder::new(Compression::None, Dialect::Disky).unwrap();
        for ends in [&[2, 1, 3][..], &[4], &[2], &[u64::MAX]] {
            let error = encoder.encode(b"abc", ends).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
    }
}
