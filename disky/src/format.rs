//! The record format around the data of a chunk: block headers, chunk headers, hashes, and reading
//! and writing one chunk after the other.

pub(crate) mod block;
pub(crate) mod chunk;
pub(crate) mod chunk_reader;
pub(crate) mod chunk_run;
pub(crate) mod chunk_writer;
pub(crate) mod gathered_chunks;
pub(crate) mod hash;
pub(crate) mod varint;
