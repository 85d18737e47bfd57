//! Values of options in the form that C code passes.

use crate::error::Failure;

/// The value of the option `name`, which is 1 for yes and 0 for no.
pub(crate) fn flag(value: u32, name: &str) -> Result<bool, Failure> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Failure::invalid(&format!("{name} is neither 0 nor 1"))),
    }
}

/// The value of an option for which 0 means the `default`.
pub(crate) fn or_default(value: u64, default: u64) -> u64 {
    match value {
        0 => default,
        value => value,
    }
}
