use super::*;
use crate::format::chunk_reader::ChunkReader;
use crate::reading::batch::BatchMemory;
use crate::reading::reader_options::ReaderOptions;
use crate::reading::record_reader::RecordReader;

fn placement(compression: Compression, stretch_begin: u64) -> Placement {
    let options = WriterOptions {
        compression,
        ..WriterOptions::default()
    };
    Placement::new(&options, stretch_begin).unwrap()
}

/// From every position at which a chunk may begin, chunks without records lead just past the end of
/// the block, and none of them ends there.
#[test]
fn fillers_cross_one_boundary() {
    for compression in [Compression::None, Compression::default()] {
        let near = BLOCK_SIZE - 250..BLOCK_SIZE;
        for begin in near.chain([25, 64, 104, 30_000]) {
            let mut file = vec![0; begin as usize];
            let mut chunks = ChunkWriter::new(&mut file, begin);
            let mut placement = placement(compression, 0);
            placement.fill(&mut chunks).unwrap();
            let end = chunks.position();
            assert_eq!(placement.stretch_begin, end);
            assert!(end > BLOCK_SIZE && end < BLOCK_SIZE + 128, "{begin}: {end}");

            let mut walk = ChunkReader::new(&file[..]);
            walk.seek(begin);
            let mut count = 0;
            while let Some(chunk) = walk.chunk().unwrap() {
                walk.verify_data(&chunk).unwrap();
                assert_ne!(chunk.end, BLOCK_SIZE, "from {begin}");
                walk.advance();
                count += 1;
            }
            assert_eq!(walk.position(), end);
            assert!(compression == Compression::None || count == 1);
            let mut walk = ChunkReader::new(&file[..]);
            walk.seek(begin);
            let mut records = RecordReader::over(walk, ReaderOptions::default());
            let mut memory = BatchMemory::default();
            assert!(records.next_batch(&mut memory).unwrap().is_none());
        }
    }
}

/// A chunk at the beginning of a stretch is never divided. Another one is if two block boundaries
/// lie inside it.
#[test]
fn chunks_that_are_taken() {
    let header = |size: u64| ChunkHeader {
        data_size: size - CHUNK_HEADER_SIZE,
        ..ChunkHeader::padding(0)
    };
    let usable = USABLE_BLOCK_SIZE;
    for (stretch, begin, size, more, taken) in [
        (64, 64, 3 * usable, 0, true),
        (64, 64, BLOCK_SIZE - 64, 0, false),
        (64, 64, BLOCK_SIZE - 64, 1, true),
        (64, 64, BLOCK_SIZE - 64 + usable, 0, false),
        (64, 64, BLOCK_SIZE - 64 + usable, 1, true),
        (64, 200, BLOCK_SIZE - 200 + usable - 1, 0, true),
        (64, 200, BLOCK_SIZE - 200 + usable, 0, false),
        (64, 200, BLOCK_SIZE - 200 + usable, 1, false),
        (64, 200, BLOCK_SIZE - 200 + usable + 1, 0, false),
        (64, BLOCK_SIZE, 3 * usable + 1, 0, true),
        (64, BLOCK_SIZE, 3 * usable, 0, false),
        (64, 200, u64::MAX, 0, true),
    ] {
        let found = placement(Compression::None, stretch).takes(begin, &header(size), more);
        assert_eq!(
            found, taken,
            "{size} and {more} bytes at {begin} behind {stretch}"
        );
    }
}

/// Records that compress very differently: estimating is given up for halving.
#[test]
fn a_prefix_is_found_where_guesses_fail() {
    let mut records = vec![0; 3 << 20];
    let mut state = 1u64;
    // Random bytes at the end only; each record is a kilobyte.
    for byte in &mut records[(3 << 20) - (200 << 10)..] {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        *byte = (state >> 33) as u8;
    }
    let ends: Vec<u64> = (1..=3 << 10).map(|record| record << 10).collect();
    let mut encoder = SimpleChunkEncoder::new(Compression::default(), Dialect::Disky).unwrap();
    let whole = encoder.encode(&records, &ends).unwrap().header;
    let count = prefix(&mut encoder, 104, &records, &ends, 0, &whole).unwrap();
    let bytes = ends[count - 1] as usize;
    let first = encoder.encode(&records[..bytes], &ends[..count]).unwrap();
    assert!(crossing(104).contains(&(CHUNK_HEADER_SIZE + first.header.data_size)));
}

/// The promise is kept, also if a caller requests it for too many records.
#[test]
fn a_prefix_has_what_is_promised() {
    let (records, ends) = (vec![1; 200_000], [50_000, 100_000, 200_000]);
    let mut encoder = SimpleChunkEncoder::new(Compression::None, Dialect::Disky).unwrap();
    let whole = encoder.encode(&records, &ends).unwrap().header;
    for (promised, expected) in [(0, 2), (1, 2), (2, 2), (3, 2), (usize::MAX, 2)] {
        let count = prefix(&mut encoder, 104, &records, &ends, promised, &whole).unwrap();
        assert_eq!(count, expected, "{promised} promised");
    }
}

#[test]
fn other_dialects_and_who_does_not_want_it_have_none() {
    let options = WriterOptions {
        upstream_compatibility: false,
        ..WriterOptions::default()
    };
    assert!(Placement::new(&options, 64).is_none());
    let options = WriterOptions {
        dialect: Dialect::Riegeli,
        ..WriterOptions::default()
    };
    assert!(Placement::new(&options, 64).is_none());
}
