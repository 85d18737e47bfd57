//! The committed header is what cbindgen generates from these sources. `UPDATE_HEADER=1` rewrites
//! it.
#![allow(clippy::unwrap_used)]

use std::path::Path;

#[test]
fn the_committed_header_is_up_to_date() {
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut generated = Vec::new();
    cbindgen::generate(crate_dir).unwrap().write(&mut generated);
    let generated = String::from_utf8(generated).unwrap();
    let path = crate_dir.join("../ffi/include/disky.h");
    if std::env::var_os("UPDATE_HEADER").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "ffi/include/disky.h is stale: run scripts/generate-bindings and commit the result"
    );
}
