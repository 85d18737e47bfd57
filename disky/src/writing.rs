//! Writes records: to new files, to files that are continued, and to files with a torn tail.

pub(crate) mod append;
pub(crate) mod chunk_encoder;
pub(crate) mod encoder;
pub(crate) mod ending;
pub(crate) mod placement;
pub(crate) mod record_writer;
pub(crate) mod repair;
pub(crate) mod torn_tail;
pub(crate) mod writer_options;
