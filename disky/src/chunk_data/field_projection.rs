//! Which fields of protocol buffer messages to read.
//!
//! The semantics are those of `FieldProjection` in google/riegeli
//! (`riegeli/chunk_encoding/field_projection.h` and `transpose_decoder.cc`); docs/format.md
//! describes them.

use crate::error::{Error, ErrorKind, Result};
use std::sync::Arc;

/// The largest field number of protocol buffers.
const MAX_FIELD_NUMBER: u32 = (1 << 29) - 1;

/// How much of a field is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Inclusion {
    /// That it exists: a value is replaced with the default value of its type.
    Existence,
    /// Some fields of a submessage or group. Any other value is read completely.
    Children,
    /// The complete field.
    Complete,
}

/// A field on a path, or the message itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    inclusion: Inclusion,
    /// Number and node of each field in it, by number.
    children: Vec<(u32, u32)>,
}

/// Which fields of messages to read: a set of paths of field numbers, each from the record down
/// through submessages and groups.
///
/// A path includes the field that it leads to, completely, and of the submessages on the way their
/// existence. An empty path includes the complete record. [`EXISTENCE_ONLY`](Self::EXISTENCE_ONLY)
/// as the last number of a path includes only the existence of a field.
///
/// A projection has an effect on transposed chunks only. docs/format.md describes the records that
/// it yields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldProjection {
    /// The root first; `None` if the projection includes complete records.
    nodes: Option<Arc<[Node]>>,
}

impl FieldProjection {
    /// As the last number of a path: the field before it exists in the projected record, and its
    /// value is the default value of its type: 0, an empty string, an empty submessage or group.
    pub const EXISTENCE_ONLY: u32 = 0;

    /// The root of the tree of fields.
    pub(crate) const ROOT: u32 = 0;

    /// Complete records.
    pub fn all() -> Self {
        Self::default()
    }

    /// The fields at the end of `paths`. Without a path, no field: messages become empty.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] if a field number exceeds 536,870,911, or is
    /// [`EXISTENCE_ONLY`](Self::EXISTENCE_ONLY) before the end of its path.
    pub fn of(paths: impl IntoIterator<Item = impl AsRef<[u32]>>) -> Result<Self> {
        let paths: Vec<_> = paths.into_iter().collect();
        let mut sorted: Vec<&[u32]> = paths.iter().map(AsRef::as_ref).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut tree = Tree::new();
        let mut all = false;
        for path in sorted {
            check(path)?;
            all |= path.is_empty();
            tree.add(path);
        }
        Ok(Self {
            nodes: (!all).then(|| tree.nodes.into()),
        })
    }

    /// Whether complete records are read.
    pub fn includes_all(&self) -> bool {
        self.nodes.is_none()
    }

    /// The field `number` of the submessage, group or record `node`: how much of it is read, and its
    /// node. `None` if nothing of it is read. The projection must not include complete records.
    pub(crate) fn child(&self, node: u32, number: u32) -> Option<(Inclusion, u32)> {
        let nodes = self.nodes.as_deref()?;
        let children = &nodes.get(node as usize)?.children;
        let place = children.binary_search_by_key(&number, |&(number, _)| number);
        let (_, child) = children[place.ok()?];
        Some((nodes[child as usize].inclusion, child))
    }
}

fn check(path: &[u32]) -> Result<()> {
    let invalid = |detail: String| Err(Error::new(ErrorKind::InvalidArgument, detail));
    if let Some(number) = path.iter().find(|&&number| number > MAX_FIELD_NUMBER) {
        return invalid(format!(
            "field number {number} of a projection exceeds {MAX_FIELD_NUMBER}"
        ));
    }
    let before_last = &path[..path.len().saturating_sub(1)];
    if before_last.contains(&FieldProjection::EXISTENCE_ONLY) {
        return invalid(format!(
            "0, which stands for the existence of a field, is not the last number of the path \
             {path:?} of a projection"
        ));
    }
    Ok(())
}

/// A projection to which paths are added.
struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    fn new() -> Self {
        Self {
            nodes: vec![Node {
                inclusion: Inclusion::Children,
                children: Vec::new(),
            }],
        }
    }

    fn add(&mut self, path: &[u32]) {
        let (numbers, last) = match path {
            [numbers @ .., FieldProjection::EXISTENCE_ONLY] => (numbers, Inclusion::Existence),
            numbers => (numbers, Inclusion::Complete),
        };
        let mut node = FieldProjection::ROOT;
        for (index, &number) in numbers.iter().enumerate() {
            let inclusion = match index + 1 == numbers.len() {
                true => last,
                false => Inclusion::Children,
            };
            node = self.include(node, number, inclusion);
        }
    }

    /// Includes the field `number` of `parent` at least as much as `inclusion`.
    fn include(&mut self, parent: u32, number: u32, inclusion: Inclusion) -> u32 {
        let added = self.nodes.len() as u32;
        let children = &mut self.nodes[parent as usize].children;
        match children.binary_search_by_key(&number, |&(number, _)| number) {
            Ok(place) => {
                let child = children[place].1;
                let included = &mut self.nodes[child as usize].inclusion;
                *included = (*included).max(inclusion);
                child
            }
            Err(place) => {
                children.insert(place, (number, added));
                self.nodes.push(Node {
                    inclusion,
                    children: Vec::new(),
                });
                added
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inclusion(projection: &FieldProjection, path: &[u32]) -> Option<Inclusion> {
        let mut found = (Inclusion::Children, FieldProjection::ROOT);
        for &number in path {
            found = projection.child(found.1, number)?;
        }
        Some(found.0)
    }

    #[test]
    fn the_most_of_a_field_that_any_path_includes() {
        use Inclusion::{Children, Complete, Existence};
        let paths: [&[u32]; 7] = [&[1], &[2, 3], &[4, 0], &[5, 0], &[5, 6], &[7, 8], &[7]];
        let mut reversed = paths;
        reversed.reverse();
        for paths in [paths, reversed] {
            let projection = FieldProjection::of(paths).unwrap();
            assert!(!projection.includes_all());
            let expected: [(&[u32], _); 9] = [
                (&[1], Some(Complete)),
                (&[2], Some(Children)),
                (&[2, 3], Some(Complete)),
                (&[2, 4], None),
                (&[3], None),
                (&[4], Some(Existence)),
                (&[5], Some(Children)),
                (&[5, 6], Some(Complete)),
                (&[7], Some(Complete)),
            ];
            for (path, included) in expected {
                assert_eq!(inclusion(&projection, path), included, "{path:?}");
            }
        }
        let (one, other) = (FieldProjection::of(paths), FieldProjection::of(reversed));
        assert_eq!(one.unwrap(), other.unwrap());
    }

    #[test]
    fn an_empty_path_includes_everything_and_no_path_nothing() {
        let all: [&[u32]; 2] = [&[1], &[]];
        assert!(FieldProjection::of(all).unwrap().includes_all());
        assert_eq!(FieldProjection::of(all).unwrap(), FieldProjection::all());
        let none = FieldProjection::of([[0; 0]; 0]).unwrap();
        assert!(!none.includes_all());
        assert_eq!(inclusion(&none, &[1]), None);
        assert_eq!(FieldProjection::of([[0]]).unwrap(), none);
    }

    #[test]
    fn numbers_that_no_field_has() {
        for path in [&[1 << 29][..], &[0, 1], &[1, 0, 0]] {
            let error = FieldProjection::of([path]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{path:?}");
        }
        assert!(FieldProjection::of([[MAX_FIELD_NUMBER, 0]]).is_ok());
    }
}
