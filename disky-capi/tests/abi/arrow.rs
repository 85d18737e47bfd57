//! The `release` callbacks of the Arrow C Data Interface, as a consumer calls them.

use disky_capi::*;
use std::ffi::c_void;
use std::ptr::{null, null_mut};

fn array(counter: &mut u64, children: &mut [*mut disky_arrow_array]) -> disky_arrow_array {
    disky_arrow_array {
        length: 3,
        null_count: 0,
        offset: 0,
        n_buffers: 0,
        n_children: children.len() as i64,
        buffers: null_mut(),
        children: children.as_mut_ptr(),
        dictionary: null_mut(),
        release: Some(disky_arrow_release_array),
        private_data: std::ptr::from_mut(counter).cast::<c_void>(),
    }
}

fn schema(counter: &mut u64, children: &mut [*mut disky_arrow_schema]) -> disky_arrow_schema {
    disky_arrow_schema {
        format: null(),
        name: null(),
        metadata: null(),
        flags: 0,
        n_children: children.len() as i64,
        children: children.as_mut_ptr(),
        dictionary: null_mut(),
        release: Some(disky_arrow_release_schema),
        private_data: std::ptr::from_mut(counter).cast::<c_void>(),
    }
}

#[test]
fn a_release_marks_the_structure_and_counts_down_once() {
    let (mut arrays, mut schemas) = (5, 7);
    let mut array = array(&mut arrays, &mut []);
    let mut schema = schema(&mut schemas, &mut []);
    for _ in 0..2 {
        // SAFETY: both structures and their counters are alive.
        unsafe {
            disky_arrow_release_array(&mut array);
            disky_arrow_release_schema(&mut schema);
        }
        assert!(array.release.is_none() && schema.release.is_none());
    }
    assert_eq!((arrays, schemas), (4, 6));
}

#[test]
fn a_release_releases_the_children_that_were_not_moved() {
    let mut arrays = 3;
    let mut kept = array(&mut arrays, &mut []);
    let mut left = array(&mut arrays, &mut []);
    let mut children = [&raw mut kept, &raw mut left, null_mut()];
    let mut parent = array(&mut arrays, &mut children);
    // SAFETY: a move is a copy of the bytes after which the original counts as released.
    let mut moved = unsafe {
        let moved = children[0].read();
        (*children[0]).release = None;
        moved
    };

    // SAFETY: all structures and their counter are alive.
    unsafe { disky_arrow_release_array(&mut parent) };
    assert!(parent.release.is_none() && left.release.is_none());
    assert_eq!(arrays, 1);

    // SAFETY: as above.
    unsafe { disky_arrow_release_array(&mut moved) };
    assert!(moved.release.is_none());
    assert_eq!(arrays, 0);
}

#[test]
fn a_schema_releases_its_children() {
    let mut schemas = 2;
    let mut child = schema(&mut schemas, &mut []);
    let mut children = [&raw mut child];
    let mut parent = schema(&mut schemas, &mut children);
    // SAFETY: all structures and their counter are alive.
    unsafe { disky_arrow_release_schema(&mut parent) };
    assert!(parent.release.is_none() && child.release.is_none());
    assert_eq!(schemas, 0);
}

#[test]
fn null_is_released_already() {
    // SAFETY: null is allowed.
    unsafe {
        disky_arrow_release_array(null_mut());
        disky_arrow_release_schema(null_mut());
    }
}

/// The layout that the interface prescribes for processors of 64 bits.
#[test]
fn the_structures_have_the_prescribed_layout() {
    assert_eq!(size_of::<disky_arrow_array>(), 80);
    assert_eq!(std::mem::offset_of!(disky_arrow_array, release), 64);
    assert_eq!(size_of::<disky_arrow_schema>(), 72);
    assert_eq!(std::mem::offset_of!(disky_arrow_schema, release), 56);
}
