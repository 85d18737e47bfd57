//! The modules of the engine depend on each other in one direction.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The folders, each of which may use those before it.
const ORDER: [&str; 9] = [
    "error",
    "options",
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

/// The code of a file without its tests and comments.
fn code_of(file: &Path) -> String {
    without_tests(&std::fs::read_to_string(file).unwrap())
}

fn without_tests(text: &str) -> String {
    let mut code = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let begins_tests = (line == "#[cfg(test)]" || line.starts_with("#[cfg(all(test, "))
            && lines
                .peek()
                .is_some_and(|next| next.contains("mod ") && next.ends_with('{'));
        if begins_tests {
            lines.find(|line| *line == "}");
        } else if !line.trim_start().starts_with("//") {
            code.push(line);
        }
    }
    code.join("\n")
}

/// The innermost module on `path`, which begins at the root of the crate.
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

/// The paths in `code` that begin with `first`, without it.
fn paths_from<'a>(code: &'a str, first: &'a str) -> impl Iterator<Item = &'a str> {
    let is_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    code.match_indices(first)
        .filter(move |(at, _)| !code[..*at].ends_with(is_path))
        .map(move |(at, _)| {
            let after = &code[at + first.len()..];
            after.split(|c| !is_path(c)).next().unwrap()
        })
}

/// The modules that `module`, which has this `code`, uses: by a path from the root of the crate, from
/// its parent, or from a child of its own.
fn used_modules(module: &str, code: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let mut paths: Vec<String> = paths_from(code, "crate::").map(str::to_owned).collect();
    if let Some((parent, _)) = module.rsplit_once("::") {
        paths.extend(paths_from(code, "super::").map(|path| format!("{parent}::{path}")));
    }
    let children = modules
        .iter()
        .filter_map(|other| other.strip_prefix(module)?.strip_prefix("::"))
        .filter(|child| !child.contains("::"));
    for child in children {
        let first = format!("{child}::");
        paths.extend(paths_from(code, &first).map(|path| format!("{module}::{child}::{path}")));
    }
    paths
        .iter()
        .filter_map(|path| used_module(path, modules))
        .filter(|used| used != module)
        .collect()
}

fn uses() -> Uses {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    let is_test = |name: &String| name.split("::").any(|part| part == "tests");
    let names: BTreeSet<String> = files
        .iter()
        .map(|file| module_name(&root, file))
        .filter(|name| !is_test(name))
        .collect();
    let uses_of = |file: &PathBuf| {
        let name = module_name(&root, file);
        let used = used_modules(&name, &code_of(file), &names);
        names.contains(&name).then_some((name, used))
    };
    files.iter().filter_map(uses_of).collect()
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
    let uses = uses();
    assert!(uses.len() > 30, "the modules were not found: {uses:?}");
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

#[test]
fn only_tests_and_comments_are_left_out() {
    let text =
        "#[cfg(test)]\nmod tests;\nf();\n#[cfg(test)]\nmod tests {\n    g();\n}\n// h();\ni();";
    let only_unix = text.replace(
        "#[cfg(test)]\nmod tests {",
        "#[cfg(all(test, unix))]\nmod tests {",
    );
    assert_eq!(without_tests(&only_unix), without_tests(text));
    assert_eq!(without_tests(text), "#[cfg(test)]\nmod tests;\nf();\ni();");
}

#[test]
fn each_form_of_path_is_seen() {
    let names = ["a", "a::b", "a::b::c", "d"].map(str::to_owned);
    let modules = BTreeSet::from(names);
    for (module, code, used) in [
        ("d", "use crate::a::b::Name;", Some("a::b")),
        ("d", "let x = crate::a::f();", Some("a")),
        ("a::b", "use super::{f, g};", Some("a")),
        ("a::b", "super::f()", Some("a")),
        ("a::b", "pub use c::Name;", Some("a::b::c")),
        ("a::b", "abc::f(); mod c;", None),
        ("a", "use std::b::f;", None),
    ] {
        let expected: BTreeSet<String> = used.into_iter().map(str::to_owned).collect();
        assert_eq!(used_modules(module, code, &modules), expected, "{code}");
    }
}
