//! The boundary of the ABI: no panic crosses it, and every pointer is checked here.

use crate::error::{Failure, disky_error};
use crate::status::disky_status;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) type Outcome = Result<disky_status, Failure>;

/// Runs the body of a C function. Failures and panics become a status and, if the caller provides
/// memory for it, a description in `error`.
///
/// # Safety
///
/// `error` is null or points to memory for a `disky_error` that nobody else uses during the call.
pub(crate) unsafe fn call(error: *mut disky_error, body: impl FnOnce() -> Outcome) -> disky_status {
    // A panic marks the handle as broken (`Handle::enter`), so that no later call sees its value.
    let outcome = catch_unwind(AssertUnwindSafe(body)).unwrap_or(Err(Failure::Internal));
    match outcome {
        Ok(status) => status,
        Err(failure) => {
            if error.is_aligned() {
                // SAFETY: the caller vouches for a pointer that is not null, and all fields are
                // plain numbers, for which any bytes are valid.
                if let Some(error) = unsafe { error.as_mut() } {
                    *error = failure.account();
                }
            }
            failure.status()
        }
    }
}

/// The `len` values at `pointer`.
///
/// # Safety
///
/// If `pointer` is neither null nor misaligned, it points to `len` values that nobody writes during
/// `'a`.
pub(crate) unsafe fn input<'a, T>(pointer: *const T, len: u64) -> Result<&'a [T], Failure> {
    let len = checked_len::<T>(pointer, len)?;
    if len == 0 {
        return Ok(&[]);
    }
    // SAFETY: the pointer is neither null nor misaligned, the size fits the address space, and the
    // caller vouches for the memory.
    Ok(unsafe { std::slice::from_raw_parts(pointer, len) })
}

/// The `len` values at `pointer`, which the call overwrites.
///
/// # Safety
///
/// If `pointer` is neither null nor misaligned, it points to `len` initialised values that nobody
/// else reads or writes during `'a`.
pub(crate) unsafe fn output<'a, T>(pointer: *mut T, len: u64) -> Result<&'a mut [T], Failure> {
    let len = checked_len::<T>(pointer, len)?;
    if len == 0 {
        return Ok(&mut []);
    }
    // SAFETY: as in `input`, and the caller vouches that nobody else uses the memory.
    Ok(unsafe { std::slice::from_raw_parts_mut(pointer, len) })
}

fn checked_len<T>(pointer: *const T, len: u64) -> Result<usize, Failure> {
    if len == 0 {
        return Ok(0);
    }
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(Failure::invalid(
            "a pointer to memory is null or misaligned",
        ));
    }
    usize::try_from(len)
        .ok()
        .filter(|&len| {
            len.checked_mul(size_of::<T>())
                .is_some_and(|bytes| bytes <= isize::MAX as usize)
        })
        .ok_or_else(|| Failure::invalid("a length exceeds the address space"))
}

/// The memory for an output, which the call writes if it succeeds. Each function checks it first,
/// so that a call without a place for its result does nothing.
///
/// # Safety
///
/// If `out` is neither null nor misaligned, it points to memory for a `T` that nobody else uses
/// during `'a`.
pub(crate) unsafe fn place<'a, T>(out: *mut T) -> Result<&'a mut MaybeUninit<T>, Failure> {
    if out.is_null() || !out.is_aligned() {
        return Err(Failure::invalid(
            "a pointer to an output is null or misaligned",
        ));
    }
    // SAFETY: checked above; the caller vouches for the rest, and any bytes are a `MaybeUninit`.
    Ok(unsafe { &mut *out.cast() })
}

/// Fails if `len` values at `one` and `other_len` values at `other` share memory. Must be called
/// before either becomes a slice.
pub(crate) fn check_apart<T, U>(
    one: *const T,
    len: u64,
    other: *const U,
    other_len: u64,
) -> Result<(), Failure> {
    let (one_end, other_end) = (end_of(one, len), end_of(other, other_len));
    if one_end <= other.addr() as u128 || other_end <= one.addr() as u128 {
        return Ok(());
    }
    Err(Failure::invalid("two pieces of memory overlap"))
}

fn end_of<T>(pointer: *const T, len: u64) -> u128 {
    pointer.addr() as u128 + u128::from(len) * size_of::<T>() as u128
}

/// Reads the options at `options`.
///
/// # Safety
///
/// If `options` is neither null nor misaligned, it points to a `T` that nobody writes during the
/// call.
pub(crate) unsafe fn load<T: Copy>(options: *const T) -> Result<T, Failure> {
    if options.is_null() || !options.is_aligned() {
        return Err(Failure::invalid(
            "a pointer to options is null or misaligned",
        ));
    }
    // SAFETY: checked above; the caller vouches for the rest.
    Ok(unsafe { options.read() })
}
