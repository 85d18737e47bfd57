//! ArrayRecord: a Riegeli file that ends with a footer, which lists its chunks, and a postscript,
//! which states the position of the footer. Both are ordinary chunks of records; their headers do
//! not distinguish them from others.
//!
//! Source: `layout.proto` and `array_record_writer.cc` of google/array_record; docs/format.md,
//! "ArrayRecord".

pub(crate) mod protobuf;
pub(crate) mod walk;

use crate::error::{Error, ErrorKind, Result};
use crate::format::block::BLOCK_SIZE;
use crate::format::hash::Hasher;
use crate::format::varint;
use protobuf::Value;
use std::fmt;

/// The organisation of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Container {
    /// Riegeli/records: a sequence of chunks.
    #[default]
    Records,
    /// ArrayRecord: chunks with the same number of records, and a list of them at the end.
    ArrayRecord,
}

/// The parts of an ArrayRecord other than the chunks of the user's records. Each is a chunk with
/// records of its own kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArrayRecordPart {
    /// The list of the chunks.
    Footer,
    /// The position of the footer.
    Postscript,
}

/// The size of the postscript: a block, the last one of the file.
pub(crate) const POSTSCRIPT_SIZE: u64 = BLOCK_SIZE;
const MAGIC: u64 = 0x7193_0e70_4fda_e05e;
const VERSION: u64 = 1;
const POSTSCRIPT_COPIES: usize = 3;
/// The beginning of the text of the writer's options.
pub(crate) const GROUP_SIZE_OPTION: &str = "group_size:";
/// Three varints and their tags.
const MAX_ENTRY_SIZE: usize = 3 * (1 + varint::MAX_LEN);

/// Records in the form that chunk encoders accept.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) data: Vec<u8>,
    pub(crate) ends: Vec<u64>,
}

impl Records {
    /// Adds the record of at most `most` bytes that `write` appends.
    fn add(&mut self, most: usize, write: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        let no_memory = |cause| {
            let detail = format!("no memory for the index of an ArrayRecord: {cause}");
            Error::new(ErrorKind::OutOfMemory, detail)
        };
        self.data.try_reserve(most).map_err(no_memory)?;
        self.ends.try_reserve(1).map_err(no_memory)?;
        write(&mut self.data);
        self.ends.push(self.data.len() as u64);
        Ok(())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut begin = 0;
        self.ends.iter().map(move |&end| {
            let record = &self.data[begin..end as usize];
            begin = end as usize;
            record
        })
    }
}

/// A chunk of records, as the footer lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexEntry {
    pub(crate) chunk_begin: u64,
    pub(crate) decoded_data_size: u64,
    pub(crate) num_records: u64,
}

/// A summary of a sequence of chunks, for comparing two lists without keeping them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    pub(crate) chunks: u64,
    pub(crate) records: u64,
    fingerprint: Hasher,
}

impl Index {
    pub(crate) fn add(&mut self, entry: IndexEntry) {
        self.chunks += 1;
        self.records = self.records.saturating_add(entry.num_records);
        for value in [
            entry.chunk_begin,
            entry.decoded_data_size,
            entry.num_records,
        ] {
            self.fingerprint.update(&value.to_le_bytes());
        }
    }

    /// Whether both summarise the same chunks.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        self.chunks == other.chunks
            && self.fingerprint.clone().finish() == other.fingerprint.clone().finish()
    }
}

/// The reason why the records of a chunk are not a usable footer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoFooter {
    /// The records are not the messages of a footer.
    Messages,
    /// A footer of an unknown version.
    Version(u64),
    /// A footer that states other numbers of chunks or of records than it lists.
    Totals,
    /// A chunk that may be a footer exceeds the limit.
    TooLarge,
}

impl NoFooter {
    /// Whether the chunk is a footer nevertheless.
    pub(crate) fn is_footer(self) -> bool {
        self != Self::Messages
    }
}

impl fmt::Display for NoFooter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Messages => f.write_str("its records are not those of a footer"),
            Self::Version(version) => write!(f, "it states version {version}, not {VERSION}"),
            Self::Totals => f.write_str("it states other totals than those of the chunks it lists"),
            Self::TooLarge => f.write_str("it exceeds the limit on the size of a chunk"),
        }
    }
}

/// The records of a footer: a `RiegeliFooterMetadata`, then an `ArrayRecordFooter` for each chunk.
pub(crate) fn write_footer(entries: &[IndexEntry], writer_options: &str) -> Result<Records> {
    let num_records = entries.iter().map(|entry| entry.num_records).sum();
    let mut metadata = Vec::new();
    protobuf::write_varint(1, VERSION, &mut metadata);
    protobuf::write_varint(2, entries.len() as u64, &mut metadata);
    protobuf::write_varint(3, num_records, &mut metadata);
    protobuf::write_bytes(4, writer_options.as_bytes(), &mut metadata);
    let mut records = Records::default();
    let most = metadata.len() + 1 + varint::MAX_LEN;
    records.add(most, |out| protobuf::write_bytes(1, &metadata, out))?;
    for entry in entries {
        records.add(MAX_ENTRY_SIZE, |out| {
            protobuf::write_varint(1, entry.chunk_begin, out);
            protobuf::write_varint(2, entry.decoded_data_size, out);
            protobuf::write_varint(3, entry.num_records, out);
        })?;
    }
    Ok(records)
}

/// Reads the records that [`write_footer`] has written.
#[cfg(test)]
fn read_footer(records: &Records) -> std::result::Result<Index, NoFooter> {
    read_footer_entries(records, |_| {})
}

/// Reads a footer, and passes each of its entries to `visit`.
pub(crate) fn read_footer_entries(
    records: &Records,
    mut visit: impl FnMut(IndexEntry),
) -> std::result::Result<Index, NoFooter> {
    let mut records = records.iter();
    let metadata = records.next().ok_or(NoFooter::Messages)?;
    let (num_chunks, num_records) = read_footer_metadata(metadata)?;
    let mut index = Index::default();
    for record in records {
        let entry = read_entry(record)?;
        visit(entry);
        index.add(entry);
    }
    if (index.chunks, index.records) == (num_chunks, num_records) {
        Ok(index)
    } else {
        Err(NoFooter::Totals)
    }
}

/// Whether `records` are the footer that a writer of ArrayRecords writes for a file without chunks:
/// one record, with the writer's options. A footer without the writer's options would be so short
/// that the record is probably not a footer.
pub(crate) fn is_empty_footer(records: &Records) -> bool {
    let mut lists_nothing = false;
    for record in records.iter() {
        for field in protobuf::fields(record) {
            let Ok((1, Value::Bytes(metadata))) = field else {
                return false;
            };
            lists_nothing = read_varints(metadata) == Ok([VERSION, 0, 0])
                && protobuf::fields(metadata).any(|field| {
                    matches!(field, Ok((4, Value::Bytes(options)))
                        if options.starts_with(GROUP_SIZE_OPTION.as_bytes()))
                });
        }
    }
    lists_nothing && records.ends.len() == 1
}

/// Returns the number of chunks and the number of records.
fn read_footer_metadata(message: &[u8]) -> std::result::Result<(u64, u64), NoFooter> {
    let mut metadata = None;
    for field in protobuf::fields(message) {
        match field {
            Ok((1, Value::Bytes(bytes))) => metadata = Some(bytes),
            _ => return Err(NoFooter::Messages),
        }
    }
    let [version, num_chunks, num_records] = read_varints(metadata.ok_or(NoFooter::Messages)?)?;
    match version {
        VERSION => Ok((num_chunks, num_records)),
        0 => Err(NoFooter::Messages),
        other => Err(NoFooter::Version(other)),
    }
}

fn read_entry(message: &[u8]) -> std::result::Result<IndexEntry, NoFooter> {
    let [chunk_begin, decoded_data_size, num_records] = read_varints(message)?;
    Ok(IndexEntry {
        chunk_begin,
        decoded_data_size,
        num_records,
    })
}

/// The values of the fields 1 to 3, or 0. Further fields are ignored: Google may add some.
fn read_varints(message: &[u8]) -> std::result::Result<[u64; 3], NoFooter> {
    let mut values = [0; 3];
    for field in protobuf::fields(message) {
        let (number, value) = field.map_err(|_| NoFooter::Messages)?;
        let Some(place) = values.get_mut(number as usize - 1) else {
            continue;
        };
        match value {
            Value::Varint(value) => *place = value,
            _ => return Err(NoFooter::Messages),
        }
    }
    Ok(values)
}

/// The records of a postscript: several copies of a `RiegeliPostscript`.
pub(crate) fn write_postscript(footer_begin: u64) -> Result<Records> {
    let mut records = Records::default();
    for _ in 0..POSTSCRIPT_COPIES {
        records.add(MAX_ENTRY_SIZE, |out| {
            protobuf::write_varint(1, footer_begin, out);
            protobuf::write_varint(2, MAGIC, out);
        })?;
    }
    Ok(records)
}

/// The beginning of the footer, if `records` are those of a postscript.
pub(crate) fn read_postscript(records: &Records) -> Option<u64> {
    records.iter().find_map(|record| {
        let [footer_begin, magic, _] = read_varints(record).ok()?;
        (magic == MAGIC).then_some(footer_begin)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(count: u64) -> Vec<IndexEntry> {
        (0..count)
            .map(|i| IndexEntry {
                chunk_begin: 64 + i * 1000,
                decoded_data_size: i * 7,
                num_records: i % 5,
            })
            .collect()
    }

    fn index(entries: &[IndexEntry]) -> Index {
        let mut index = Index::default();
        entries.iter().for_each(|&entry| index.add(entry));
        index
    }

    #[test]
    fn footers_list_their_chunks() {
        for count in [0, 1, 2, 300] {
            let entries = entries(count);
            let found = read_footer(&write_footer(&entries, "group_size:5").unwrap()).unwrap();
            assert!(found.agrees_with(&index(&entries)));
            for changed in 0..entries.len().min(3) {
                let mut others = entries.clone();
                others[changed].chunk_begin += 1;
                assert!(!found.agrees_with(&index(&others)));
            }
        }
    }

    #[test]
    fn postscripts_tell_where_the_footer_is() {
        let records = write_postscript(0x12345).unwrap();
        assert_eq!(records.ends.len(), 3);
        assert_eq!(read_postscript(&records), Some(0x12345));
        assert_eq!(
            read_postscript(&write_footer(&entries(3), "").unwrap()),
            None
        );
    }

    #[test]
    fn what_is_no_footer_is_told_from_one_that_lies() {
        let metadata = |version, num_chunks, num_records| {
            let (mut inner, mut records) = (Vec::new(), Records::default());
            protobuf::write_varint(1, version, &mut inner);
            protobuf::write_varint(2, num_chunks, &mut inner);
            protobuf::write_varint(3, num_records, &mut inner);
            records
                .add(100, |out| protobuf::write_bytes(1, &inner, out))
                .unwrap();
            records
        };
        assert!(read_footer(&metadata(1, 0, 0)).is_ok());
        assert_eq!(
            read_footer(&metadata(1, 1, 0)).unwrap_err(),
            NoFooter::Totals
        );
        assert_eq!(
            read_footer(&metadata(1, 0, 9)).unwrap_err(),
            NoFooter::Totals
        );
        assert_eq!(
            read_footer(&metadata(2, 0, 0)).unwrap_err(),
            NoFooter::Version(2)
        );
        for bytes in [&b""[..], b"hello", &[0x08, 1], &[0x0a, 0]] {
            let mut records = Records::default();
            records
                .add(100, |out| out.extend_from_slice(bytes))
                .unwrap();
            assert_eq!(read_footer(&records).unwrap_err(), NoFooter::Messages);
        }
    }
}
