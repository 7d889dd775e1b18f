//! The render itself: all templates of a chart and its subcharts are parsed into one set, then executed one by one.
//!
//! Follows Helm's `pkg/engine/engine.go`. Where Helm stops at the first error, this goes on with the other templates
//! and gives all errors; the first one is Helm's.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock};

use chart_lint_template::{Limits, Map, Origins, Run, State, Str, TemplateSet, Text, Tree, Value, parse};
use chart_lint_template::{OriginId, ParseError, PlaceId, TextBuilder, text};
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::error::RenderError;
use super::functions;
use super::functions::helm::{SET_NAME, without_no_value};
use super::host::{Chance, Host};
use super::objects::VALUES_TYPE;

/// A template file and what it is executed with.
pub struct Renderable {
    /// Path within the chart: `chart/charts/sub/templates/x.yaml`.
    pub name: Str,
    /// The source.
    pub text: Str,
    /// `.`, shared by all templates of one chart.
    pub top: Map,
    /// `.Template.BasePath`.
    pub base_path: Str,
}

/// How to render.
#[derive(Clone, Debug)]
pub struct RenderOptions {
    /// Where time and random numbers come from.
    pub chance: Chance,
    /// What a hostile chart may use up, over all its templates.
    pub limits: Limits,
    /// Stop at the first error, as Helm does.
    pub stop_at_error: bool,
    /// Execute these templates alone, by name; all are parsed.
    pub only: Option<Arc<HashSet<Str>>>,
}

/// A rendered template file.
#[derive(Clone, Debug)]
pub struct RenderedFile {
    /// Path within the chart.
    pub name: Str,
    /// The output.
    pub text: Vec<u8>,
    /// Which template wrote what, and where the values came from; empty when nothing is recorded.
    pub runs: Vec<Run>,
    /// Where each line starts, once somebody asked.
    lines: OnceLock<Vec<u32>>,
}

impl RenderedFile {
    /// A file with its output and where that came from.
    pub fn new(name: Str, text: Vec<u8>, runs: Vec<Run>) -> RenderedFile {
        RenderedFile { name, text, runs, lines: OnceLock::new() }
    }

    /// The line, from 1, that a byte is in.
    pub fn line_of(&self, offset: usize) -> usize {
        let lines = self.lines.get_or_init(|| {
            let mut starts = vec![0];
            starts.extend(bstr::ByteSlice::find_iter(self.text.as_slice(), b"\n").map(|at| at as u32 + 1));
            starts
        });
        lines.partition_point(|&start| start as usize <= offset)
    }
}

/// What came of a render. Owned data that may leave the thread.
#[derive(Debug, Default)]
pub struct Rendered {
    /// The output of each template file that rendered, in the order of execution.
    pub files: Vec<RenderedFile>,
    /// What did not parse or execute, in the order in which Helm would find it.
    pub errors: Vec<RenderError>,
    /// What the runs refer to.
    pub origins: Origins,
    /// Which arms of `if`, `with` and `range` ran; see [`State::arms`].
    pub arms: FxHashMap<PlaceId, u8>,
}

/// Parsed templates of a chart, shared between its scenarios.
#[derive(Default)]
pub struct TreeCache {
    trees: Mutex<HashMap<Str, (Str, Parsed), FxBuildHasher>>,
}

type Parsed = Result<Arc<Tree>, ParseError>;

impl TreeCache {
    fn parse(&self, name: &Str, text: &Str) -> Parsed {
        if let Ok(trees) = self.trees.lock()
            && let Some((_, parsed)) = trees.get(name).filter(|(known, _)| known == text)
        {
            return parsed.clone();
        }
        let parsed = parse(name, text, &functions::table().resolver()).map(Arc::new);
        if let Ok(mut trees) = self.trees.lock() {
            trees.insert(name.clone(), (text.clone(), parsed.clone()));
        }
        parsed
    }

    /// The tree of a template, if it was parsed.
    pub fn find(&self, name: &Str) -> Option<Arc<Tree>> {
        let trees = self.trees.lock().ok()?;
        trees.get(name).and_then(|(_, parsed)| parsed.as_ref().ok()).cloned()
    }
}

/// Renders templates. Needs a thread with a large stack: see [`super::with_large_stack`].
pub fn render(
    mut files: Vec<Renderable>,
    cache: &TreeCache,
    origins: Origins,
    options: &RenderOptions,
) -> Rendered {
    // Deeper paths first, then in reverse order of their names.
    files.sort_by(|a, b| {
        let depth = |file: &Renderable| file.name.iter().filter(|&&byte| byte == b'/').count();
        (depth(b), &b.name).cmp(&(depth(a), &a.name))
    });
    let mut errors = Vec::new();
    let mut templates = TemplateSet::default();
    for file in &files {
        match cache.parse(&file.name, &file.text) {
            Ok(tree) => templates.add(&tree),
            Err(error) => {
                errors.push(RenderError::parse(&file.name.to_utf8(), error));
                if options.stop_at_error {
                    return Rendered { files: Vec::new(), errors, origins, arms: FxHashMap::default() };
                }
            }
        }
    }
    let host = Host::new(options.chance);
    let mut state = State::new(functions::table(), templates, origins, options.limits, Box::new(host));
    let mut rendered = Vec::new();
    for file in &files {
        if options.only.as_ref().is_some_and(|only| !only.contains(&file.name)) {
            continue;
        }
        if base_name(&file.name).starts_with(b"_") || errors.iter().any(|error| file.name == *error.template)
        {
            continue;
        }
        let template = Map::typed(VALUES_TYPE);
        template.insert("Name", Value::from(file.name.clone()));
        template.insert("BasePath", Value::from(file.base_path.clone()));
        file.top.insert("Template", template.into());
        match state.execute(&file.name, file.top.clone().into(), SET_NAME) {
            Ok(output) => rendered.push(rendered_file(&file.name, without_no_value(output))),
            Err(error) => {
                errors.push(RenderError::exec(&file.name.to_utf8(), error));
                if options.stop_at_error {
                    break;
                }
            }
        }
    }
    let (origins, arms) = state.into_records();
    Rendered { files: rendered, errors, origins, arms }
}

/// Objects that no template wrote, as the text that a template would have written: one file for each name.
pub(crate) fn write_objects(files: &[(Str, Vec<Value>)], origins: Origins) -> Rendered {
    let host = Host::new(Chance::Fixed);
    let templates = TemplateSet::default();
    let mut state = State::new(functions::table(), templates, origins, Limits::default(), Box::new(host));
    let mut rendered = Vec::new();
    for (name, objects) in files {
        let mut output = TextBuilder::new();
        for object in objects {
            // A limit that is reached leaves out the object: it is not one that Kubernetes takes.
            let Ok(text) = functions::yaml::marshal(&mut state, object) else { continue };
            output.push(b"---\n", OriginId::NONE);
            output.push_text(&text);
            output.push(b"\n", OriginId::NONE);
        }
        rendered.push(rendered_file(name, output.finish()));
    }
    let (origins, arms) = state.into_records();
    Rendered { files: rendered, errors: Vec::new(), origins, arms }
}

fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}

fn rendered_file(name: &Str, output: Text) -> RenderedFile {
    let runs = match output.origins() {
        text::Origins::One(_) => Vec::new(),
        text::Origins::Runs(runs) => runs.to_vec(),
    };
    RenderedFile::new(name.clone(), output.as_bytes().to_vec(), runs)
}
