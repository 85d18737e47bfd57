//! Where bytes come from and go to: files, memory, and callers that bring or take them.

pub(crate) mod file_requests;
pub(crate) mod open_file;
pub(crate) mod pulled_sink;
pub(crate) mod pulled_source;
pub(crate) mod read_ahead;
pub(crate) mod sink;
pub(crate) mod source;
pub(crate) mod unpublished;
