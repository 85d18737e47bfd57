//! Reads records: in order, after damage, at any position, while a file grows.

pub(crate) mod backward;
pub(crate) mod batch;
mod chunk_memory;
mod damage;
mod decoding;
pub(crate) mod description;
pub(crate) mod extent;
mod following;
mod forward;
pub(crate) mod limits;
mod listing;
pub(crate) mod metadata;
pub(crate) mod nearest;
pub(crate) mod reader_options;
mod record_file;
pub(crate) mod record_reader;
mod record_sizes;
mod recordless;
pub(crate) mod recovery;
pub(crate) mod scattered;
pub(crate) mod size_distribution;
pub(crate) mod skipped_region;
