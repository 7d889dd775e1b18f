//! Where bytes come from: the table behind [`OriginId`], [`PlaceId`] and [`FrameId`].
//!
//! A byte of output is described by a [`Run`]: the template node that wrote it (place), which execution of that
//! template it was (frame: the chain of includes), and where the value shown came from (origin). Origins of values
//! form a graph: leaves are given by the host (a key of a values file), inner nodes say "written by a template and
//! read again" (`fromYaml (include …)`) or "made of both".

use rustc_hash::FxHashMap;

use crate::ast::NodeId;
use crate::text::{FrameId, OriginId, PlaceId, Run, Str};

/// What an [`OriginId`] stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Origin {
    /// Something the host knows: the number it gave.
    Host(u32),
    /// A template node: a literal, or text that a template wrote and another read.
    Place {
        /// The node.
        place: PlaceId,
        /// The execution; [`FrameId::NONE`] for a literal.
        frame: FrameId,
        /// Where the value came from that was written.
        value: OriginId,
        /// How many bytes of what the node or the value gave come before: see [`Run::skip`].
        skip: u32,
    },
    /// Made of two others.
    Join(OriginId, OriginId),
}

/// How a template came to be executed.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The execution that called it.
    pub parent: FrameId,
    /// The node that called it: an `include` or `tpl` action, or a `template` node.
    pub call: PlaceId,
    /// The template that is executed.
    pub template: Str,
}

/// The table of origins, places and frames of one execution.
#[derive(Default, Debug)]
pub struct Origins {
    enabled: bool,
    origins: Vec<Origin>,
    frames: Vec<Frame>,
    /// First place of each source; a source's node `n` has place `first + n`.
    sources: Vec<(Str, u32)>,
    next_place: u32,
    known: FxHashMap<Origin, OriginId>,
}

impl Origins {
    /// A table that records.
    pub fn recording() -> Origins {
        Origins { enabled: true, next_place: 1, ..Origins::default() }
    }

    /// A table that records nothing: every origin is [`OriginId::NONE`].
    pub fn disabled() -> Origins {
        Origins { next_place: 1, ..Origins::default() }
    }

    /// Whether it records.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// A new origin that only the host understands.
    pub fn host(&mut self, number: u32) -> OriginId {
        if !self.enabled {
            return OriginId::NONE;
        }
        self.push(Origin::Host(number))
    }

    fn push(&mut self, origin: Origin) -> OriginId {
        self.origins.push(origin);
        OriginId(self.origins.len() as u32)
    }

    fn intern(&mut self, origin: Origin) -> OriginId {
        if let Some(&id) = self.known.get(&origin) {
            return id;
        }
        let id = self.push(origin);
        self.known.insert(origin, id);
        id
    }

    /// The origin of something made of both.
    pub fn join(&mut self, a: OriginId, b: OriginId) -> OriginId {
        match (a.is_some(), b.is_some()) {
            (false, _) => b,
            (_, false) => a,
            _ if a == b || self.contains(a, b) => a,
            _ => self.intern(Origin::Join(a, b)),
        }
    }

    /// Whether `b` is one of the two parts of `a`, so that joining the same thing again and again adds nothing.
    fn contains(&self, a: OriginId, b: OriginId) -> bool {
        matches!(self.get(a), Some(Origin::Join(x, y)) if x == b || y == b)
    }

    /// The origin of a run of bytes that is read as a value.
    pub fn of_run(&mut self, run: &Run) -> OriginId {
        if run.place == PlaceId::NONE || !self.enabled {
            return run.value;
        }
        self.intern(Origin::Place { place: run.place, frame: run.frame, value: run.value, skip: run.skip })
    }

    /// The origin of a literal in a template.
    pub(crate) fn literal(&mut self, place: PlaceId) -> OriginId {
        if !self.enabled || place == PlaceId::NONE {
            return OriginId::NONE;
        }
        self.intern(Origin::Place { place, frame: FrameId::NONE, value: OriginId::NONE, skip: 0 })
    }

    /// Makes room for the places of a source with `nodes` nodes; gives the place of its node 0.
    pub fn add_source(&mut self, name: &Str, nodes: usize) -> PlaceId {
        let first = self.next_place;
        self.next_place += nodes as u32;
        self.sources.push((name.clone(), first));
        PlaceId(first)
    }

    pub(crate) fn add_frame(&mut self, frame: Frame) -> FrameId {
        if !self.enabled {
            return FrameId::NONE;
        }
        self.frames.push(frame);
        FrameId(self.frames.len() as u32)
    }

    /// What an id stands for.
    pub fn get(&self, id: OriginId) -> Option<Origin> {
        self.origins.get((id.0 as usize).checked_sub(1)?).copied()
    }

    /// A frame.
    pub fn frame(&self, id: FrameId) -> Option<&Frame> {
        self.frames.get((id.0 as usize).checked_sub(1)?)
    }

    /// All executions of templates.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The source and node of a place. A source's index counts the sources in the order in which they were first
    /// executed.
    pub fn place(&self, place: PlaceId) -> Option<(&Str, NodeId)> {
        if place == PlaceId::NONE {
            return None;
        }
        let index = self.sources.partition_point(|(_, first)| *first <= place.0).checked_sub(1)?;
        let (name, first) = &self.sources[index];
        Some((name, NodeId(place.0 - first)))
    }

    /// The place of a node, if its source was executed.
    pub fn place_of(&self, source: &[u8], node: NodeId) -> Option<PlaceId> {
        let (_, first) = self.sources.iter().find(|(name, _)| name.as_ref() == source)?;
        Some(PlaceId(first + node.0))
    }

    /// All leaves of an origin, in order, each once: [`Origin::Host`] and [`Origin::Place`] (whose own value is
    /// not followed).
    pub fn leaves(&self, id: OriginId) -> Vec<Origin> {
        let mut leaves = Vec::new();
        let mut pending = vec![id];
        let mut seen = rustc_hash::FxHashSet::default();
        while let Some(id) = pending.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.get(id) {
                Some(Origin::Join(a, b)) => pending.extend([b, a]),
                Some(leaf) => leaves.push(leaf),
                None => {}
            }
        }
        leaves
    }
}
