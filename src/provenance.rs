//! From rendered bytes back to the template that wrote them and the values that they show.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use chart_lint_template::{FrameId, NodeId, NodeKind, Origin, OriginId, Origins, PlaceId, Run, Str, Tree};
use rustc_hash::FxBuildHasher;

use crate::source::{FileId, Location, SourceMap, Span};
use crate::toggles::values_paths;
use crate::values::{SetFlag, TreeSource, ValueOrigin, ValueOrigins};

/// Where bytes of a rendered file came from.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The part of a template that wrote them.
    pub template: Option<Location>,
    /// Whether the template's part is plain text, so that the bytes stand there as they are.
    pub is_text: bool,
    /// The `include`, `template` or `tpl` actions that led to the template, innermost first, each with the name of the
    /// template that was called.
    pub includes: Vec<(Location, String)>,
    /// The values keys that the bytes show.
    pub values: Vec<ValuePlace>,
    /// Literals in templates that the bytes show.
    pub literals: Vec<Location>,
}

/// A values key, or whatever else filled bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuePlace {
    /// What it is: `image.tag`, `.Release.Name`.
    pub path: String,
    /// Where it is written, if it is in a file.
    pub location: Option<Location>,
    /// Whether it is a values key, from a file or a flag.
    pub is_values: bool,
    /// The flag that set it, if it is in no file.
    pub flag: Option<SetFlag>,
    /// Of a text of many lines the one that the bytes show: its number from 0, and what it says.
    pub line: Option<(usize, Str)>,
}

impl ValuePlace {
    fn of(origin: &ValueOrigin) -> ValuePlace {
        let path = match (origin.full_path(), origin) {
            (Some(path), _) => path.to_string(),
            (None, ValueOrigin::Place { name, .. } | ValueOrigin::Named(name)) => name.clone(),
            (None, _) => String::new(),
        };
        let flag = match origin {
            ValueOrigin::Flag { flag, .. } => Some(*flag),
            _ => None,
        };
        let is_values = match origin {
            ValueOrigin::File { source, .. } => *source != TreeSource::Manifest,
            ValueOrigin::Flag { .. } => true,
            ValueOrigin::Place { .. } | ValueOrigin::Named(_) => false,
        };
        ValuePlace { path, location: origin.location(), is_values, flag, line: None }
    }

    /// What to say about a value that no file holds.
    pub fn flag_note(&self) -> Option<String> {
        Some(format!("`{}` is set by `{}`", self.path, self.flag?))
    }

    /// Where it is written, in a block scalar down to the line that the bytes show.
    pub fn exact_location(&self, sources: &SourceMap) -> Option<Location> {
        let whole = self.location?;
        Some(self.line_location(whole, sources).unwrap_or(whole))
    }

    fn line_location(&self, whole: Location, sources: &SourceMap) -> Option<Location> {
        let (number, said) = self.line.as_ref()?;
        let file = sources.get(whole.file)?;
        let source = file.bytes().get(whole.span.range())?;
        if !source.starts_with(b"|") && !source.starts_with(b">") {
            return None;
        }
        let mut start = whole.span.start;
        let mut found = None;
        for (index, line) in source.split_inclusive(|&byte| byte == b'\n').enumerate() {
            let blank =
                line.iter().take_while(|byte| byte.is_ascii_whitespace()).count().min(line.len()) as u32;
            let text = line.trim_ascii();
            if index > 0 && !text.is_empty() && text == said.trim_ascii() {
                let span = Span::new(start + blank, start + blank + text.len() as u32);
                // The first line is the `|`; another that says the same is as good if folding moved it.
                if index == number + 1 {
                    return Some(Location { file: whole.file, span });
                }
                found = found.or(Some(span));
            }
            start += line.len() as u32;
        }
        found.map(|span| Location { file: whole.file, span })
    }
}

/// The template sources of a chart: by the name that the engine gives them.
#[derive(Clone, Default)]
pub struct TemplateSources {
    sources: HashMap<Str, TemplateSource, FxBuildHasher>,
}

#[derive(Clone)]
struct TemplateSource {
    file: FileId,
    tree: Option<Arc<Tree>>,
    words: OnceLock<String>,
    values_paths: OnceLock<HashSet<String>>,
}

impl TemplateSources {
    /// Adds a template, with its tree if it parses.
    pub fn add(&mut self, name: Str, file: FileId, tree: Option<Arc<Tree>>) {
        self.sources.insert(
            name,
            TemplateSource { file, tree, words: OnceLock::new(), values_paths: OnceLock::new() },
        );
    }

    /// All files.
    pub(crate) fn files(&self) -> impl Iterator<Item = FileId> {
        self.sources.values().map(|source| source.file)
    }

    /// The file of a template.
    pub fn file(&self, name: &[u8]) -> Option<FileId> {
        self.sources.get(name).map(|source| source.file)
    }

    /// The file and tree of a template that parses.
    pub fn get(&self, name: &[u8]) -> Option<(FileId, &Arc<Tree>)> {
        let source = self.sources.get(name)?;
        Some((source.file, source.tree.as_ref()?))
    }

    /// All names of fields and all strings in the expressions of a template, in small letters, between NULs.
    pub fn words(&self, name: &[u8]) -> Option<&str> {
        let source = self.sources.get(name)?;
        let tree = source.tree.as_ref()?;
        Some(source.words.get_or_init(|| words(tree)))
    }

    /// The values keys that the expressions of a template read: `image.tag`.
    pub fn values_paths(&self, name: &[u8]) -> Option<&HashSet<String>> {
        let source = self.sources.get(name)?;
        let tree = source.tree.as_ref()?;
        Some(source.values_paths.get_or_init(|| {
            let pipes = (0..tree.len() as u32).map(NodeId);
            let pipes = pipes.filter(|&node| matches!(tree.node(node).kind, NodeKind::Pipe { .. }));
            let paths = pipes.flat_map(|node| values_paths(tree, node));
            paths.map(|path| path.iter().map(|part| part.to_utf8()).collect::<Vec<_>>().join(".")).collect()
        }))
    }

    /// All templates that parse, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&Str, FileId, &Arc<Tree>)> {
        self.sources.iter().filter_map(|(name, source)| Some((name, source.file, source.tree.as_ref()?)))
    }
}

fn words(tree: &Tree) -> String {
    let mut words = String::new();
    let mut add = |word: &Str| {
        words.extend(word.to_utf8().chars().map(|c| c.to_ascii_lowercase()));
        words.push('\0');
    };
    for node in 0..tree.len() as u32 {
        match &tree.node(NodeId(node)).kind {
            NodeKind::Field(names)
            | NodeKind::Chain { fields: names, .. }
            | NodeKind::Variable { fields: names, .. } => tree.names(*names).iter().for_each(&mut add),
            NodeKind::String(text) => add(text),
            _ => {}
        }
    }
    words
}

/// What is needed to trace bytes: see [`Tracer::trace`].
#[derive(Clone, Copy)]
pub struct Tracer<'a> {
    /// The table that the runs refer to.
    pub origins: &'a Origins,
    /// The templates.
    pub sources: &'a TemplateSources,
    /// The values.
    pub values: &'a ValueOrigins,
}

/// More places than these are not named: text of a whole manifest comes from everywhere.
const MAX_PLACES: usize = 16;

impl Tracer<'_> {
    /// Where the bytes of a rendered file came from. The template is that of the first byte which is not space; the
    /// values are those of all bytes.
    pub fn trace(&self, text: &[u8], runs: &[Run], range: Range<usize>) -> Trace {
        let mut trace = Trace::default();
        let range = range.start.min(text.len())..range.end.min(text.len());
        let blank = text[range.clone()].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let first = if blank < range.len() { range.start + blank } else { range.start };
        // An empty range is at what comes before it: `key:` and nothing after.
        let first = if first >= text.len() { first.saturating_sub(1) } else { first };
        let index = runs.partition_point(|run| run.end as usize <= first);
        let Some(run) = runs.get(index) else { return trace };
        let start = index.checked_sub(1).map_or(0, |before| runs[before].end as usize);
        if let Some((location, is_text)) = self.locate(run, first - start, range.end.saturating_sub(first)) {
            trace.template = Some(location);
            trace.is_text = is_text;
        }
        trace.includes = self.includes(run.frame);
        let mut seen = Vec::new();
        let mut run_start = start;
        for run in &runs[index..] {
            let known = trace.values.len();
            self.add_values(run.value, &mut trace, &mut seen);
            let shown = run_start.max(first)..(run.end as usize).min(range.end.max(first + 1));
            if let [place] = &mut trace.values[known..]
                && place.is_values
            {
                place.line = self.line(run, shown.start - run_start, &text[shown.clone()]);
            }
            run_start = run.end as usize;
            if run.end as usize >= range.end || seen.len() >= MAX_PLACES {
                break;
            }
        }
        trace
    }

    /// The values keys that a value came from.
    pub fn values_of(&self, origin: OriginId) -> Vec<ValuePlace> {
        let mut trace = Trace::default();
        self.add_values(origin, &mut trace, &mut Vec::new());
        trace.values
    }

    /// The part of the template that wrote byte `offset` of a run, and the `length` bytes from there.
    fn locate(&self, run: &Run, offset: usize, length: usize) -> Option<(Location, bool)> {
        let (file, span, is_text) = self.place(run.place)?;
        if !is_text || run.value.is_some() {
            return Some((Location { file, span }, false));
        }
        let start = (span.start + run.skip + offset as u32).min(span.end);
        let end = start.saturating_add(length.max(1) as u32).min(span.end).max(start);
        Some((Location { file, span: Span::new(start, end) }, true))
    }

    /// The line of a values string that a run shows from byte `offset` on, if it shows it as it is.
    fn line(&self, run: &Run, offset: usize, shown: &[u8]) -> Option<(usize, Str)> {
        let (number, skip) = match self.origins.get(run.value)? {
            Origin::Host(number) => (number, run.skip),
            Origin::Place { value, skip, .. } => match self.origins.get(value)? {
                Origin::Host(number) => (number, skip),
                _ => return None,
            },
            Origin::Join(..) => return None,
        };
        let value = self.values.string(number)?;
        let at = skip as usize + offset;
        let blank = shown.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let first = shown[blank..].split(|&byte| byte == b'\n').next().unwrap_or_default();
        if first.is_empty() || !value.get(at + blank..)?.starts_with(first) {
            return None;
        }
        let at = at + blank;
        let start = value[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        let end = value[at..].iter().position(|&byte| byte == b'\n').map_or(value.len(), |end| at + end);
        // A text of one line needs no number.
        if start == 0 && end + 1 >= value.len() && !value.ends_with(b"\n") {
            return None;
        }
        let number = value[..start].iter().filter(|&&byte| byte == b'\n').count();
        Some((number, Str::from(&value[start..end])))
    }

    /// File and bytes of a template node, and whether it is plain text.
    fn place(&self, place: PlaceId) -> Option<(FileId, Span, bool)> {
        let (name, node) = self.origins.place(place)?;
        let (file, tree) = self.sources.get(name)?;
        let node = tree.node(node);
        Some((file, node.span.into(), matches!(node.kind, NodeKind::Text(_))))
    }

    /// The part of a template that a value was read from: of plain text the line, from byte `skip` on.
    fn literal(&self, place: PlaceId, value: OriginId, skip: u32) -> Option<(FileId, Span)> {
        let (name, node) = self.origins.place(place)?;
        let (file, tree) = self.sources.get(name)?;
        let node = tree.node(node);
        let span = Span::from(node.span);
        let NodeKind::Text(text) = &node.kind else { return Some((file, span)) };
        let Some(rest) = text.get(skip as usize..).filter(|_| !value.is_some()) else {
            return Some((file, span));
        };
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let line = rest[blank..].iter().position(|&byte| byte == b'\n').unwrap_or(rest.len() - blank);
        let start = span.start + skip + blank as u32;
        Some((file, Span::new(start, start + line as u32)))
    }

    fn includes(&self, frame: FrameId) -> Vec<(Location, String)> {
        let mut includes = Vec::new();
        let mut frame = frame;
        while let Some(link) = self.origins.frame(frame) {
            if let Some((file, span, _)) = self.place(link.call) {
                includes.push((Location { file, span }, link.template.to_utf8().into_owned()));
            }
            if includes.len() >= MAX_PLACES {
                break;
            }
            frame = link.parent;
        }
        includes
    }

    fn add_values(&self, origin: OriginId, trace: &mut Trace, seen: &mut Vec<Origin>) {
        for leaf in self.origins.leaves(origin) {
            if seen.len() >= MAX_PLACES || seen.contains(&leaf) {
                continue;
            }
            seen.push(leaf);
            match leaf {
                Origin::Host(number) => {
                    let place = self.values.get(number).map(|origin| ValuePlace::of(&origin));
                    if let Some(place) = place.filter(|place| !trace.values.contains(place)) {
                        trace.values.push(place);
                    }
                }
                Origin::Place { place, value, skip, .. } => {
                    if let Some((file, span)) = self.literal(place, value, skip) {
                        let location = Location { file, span };
                        if !trace.literals.contains(&location) {
                            trace.literals.push(location);
                        }
                    }
                    self.add_values(value, trace, seen);
                }
                Origin::Join(..) => {}
            }
        }
    }
}
