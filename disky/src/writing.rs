//! Writes records: new files, files that are continued, and files that a crash has torn.

pub(crate) mod append;
pub(crate) mod chunk_encoder;
pub(crate) mod encoder;
pub(crate) mod ending;
pub(crate) mod placement;
pub(crate) mod record_writer;
pub(crate) mod repair;
pub(crate) mod torn_tail;
pub(crate) mod writer_options;
