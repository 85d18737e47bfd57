//! What is tried with the bytes that a fuzzer makes up, one function per target. Each ends by
//! itself, or panics where a promise does not hold.
//!
//! Needs nothing but `disky`, so that a plain test can run the corpus too
//! (`disky/tests/fuzz_corpus.rs`).
#![allow(unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod forging;
mod input;
mod reading;
mod recovery;
mod repairing;
mod writing;

pub use forging::chunk;
pub use reading::reader;
pub use recovery::recovery;
pub use repairing::append_repair;
pub use writing::round_trip;
