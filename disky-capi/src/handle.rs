//! Objects that C code holds: each has one owner, and one user at a time.

use crate::boundary::{Outcome, call};
use crate::error::{Failure, disky_error};
use crate::status::{DISKY_OK, disky_status};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU32, Ordering};

const IDLE: u32 = 0;
const IN_USE: u32 = 1;
/// A call has panicked; the value may be in any state.
const BROKEN: u32 = 2;

/// A type to which C code holds pointers. Such a pointer points to a [`Handle`] of the engine's
/// value.
pub(crate) trait Object {
    /// The engine's value.
    type Engine;
}

/// Runs `body`, the body of a C function, with the engine's value of `object`.
///
/// # Safety
///
/// `object` is null, or was returned by [`Handle::into_raw`] and not freed; `error` is as for
/// [`call`].
pub(crate) unsafe fn call_on<O: Object>(
    object: *mut O,
    error: *mut disky_error,
    body: impl FnOnce(&mut O::Engine) -> Outcome,
) -> disky_status {
    let entered = || {
        // SAFETY: the caller vouches for `object`.
        unsafe { enter(object, body) }
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { call(error, entered) }
}

/// Runs `body` with the engine's value of `object`, within a call.
///
/// # Safety
///
/// `object` is as for [`call_on`].
pub(crate) unsafe fn enter<O: Object>(
    object: *mut O,
    body: impl FnOnce(&mut O::Engine) -> Outcome,
) -> Outcome {
    // SAFETY: the caller vouches for the pointer, and a pointer to an `O` points to such a handle.
    unsafe { Handle::enter(object.cast::<Handle<O::Engine>>(), body) }
}

/// Frees `object`, unless another call is using it. Null is allowed and does nothing.
///
/// # Safety
///
/// `object` is null, or was returned by [`Handle::into_raw`] and not freed; after success it is not
/// used again.
pub(crate) unsafe fn free<O: Object>(object: *mut O) -> disky_status {
    let free = || {
        // SAFETY: the caller vouches for the pointer, and a pointer to an `O` points to such a
        // handle.
        unsafe { Handle::free(object.cast::<Handle<O::Engine>>()) }.map(|()| DISKY_OK)
    };
    // SAFETY: `error` is null, so that no description of a failure is written.
    unsafe { call(std::ptr::null_mut(), free) }
}

/// A value to which C code holds a pointer, with a word that states whether a call is using it.
pub(crate) struct Handle<T> {
    state: AtomicU32,
    value: UnsafeCell<T>,
}

impl<T> Handle<T> {
    /// Passes `value` to C code.
    pub(crate) fn into_raw(value: T) -> *mut Self {
        Box::into_raw(Box::new(Self {
            state: AtomicU32::new(IDLE),
            value: UnsafeCell::new(value),
        }))
    }

    /// Runs `body` with the value of `handle`, unless another call is using it.
    ///
    /// # Safety
    ///
    /// `handle` is null, or was returned by [`into_raw`](Self::into_raw) and not freed.
    pub(crate) unsafe fn enter<R>(
        handle: *mut Self,
        body: impl FnOnce(&mut T) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        // SAFETY: the caller vouches for the pointer. A shared reference suffices: `state` is
        // atomic, and `value` is in a cell.
        let handle = unsafe { handle.as_ref() }.ok_or_else(no_handle)?;
        let used = Use::begin(&handle.state)?;
        // SAFETY: only the call that has changed the state from idle to in use gets here, and it
        // restores the state only after the reference has ended.
        let value = unsafe { &mut *handle.value.get() };
        let result = body(value);
        used.end();
        result
    }

    /// Frees the value of `handle`, unless another call is using it. Null is allowed and does
    /// nothing.
    ///
    /// # Safety
    ///
    /// As for [`enter`](Self::enter); after success the pointer is not used again.
    pub(crate) unsafe fn free(handle: *mut Self) -> Result<(), Failure> {
        // SAFETY: the caller vouches for the pointer.
        let Some(shared) = (unsafe { handle.as_ref() }) else {
            return Ok(());
        };
        match Use::begin(&shared.state) {
            Ok(used) => std::mem::forget(used),
            Err(Failure::Internal) => {}
            Err(failure) => return Err(failure),
        }
        // SAFETY: `into_raw` made the pointer from a box, and no call uses it now or later, because
        // the state remains in use.
        drop(unsafe { Box::from_raw(handle) });
        Ok(())
    }
}

fn no_handle() -> Failure {
    Failure::invalid("the pointer to the reader, writer or encoder is null")
}

/// Marks a handle as in use. If it is dropped without [`end`](Self::end), because of a panic, it
/// marks the handle as broken.
struct Use<'a>(&'a AtomicU32);

impl<'a> Use<'a> {
    fn begin(state: &'a AtomicU32) -> Result<Self, Failure> {
        match state.compare_exchange(IDLE, IN_USE, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => Ok(Self(state)),
            Err(BROKEN) => Err(Failure::Internal),
            Err(_) => Err(Failure::Busy),
        }
    }

    fn end(self) {
        self.0.store(IDLE, Ordering::Release);
        std::mem::forget(self);
    }
}

impl Drop for Use<'_> {
    fn drop(&mut self) {
        self.0.store(BROKEN, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boundary::call;
    use crate::error::disky_error;
    use crate::status::{DISKY_BUSY, DISKY_INTERNAL, DISKY_OK};
    use std::ptr::null_mut;

    #[test]
    fn a_handle_in_use_is_busy_and_is_not_freed() {
        let handle = Handle::into_raw(7);
        // SAFETY: the handle is alive until the last line frees it.
        let status = unsafe {
            call(null_mut::<disky_error>(), || {
                Handle::enter(handle, |_| {
                    assert!(matches!(
                        Handle::enter(handle, |_| Ok(())),
                        Err(Failure::Busy)
                    ));
                    assert!(matches!(Handle::free(handle), Err(Failure::Busy)));
                    Err::<i32, _>(Failure::Busy)
                })
            })
        };
        assert_eq!(status, DISKY_BUSY);
        // SAFETY: as above; the failure of the call before has no consequences.
        unsafe {
            assert!(Handle::enter(handle, |value| Ok(*value)).is_ok_and(|value| value == 7));
            assert!(Handle::free(handle).is_ok());
        }
    }

    #[test]
    fn a_panic_becomes_a_status_and_breaks_the_handle() {
        let handle = Handle::into_raw(7);
        let use_it = |panics: bool| {
            // SAFETY: the handle is alive until the last line frees it.
            unsafe {
                call(null_mut::<disky_error>(), || {
                    Handle::enter(handle, |_| {
                        assert!(!panics, "on purpose");
                        Ok(DISKY_OK)
                    })
                })
            }
        };
        assert_eq!(use_it(false), DISKY_OK);
        assert_eq!(use_it(true), DISKY_INTERNAL);
        assert_eq!(use_it(false), DISKY_INTERNAL);
        // SAFETY: the handle is alive, and this is its end.
        assert!(unsafe { Handle::free(handle) }.is_ok());
    }
}
