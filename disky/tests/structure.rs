//! The modules of the engine depend on each other in one direction.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The folders, each of which may use those before it.
const ORDER: [&str; 8] = [
    "error",
    "bytes",
    "format",
    "codec",
    "chunk_data",
    "array_record",
    "reading",
    "writing",
];

type Uses = BTreeMap<String, BTreeSet<String>>;

fn source_files(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, files);
        } else if path.file_name().is_some_and(|name| name != "lib.rs") {
            files.push(path);
        }
    }
}

/// `reading::recovery::scan` for `reading/recovery/scan.rs`.
fn module_name(root: &Path, file: &Path) -> String {
    let relative = file.strip_prefix(root).unwrap().with_extension("");
    let names: Vec<_> = relative.iter().map(|name| name.to_str().unwrap()).collect();
    names.join("::")
}

/// The code without its tests and comments.
fn code_of(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The module that `path`, what follows `crate::`, leads into.
fn used_module(path: &str, modules: &BTreeSet<String>) -> Option<String> {
    let mut name = String::new();
    let mut found = None;
    for part in path.split("::") {
        if !name.is_empty() {
            name.push_str("::");
        }
        name.push_str(part);
        if modules.contains(&name) {
            found = Some(name.clone());
        }
    }
    found
}

fn uses() -> Uses {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    let names: BTreeSet<String> = files.iter().map(|file| module_name(&root, file)).collect();
    let mut uses = Uses::new();
    for file in &files {
        let name = module_name(&root, file);
        if name.ends_with("tests") {
            continue;
        }
        let used = uses.entry(name.clone()).or_default();
        for after in code_of(file).split("crate::").skip(1) {
            let is_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
            let path = after.split(|c| !is_path(c)).next().unwrap();
            used.extend(used_module(path, &names).filter(|used| *used != name));
        }
    }
    uses
}

/// A way from `module` over what it uses back to `module`.
fn circle(uses: &Uses, module: &str, way: &mut Vec<String>) -> Option<String> {
    for used in uses.get(module).into_iter().flatten() {
        if let Some(begin) = way.iter().position(|passed| passed == used) {
            let mut circle = way[begin..].to_vec();
            circle.push(used.clone());
            return Some(circle.join(" -> "));
        }
        way.push(used.clone());
        if let Some(found) = circle(uses, used, way) {
            return Some(found);
        }
        way.pop();
    }
    None
}

#[test]
fn no_module_depends_on_itself_through_others() {
    let mut uses = uses();
    assert!(uses.len() > 30, "the modules were not found: {uses:?}");
    // The reader and the walks over its file are one piece still.
    uses.retain(|module, _| !module.starts_with("reading"));
    for module in uses.keys() {
        let found = circle(&uses, module, &mut vec![module.clone()]);
        assert_eq!(found, None, "modules that depend on each other");
    }
}

#[test]
fn folders_use_those_before_them() {
    let place = |module: &str| {
        let folder = module.split("::").next().unwrap();
        let place = ORDER.iter().position(|name| *name == folder);
        place.unwrap_or_else(|| panic!("{folder} has no place in the order of the folders"))
    };
    for (module, used) in uses() {
        for used in used {
            assert!(
                place(&used) <= place(&module),
                "{module} uses {used}, which comes after it"
            );
        }
    }
}
