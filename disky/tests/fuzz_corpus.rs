//! The inputs that fuzzing has found worth keeping (`fuzz/corpus`): what holds for any input holds
//! for these.
#![allow(clippy::unwrap_used)]

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::path::Path;

/// Runs `target` on each input of its own, at least `least`.
fn run(target: &str, least: usize, run: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let inputs = std::fs::read_dir(corpus.join(target)).unwrap();
    let mut paths: Vec<_> = inputs.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= least, "only {} inputs", paths.len());
    for path in paths {
        // The last line before a failure is about the culprit.
        println!("{}", path.display());
        run(&std::fs::read(&path).unwrap());
    }
}

#[test]
fn reader() {
    run("reader", 40, targets::reader);
}

#[test]
fn chunk() {
    run("chunk", 200, targets::chunk);
}

#[test]
fn round_trip() {
    run("round_trip", 100, targets::round_trip);
}

#[test]
fn recovery() {
    run("recovery", 200, targets::recovery);
}

#[test]
fn append_repair() {
    run("append_repair", 200, targets::append_repair);
}
