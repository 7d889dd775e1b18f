//! Execution of templates.
//!
//! Control flow is walked with an explicit stack, so that templates may nest and call each other as deep as Go allows
//! (100,000) without using the thread's stack; expressions are evaluated recursively, up to [`Limits::depth`].
//!
//! Follows `text/template/exec.go` in what is evaluated in which order and in which node an error is reported at:
//! the node that was last looked at ([`State::at`]).

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::ast::{Branch, NodeId, NodeKind, Slice, Symbol, Tree};
use crate::error::{Error, ErrorKind, ExecPlace, Result, Stumble};
use crate::fmt;
use crate::function::{Args, Function, FunctionTable, lossy};
use crate::origin::{Frame, Origins};
use crate::text::{FrameId, OriginId, Origins as TextOrigins, PlaceId, Run, Str, Text, TextBuilder};
use crate::types::{Kind, Type, UintKind};
use crate::value::{Data, List, Map, Value};

/// What a hostile template may use up. Reaching one is an error of kind [`crate::error::ErrorKind::Limit`].
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nodes executed and functions called, together, and what functions have to read, in units of 64 bytes.
    pub steps: u64,
    /// Bytes written and made by functions, together.
    pub bytes: u64,
    /// Nesting of expressions and calls in the engine itself, each of which needs some stack: see
    /// [`STACK_PER_DEPTH`].
    pub depth: usize,
}

/// Upper bound of the stack that one level of [`Limits::depth`] uses, in bytes.
pub const STACK_PER_DEPTH: usize = 8 * 1024;

impl Default for Limits {
    fn default() -> Limits {
        // The largest charts in use take 100,000 steps and 60 MB.
        Limits { steps: 20_000_000, bytes: 256 << 20, depth: 30_000 }
    }
}

const TOO_MUCH_TEXT: &str = "the template makes too much text: limit reached";

/// Go's `maxExecDepth`.
const MAX_TEMPLATE_DEPTH: usize = 100_000;

/// A template that can be executed: its source, and which definition of it.
#[derive(Clone)]
pub struct Template {
    tree: Arc<Tree>,
    name: Str,
    root: NodeId,
}

/// The templates that can be called by name. A later definition of a name replaces an earlier one, unless it is
/// empty.
#[derive(Clone, Default)]
pub struct TemplateSet {
    templates: FxHashMap<Str, Template>,
}

impl TemplateSet {
    /// Adds all definitions of a source.
    pub fn add(&mut self, tree: &Arc<Tree>) {
        for definition in &tree.definitions {
            if self.templates.contains_key(&definition.name) && tree.is_empty_list(definition.root) {
                continue;
            }
            let template =
                Template { tree: tree.clone(), name: definition.name.clone(), root: definition.root };
            self.templates.insert(definition.name.clone(), template);
        }
    }

    /// The template of a name.
    pub fn get(&self, name: &[u8]) -> Option<&Template> {
        self.templates.get(name)
    }
}

impl Template {
    /// The source it was defined in.
    pub fn tree(&self) -> &Arc<Tree> {
        &self.tree
    }

    /// Its body.
    pub fn root(&self) -> NodeId {
        self.root
    }
}

/// Templates that a `tpl` text defines are seen only inside of it.
struct Scope {
    parent: Option<Rc<Scope>>,
    templates: TemplateSet,
}

/// The template that is being executed.
#[derive(Clone)]
struct Current {
    tree: Arc<Tree>,
    name: Str,
    /// Where its variables start on the stack.
    variables: usize,
    /// How deep `template` calls are nested.
    depth: usize,
    frame: FrameId,
    /// Place of node 0 of the tree; [`PlaceId::NONE`] inside of a `tpl` text, whose nodes have no place of their own.
    first_place: PlaceId,
    /// Inside of a `tpl` text: the text, and the place that called `tpl`.
    text: Option<(Rc<Text>, PlaceId)>,
}

/// One execution of templates: the variables, the output, and what functions may ask for.
pub struct State<'t> {
    functions: &'t FunctionTable,
    scope: Rc<Scope>,
    current: Current,
    at: NodeId,
    /// The function or method call that is being made.
    call: NodeId,
    variables: Vec<(Symbol, Value)>,
    out: TextBuilder,
    /// Where values and bytes came from.
    pub origins: Origins,
    first_places: FxHashMap<*const Tree, PlaceId>,
    trees: FxHashMap<Str, Arc<Tree>>,
    limits: Limits,
    /// More bytes were asked for with [`State::charge`] than there were.
    exhausted: bool,
    depth: usize,
    host: Box<dyn Any>,
    /// Which arms of each branch ran: see [`State::arms`].
    arms: FxHashMap<PlaceId, u8>,
}

enum Step {
    List {
        items: Slice,
        next: u32,
        dot: Value,
    },
    /// End of the scope of variables.
    Variables(usize),
    /// The same, after the else list of a `range`: `break` ends here, `continue` does not.
    RangeElse(usize),
    Range(Box<RangeStep>),
    Return(Box<Current>),
}

struct RangeStep {
    branch: Branch,
    items: RangeItems,
    mark: usize,
    node: NodeId,
}

enum RangeItems {
    Values { values: std::vec::IntoIter<(Value, Value)> },
    List { list: List, next: usize },
    Bytes { bytes: Text, next: usize },
    Count { next: i64, end: i64, value: Value },
}

impl<'t> State<'t> {
    /// A state ready to execute `templates`. `host` is for functions that need to know more; see [`State::host`].
    pub fn new(
        functions: &'t FunctionTable,
        templates: TemplateSet,
        origins: Origins,
        limits: Limits,
        host: Box<dyn Any>,
    ) -> State<'t> {
        let empty = Tree::empty();
        State {
            functions,
            scope: Rc::new(Scope { parent: None, templates }),
            current: Current {
                tree: Arc::new(empty),
                name: Str::default(),
                variables: 0,
                depth: 0,
                frame: FrameId::NONE,
                first_place: PlaceId::NONE,
                text: None,
            },
            at: NodeId(0),
            call: NodeId(0),
            variables: Vec::new(),
            out: TextBuilder::new(),
            origins,
            first_places: FxHashMap::default(),
            trees: FxHashMap::default(),
            limits,
            exhausted: false,
            depth: 0,
            host,
            arms: FxHashMap::default(),
        }
    }

    /// What the host gave to [`State::new`].
    pub fn host<T: 'static>(&mut self) -> Option<&mut T> {
        self.host.downcast_mut()
    }

    /// What was recorded: the table of origins, and the arms that ran.
    pub fn into_records(self) -> (Origins, FxHashMap<PlaceId, u8>) {
        (self.origins, self.arms)
    }

    /// All functions.
    pub fn functions(&self) -> &'t FunctionTable {
        self.functions
    }

    /// Which arms of `if`, `with` and `range` ran, by place of the node: bit 0 the list, bit 1 the else list or
    /// nothing. For calls of `and` and `or` bit 0 says that the first arguments decided, bit 1 that the last one was
    /// reached; for other functions see [`State::note_choice`].
    pub fn arms(&self) -> &FxHashMap<PlaceId, u8> {
        &self.arms
    }

    /// Takes from the budget of bytes that functions may make. Call it before making something large.
    pub fn spend_bytes(&mut self, bytes: usize) -> Result<()> {
        match self.limits.bytes.checked_sub(bytes as u64) {
            Some(left) => {
                self.limits.bytes = left;
                Ok(())
            }
            None => Err(Error::limit(TOO_MUCH_TEXT)),
        }
    }

    /// As [`State::spend_bytes`], for what cannot fail halfway: when this says no, the function call that is being made
    /// fails after it returned.
    pub fn charge(&mut self, bytes: usize) -> bool {
        if self.spend_bytes(bytes).is_err() {
            self.limits.bytes = 0;
            self.exhausted = true;
        }
        !self.exhausted
    }

    /// Makes the function call that is being made fail as if it took too much.
    pub(crate) fn refuse(&mut self) {
        self.exhausted = true;
    }

    /// How many bytes may still be made.
    pub(crate) fn bytes_left(&self) -> usize {
        usize::try_from(self.limits.bytes).unwrap_or(usize::MAX)
    }

    /// Fails if [`State::charge`] said no or [`State::refuse`] was called.
    fn check_charged(&mut self) -> Result<()> {
        match std::mem::take(&mut self.exhausted) {
            true => Err(Error::limit(TOO_MUCH_TEXT)),
            false => Ok(()),
        }
    }

    /// Takes from the budget of steps.
    pub fn spend_steps(&mut self, steps: u64) -> Result<()> {
        match self.limits.steps.checked_sub(steps) {
            Some(left) => {
                self.limits.steps = left;
                Ok(())
            }
            None => Err(Error::limit("the template does not come to an end: limit of steps reached")),
        }
    }

    fn enter(&mut self) -> Result<()> {
        if self.depth >= self.limits.depth {
            return Err(Error::limit("expressions are nested too deeply: limit reached"));
        }
        self.depth += 1;
        Ok(())
    }

    /// The origin of something made of all these values.
    pub fn join_origins(&mut self, values: &[Value]) -> OriginId {
        if !self.origins.enabled() {
            return OriginId::NONE;
        }
        let mut all = OriginId::NONE;
        for value in values {
            let origin = self.origin_of(value);
            all = self.origins.join(all, origin);
        }
        all
    }

    /// The origin of a value as a whole; of text of many origins, those of its first few runs.
    pub fn origin_of(&mut self, value: &Value) -> OriginId {
        match &value.data {
            Data::String(text) | Data::Bytes(text) => self.origin_of_text(text),
            _ => value.origin,
        }
    }

    /// As [`State::origin_of`].
    pub fn origin_of_text(&mut self, text: &Text) -> OriginId {
        /// Text of a whole manifest that is hashed comes from everywhere: naming eight places is enough.
        const FEW: usize = 8;
        match text.origins() {
            TextOrigins::One(origin) => *origin,
            TextOrigins::Runs(runs) => {
                let mut all = OriginId::NONE;
                for run in runs.iter().take(FEW) {
                    let origin = self.origins.of_run(run);
                    all = self.origins.join(all, origin);
                }
                all
            }
        }
    }

    fn lookup(&self, name: &[u8]) -> Option<Template> {
        let mut scope = Some(&self.scope);
        while let Some(here) = scope {
            if let Some(template) = here.templates.get(name) {
                return Some(template.clone());
            }
            scope = here.parent.as_ref();
        }
        None
    }

    /// Executes a template by name, as Go's `ExecuteTemplate`. `set` is the name of the set, for the error when there
    /// is no such template.
    pub fn execute(&mut self, name: &[u8], data: Value, set: &str) -> Result<Text> {
        let Some(template) = self.lookup(name) else {
            let name = crate::quote::go_quote(name);
            let set = crate::quote::go_quote(set.as_bytes());
            return Err(Error::new(format!("template: no template {name} associated with template {set}")));
        };
        self.run(template, data, None)
    }

    /// Executes a text as a template, as Helm's `tpl`. Templates that the text defines are seen inside of it only.
    /// `name` is the name that it has in messages.
    pub fn execute_text(
        &mut self,
        name: &Str,
        text: &Text,
        data: Value,
        parse: impl FnOnce(&Str, &Str, &FunctionTable) -> Result<Tree>,
    ) -> Result<Text> {
        let tree = match self.trees.get(text.as_bytes()) {
            Some(tree) => tree.clone(),
            None => {
                let tree = Arc::new(parse(name, text.as_shared(), self.functions)?);
                self.trees.insert(text.as_shared().clone(), tree.clone());
                tree
            }
        };
        let mut templates = TemplateSet::default();
        templates.add(&tree);
        let Some(main) = templates.get(name).cloned() else {
            return Ok(Text::default());
        };
        let scope = Scope { parent: Some(self.scope.clone()), templates };
        let outer = std::mem::replace(&mut self.scope, Rc::new(scope));
        let result = self.run(main, data, Some(text));
        self.scope = outer;
        result
    }

    fn first_place(&mut self, tree: &Arc<Tree>) -> PlaceId {
        if !self.origins.enabled() {
            return PlaceId::NONE;
        }
        let origins = &mut self.origins;
        *self
            .first_places
            .entry(Arc::as_ptr(tree))
            .or_insert_with(|| origins.add_source(&tree.name, tree.len()))
    }

    /// The place of a node of the current template; inside of a `tpl` text the place that called `tpl`.
    fn place(&self, node: NodeId) -> PlaceId {
        match &self.current.text {
            Some((_, caller)) => *caller,
            None if self.current.first_place == PlaceId::NONE => PlaceId::NONE,
            None => PlaceId(self.current.first_place.0 + node.0),
        }
    }

    /// The origin of a literal: its place, or inside of a `tpl` text where that part of the text came from.
    fn literal_origin(&mut self, node: NodeId) -> OriginId {
        if !self.origins.enabled() {
            return OriginId::NONE;
        }
        match self.current.text.clone() {
            None => {
                let place = self.place(node);
                self.origins.literal(place)
            }
            Some((text, _)) => self.origin_in_text(&text, node),
        }
    }

    /// Where the part of a `tpl` text came from that a node was parsed from.
    fn origin_in_text(&mut self, text: &Text, node: NodeId) -> OriginId {
        let span = self.current.tree.node(node).span;
        let mut all = OriginId::NONE;
        for run in text.runs(span.range()) {
            let origin = self.origins.of_run(&run);
            all = self.origins.join(all, origin);
        }
        all
    }

    fn run(&mut self, template: Template, data: Value, text: Option<&Text>) -> Result<Text> {
        self.enter()?;
        let caller = self.place(self.call);
        let (frame, first_place) = match text {
            Some(_) => (self.current.frame, PlaceId::NONE),
            None => {
                let frame =
                    Frame { parent: self.current.frame, call: caller, template: template.name.clone() };
                (self.origins.add_frame(frame), self.first_place(&template.tree))
            }
        };
        let text = text.map(|text| (Rc::new(text.clone()), caller));
        let current = Current {
            tree: template.tree.clone(),
            name: template.name,
            variables: self.variables.len(),
            depth: 0,
            frame,
            first_place,
            text,
        };
        let outer = std::mem::replace(&mut self.current, current);
        let at = self.at;
        let depth = self.depth;
        let out = std::mem::take(&mut self.out);
        let mark = self.variables.len();
        let result = self.walk(template.tree, template.root, data);
        // After an error everything is as it was before, so that other templates can still be executed.
        self.variables.truncate(mark);
        self.at = at;
        self.current = outer;
        self.depth = depth - 1;
        let written = std::mem::replace(&mut self.out, out);
        result.map(|()| written.finish())
    }

    /// An error at the node last looked at.
    fn error(&self, tree: &Tree, message: impl Into<String>) -> Error {
        self.error_at(tree, message.into(), None, None)
    }

    fn error_at(
        &self,
        tree: &Tree,
        message: String,
        function: Option<String>,
        cause: Option<Error>,
    ) -> Error {
        let (location, context) = tree.error_context(self.at);
        let name = crate::quote::go_quote(&self.current.name);
        let text = match &function {
            Some(function) => {
                format!("template: {location}: executing {name} at <{context}>: error calling {function}: ")
            }
            None => format!("template: {location}: executing {name} at <{context}>: {message}"),
        };
        let place = ExecPlace {
            source: tree.name.clone(),
            template: self.current.name.clone(),
            node: self.at,
            span: tree.node(self.at).span,
            message,
            function,
            stumble: None,
            text_origin: self.text_origin(tree),
        };
        Error::exec(text, place, cause)
    }

    /// Where the part of a `tpl` text came from that is being executed, if no template wrote it.
    fn text_origin(&self, tree: &Tree) -> OriginId {
        let Some((text, _)) = &self.current.text else { return OriginId::NONE };
        let mut runs = text.runs(tree.node(self.at).span.range());
        runs.find(|run| run.place == PlaceId::NONE).map_or(OriginId::NONE, |run| run.value)
    }

    /// An error on the way through names, with what is known of where the way ended.
    fn stumbled(&self, error: Error, tree: &Tree, node: NodeId, first: &Value, names: &[Str]) -> Error {
        let Some((last, before)) = names.split_last() else { return error };
        let mut parent = first.clone();
        for name in before {
            match parent.as_map().and_then(|map| map.get(name)) {
                Some(value) => parent = value,
                None => return error,
            }
        }
        let Some(map) = parent.as_map() else { return error };
        let value = map.get(last).filter(|value| !value.is_nil() && !value.is_invalid());
        let base = match &tree.node(node).kind {
            NodeKind::Variable { symbol, .. } => tree.symbol(*symbol).clone(),
            NodeKind::Chain { node, .. } => tree.node_string(*node),
            _ => Str::default(),
        };
        let origin = match value.as_ref().map(|value| &value.data) {
            Some(Data::String(text)) => match text.origins() {
                TextOrigins::One(origin) => *origin,
                TextOrigins::Runs(_) => OriginId::NONE,
            },
            Some(_) => value.as_ref().map_or(OriginId::NONE, |value| value.origin),
            None => parent.origin,
        };
        let keys = map.entries().into_iter().map(|(key, _)| key).collect();
        let found = value.map(|value| value.kind());
        error.with_stumble(Stumble { path: names.to_vec(), base, keys, found, origin })
    }

    fn walk(&mut self, mut tree: Arc<Tree>, root: NodeId, dot: Value) -> Result<()> {
        self.variables.push((Symbol(0), dot.clone()));
        let mut steps: Vec<Step> = Vec::with_capacity(8);
        push_list(&mut steps, &tree, root, dot);
        while let Some(step) = steps.last_mut() {
            match step {
                Step::List { items, next, dot } => {
                    let children = tree.children(*items);
                    let Some(&id) = children.get(*next as usize) else {
                        steps.pop();
                        continue;
                    };
                    *next += 1;
                    self.spend_steps(1)?;
                    self.at = id;
                    match &tree.node(id).kind {
                        NodeKind::Text(text) => self.write_text(id, text)?,
                        NodeKind::Action(pipe) => {
                            let declares =
                                matches!(tree.node(*pipe).kind, NodeKind::Pipe { decl, .. } if decl.len > 0);
                            let value = self.eval_pipeline(&tree, dot, *pipe)?;
                            if !declares {
                                self.at = id;
                                self.print(id, &value)?;
                            }
                        }
                        NodeKind::If(branch) | NodeKind::With(branch) => {
                            let is_with = matches!(tree.node(id).kind, NodeKind::With(_));
                            let branch = *branch;
                            let mark = self.variables.len();
                            let value = self.eval_pipeline(&tree, dot, branch.pipe)?;
                            let truth = value.is_true();
                            self.note_arm(id, truth);
                            let list = if truth { Some(branch.list) } else { branch.else_list };
                            let dot = if truth && is_with { value } else { dot.clone() };
                            steps.push(Step::Variables(mark));
                            if let Some(list) = list {
                                push_list(&mut steps, &tree, list, dot);
                            }
                        }
                        NodeKind::Range(branch) => {
                            let branch = *branch;
                            let dot = dot.clone();
                            self.start_range(&tree, id, branch, dot, &mut steps)?;
                        }
                        NodeKind::Template { name, pipe } => {
                            let dot = dot.clone();
                            let saved = self.call_template(&tree, id, name, *pipe, &dot)?;
                            let (template, saved, data) = saved;
                            steps.push(Step::Return(Box::new(saved)));
                            tree = template.tree.clone();
                            self.variables.push((Symbol(0), data.clone()));
                            push_list(&mut steps, &tree, template.root, data);
                        }
                        NodeKind::Break => {
                            while let Some(step) = steps.pop() {
                                let mark = match step {
                                    Step::Range(range) => range.mark,
                                    Step::RangeElse(mark) => mark,
                                    _ => continue,
                                };
                                self.variables.truncate(mark);
                                break;
                            }
                        }
                        NodeKind::Continue => {
                            while let Some(step) = steps.last() {
                                if matches!(step, Step::Range(_)) {
                                    break;
                                }
                                steps.pop();
                            }
                        }
                        _ => return Err(self.error(&tree, "unknown node")),
                    }
                }
                Step::Variables(mark) | Step::RangeElse(mark) => {
                    self.variables.truncate(*mark);
                    steps.pop();
                }
                Step::Range(range) => {
                    let next = range.items.next();
                    let (branch, mark, node) = (range.branch, range.mark, range.node);
                    match next {
                        Some((index, element)) => {
                            // Also of an empty body.
                            self.spend_steps(1)?;
                            self.next_iteration(&tree, node, branch, mark, index, &element)?;
                            push_list(&mut steps, &tree, branch.list, element);
                        }
                        None => {
                            self.variables.truncate(mark);
                            steps.pop();
                        }
                    }
                }
                Step::Return(_) => {
                    if let Some(Step::Return(saved)) = steps.pop() {
                        self.variables.truncate(self.current.variables);
                        self.current = *saved;
                        tree = self.current.tree.clone();
                    }
                }
            }
        }
        Ok(())
    }

    fn note_arm(&mut self, node: NodeId, truth: bool) {
        if self.origins.enabled() && self.current.text.is_none() {
            *self.arms.entry(self.place(node)).or_insert(0) |= if truth { 1 } else { 2 };
        }
    }

    /// Notes for the call that is being made that a function which chooses between its arguments took the first of
    /// two ways, or the other.
    pub fn note_choice(&mut self, first: bool) {
        self.note_arm(self.call, first);
    }

    fn call_template(
        &mut self,
        tree: &Tree,
        node: NodeId,
        name: &Str,
        pipe: Option<NodeId>,
        dot: &Value,
    ) -> Result<(Template, Current, Value)> {
        let Some(template) = self.lookup(name) else {
            return Err(self.error(tree, format!("template {} not defined", crate::quote::go_quote(name))));
        };
        if self.current.depth == MAX_TEMPLATE_DEPTH {
            let message = format!("exceeded maximum template depth ({MAX_TEMPLATE_DEPTH})");
            return Err(self.error(tree, message));
        }
        let data = match pipe {
            Some(pipe) => self.eval_pipeline(tree, dot, pipe)?,
            None => Value::INVALID,
        };
        let call = self.place(node);
        let frame = Frame { parent: self.current.frame, call, template: template.name.clone() };
        let current = Current {
            tree: template.tree.clone(),
            name: template.name.clone(),
            variables: self.variables.len(),
            depth: self.current.depth + 1,
            frame: self.origins.add_frame(frame),
            first_place: self.first_place(&template.tree),
            text: None,
        };
        // A template that a `tpl` text defines has no place of its own either.
        let current = match &self.current.text {
            Some((text, caller)) if Arc::ptr_eq(&template.tree, &self.current.tree) => Current {
                text: Some((text.clone(), *caller)),
                first_place: PlaceId::NONE,
                frame: self.current.frame,
                ..current
            },
            _ => current,
        };
        let saved = std::mem::replace(&mut self.current, current);
        Ok((template, saved, data))
    }

    fn start_range(
        &mut self,
        tree: &Arc<Tree>,
        node: NodeId,
        branch: Branch,
        dot: Value,
        steps: &mut Vec<Step>,
    ) -> Result<()> {
        let outer = self.variables.len();
        let value = self.eval_pipeline(tree, &dot, branch.pipe)?;
        let mark = self.variables.len();
        let declared = match tree.node(branch.pipe).kind {
            NodeKind::Pipe { decl, .. } => decl.len,
            _ => 0,
        };
        steps.push(Step::Variables(outer));
        // A number may have a type of its own, as `time.Month`.
        let scalar = match &value.data {
            Data::Object(object) => object.scalar().unwrap_or_default(),
            _ => value.clone(),
        };
        let items = match &value.data {
            Data::Nil if value.boxed => return Err(self.range_error(tree, &value)),
            Data::Nil => None,
            _ if declared > 1 && matches!(scalar.data, Data::Int(..) | Data::Uint(..)) => {
                let shown = fmt::sprint_value(&value);
                let message = format!("can't use {shown} to iterate over more than one variable");
                return Err(self.error(tree, message));
            }
            Data::Uint(n, _) => (*n > 0).then(|| RangeItems::Count {
                next: 0,
                end: (*n).min(i64::MAX as u64) as i64,
                value: value.clone(),
            }),
            _ if let Data::Int(n, _) = scalar.data => {
                (n > 0).then(|| RangeItems::Count { next: 0, end: n, value: value.clone() })
            }
            Data::List(list) => (!list.is_empty()).then(|| RangeItems::List { list: list.clone(), next: 0 }),
            Data::Bytes(text) => {
                (!text.is_empty()).then(|| RangeItems::Bytes { bytes: text.clone(), next: 0 })
            }
            Data::Map(map) => {
                let entries = map.entries();
                self.spend_steps(entries.len() as u64)?;
                let boxed = map.type_of().element() == Some(Type::Interface);
                (!entries.is_empty()).then(|| RangeItems::Values {
                    values: entries
                        .into_iter()
                        .map(|(key, entry)| {
                            let key = Value::from(Text::new(key, entry.key_origin));
                            (key, Value { boxed, ..entry.value })
                        })
                        .collect::<Vec<_>>()
                        .into_iter(),
                })
            }
            _ => return Err(self.range_error(tree, &value)),
        };
        self.note_arm(node, items.is_some());
        match items {
            Some(items) => steps.push(Step::Range(Box::new(RangeStep { branch, items, mark, node }))),
            None => {
                if let Some(list) = branch.else_list {
                    steps.push(Step::RangeElse(mark));
                    push_list(steps, tree, list, dot);
                }
            }
        }
        Ok(())
    }

    fn range_error(&self, tree: &Tree, value: &Value) -> Error {
        self.error(tree, format!("range can't iterate over {}", fmt::sprint_followed(value)))
    }

    fn next_iteration(
        &mut self,
        tree: &Tree,
        node: NodeId,
        branch: Branch,
        mark: usize,
        index: Value,
        element: &Value,
    ) -> Result<()> {
        self.variables.truncate(mark);
        let NodeKind::Pipe { decl, is_assign, .. } = &tree.node(branch.pipe).kind else {
            return Ok(());
        };
        let (decl, is_assign) = (*decl, *is_assign);
        let names = tree.children(decl);
        if is_assign {
            self.at = node;
            match names {
                [one] => self.assign(tree, *one, element.clone())?,
                [first, second] => {
                    self.assign(tree, *first, index)?;
                    self.assign(tree, *second, element.clone())?;
                }
                _ => {}
            }
        } else {
            let top = self.variables.len();
            match names {
                [_] => self.variables[top - 1].1 = element.clone(),
                [_, _] => {
                    self.variables[top - 1].1 = element.clone();
                    self.variables[top - 2].1 = index;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn assign(&mut self, tree: &Tree, variable: NodeId, value: Value) -> Result<()> {
        let NodeKind::Variable { symbol, .. } = &tree.node(variable).kind else { return Ok(()) };
        let first = self.current.variables;
        match self.variables[first..].iter_mut().rev().find(|(name, _)| name == symbol) {
            Some((_, slot)) => {
                *slot = value;
                Ok(())
            }
            None => {
                let name = lossy(tree.symbol(*symbol));
                Err(self.error(tree, format!("undefined variable: {name}")))
            }
        }
    }

    // ---- output ----

    fn write_text(&mut self, node: NodeId, text: &Str) -> Result<()> {
        self.spend_bytes(text.len())?;
        if !self.origins.enabled() {
            self.out.bytes_mut().extend_from_slice(text);
            return Ok(());
        }
        let (place, frame) = (self.place(node), self.current.frame);
        match self.current.text.clone() {
            None => {
                self.out.bytes_mut().extend_from_slice(text);
                self.out.mark(place, frame, OriginId::NONE);
            }
            // Plain text inside of a `tpl` text comes from where that part of the text came from.
            Some((source, _)) => {
                let span = self.current.tree.node(node).span.range();
                let mut start = span.start;
                for run in source.runs(span.clone()) {
                    let end = span.start + run.end as usize;
                    self.out.bytes_mut().extend_from_slice(&source.as_bytes()[start..end]);
                    start = end;
                    let origin = self.origins.of_run(&run);
                    self.out.mark_part(place, frame, origin, run.skip);
                }
            }
        }
        Ok(())
    }

    fn print(&mut self, node: NodeId, value: &Value) -> Result<()> {
        let text = match &value.data {
            Data::String(text) => text,
            _ => {
                let mut out = std::mem::take(&mut self.out);
                fmt::print_value(self, out.bytes_mut(), value);
                self.out = out;
                self.check_charged()?;
                if self.origins.enabled() {
                    let origin = self.action_origin(node, value.origin);
                    let place = self.place(node);
                    self.out.mark(place, self.current.frame, origin);
                }
                return Ok(());
            }
        };
        self.spend_bytes(text.len())?;
        if !self.origins.enabled() {
            self.out.bytes_mut().extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let place = self.place(node);
        let frame = self.current.frame;
        match text.origins() {
            TextOrigins::One(origin) => {
                self.out.bytes_mut().extend_from_slice(text.as_bytes());
                let origin = self.action_origin(node, *origin);
                self.out.mark(place, frame, origin);
            }
            TextOrigins::Runs(runs) => {
                let runs = runs.clone();
                let mut start = 0;
                for run in runs.iter() {
                    let end = run.end as usize;
                    self.out.bytes_mut().extend_from_slice(&text.as_bytes()[start..end]);
                    start = end;
                    if self.called_from(run, place, frame) {
                        // A `tpl` text inside of another comes from both.
                        let origin = self.action_origin(node, run.value);
                        self.out.mark_part(run.place, run.frame, origin, run.skip);
                    } else {
                        let origin = self.origins.of_run(run);
                        let origin = self.action_origin(node, origin);
                        self.out.mark_part(place, frame, origin, run.skip);
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a run was written by a template that the action at `place` called: then it keeps its own place, and
    /// the action is the last link of its chain of includes.
    fn called_from(&self, run: &Run, place: PlaceId, frame: FrameId) -> bool {
        if run.place == place && run.frame == frame {
            return true;
        }
        let mut id = run.frame;
        // The call may be a few includes up: `include` of a helper that includes.
        for _ in 0..MAX_CHAIN {
            let Some(link) = self.origins.frame(id) else { return false };
            if link.parent == frame {
                return self.within(link.call, place);
            }
            if id.0 < frame.0 {
                return false;
            }
            id = link.parent;
        }
        false
    }

    /// Whether the node of `inner` stands inside of that of `outer`, in the current source.
    fn within(&self, inner: PlaceId, outer: PlaceId) -> bool {
        if inner == outer {
            return true;
        }
        if self.current.text.is_some() || inner.0 < self.current.first_place.0 {
            return false;
        }
        let node = |place: PlaceId| (place.0 - self.current.first_place.0) as usize;
        if node(inner) >= self.current.tree.len() {
            return false;
        }
        let spans = (
            self.current.tree.node(NodeId(node(inner) as u32)).span,
            self.current.tree.node(NodeId(node(outer) as u32)).span,
        );
        spans.1.start <= spans.0.start && spans.0.end <= spans.1.end
    }

    /// Inside of a `tpl` text, what an action writes comes also from the text of the action.
    fn action_origin(&mut self, node: NodeId, value: OriginId) -> OriginId {
        match self.current.text.clone() {
            None => value,
            Some((text, _)) => {
                let source = self.origin_in_text(&text, node);
                self.origins.join(value, source)
            }
        }
    }

    // ---- expressions ----

    /// Evaluates a pipeline; variables that it declares stay on the stack.
    fn eval_pipeline(&mut self, tree: &Tree, dot: &Value, pipe: NodeId) -> Result<Value> {
        self.at = pipe;
        let NodeKind::Pipe { decl, is_assign, commands } = &tree.node(pipe).kind else {
            return Err(self.error(tree, "unknown node"));
        };
        self.enter()?;
        let mut value = None;
        for &command in tree.children(*commands) {
            let result = self.eval_command(tree, dot, command, value)?;
            // What is held in an interface is taken out of it.
            value = Some(result.unboxed());
        }
        let value = value.unwrap_or_default();
        self.depth -= 1;
        for &variable in tree.children(*decl) {
            if *is_assign {
                self.assign(tree, variable, value.clone())?;
            } else if let NodeKind::Variable { symbol, .. } = &tree.node(variable).kind {
                self.variables.push((*symbol, value.clone()));
            }
        }
        Ok(value)
    }

    fn not_a_function(&self, tree: &Tree, args: &[NodeId], last: Option<&Value>) -> Result<()> {
        if args.len() > 1 || last.is_some() {
            let shown = tree.node_string(args[0]);
            return Err(self.error(tree, format!("can't give argument to non-function {shown}")));
        }
        Ok(())
    }

    fn eval_command(
        &mut self,
        tree: &Tree,
        dot: &Value,
        command: NodeId,
        last: Option<Value>,
    ) -> Result<Value> {
        let NodeKind::Command(args) = &tree.node(command).kind else {
            return Err(self.error(tree, "unknown node"));
        };
        let args = tree.children(*args);
        let first = args[0];
        match &tree.node(first).kind {
            NodeKind::Field(names) => {
                self.at = first;
                return self.eval_fields(tree, dot, dot.clone(), first, *names, args, last);
            }
            NodeKind::Chain { node, fields } => {
                return self.eval_chain(tree, dot, first, *node, *fields, args, last);
            }
            NodeKind::Identifier { function, .. } => {
                self.at = first;
                let function = self.functions.get(*function);
                return self.eval_call(tree, dot, function, None, command, args, last);
            }
            NodeKind::Pipe { .. } => {
                self.not_a_function(tree, args, last.as_ref())?;
                return self.eval_pipeline(tree, dot, first);
            }
            NodeKind::Variable { symbol, fields } => {
                return self.eval_variable(tree, dot, first, *symbol, *fields, args, last);
            }
            _ => {}
        }
        self.at = first;
        self.not_a_function(tree, args, last.as_ref())?;
        match &tree.node(first).kind {
            NodeKind::Dot => Ok(dot.clone()),
            NodeKind::Nil => Err(self.error(tree, "nil is not a command")),
            _ => match self.literal(tree, first)? {
                Some(value) => Ok(value),
                None => {
                    let shown = crate::quote::go_quote(&tree.node_string(first));
                    Err(self.error(tree, format!("can't evaluate command {shown}")))
                }
            },
        }
    }

    /// A constant, where no type is asked for.
    fn literal(&mut self, tree: &Tree, node: NodeId) -> Result<Option<Value>> {
        Ok(Some(match &tree.node(node).kind {
            NodeKind::Bool(b) => Value::from(*b).with_origin(self.literal_origin(node)),
            NodeKind::String(s) => {
                let origin = self.literal_origin(node);
                Value::from(Text::new(s.clone(), origin))
            }
            NodeKind::Number(index) => {
                self.at = node;
                let number = tree.number(*index);
                let text = lossy(&number.text);
                let is_hex = text.len() > 2 && (text.starts_with("0x") || text.starts_with("0X"));
                let is_float = (!is_hex || text.contains(['p', 'P']))
                    && !text.starts_with('\'')
                    && text.contains(['.', 'e', 'E', 'p', 'P']);
                let value = match number {
                    // Only a constant that is nothing else is complex.
                    n if n.complex.is_some() => {
                        let (re, im) = n.complex.unwrap_or_default();
                        Value::new(Data::Complex(re, im))
                    }
                    crate::ast::Number { float: Some(f), .. } if is_float => Value::float(*f),
                    crate::ast::Number { int: Some(n), .. } => Value::int(*n),
                    crate::ast::Number { uint: Some(_), .. } => {
                        return Err(self.error(tree, format!("{text} overflows int")));
                    }
                    _ => Value::INVALID,
                };
                value.with_origin(self.literal_origin(node))
            }
            _ => return Ok(None),
        }))
    }

    fn variable(&self, tree: &Tree, symbol: Symbol) -> Result<Value> {
        let variables = &self.variables[self.current.variables..];
        match variables.iter().rev().find(|(name, _)| *name == symbol) {
            Some((_, value)) => Ok(value.clone()),
            None => {
                let name = lossy(tree.symbol(symbol));
                Err(self.error(tree, format!("undefined variable: {name}")))
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn eval_variable(
        &mut self,
        tree: &Tree,
        dot: &Value,
        node: NodeId,
        symbol: Symbol,
        fields: Slice,
        args: &[NodeId],
        last: Option<Value>,
    ) -> Result<Value> {
        self.at = node;
        let value = self.variable(tree, symbol)?;
        if fields.len == 0 {
            self.not_a_function(tree, args, last.as_ref())?;
            return Ok(value);
        }
        self.eval_fields(tree, dot, value, node, fields, args, last)
    }

    #[allow(clippy::too_many_arguments)]
    fn eval_chain(
        &mut self,
        tree: &Tree,
        dot: &Value,
        chain: NodeId,
        node: NodeId,
        fields: Slice,
        args: &[NodeId],
        last: Option<Value>,
    ) -> Result<Value> {
        self.at = chain;
        if matches!(tree.node(node).kind, NodeKind::Nil) {
            let shown = tree.node_string(chain);
            return Err(self.error(tree, format!("indirection through explicit nil in {shown}")));
        }
        let receiver = self.eval_arg(tree, dot, None, node)?;
        self.eval_fields(tree, dot, receiver, chain, fields, args, last)
    }

    /// Evaluates `.X.Y.Z`, possibly with arguments for the last one.
    #[allow(clippy::too_many_arguments)]
    fn eval_fields(
        &mut self,
        tree: &Tree,
        dot: &Value,
        mut receiver: Value,
        node: NodeId,
        names: Slice,
        args: &[NodeId],
        mut last: Option<Value>,
    ) -> Result<Value> {
        let names = tree.names(names);
        // What charts do nearly always: a path through maps, without arguments.
        let mut start = 0;
        let mut reached = None;
        if args.len() <= 1
            && last.is_none()
            && let Data::Map(map) = &receiver.data
        {
            let (value, used) = walk_maps(map, &names[..names.len().min(MAX_WALK)]);
            if used == names.len() {
                return Ok(value);
            }
            if used > 0 {
                reached = Some(value);
                start = used;
            }
        }
        let first = receiver.clone();
        if let Some(value) = reached {
            receiver = value;
        }
        for (i, name) in names.iter().enumerate().skip(start) {
            let is_last = i + 1 == names.len();
            let (args, last) = if is_last { (args, last.take()) } else { (&[][..], None) };
            receiver = self
                .eval_field(tree, dot, name, node, args, last, receiver)
                .map_err(|error| self.stumbled(error, tree, node, &first, &names[..i]))?;
        }
        Ok(receiver)
    }

    #[allow(clippy::too_many_arguments)]
    fn eval_field(
        &mut self,
        tree: &Tree,
        dot: &Value,
        name: &Str,
        node: NodeId,
        args: &[NodeId],
        last: Option<Value>,
        receiver: Value,
    ) -> Result<Value> {
        if receiver.is_invalid() {
            return Ok(Value::INVALID);
        }
        let type_of =
            if receiver.boxed { Type::Interface } else { receiver.type_of().unwrap_or(Type::Interface) };
        if receiver.is_nil() {
            let message = format!("nil pointer evaluating {type_of}.{}", lossy(name));
            return Err(self.error(tree, message));
        }
        let method = match &receiver.data {
            Data::Map(map) => map.method(name),
            Data::Object(object) => object.method(name),
            Data::List(list) => match list.type_of() {
                Type::Named(named) => {
                    named.methods.iter().find(|method| name.as_bytes() == method.name.as_bytes())
                }
                _ => None,
            },
            _ => None,
        };
        if let Some(method) = method {
            return self.eval_call(tree, dot, method, Some(receiver), node, args, last);
        }
        let has_args = args.len() > 1 || last.is_some();
        match &receiver.data {
            Data::Object(object) => {
                if let Some(value) = object.field(name) {
                    if has_args {
                        let message =
                            format!("{} has arguments but cannot be invoked as function", lossy(name));
                        return Err(self.error(tree, message));
                    }
                    return Ok(value);
                }
                if object.fields().iter().any(|field| field.name.as_bytes() == name.as_bytes()) {
                    let message = format!("{} is an unexported field of struct type {type_of}", lossy(name));
                    return Err(self.error(tree, message));
                }
            }
            Data::Map(map) => {
                if has_args {
                    let message = format!("{} is not a method but has arguments", lossy(name));
                    return Err(self.error(tree, message));
                }
                return Ok(map.get(name).unwrap_or_else(|| zero(map.type_of().element())));
            }
            _ => {}
        }
        Err(self.error(tree, format!("can't evaluate field {} in type {type_of}", lossy(name))))
    }

    /// Calls a function or, with a receiver, a method. `args` holds the name's node first, or is empty.
    #[allow(clippy::too_many_arguments)]
    fn eval_call(
        &mut self,
        tree: &Tree,
        dot: &Value,
        function: &'static Function,
        receiver: Option<Value>,
        node: NodeId,
        args: &[NodeId],
        last: Option<Value>,
    ) -> Result<Value> {
        let args = args.get(1..).unwrap_or_default();
        let given = args.len() + usize::from(last.is_some());
        let params = function.params;
        let fixed = if function.variadic { params.len() - 1 } else { params.len() };
        let name = function.name;
        if function.variadic {
            if given < fixed {
                let got = args.len();
                let message = format!("wrong number of args for {name}: want at least {fixed} got {got}");
                return Err(self.error(tree, message));
            }
        } else if given != fixed {
            return Err(
                self.error(tree, format!("wrong number of args for {name}: want {fixed} got {given}"))
            );
        }
        let param = |i: usize| params[i.min(params.len() - 1)];
        if receiver.is_none() && matches!(name, "and" | "or") {
            return self.eval_and_or(tree, dot, node, name == "or", args, last);
        }
        let receiver_is_none = receiver.is_none();
        self.enter()?;
        let mut values: smallvec::SmallVec<[Value; 4]> = smallvec::SmallVec::new();
        values.extend(receiver);
        for (i, &arg) in args.iter().enumerate() {
            let value = self.eval_arg(tree, dot, Some(param(i)), arg)?;
            values.push(value);
        }
        if let Some(last) = last {
            let value = self.validate(tree, last, Some(param(given - 1)))?;
            values.push(value);
        }
        self.spend_steps(1 + values.iter().map(text_size).sum::<u64>() / 64)?;
        self.call = node;
        let result = if receiver_is_none && name == "call" {
            let callee = match args.first() {
                Some(&arg) => lossy(&tree.node_string(arg)),
                None => values.first().map(crate::builtins::reflect_name).unwrap_or_default(),
            };
            crate::builtins::call_function(values.first(), &callee)
        } else {
            (function.run)(self, &mut Args::new(&mut values))
        };
        self.depth -= 1;
        let result = result.and_then(|value| self.check_charged().map(|()| value));
        match result {
            Ok(value) => Ok(self.with_default_origin(value, &values)),
            Err(error) if matches!(error.kind(), ErrorKind::Signature) => {
                Err(self.error(tree, error.own_text()))
            }
            Err(error) => {
                self.at = node;
                Err(self.error_at(tree, String::new(), Some(name.to_owned()), Some(error)))
            }
        }
    }

    /// What a function made without saying from what comes from all its arguments.
    fn with_default_origin(&mut self, value: Value, args: &[Value]) -> Value {
        if !self.origins.enabled() {
            return value;
        }
        let known = match &value.data {
            Data::String(text) | Data::Bytes(text) => match text.origins() {
                TextOrigins::One(origin) => origin.is_some(),
                TextOrigins::Runs(_) => true,
            },
            Data::Nil => true,
            _ => value.origin.is_some(),
        };
        if known {
            return value;
        }
        let origin = self.join_origins(args);
        value.with_origin(origin)
    }

    /// The builtins `and` and `or` evaluate no more arguments than they need.
    fn eval_and_or(
        &mut self,
        tree: &Tree,
        dot: &Value,
        node: NodeId,
        or: bool,
        args: &[NodeId],
        last: Option<Value>,
    ) -> Result<Value> {
        self.enter()?;
        let mut value = Value::INVALID;
        let before_last = (args.len() + usize::from(last.is_some())).saturating_sub(1);
        for (i, &arg) in args.iter().enumerate() {
            if i == before_last {
                self.note_arm(node, false);
            }
            value = self.eval_arg(tree, dot, Some(Type::Reflect), arg)?;
            if value.is_true() == or {
                if i < before_last {
                    self.note_arm(node, true);
                }
                self.depth -= 1;
                return Ok(value);
            }
        }
        if last.is_some() {
            self.note_arm(node, false);
        }
        self.depth -= 1;
        Ok(last.unwrap_or(value))
    }

    /// Checks that a value may be given for a parameter of a type, and makes it of that type.
    fn validate(&self, tree: &Tree, value: Value, type_of: Option<Type>) -> Result<Value> {
        let Some(want) = type_of else {
            return Ok(value);
        };
        if want == Type::Interface {
            return Ok(match &value.data {
                // A zero `Value` becomes a nil interface.
                Data::Nil => Value::NIL,
                Data::Object(object) => match object.by_value() {
                    Some(object) => Value { data: Data::Object(object), ..value },
                    None => value,
                },
                _ => value,
            });
        }
        let Some(got) = value.type_of() else {
            if want.can_be_nil() {
                return Ok(zero(Some(want)));
            }
            return Err(self.error(tree, format!("invalid value; expected {want}")));
        };
        if want == Type::Reflect {
            return Ok(value);
        }
        if got == want {
            return Ok(value.unboxed());
        }
        if got.assignable_to(want) {
            return Ok(with_type(value, want));
        }
        Err(self.error(tree, format!("wrong type for value; expected {want}; got {got}")))
    }

    fn eval_arg(&mut self, tree: &Tree, dot: &Value, type_of: Option<Type>, node: NodeId) -> Result<Value> {
        self.at = node;
        let value = match &tree.node(node).kind {
            NodeKind::Dot => dot.clone(),
            NodeKind::Nil => {
                return match type_of {
                    Some(want) if want.can_be_nil() => Ok(zero(Some(want))),
                    Some(want) => Err(self.error(tree, format!("cannot assign nil to {want}"))),
                    None => Ok(Value::INVALID),
                };
            }
            NodeKind::Field(names) => self.eval_fields(tree, dot, dot.clone(), node, *names, &[], None)?,
            NodeKind::Variable { symbol, fields } => {
                self.eval_variable(tree, dot, node, *symbol, *fields, &[], None)?
            }
            NodeKind::Pipe { .. } => self.eval_pipeline(tree, dot, node)?,
            NodeKind::Identifier { function, .. } => {
                let function = self.functions.get(*function);
                self.eval_call(tree, dot, function, None, node, &[], None)?
            }
            NodeKind::Chain { node: inner, fields } => {
                self.eval_chain(tree, dot, node, *inner, *fields, &[], None)?
            }
            _ => return self.eval_literal_arg(tree, type_of, node),
        };
        self.validate(tree, value, type_of)
    }

    /// A constant given for a parameter: its text has to fit the type.
    fn eval_literal_arg(&mut self, tree: &Tree, type_of: Option<Type>, node: NodeId) -> Result<Value> {
        let want = type_of.unwrap_or(Type::Interface);
        let number = match &tree.node(node).kind {
            NodeKind::Number(index) => Some(tree.number(*index)),
            _ => None,
        };
        let found = |state: &Self, expected: &str| {
            let shown = tree.node_string(node);
            Err(state.error(tree, format!("expected {expected}; found {shown}")))
        };
        let value = match want.kind() {
            Kind::Interface if want == Type::Interface => {
                return Ok(self.literal(tree, node)?.unwrap_or_default());
            }
            Kind::Struct if want == Type::Reflect => {
                return Ok(self.literal(tree, node)?.unwrap_or_default());
            }
            Kind::Bool => match &tree.node(node).kind {
                NodeKind::Bool(b) => Value::from(*b),
                _ => return found(self, "bool"),
            },
            Kind::String => match &tree.node(node).kind {
                NodeKind::String(s) => {
                    let origin = self.literal_origin(node);
                    return Ok(Value::from(Text::new(s.clone(), origin)));
                }
                _ => return found(self, "string"),
            },
            Kind::Int(kind) => match number.and_then(|n| n.int) {
                Some(n) => Value::new(Data::Int(n, kind)),
                None => return found(self, "integer"),
            },
            Kind::Uint(kind) => match number.and_then(|n| n.uint) {
                Some(n) => Value::new(Data::Uint(n, kind)),
                None => return found(self, "unsigned integer"),
            },
            Kind::Float(kind) => match number.and_then(|n| n.float) {
                Some(n) => Value::new(Data::Float(n, kind)),
                None => return found(self, "float"),
            },
            _ => {
                let shown = tree.node_string(node);
                return Err(self.error(tree, format!("can't handle {shown} for arg of type {want}")));
            }
        };
        Ok(value.with_origin(self.literal_origin(node)))
    }
}

/// How many keys [`walk_maps`] follows at once: it is recursive, and a map may hold itself.
const MAX_WALK: usize = 32;

/// How far up a chain of includes is followed to find the action that started it.
const MAX_CHAIN: usize = 64;

/// Follows keys through maps as far as they are maps and the key is not the name of a method: the value reached, and
/// how many keys were used.
fn walk_maps(map: &Map, names: &[Str]) -> (Value, usize) {
    let Some((name, rest)) = names.split_first() else { return (Value::INVALID, 0) };
    if map.method(name).is_some() {
        return (Value::INVALID, 0);
    }
    let entries = map.borrow();
    let Some(entry) = entries.as_ref().and_then(|entries| entries.get(name.as_bytes())) else {
        return (zero(map.type_of().element()), 1);
    };
    if !rest.is_empty()
        && let Data::Map(inner) = &entry.value.data
    {
        let (value, used) = walk_maps(inner, rest);
        if used > 0 {
            return (value, used + 1);
        }
    }
    let boxed = map.type_of().element() == Some(Type::Interface);
    (Value { boxed, ..entry.value.clone() }, 1)
}

fn text_size(value: &Value) -> u64 {
    match &value.data {
        Data::String(text) | Data::Bytes(text) => text.len() as u64,
        _ => 0,
    }
}

fn push_list(steps: &mut Vec<Step>, tree: &Tree, list: NodeId, dot: Value) {
    if let NodeKind::List(items) = tree.node(list).kind {
        steps.push(Step::List { items, next: 0, dot });
    }
}

/// The zero value of a type, as a missing key of a map gives it.
pub(crate) fn zero(type_of: Option<Type>) -> Value {
    let Some(type_of) = type_of else { return Value::INVALID };
    match type_of.kind() {
        Kind::Bool => Value::from(false),
        Kind::String => Value::from(Text::default()),
        Kind::Int(kind) => Value::new(Data::Int(0, kind)),
        Kind::Uint(kind) => Value::new(Data::Uint(0, kind)),
        Kind::Float(kind) => Value::new(Data::Float(0.0, kind)),
        Kind::Slice => Value::from(List::nil(type_of)),
        Kind::Map => Value::from(Map::nil(type_of)),
        Kind::Interface => Value::NIL,
        _ => Value::INVALID,
    }
}

fn with_type(value: Value, type_of: Type) -> Value {
    let data = match value.data {
        Data::Map(map) => Data::Map(map.with_type(type_of)),
        Data::List(list) => Data::List(list.with_type(type_of)),
        other => other,
    };
    Value { data, origin: value.origin, boxed: false }
}

impl Iterator for RangeItems {
    type Item = (Value, Value);
    fn next(&mut self) -> Option<(Value, Value)> {
        match self {
            RangeItems::Values { values } => values.next(),
            RangeItems::List { list, next } => {
                let item = list.get(*next)?;
                *next += 1;
                Some((Value::int(*next as i64 - 1), item))
            }
            RangeItems::Bytes { bytes, next } => {
                let byte = *bytes.as_bytes().get(*next)?;
                *next += 1;
                let byte = Data::Uint(u64::from(byte), UintKind::Uint8);
                Some((Value::int(*next as i64 - 1), Value::new(byte)))
            }
            RangeItems::Count { next, end, value } => {
                if next == end {
                    return None;
                }
                let n = *next;
                *next += 1;
                let data = match &value.data {
                    Data::Uint(_, kind) => Data::Uint(n as u64, *kind),
                    Data::Int(_, kind) => Data::Int(n, *kind),
                    Data::Object(object) => object.with_scalar(n).unwrap_or_default().data,
                    _ => Data::Nil,
                };
                Some((Value::INVALID, Value { data, ..value.clone() }))
            }
        }
    }
}
