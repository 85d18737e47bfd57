//! Sinks from which the caller takes bytes.

use super::*;

#[test]
fn a_pulled_sink_gives_the_same_bytes() {
    let records: Vec<Vec<u8>> = (0..300).map(|i| bytes(i, 1000)).collect();
    let options = WriterOptions {
        chunk_size: 20_000,
        ..WriterOptions::default()
    };
    let expected = write_all(&records, &options);
    let mut writer = RecordWriter::new(PulledSink::default(), &options).unwrap();
    let mut found = Vec::new();
    let mut piece = [0; 700];
    let mut take = |sink: &mut PulledSink| {
        while sink.pending() > 0 {
            let size = sink.take(&mut piece);
            found.extend_from_slice(&piece[..size]);
        }
    };
    for record in &records {
        writer.write(record).unwrap();
        take(writer.sink_mut());
    }
    writer.finish().unwrap();
    take(writer.sink_mut());
    assert!(found == expected);
}
