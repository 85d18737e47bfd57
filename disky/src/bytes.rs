//! Sources and sinks of bytes: files, memory, and callers that supply or take bytes.

pub(crate) mod file_requests;
pub(crate) mod open_file;
pub(crate) mod platform;
pub(crate) mod pulled_sink;
pub(crate) mod pulled_source;
pub(crate) mod read_ahead;
pub(crate) mod sink;
pub(crate) mod source;
pub(crate) mod unpublished;
