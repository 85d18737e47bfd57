//! What crosses the boundary to the JVM: pointers in, a number out, no panic.

use crate::prepared::Prepared;
use std::error::Error;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Runs the body of a C function.
pub(crate) fn bounded(body: impl FnOnce() -> Outcome<i64>) -> i64 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(number)) => number,
        Ok(Err(error)) => {
            eprintln!("{error}");
            -1
        }
        // The panic hook has told the reason.
        Err(_) => -1,
    }
}

/// The path at `pointer`.
///
/// # Safety
///
/// `pointer` is null, or a zero byte ends what lies there, which nobody writes during `'a`.
#[cfg(unix)]
pub(crate) unsafe fn path<'a>(pointer: *const c_char) -> Outcome<&'a Path> {
    use std::os::unix::ffi::OsStrExt;
    if pointer.is_null() {
        return Err("a path is null".into());
    }
    // SAFETY: it is not null, and the caller vouches for the rest.
    let bytes = unsafe { CStr::from_ptr(pointer) }.to_bytes();
    Ok(Path::new(std::ffi::OsStr::from_bytes(bytes)))
}

/// The path at `pointer`, in UTF-8.
///
/// # Safety
///
/// `pointer` is null, or a zero byte ends what lies there, which nobody writes during `'a`.
#[cfg(not(unix))]
pub(crate) unsafe fn path<'a>(pointer: *const c_char) -> Outcome<&'a Path> {
    if pointer.is_null() {
        return Err("a path is null".into());
    }
    // SAFETY: it is not null, and the caller vouches for the rest.
    Ok(Path::new(unsafe { CStr::from_ptr(pointer) }.to_str()?))
}

/// What was prepared at `pointer`.
///
/// # Safety
///
/// `pointer` is null, or what lies there is alive and nobody else's during `'a`.
pub(crate) unsafe fn prepared<'a>(pointer: *mut Prepared) -> Outcome<&'a mut Prepared> {
    // SAFETY: the caller vouches for what is not null.
    unsafe { pointer.as_mut() }.ok_or_else(|| "nothing was prepared".into())
}
