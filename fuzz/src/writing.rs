//! Writes records with any options, and reads them back.

use super::input::Input;
use super::reading::{self, read_in_every_way};
use disky::{
    BatchMemory, Brotli, Compression, Container, Dialect, ErrorKind, OpenMode, RECORD_OVERHEAD,
    RecordReader, RecordWriter, WriterOptions, Zstd,
};

/// Together below what the readers take.
const MAX_RECORDS: usize = 4096;
const MAX_BYTES: usize = 1 << 20;
/// Padding makes a large file out of few bytes.
const MAX_FILE_SIZE: u64 = 4 << 20;

/// Writes records that `data` describe; they must come back.
pub fn round_trip(data: &[u8]) {
    let mut input = Input::new(data);
    let options = options(&mut input);
    let mut file = Vec::new();
    if let Err(error) = options.check(OpenMode::CreateNew) {
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(RecordWriter::new(&mut file, &options).is_err());
        assert!(file.is_empty());
        return;
    }
    let writer = RecordWriter::new(&mut file, &options).unwrap();
    let written = write_records(writer, &options, &mut input);
    check_file(&file, &options, &written);
}

/// What was written, and whether the writer chose where chunks end.
#[derive(Default)]
pub struct Written {
    records: Vec<Vec<u8>>,
    bytes: usize,
    batches: bool,
}

impl Written {
    fn is_full(&self) -> bool {
        self.records.len() >= MAX_RECORDS || self.bytes >= MAX_BYTES
    }

    fn add(&mut self, record: Vec<u8>) {
        self.bytes += record.len();
        self.records.push(record);
    }
}

pub fn write_records(
    mut writer: RecordWriter<&mut Vec<u8>>,
    options: &WriterOptions,
    input: &mut Input<'_>,
) -> Written {
    let mut written = Written::default();
    let array_record = options.container == Container::ArrayRecord;
    while !input.is_empty() && !written.is_full() && writer.file_size() < MAX_FILE_SIZE {
        match input.choice(8) {
            0 => match writer.flush() {
                Ok(()) => {}
                // Inside a group; the writer goes on.
                Err(error) => assert!(array_record && error.kind() == ErrorKind::InvalidArgument),
            },
            1 if !array_record => {
                let records: Vec<Vec<u8>> = (0..input.choice(8))
                    .map(|_| record(input, &written.records))
                    .collect();
                let mut end = 0;
                let ends: Vec<u64> = records
                    .iter()
                    .map(|record| {
                        end += record.len() as u64;
                        end
                    })
                    .collect();
                writer.write_batch(&records.concat(), &ends).unwrap();
                records.into_iter().for_each(|record| written.add(record));
                written.batches = true;
            }
            _ => {
                let record = record(input, &written.records);
                writer.write(&record).unwrap();
                written.add(record);
            }
        }
    }
    if input.choice(2) == 0 {
        writer.finish().unwrap();
        assert!(writer.write(b"late").is_err());
    }
    writer.close().unwrap();
    written
}

/// A record: of given bytes, of many equal bytes, or one much like the last.
fn record(input: &mut Input<'_>, before: &[Vec<u8>]) -> Vec<u8> {
    match input.choice(4) {
        0 => vec![input.byte(); (input.number() as usize).min(MAX_BYTES / 8)],
        1 => {
            let mut record = before.last().cloned().unwrap_or_default();
            let at = input.number() as usize;
            if let Some(byte) = record.get_mut(at) {
                *byte = input.byte();
            }
            record
        }
        _ => input.bytes().to_vec(),
    }
}

/// Any options, valid ones more often than not.
pub fn options(input: &mut Input<'_>) -> WriterOptions {
    let dialect = match input.choice(4) {
        0 => Dialect::Disky,
        _ => Dialect::Riegeli,
    };
    let container = match input.choice(4) {
        0 => Container::ArrayRecord,
        _ => Container::Records,
    };
    WriterOptions {
        compression: compression(input),
        dialect,
        chunk_size: input.number(),
        container,
        group_size: input.number() as u32,
        transpose: input.choice(2) == 1,
        bucket_fraction: f64::from(input.byte()) / 250.0,
        final_padding: padding(input),
        metadata: (input.choice(4) == 1).then(|| input.bytes().to_vec()),
        ..WriterOptions::default()
    }
}

fn padding(input: &mut Input<'_>) -> u64 {
    match input.choice(4) {
        0 | 1 => 1,
        2 => 65_536,
        _ => input.number().min(2 * 65_536),
    }
}

/// Levels and windows that take little time and memory.
pub fn compression(input: &mut Input<'_>) -> Compression {
    let (kind, level, window_log) = (input.choice(8), input.byte(), input.byte());
    match kind {
        0 | 1 => Compression::None,
        2 | 3 => Compression::Snappy,
        4 => {
            let brotli = Brotli::new(u32::from(level) % 5).unwrap();
            let window_log = 10 + u32::from(window_log) % 15;
            Compression::Brotli(brotli.with_window_log(window_log).unwrap())
        }
        5 => {
            let zstd = Zstd::new(i32::from(level) % 12 - 5).unwrap();
            let window_log = 10 + u32::from(window_log) % 12;
            Compression::Zstd(zstd.with_window_log(window_log).unwrap())
        }
        _ => Compression::default(),
    }
}

fn check_file(file: &[u8], options: &WriterOptions, written: &Written) {
    let mut reader = RecordReader::new(file, reading::options());
    assert_eq!(reader.metadata().unwrap(), options.metadata);
    let mut memory = BatchMemory::default();
    let mut expected = written.records.iter();
    while let Some(batch) = reader.next_batch(&mut memory).unwrap() {
        check_batch_size(
            batch.len() as u64,
            batch.data().len() as u64,
            options,
            written,
        );
        for record in batch.iter() {
            assert_eq!(Some(record), expected.next().map(Vec::as_slice));
        }
    }
    assert_eq!(expected.next(), None, "a record is missing");
    assert!(reader.take_notice().is_none());
    if options.container == Container::Records {
        assert!((file.len() as u64).is_multiple_of(options.final_padding));
    }
    let reading = read_in_every_way(file);
    assert_eq!(reading.failure, None);
    assert_eq!(reading.records(), written.records.len() as u64);
}

fn check_batch_size(records: u64, bytes: u64, options: &WriterOptions, written: &Written) {
    match options.container {
        Container::ArrayRecord => assert!(records <= options.group_size.into()),
        Container::Records => assert!(
            written.batches
                || records == 1
                || records * RECORD_OVERHEAD + bytes <= options.chunk_size
        ),
    }
}
