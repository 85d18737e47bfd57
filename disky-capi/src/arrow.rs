//! The `release` callbacks of the Arrow C Data Interface, for structures that the caller has made.
//! Nothing here allocates or frees memory: a callback counts down, and the caller looks at the
//! counter.

use std::ffi::{c_char, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering};

/// `struct ArrowArray`. The specification of the Arrow C Data Interface defines its fields.
#[repr(C)]
pub struct disky_arrow_array {
    /// Number of values.
    pub length: i64,
    /// Number of null values.
    pub null_count: i64,
    /// Index of the first value in the buffers.
    pub offset: i64,
    /// Number of buffers.
    pub n_buffers: i64,
    /// Number of children.
    pub n_children: i64,
    /// The buffers.
    pub buffers: *mut *const c_void,
    /// The children.
    pub children: *mut *mut disky_arrow_array,
    /// The values if this is an array of indexes into them, otherwise null.
    pub dictionary: *mut disky_arrow_array,
    /// disky_arrow_release_array, or null after the array was released.
    pub release: Option<unsafe extern "C" fn(*mut disky_arrow_array)>,
    /// A counter of 64 bits: the number of arrays that were not released.
    pub private_data: *mut c_void,
}

/// `struct ArrowSchema`. The specification of the Arrow C Data Interface defines its fields.
#[repr(C)]
pub struct disky_arrow_schema {
    /// The type of the values.
    pub format: *const c_char,
    /// The name of the field.
    pub name: *const c_char,
    /// Metadata of the field, or null.
    pub metadata: *const c_char,
    /// Properties of the field.
    pub flags: i64,
    /// Number of children.
    pub n_children: i64,
    /// The children.
    pub children: *mut *mut disky_arrow_schema,
    /// The type of the values if this is the type of indexes into them, otherwise null.
    pub dictionary: *mut disky_arrow_schema,
    /// disky_arrow_release_schema, or null after the schema was released.
    pub release: Option<unsafe extern "C" fn(*mut disky_arrow_schema)>,
    /// A counter of 64 bits: the number of schemas that were not released.
    pub private_data: *mut c_void,
}

/// Subtracts 1 from the counter at `counter`. The caller may free the memory of the counter as soon
/// as it is 0, so nothing is accessed afterwards.
///
/// # Safety
///
/// `counter` is null, or points to an aligned counter that is alive until it is 0.
unsafe fn count_down(counter: *mut c_void) {
    if !counter.is_null() {
        // SAFETY: the caller vouches for the counter, which all threads access atomically.
        let counter = unsafe { AtomicU64::from_ptr(counter.cast()) };
        // What this thread has read of the values must be read before the counter is 0.
        counter.fetch_sub(1, Ordering::Release);
    }
}

/// The children that were not released or moved.
///
/// # Safety
///
/// `children` is null, or points to `count` pointers, each of which is null or valid.
unsafe fn child<T>(children: *mut *mut T, index: i64) -> *mut T {
    if children.is_null() {
        return null_mut();
    }
    // SAFETY: the caller vouches for the pointers; the index is not negative.
    unsafe { *children.add(index as usize) }
}

/// The `release` callback of a disky_arrow_array: releases its children, sets its `release` to null
/// and then subtracts 1 from the counter that `private_data` points to. It frees nothing. The array
/// may have been moved, and a child that was moved is not released with its parent. An array that
/// was released, or null, is left as it is. Any thread may call this.
///
/// # Safety
///
/// `array` is null or a valid pointer, and no other thread uses the array during the call. The
/// memory to which the fields of the array point stays allocated until the counter is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_arrow_release_array(array: *mut disky_arrow_array) {
    // SAFETY: the caller vouches for the array.
    let Some(array) = (unsafe { array.as_mut() }) else {
        return;
    };
    if array.release.is_none() {
        return;
    }
    for index in 0..array.n_children {
        // SAFETY: the caller vouches for the children, which are alive because the counter also
        // counts this array.
        unsafe {
            let child = child(array.children, index);
            if let Some(release) = child.as_ref().and_then(|child| child.release) {
                release(child);
            }
        }
    }
    array.release = None;
    // SAFETY: the caller vouches for the counter, which is not 0 because it counts this array.
    unsafe { count_down(array.private_data) };
}

/// The `release` callback of a disky_arrow_schema. It does the same as disky_arrow_release_array.
///
/// # Safety
///
/// `schema` is null or a valid pointer, and no other thread uses the schema during the call. The
/// memory to which the fields of the schema point stays allocated until the counter is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn disky_arrow_release_schema(schema: *mut disky_arrow_schema) {
    // SAFETY: the caller vouches for the schema.
    let Some(schema) = (unsafe { schema.as_mut() }) else {
        return;
    };
    if schema.release.is_none() {
        return;
    }
    for index in 0..schema.n_children {
        // SAFETY: the caller vouches for the children, which are alive because the counter also
        // counts this schema.
        unsafe {
            let child = child(schema.children, index);
            if let Some(release) = child.as_ref().and_then(|child| child.release) {
                release(child);
            }
        }
    }
    schema.release = None;
    // SAFETY: the caller vouches for the counter, which is not 0 because it counts this schema.
    unsafe { count_down(schema.private_data) };
}
