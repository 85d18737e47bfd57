//! Makes files whose hashes are right and whose contents are anything, so that a fuzzer gets past
//! the hashes.

use super::input::Input;
use super::reading::read_in_every_way;
use super::writing::compression;
use disky::{
    ChunkHeader, ChunkType, ChunkWriter, Compression, Dialect, SimpleChunkEncoder,
    TransposedChunkEncoder, hash,
};

const BLOCK_SIZE: u64 = 65_536;
const MAX_CHUNKS: usize = 8;
/// A chunk takes at least a byte of the file for each record.
const MAX_RECORDS: u64 = 3 * BLOCK_SIZE;
const POSTSCRIPT_MAGIC: u64 = 0x7193_0e70_4fda_e05e;

/// Reads a file of chunks that `data` describe.
pub fn chunk(data: &[u8]) {
    read_in_every_way(&forge(&mut Input::new(data)));
}

/// Makes a file of up to eight chunks.
pub fn forge(input: &mut Input<'_>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut forge = Forge {
        chunks: ChunkWriter::new(&mut file, 0),
        index: Vec::new(),
        footer_begin: 0,
        lie: None,
    };
    forge.chunks.write_signature().unwrap();
    for _ in 0..MAX_CHUNKS {
        if input.is_empty() || forge.lie.is_some() {
            break;
        }
        forge.add(input);
    }
    let lie = forge.lie.take();
    if let Some((begin, header)) = lie {
        overwrite_header(&mut file, begin, &header);
    }
    // A writer may have died.
    let cut = (input.number() as usize).min(file.len());
    file.truncate(file.len() - cut);
    file
}

struct Forge<'f> {
    chunks: ChunkWriter<&'f mut Vec<u8>>,
    /// Position, size and number of records of each chunk of records.
    index: Vec<[u64; 3]>,
    footer_begin: u64,
    /// What the header of the last chunk is to be in the end.
    lie: Option<(u64, ChunkHeader)>,
}

impl Forge<'_> {
    fn add(&mut self, input: &mut Input<'_>) {
        match input.choice(16) {
            0..=2 => self.add_raw(ChunkType::Simple, input),
            3 | 4 => self.add_raw(ChunkType::Transposed, input),
            5 => self.add_raw(ChunkType::Metadata, input),
            6 => self.add_raw(ChunkType::from_byte(input.byte()), input),
            7 => self.add_simple_parts(input),
            8 | 9 => self.add_transposed_parts(ChunkType::Transposed, input),
            10 => self.add_transposed_parts(ChunkType::Metadata, input),
            11 => self.add_encoded(input),
            12 => self.pad(input.number() % (2 * BLOCK_SIZE)),
            13 => self.chunks.write_signature().unwrap(),
            14 => self.add_footer(input),
            _ => self.add_postscript(input),
        }
    }

    /// A chunk of any data.
    fn add_raw(&mut self, chunk_type: ChunkType, input: &mut Input<'_>) {
        let (num_records, decoded_data_size) = (input.number(), input.number());
        self.write(chunk_type, num_records, decoded_data_size, input.bytes());
    }

    /// A simple chunk whose parts are properly compressed, whatever they are.
    fn add_simple_parts(&mut self, input: &mut Input<'_>) {
        let compression = compression(input);
        let (num_records, sizes, values) = (input.number(), input.bytes(), input.bytes());
        let sizes = part(compression, sizes);
        let mut data = vec![compression.compression_type().to_byte()];
        write_varint(sizes.len() as u64, &mut data);
        data.extend(sizes);
        data.extend(part(compression, values));
        self.write(ChunkType::Simple, num_records, values.len() as u64, &data);
    }

    /// A chunk laid out like a transposed one, whose header, buckets and transitions are properly
    /// compressed, whatever they are.
    fn add_transposed_parts(&mut self, chunk_type: ChunkType, input: &mut Input<'_>) {
        let compression = compression(input);
        let (num_records, decoded_data_size) = (input.number(), input.number());
        let buckets: Vec<Vec<u8>> = (0..input.choice(4))
            .map(|_| part(compression, input.bytes()))
            .collect();
        let mut header = Vec::new();
        write_varint(buckets.len() as u64, &mut header);
        write_varint(input.number(), &mut header);
        for bucket in &buckets {
            write_varint(bucket.len() as u64, &mut header);
        }
        header.extend(input.bytes());
        let header = part(compression, &header);
        let mut data = vec![compression.compression_type().to_byte()];
        write_varint(header.len() as u64, &mut data);
        data.extend(header);
        data.extend(buckets.concat());
        data.extend(part(compression, input.bytes()));
        self.write(chunk_type, num_records, decoded_data_size, &data);
    }

    /// A chunk of records as it should be, perhaps with a byte changed before it was hashed.
    fn add_encoded(&mut self, input: &mut Input<'_>) {
        let transpose = input.choice(2) == 1;
        let compression = compression(input);
        let records: Vec<&[u8]> = (0..input.choice(16)).map(|_| input.bytes()).collect();
        let (bytes, ends) = (records.concat(), ends_of(&records));
        let (header, mut data) = if transpose {
            let bucket_size = input.number().max(1);
            let mut encoder = TransposedChunkEncoder::new(compression, bucket_size).unwrap();
            let chunk = encoder.encode(&bytes, &ends).unwrap();
            (chunk.header, chunk.data.concat())
        } else {
            encode_simple(compression, &bytes, &ends)
        };
        if let Some(byte) = data.get_mut(input.number() as usize) {
            *byte ^= input.byte();
        }
        let (num_records, size) = (header.num_records, header.decoded_data_size);
        self.write(header.chunk_type, num_records, size, &data);
    }

    /// The footer of an ArrayRecord, with two bytes of it replaced.
    fn add_footer(&mut self, input: &mut Input<'_>) {
        let compression = compression(input);
        self.footer_begin = self.chunks.position();
        let num_records = self.index.iter().map(|entry| entry[2]).sum();
        let metadata = message([1, self.index.len() as u64, num_records]);
        let mut records = vec![[&[0x0a, metadata.len() as u8], &metadata[..]].concat()];
        records.extend(self.index.iter().map(|&entry| message(entry)));
        let ends = ends_of(&records);
        let mut bytes = records.concat();
        for _ in 0..2 {
            let (at, byte) = (input.number(), input.byte());
            if let Some(place) = bytes.get_mut(at as usize) {
                *place ^= byte;
            }
        }
        let (header, data) = encode_simple(compression, &bytes, &ends);
        self.write(
            ChunkType::Simple,
            header.num_records,
            bytes.len() as u64,
            &data,
        );
    }

    /// The postscript of an ArrayRecord, between paddings.
    fn add_postscript(&mut self, input: &mut Input<'_>) {
        self.pad(BLOCK_SIZE);
        let footer_begin = self.footer_begin ^ input.number();
        let records = vec![message([footer_begin, POSTSCRIPT_MAGIC, 0]); 3];
        let ends = ends_of(&records);
        let (header, data) = encode_simple(Compression::None, &records.concat(), &ends);
        let (num_records, size) = (header.num_records, header.decoded_data_size);
        self.write(ChunkType::Simple, num_records, size, &data);
        self.pad(BLOCK_SIZE);
    }

    fn pad(&mut self, multiple: u64) {
        self.chunks.pad_to_multiple(multiple).unwrap();
    }

    fn write(
        &mut self,
        chunk_type: ChunkType,
        num_records: u64,
        decoded_data_size: u64,
        data: &[u8],
    ) {
        let begin = self.chunks.position();
        let mut header = ChunkHeader {
            data_size: data.len() as u64,
            data_hash: hash(data),
            chunk_type,
            num_records: num_records.min(MAX_RECORDS),
            decoded_data_size,
        };
        self.chunks.write(&header, &[data]).unwrap();
        if chunk_type.holds_records() {
            self.index
                .push([begin, decoded_data_size, header.num_records]);
        }
        if num_records > MAX_RECORDS {
            header.num_records = num_records & disky::MAX_RECORDS;
            self.lie = Some((begin, header));
        }
    }
}

/// Puts another header at `begin`, unless a block header is in between.
fn overwrite_header(file: &mut [u8], begin: u64, header: &ChunkHeader) {
    let begin = begin
        + if begin.is_multiple_of(BLOCK_SIZE) {
            24
        } else {
            0
        };
    if begin % BLOCK_SIZE > BLOCK_SIZE - 40 {
        return;
    }
    let mut bytes = [0; 40];
    bytes[8..16].copy_from_slice(&header.data_size.to_le_bytes());
    bytes[16..24].copy_from_slice(&header.data_hash.to_le_bytes());
    bytes[24..32].copy_from_slice(&(header.num_records << 8).to_le_bytes());
    bytes[24] = header.chunk_type.to_byte();
    bytes[32..].copy_from_slice(&header.decoded_data_size.to_le_bytes());
    let hash = hash(&bytes[8..]);
    bytes[..8].copy_from_slice(&hash.to_le_bytes());
    file[begin as usize..][..40].copy_from_slice(&bytes);
}

fn ends_of(records: &[impl AsRef<[u8]>]) -> Vec<u64> {
    let mut end = 0;
    let sizes = records.iter().map(|record| record.as_ref().len() as u64);
    sizes
        .map(|size| {
            end += size;
            end
        })
        .collect()
}

fn encode_simple(compression: Compression, bytes: &[u8], ends: &[u64]) -> (ChunkHeader, Vec<u8>) {
    let mut encoder = SimpleChunkEncoder::new(compression, Dialect::Riegeli).unwrap();
    let chunk = encoder.encode(bytes, ends).unwrap();
    (chunk.header, chunk.data.concat())
}

/// A part of a chunk: what the values of a chunk of one record are.
fn part(compression: Compression, bytes: &[u8]) -> Vec<u8> {
    let mut encoder = SimpleChunkEncoder::new(compression, Dialect::Riegeli).unwrap();
    let chunk = encoder.encode(bytes, &[bytes.len() as u64]).unwrap();
    chunk.data[1].to_vec()
}

/// A protocol buffer message with these values as fields 1 to 3.
fn message(values: [u64; 3]) -> Vec<u8> {
    let mut message = Vec::new();
    for (tag, value) in [8, 16, 24].into_iter().zip(values) {
        message.push(tag);
        write_varint(value, &mut message);
    }
    message
}

fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
