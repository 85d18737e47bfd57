//! Reads records: in order, after damage, at any position, while a file grows.

pub(crate) mod backward;
pub(crate) mod description;
pub(crate) mod empty_chunk;
pub(crate) mod random_access;
pub(crate) mod record_reader;
pub(crate) mod recovery;
pub(crate) mod size_distribution;
