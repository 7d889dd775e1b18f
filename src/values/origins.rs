//! Where values come from: what the host numbers of the engine's [`Origins`] stand for.
//!
//! The engine hands on a number with each value. Here a number becomes a place again: the key of a values file, or the
//! flag that set it. Values files cost nothing here but one entry each, as their trees know the place of every node.

use std::fmt;
use std::sync::Arc;

use chart_lint_template::{OriginId, Origins, Str};

use super::tree::{KeyPath, NodeIndex, PathStep, Tree, TreeValue};
use crate::source::Location;

/// The meaning of the host numbers of one render. Owned data that may leave the thread.
#[derive(Debug, Default)]
pub struct ValueOrigins {
    segments: Vec<Segment>,
    next: u32,
}

/// A range of numbers.
#[derive(Debug)]
struct Segment {
    base: u32,
    kind: SegmentKind,
}

#[derive(Debug)]
enum SegmentKind {
    /// Two numbers for each node of a tree.
    Tree(TreeSource, Arc<Tree>),
    /// One number.
    Single(ValueOrigin),
}

/// What a tree of values is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TreeSource {
    /// The `values.yaml` of a chart, with the names that lead to it from the root chart: empty for the root itself.
    Chart(Vec<String>),
    /// A file given with `-f`.
    UserFile,
    /// A manifest, which no values make.
    Manifest,
    /// A JSON value in a flag.
    Flag {
        /// Which flag.
        flag: SetFlag,
        /// Which of the flags of its kind, from 0.
        occurrence: usize,
        /// The way to the JSON value.
        path: KeyPath,
    },
}

/// The flags that set values.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SetFlag {
    /// `--set-json`
    Json,
    /// `--set`
    Set,
    /// `--set-string`
    String,
    /// `--set-file`
    File,
    /// `--set-literal`
    Literal,
}

impl fmt::Display for SetFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SetFlag::Json => "--set-json",
            SetFlag::Set => "--set",
            SetFlag::String => "--set-string",
            SetFlag::File => "--set-file",
            SetFlag::Literal => "--set-literal",
        })
    }
}

/// Where a value or a key comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ValueOrigin {
    /// A values file.
    File {
        /// Which one.
        source: TreeSource,
        /// The way to the value in the file.
        path: KeyPath,
        /// Where the value is written.
        value: Location,
        /// Where its key is written; `None` for an item of a list.
        key: Option<Location>,
        /// Whether the key is the better place to point at: this is the origin of the key and not of the value, or
        /// the value is a list or map with something in it.
        is_key: bool,
    },
    /// A flag.
    Flag {
        /// Which flag.
        flag: SetFlag,
        /// Which of the flags of its kind, from 0.
        occurrence: usize,
        /// The way to the value.
        path: KeyPath,
    },
    /// A place in another file: a field of `Chart.yaml`, the content of a file.
    Place {
        /// What it is: `.Chart.AppVersion`.
        name: String,
        /// Where it is written.
        location: Location,
    },
    /// Something that has no file: the release's name, the Kubernetes version.
    Named(String),
}

impl ValueOrigin {
    /// The best place to point at: the value, unless this is about the key.
    pub fn location(&self) -> Option<Location> {
        match self {
            ValueOrigin::File { value, key, is_key, .. } => Some(key.filter(|_| *is_key).unwrap_or(*value)),
            ValueOrigin::Place { location, .. } => Some(*location),
            ValueOrigin::Flag { .. } | ValueOrigin::Named(_) => None,
        }
    }

    /// The way to the value from the root of the values, with the names of subcharts.
    pub fn full_path(&self) -> Option<KeyPath> {
        match self {
            ValueOrigin::File { source: TreeSource::Chart(names), path, .. } => {
                let names = names.iter().map(|name| PathStep::Key(Str::from(name.as_str())));
                Some(KeyPath(names.chain(path.0.iter().cloned()).collect()))
            }
            ValueOrigin::File { path, .. } | ValueOrigin::Flag { path, .. } => Some(path.clone()),
            ValueOrigin::Place { .. } | ValueOrigin::Named(_) => None,
        }
    }
}

impl ValueOrigins {
    /// An empty table.
    pub fn new() -> ValueOrigins {
        ValueOrigins::default()
    }

    /// Takes numbers for a tree; gives the base for [`Tree::to_value`].
    pub fn add_tree(&mut self, source: TreeSource, tree: &Arc<Tree>) -> u32 {
        let base = self.next;
        self.segments.push(Segment { base, kind: SegmentKind::Tree(source, Arc::clone(tree)) });
        self.next += 2 * tree.len() as u32;
        base
    }

    /// An origin of something else. Without recording that is no origin, and nothing is kept.
    pub fn add(&mut self, origins: &mut Origins, origin: impl FnOnce() -> ValueOrigin) -> OriginId {
        if !origins.enabled() {
            return OriginId::NONE;
        }
        let base = self.next;
        self.segments.push(Segment { base, kind: SegmentKind::Single(origin()) });
        self.next += 1;
        origins.host(base)
    }

    /// The string that a host number stands for, if it is the value of a key in a file.
    pub fn string(&self, number: u32) -> Option<&Str> {
        let index = self.segments.partition_point(|segment| segment.base <= number).checked_sub(1)?;
        let segment = &self.segments[index];
        let SegmentKind::Tree(_, tree) = &segment.kind else { return None };
        let offset = number - segment.base;
        if offset % 2 == 1 || offset as usize / 2 >= tree.len() {
            return None;
        }
        match tree.get(NodeIndex(offset / 2)) {
            TreeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// What a host number stands for.
    pub fn get(&self, number: u32) -> Option<ValueOrigin> {
        let index = self.segments.partition_point(|segment| segment.base <= number).checked_sub(1)?;
        let segment = &self.segments[index];
        match &segment.kind {
            SegmentKind::Single(origin) => (segment.base == number).then(|| origin.clone()),
            SegmentKind::Tree(source, tree) => {
                let offset = number - segment.base;
                let node = NodeIndex(offset / 2);
                if node.0 as usize >= tree.len() {
                    return None;
                }
                let path = tree.path(node);
                Some(match source {
                    TreeSource::Flag { flag, occurrence, path: before } => ValueOrigin::Flag {
                        flag: *flag,
                        occurrence: *occurrence,
                        path: KeyPath(before.0.iter().chain(&path.0).cloned().collect()),
                    },
                    _ => ValueOrigin::File {
                        source: source.clone(),
                        path,
                        value: tree.location(node),
                        key: tree.key_location(node),
                        is_key: offset % 2 == 1 || tree.has_children(node),
                    },
                })
            }
        }
    }
}
