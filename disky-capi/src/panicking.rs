//! A function that panics, for tests of a native that was built for another platform: no panic
//! crosses the boundary there either. Only in builds with the feature `panic-test`.

use crate::boundary::Outcome;
use crate::error::disky_error;
use crate::handle::call_on;
use crate::reader::disky_reader;
use crate::status::disky_status;

/// Panics in a call on `reader`.
///
/// DISKY_INTERNAL: always. Afterwards the reader can only be freed.
///
/// # Safety
///
/// `reader` is alive; `error` points to valid memory of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_test_panic(
    reader: *mut disky_reader,
    error: *mut disky_error,
) -> disky_status {
    // SAFETY: the caller vouches for `reader` and `error`.
    unsafe { call_on(reader, error, |_| panic_now()) }
}

#[allow(clippy::panic)]
fn panic_now() -> Outcome {
    panic!("on purpose")
}
