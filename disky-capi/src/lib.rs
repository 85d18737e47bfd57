//! The C ABI of the `disky` engine. The rules for all functions are at the top of the header, in
//! `cbindgen.toml`.
#![allow(non_camel_case_types)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod arrow;
mod boundary;
mod dialect;
mod encoder;
mod error;
mod handle;
mod option;
#[cfg(feature = "panic-test")]
mod panicking;
mod path;
mod reader;
mod reader_source;
mod stack;
mod status;
mod writer;
mod writer_sink;

pub use arrow::*;
pub use dialect::*;
pub use encoder::*;
pub use error::{DISKY_ERROR_MESSAGE_SIZE, disky_error};
#[cfg(feature = "panic-test")]
pub use panicking::*;
pub use reader::*;
pub use stack::*;
pub use status::*;
pub use writer::*;

/// The version of this ABI. It changes whenever a program built for an older version would
/// misbehave.
pub const DISKY_ABI_VERSION: u32 = 3;

/// Returns the DISKY_ABI_VERSION of this library. A caller compares it with its own before any
/// other call.
#[unsafe(no_mangle)]
pub extern "C" fn disky_abi_version() -> u32 {
    DISKY_ABI_VERSION
}

/// A library has this symbol if its DISKY_ABI_VERSION is the number in the name, so a caller can
/// compare the versions without a call: it looks the name up. Its value is DISKY_ABI_VERSION.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static disky_abi_3: u32 = DISKY_ABI_VERSION;
