//! Checking a value with a compiled schema, with the errors of the validator that Helm uses, word for word.
//!
//! Go goes through objects in no order; here it is the order of the keys.

use std::cell::{Cell, OnceCell};
use std::collections::{BTreeMap, BTreeSet};

use chart_lint_template::quote::go_quote;
use chart_lint_template::{Data, Str, Value};

use super::compile::{
    Additional, Compiled, Dependency, Doc, Draft, Items, Literal, Resource, SchemaId, escape, meta_schema,
};
use super::decimal::{Decimal, print_float, print_int};
use crate::values::tree::{NodeIndex, TreeValue};

/// A value that is checked. Many schemas may look at it, so what it is made of is taken apart once.
#[derive(Clone)]
pub(crate) struct Instance<'i> {
    source: Source<'i>,
    shape: OnceCell<Shape<'i>>,
}

/// Where a value is.
#[derive(Clone)]
enum Source<'i> {
    /// A part of a JSON document.
    Json(&'i Doc, NodeIndex),
    /// A value of a chart.
    Value(Value),
    /// The name of a property.
    Name(Str),
}

impl<'i> From<Source<'i>> for Instance<'i> {
    fn from(source: Source<'i>) -> Instance<'i> {
        Instance { source, shape: OnceCell::new() }
    }
}

/// A value that does not fit.
#[derive(Clone, Debug)]
pub(crate) struct Misfit {
    /// The way to the value.
    pub(crate) location: Vec<String>,
    kind: Kind,
    /// What is wrong.
    pub(crate) message: String,
    /// Why, if that is due to parts of the schema.
    pub(crate) causes: Vec<Misfit>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// The whole value.
    Schema,
    /// Several things at once.
    Group,
    /// By a reference.
    Reference,
    /// Anything else.
    Other,
}

/// What one check may take. Schemas can be made so that a small value takes forever.
const MAX_STEPS: u64 = 20_000_000;

/// How deep schemas may lead into each other.
const MAX_DEPTH: usize = 4_000;

/// Checks a value. The error's text is that of Go.
pub(crate) fn check(schema: &Compiled, value: Instance<'_>) -> Result<(), Failure> {
    Validator { arena: schema, resources: None, steps: Cell::new(MAX_STEPS) }.check(&value, schema.root, None)
}

/// Why a value is refused.
pub(crate) enum Failure {
    /// It does not fit.
    Misfit(Misfit),
    /// The check takes too long.
    Limit,
}

/// Checks a schema with the schema of its draft. `resources` are those in the schema's document: each is checked with
/// its own draft.
pub(crate) fn check_schema(
    meta: &Compiled,
    schema: Instance<'_>,
    resources: &BTreeMap<NodeIndex, Resource>,
) -> Result<(), String> {
    let validator = Validator { arena: meta, resources: Some(resources), steps: Cell::new(MAX_STEPS) };
    validator.check(&schema, meta.root, Some(meta.root)).map_err(|failure| match failure {
        Failure::Misfit(misfit) => misfit.to_string(),
        Failure::Limit => "the schema is too large to be checked".to_owned(),
    })
}

// ---- values ----

#[derive(Clone)]
enum Shape<'i> {
    Null,
    Bool,
    Number,
    String(String),
    Array(Vec<Instance<'i>>),
    /// In the order of the keys.
    Object(Vec<(Str, Instance<'i>)>),
}

impl<'i> Instance<'i> {
    /// A part of a JSON document.
    pub(crate) fn json(doc: &'i Doc, node: NodeIndex) -> Instance<'i> {
        Source::Json(doc, node).into()
    }

    /// A value of a chart.
    pub(crate) fn value(value: Value) -> Instance<'i> {
        Source::Value(value).into()
    }

    fn shape(&self) -> &Shape<'i> {
        self.shape.get_or_init(|| self.take_apart())
    }

    fn take_apart(&self) -> Shape<'i> {
        match &self.source {
            Source::Name(name) => Shape::String(name.to_utf8().into_owned()),
            Source::Json(doc, node) => match doc.tree().get(*node) {
                TreeValue::Null => Shape::Null,
                TreeValue::Bool(_) => Shape::Bool,
                TreeValue::Number(_) => Shape::Number,
                TreeValue::String(text) => Shape::String(text.to_utf8().into_owned()),
                TreeValue::List => {
                    Shape::Array(doc.tree().items(*node).map(|item| Instance::json(doc, item)).collect())
                }
                TreeValue::Map => {
                    let entries = doc.tree().entries(*node);
                    let mut entries: Vec<_> =
                        entries.map(|(key, _, value)| (key.clone(), Instance::json(doc, value))).collect();
                    entries.sort_by(|a, b| a.0.cmp(&b.0));
                    Shape::Object(entries)
                }
            },
            Source::Value(value) => match &value.data {
                Data::Bool(_) => Shape::Bool,
                Data::Int(..) | Data::Uint(..) | Data::Float(..) => Shape::Number,
                Data::String(text) => Shape::String(text.to_utf8().into_owned()),
                Data::List(list) => {
                    Shape::Array(list.iter().map(|item| Instance::value(item.clone())).collect())
                }
                Data::Map(map) => {
                    let entries = map.entries().into_iter();
                    Shape::Object(entries.map(|(key, entry)| (key, Instance::value(entry.value))).collect())
                }
                _ => Shape::Null,
            },
        }
    }

    fn type_name(&self) -> &'static str {
        match &self.source {
            Source::Name(_) => "string",
            Source::Json(doc, node) => match doc.tree().get(*node) {
                TreeValue::Null => "null",
                TreeValue::Bool(_) => "boolean",
                TreeValue::Number(_) => "number",
                TreeValue::String(_) => "string",
                TreeValue::List => "array",
                TreeValue::Map => "object",
            },
            Source::Value(value) => match &value.data {
                Data::Bool(_) => "boolean",
                Data::Int(..) | Data::Uint(..) | Data::Float(..) => "number",
                Data::String(_) => "string",
                Data::List(_) => "array",
                Data::Map(_) => "object",
                _ => "null",
            },
        }
    }

    fn as_bool(&self) -> Option<bool> {
        match &self.source {
            Source::Json(doc, node) => match doc.tree().get(*node) {
                TreeValue::Bool(b) => Some(b),
                _ => None,
            },
            Source::Value(Value { data: Data::Bool(b), .. }) => Some(*b),
            _ => None,
        }
    }

    fn number(&self) -> Option<Decimal> {
        match &self.source {
            Source::Json(doc, node) => match doc.tree().get(*node) {
                TreeValue::Number(_) => Decimal::parse(doc.number_text(*node)),
                _ => None,
            },
            Source::Value(value) => match value.data {
                Data::Int(n, _) => Decimal::parse(&n.to_string()),
                Data::Uint(n, _) => Decimal::parse(&n.to_string()),
                Data::Float(n, _) => Decimal::of_float(n),
                _ => None,
            },
            Source::Name(_) => None,
        }
    }

    fn equals(&self, other: &Instance<'_>) -> bool {
        match (self.shape(), other.shape()) {
            (Shape::Null, Shape::Null) => true,
            (Shape::Bool, Shape::Bool) => self.as_bool() == other.as_bool(),
            (Shape::Number, Shape::Number) => self.number().is_some() && self.number() == other.number(),
            (Shape::String(a), Shape::String(b)) => a == b,
            (Shape::Array(a), Shape::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
            }
            (Shape::Object(a), Shape::Object(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && a.1.equals(&b.1))
            }
            _ => false,
        }
    }

    /// A scalar as messages show it.
    fn display(&self) -> String {
        match (&self.source, self.shape()) {
            (_, Shape::String(text)) => quote(text),
            (_, Shape::Null) => "<nil>".to_owned(),
            (Source::Json(doc, node), Shape::Number) => doc.number_text(*node).to_owned(),
            (Source::Value(value), Shape::Number) => chart_lint_template::fmt::sprint_value(value),
            (_, Shape::Bool) => self.as_bool().unwrap_or_default().to_string(),
            _ => "value".to_owned(),
        }
    }
}

// ---- messages ----

/// A string in single quotes.
fn quote(text: &str) -> String {
    let quoted = go_quote(text.as_bytes()).replace("\\\"", "\"").replace('\'', "\\'");
    format!("'{}'", &quoted[1..quoted.len() - 1])
}

fn quote_all<T: AsRef<str>>(texts: &[T]) -> String {
    texts.iter().map(|text| quote(text.as_ref())).collect::<Vec<_>>().join(", ")
}

impl Misfit {
    /// The misfits that have no further cause.
    pub(crate) fn leaves(&self) -> Vec<&Misfit> {
        let mut leaves = Vec::new();
        let mut pending = vec![self];
        while let Some(misfit) = pending.pop() {
            if misfit.causes.is_empty() {
                leaves.push(misfit);
            }
            pending.extend(misfit.causes.iter().rev());
        }
        leaves
    }

    fn write(&self, out: &mut String, indent: usize) {
        let mut indent = indent;
        let is_silent = self.causes.len() == 1 && self.kind == Kind::Reference;
        if !is_silent {
            if indent > 0 {
                out.push('\n');
                out.push_str(&"  ".repeat(indent - 1));
                out.push_str("- ");
            }
            indent += 1;
            if self.kind != Kind::Schema {
                let pointer: String = self.location.iter().map(|step| format!("/{}", escape(step))).collect();
                out.push_str(&format!("at {}: ", quote(&pointer)));
            }
            out.push_str(&self.message);
        }
        for cause in &self.causes {
            cause.write(out, indent);
        }
    }
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        self.write(&mut out, 0);
        f.write_str(&out)
    }
}

// ---- checking ----

struct Validator<'a> {
    arena: &'a Compiled,
    /// When schemas are checked: the resources in the document, which may have drafts of their own.
    resources: Option<&'a BTreeMap<NodeIndex, Resource>>,
    steps: Cell<u64>,
}

/// The schemas that lead to the one that is being checked.
struct Scope<'s> {
    schema: SchemaId,
    /// The reference that led here, if it was one.
    keyword: &'static str,
    /// Grows with each value on the way.
    value: usize,
    depth: usize,
    parent: Option<&'s Scope<'s>>,
}

/// What no schema has looked at yet.
#[derive(Default)]
struct Unevaluated {
    properties: BTreeSet<Str>,
    items: BTreeSet<usize>,
}

impl Unevaluated {
    fn is_empty(&self) -> bool {
        self.properties.is_empty() && self.items.is_empty()
    }

    fn merge(&mut self, other: &Unevaluated) {
        self.properties.retain(|key| other.properties.contains(key));
        self.items.retain(|item| other.items.contains(item));
    }
}

/// The check of one value with one schema.
struct Check<'c, 'i> {
    value: &'c Instance<'i>,
    schema: SchemaId,
    scope: &'c Scope<'c>,
    location: &'c mut Vec<String>,
    unevaluated: Unevaluated,
    errors: Vec<Misfit>,
    /// Only whether it fits is of interest.
    only_result: bool,
    meta: Option<SchemaId>,
}

type Outcome = Result<Result<Unevaluated, Misfit>, Limit>;

/// The check takes too long.
struct Limit;

impl<'a> Validator<'a> {
    fn check(&self, value: &Instance<'_>, schema: SchemaId, meta: Option<SchemaId>) -> Result<(), Failure> {
        let scope = Scope { schema, keyword: "", value: 0, depth: 0, parent: None };
        let mut location = Vec::new();
        let outcome = self.run(value, schema, &scope, &mut location, false, false, meta);
        match outcome {
            Err(Limit) => Err(Failure::Limit),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(misfit)) => {
                let causes = if misfit.kind == Kind::Group { misfit.causes } else { vec![misfit] };
                let at = quote(&self.arena.location(schema));
                let message = format!("jsonschema validation failed with {at}");
                Err(Failure::Misfit(Misfit { location: Vec::new(), kind: Kind::Schema, message, causes }))
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn run(
        &self,
        value: &Instance<'_>,
        schema: SchemaId,
        scope: &Scope<'_>,
        location: &mut Vec<String>,
        only_result: bool,
        caller_needs: bool,
        meta: Option<SchemaId>,
    ) -> Outcome {
        let left = self.steps.get().checked_sub(1).ok_or(Limit)?;
        self.steps.set(left);
        if scope.depth > MAX_DEPTH {
            return Err(Limit);
        }
        // A resource with a draft of its own is checked with that draft's schema.
        if meta == Some(schema)
            && let (Some(resources), Source::Json(_, node)) = (self.resources, &value.source)
            && let Some(resource) = resources.get(node)
            && scope.depth > 0
            && let Ok(other) = meta_schema(resource.draft)
            && !std::ptr::eq(other, self.arena)
        {
            let validator =
                Validator { arena: other, resources: self.resources, steps: Cell::new(self.steps.get()) };
            let scope = Scope { schema: other.root, keyword: "", value: 0, depth: scope.depth, parent: None };
            let meta = Some(other.root);
            let outcome =
                validator.run_here(value, other.root, &scope, location, only_result, caller_needs, meta);
            self.steps.set(validator.steps.get());
            return outcome;
        }
        self.run_here(value, schema, scope, location, only_result, caller_needs, meta)
    }

    #[allow(clippy::too_many_arguments)]
    fn run_here(
        &self,
        value: &Instance<'_>,
        schema: SchemaId,
        scope: &Scope<'_>,
        location: &mut Vec<String>,
        only_result: bool,
        caller_needs: bool,
        meta: Option<SchemaId>,
    ) -> Outcome {
        let shape = value.shape();
        let mut check = Check {
            value,
            schema,
            scope,
            location,
            unevaluated: self.unevaluated(shape, schema, caller_needs),
            errors: Vec::new(),
            only_result,
            meta,
        };
        if let Some(misfit) = self.first_checks(&mut check, shape)? {
            return Ok(Err(misfit));
        }
        let schema = self.arena.get(check.schema);
        if let Some(target) = schema.reference {
            let result = self.by_reference(&mut check, target, "$ref")?;
            if schema.draft < Draft::V2019 {
                return Ok(match result {
                    Some(misfit) => Err(misfit),
                    None => Ok(check.unevaluated),
                });
            }
            check.errors.extend(result);
        }
        match shape {
            Shape::Object(entries) => self.object(&mut check, entries)?,
            Shape::Array(items) => self.array(&mut check, items)?,
            Shape::String(text) => self.string(&mut check, text),
            Shape::Number => self.number(&mut check),
            _ => {}
        }
        if check.errors.is_empty() || !only_result {
            if schema.draft >= Draft::V2019 {
                self.references(&mut check)?;
            }
            self.conditions(&mut check)?;
            if schema.draft >= Draft::V2019 {
                self.unevaluated_parts(&mut check, shape)?;
            }
        }
        Ok(match check.errors.len() {
            0 => Ok(check.unevaluated),
            1 => Err(check.errors.remove(0)),
            _ => {
                let causes = std::mem::take(&mut check.errors);
                Err(Misfit { kind: Kind::Group, causes, ..check.misfit(|| "validation failed".to_owned()) })
            }
        })
    }

    fn unevaluated(&self, shape: &Shape<'_>, schema: SchemaId, caller_needs: bool) -> Unevaluated {
        let schema = self.arena.get(schema);
        let mut unevaluated = Unevaluated::default();
        match shape {
            Shape::Object(entries) => {
                let needs = caller_needs || schema.unevaluated_properties.is_some();
                if needs && !schema.evaluates_all_properties() {
                    unevaluated.properties = entries.iter().map(|(key, _)| key.clone()).collect();
                }
            }
            Shape::Array(items) => {
                let needs = caller_needs || schema.unevaluated_items.is_some();
                if needs && !schema.evaluates_all_items() {
                    unevaluated.items = (schema.evaluated_items()..items.len()).collect();
                }
            }
            _ => {}
        }
        unevaluated
    }

    /// The checks after whose failure nothing else is checked.
    fn first_checks(&self, check: &mut Check<'_, '_>, shape: &Shape<'_>) -> Result<Option<Misfit>, Limit> {
        let schema = self.arena.get(check.schema);
        match schema.boolean {
            Some(true) => return Ok(None),
            Some(false) => return Ok(Some(check.misfit(|| "false schema".to_owned()))),
            None => {}
        }
        if let Some(before) = check.scope.cycle() {
            let message = || {
                format!(
                    "both {} and {} resolve to {} causing reference cycle",
                    check.scope.keyword_location(self.arena),
                    before.keyword_location(self.arena),
                    go_quote(self.arena.location(check.schema).as_bytes())
                )
            };
            return Ok(Some(check.misfit(message)));
        }
        let type_name = check.value.type_name();
        if !schema.types.is_empty() {
            let is_integer = || check.value.number().is_some_and(|number| number.is_integer());
            let fits = schema.types.has(type_name)
                || (schema.types.has("integer") && type_name == "number" && is_integer());
            if !fits {
                let message = || format!("got {type_name}, want {}", schema.types.describe());
                return Ok(Some(check.misfit(message)));
            }
        }
        if let Some(constant) = schema.constant {
            let wanted = self.arena.literal(constant);
            if !check.value.equals(&wanted) {
                let message = || match wanted.shape() {
                    Shape::Array(_) | Shape::Object(_) => "'const' failed".to_owned(),
                    _ => format!("value must be {}", wanted.display()),
                };
                return Ok(Some(check.misfit(message)));
            }
        }
        if let Some(literals) = &schema.enumeration
            && !literals.iter().any(|literal| check.value.equals(&self.arena.literal(*literal)))
        {
            return Ok(Some(check.misfit(|| self.enumeration_message(literals))));
        }
        if let (Some(format), Shape::String(text)) = (schema.format, shape)
            && let Err(error) = format.check(text)
        {
            let message = || format!("{} is not valid {}: {error}", quote(text), format.name);
            return Ok(Some(check.misfit(message)));
        }
        Ok(None)
    }

    fn enumeration_message(&self, literals: &[Literal]) -> String {
        let values: Vec<Instance<'_>> = literals.iter().map(|literal| self.arena.literal(*literal)).collect();
        if values.iter().any(|value| matches!(value.type_name(), "array" | "object")) {
            return "'enum' failed".to_owned();
        }
        let shown: Vec<String> = values.iter().map(Instance::display).collect();
        match shown.as_slice() {
            [one] => format!("value must be {one}"),
            _ => format!("value must be one of {}", shown.join(", ")),
        }
    }

    // ---- going on with other schemas ----

    /// Checks the same value with another schema.
    fn same_value(
        &self,
        check: &mut Check<'_, '_>,
        schema: SchemaId,
        keyword: &'static str,
        only_result: bool,
    ) -> Result<Option<Misfit>, Limit> {
        let Scope { value, depth, .. } = *check.scope;
        let scope = Scope { schema, keyword, value, depth: depth + 1, parent: Some(check.scope) };
        let only_result = only_result || check.only_result;
        let needs = !check.unevaluated.is_empty();
        match self.run(check.value, schema, &scope, check.location, only_result, needs, check.meta)? {
            Ok(unevaluated) => {
                check.unevaluated.merge(&unevaluated);
                Ok(None)
            }
            Err(misfit) => Ok(Some(misfit)),
        }
    }

    /// Checks a part of the value.
    fn part(
        &self,
        check: &mut Check<'_, '_>,
        schema: SchemaId,
        value: &Instance<'_>,
        step: String,
    ) -> Result<Option<Misfit>, Limit> {
        let Scope { value: id, depth, .. } = *check.scope;
        let scope = Scope { schema, keyword: "", value: id + 1, depth: depth + 1, parent: Some(check.scope) };
        check.location.push(step);
        let outcome = self.run(value, schema, &scope, check.location, check.only_result, false, check.meta);
        check.location.pop();
        Ok(outcome?.err())
    }

    fn by_reference(
        &self,
        check: &mut Check<'_, '_>,
        target: SchemaId,
        keyword: &'static str,
    ) -> Result<Option<Misfit>, Limit> {
        let Some(misfit) = self.same_value(check, target, keyword, false)? else { return Ok(None) };
        let causes = if misfit.kind == Kind::Group { misfit.causes } else { vec![misfit] };
        Ok(Some(Misfit { kind: Kind::Reference, causes, ..check.misfit(|| "validation failed".to_owned()) }))
    }

    /// `$recursiveRef` and `$dynamicRef`
    fn references(&self, check: &mut Check<'_, '_>) -> Result<(), Limit> {
        let schema = self.arena.get(check.schema);
        if let Some(mut target) = schema.recursive_ref {
            if self.arena.get(target).recursive_anchor {
                for scope in check.scope.chain() {
                    let resource = self.arena.get(scope.schema).resource;
                    if self.arena.get(resource).recursive_anchor {
                        target = scope.schema;
                    }
                }
            }
            let result = self.by_reference(check, target, "$recursiveRef")?;
            check.errors.extend(result);
        }
        if let Some((target, anchor)) = &schema.dynamic_ref {
            let mut target = *target;
            if !anchor.is_empty() && self.arena.get(target).dynamic_anchor == *anchor {
                for scope in check.scope.chain() {
                    let resource = self.arena.get(self.arena.get(scope.schema).resource);
                    if let Some(&dynamic) = resource.dynamic_anchors.get(anchor) {
                        target = dynamic;
                    }
                }
            }
            let result = self.by_reference(check, target, "$dynamicRef")?;
            check.errors.extend(result);
        }
        Ok(())
    }

    fn conditions(&self, check: &mut Check<'_, '_>) -> Result<(), Limit> {
        let schema = self.arena.get(check.schema);
        if let Some(not) = schema.not
            && self.same_value(check, not, "", true)?.is_none()
        {
            check.add(|| "'not' failed".to_owned());
        }
        if !schema.all_of.is_empty() {
            let mut errors = Vec::new();
            for &part in &schema.all_of {
                errors.extend(self.same_value(check, part, "", false)?);
                if !errors.is_empty() && check.only_result {
                    break;
                }
            }
            if !errors.is_empty() {
                check.add_with(errors, || "'allOf' failed".to_owned());
            }
        }
        if !schema.any_of.is_empty() {
            let mut errors = Vec::new();
            let mut fits = false;
            for &part in &schema.any_of {
                match self.same_value(check, part, "", false)? {
                    Some(misfit) => errors.push(misfit),
                    None => {
                        fits = true;
                        if check.unevaluated.is_empty() {
                            break;
                        }
                    }
                }
            }
            if !fits {
                check.add_with(errors, || "'anyOf' failed".to_owned());
            }
        }
        if !schema.one_of.is_empty() {
            let mut errors = Vec::new();
            let mut fitting: Option<usize> = None;
            for (at, &part) in schema.one_of.iter().enumerate() {
                match (self.same_value(check, part, "", fitting.is_some())?, fitting) {
                    (Some(misfit), None) => errors.push(misfit),
                    (Some(_), Some(_)) => {}
                    (None, None) => fitting = Some(at),
                    (None, Some(first)) => {
                        check.add(|| {
                            let (first, second) = (print_int(first as i64), print_int(at as i64));
                            format!("'oneOf' failed, subschemas {first}, {second} matched")
                        });
                        break;
                    }
                }
            }
            if fitting.is_none() {
                check.add_with(errors, || "'oneOf' failed, none matched".to_owned());
            }
        }
        if let Some(condition) = schema.condition {
            let fits = self.same_value(check, condition, "", true)?.is_none();
            let branch = if fits { schema.then } else { schema.otherwise };
            if let Some(branch) = branch {
                let result = self.same_value(check, branch, "", false)?;
                check.errors.extend(result);
            }
        }
        Ok(())
    }

    fn unevaluated_parts(&self, check: &mut Check<'_, '_>, shape: &Shape<'_>) -> Result<(), Limit> {
        let schema = self.arena.get(check.schema);
        if let (Shape::Object(entries), Some(part)) = (shape, schema.unevaluated_properties) {
            for key in std::mem::take(&mut check.unevaluated.properties) {
                if let Ok(at) = entries.binary_search_by(|entry| entry.0.cmp(&key)) {
                    let result = self.part(check, part, &entries[at].1, key.to_utf8().into_owned())?;
                    check.errors.extend(result);
                }
            }
        }
        if let (Shape::Array(items), Some(part)) = (shape, schema.unevaluated_items) {
            for at in std::mem::take(&mut check.unevaluated.items) {
                let result = self.part(check, part, &items[at], at.to_string())?;
                check.errors.extend(result);
            }
        }
        Ok(())
    }

    // ---- by type ----

    fn object(&self, check: &mut Check<'_, '_>, entries: &[(Str, Instance<'_>)]) -> Result<(), Limit> {
        let schema = self.arena.get(check.schema);
        let find = |key: &[u8]| entries.binary_search_by(|entry| entry.0.as_bytes().cmp(key)).ok();
        let count = entries.len() as i64;
        if let Some(least) = schema.min_properties.filter(|&least| count < least) {
            check.add(|| got_want("minProperties", count, least));
        }
        if let Some(most) = schema.max_properties.filter(|&most| count > most) {
            check.add(|| got_want("maxProperties", count, most));
        }
        let missing = |wanted: &[String]| -> Vec<String> {
            wanted.iter().filter(|key| find(key.as_bytes()).is_none()).cloned().collect()
        };
        let lacking = missing(&schema.required);
        match lacking.as_slice() {
            [] => {}
            [one] => check.add(|| format!("missing property {}", quote(one))),
            _ => check.add(|| format!("missing properties {}", quote_all(&lacking))),
        }
        if check.only_result && !check.errors.is_empty() {
            return Ok(());
        }
        let required = |lacking: &[String], key: &Str| {
            format!("properties {} required, if {} exists", quote_all(lacking), quote(&key.to_utf8()))
        };
        for (key, dependency) in &schema.dependencies {
            if find(key).is_none() {
                continue;
            }
            match dependency {
                Dependency::Properties(wanted) => {
                    let lacking = missing(wanted);
                    if !lacking.is_empty() {
                        check.add(|| required(&lacking, key));
                    }
                }
                Dependency::Schema(part) => {
                    let result = self.same_value(check, *part, "", false)?;
                    check.errors.extend(result);
                }
            }
        }
        let mut additional = Vec::new();
        for (key, value) in entries {
            if check.only_result && !check.errors.is_empty() {
                return Ok(());
            }
            let name = key.to_utf8();
            let mut parts: Vec<SchemaId> = schema.properties.get(key).copied().into_iter().collect();
            let patterns = schema.pattern_properties.iter();
            parts.extend(patterns.filter(|(pattern, _)| pattern.matches(&name)).map(|(_, part)| *part));
            let mut is_evaluated = !parts.is_empty();
            if !is_evaluated {
                match schema.additional_properties {
                    None => {}
                    Some(Additional::Allowed(allowed)) => {
                        is_evaluated = true;
                        if !allowed {
                            additional.push(name.clone());
                        }
                    }
                    Some(Additional::Schema(part)) => {
                        is_evaluated = true;
                        parts.push(part);
                    }
                }
            }
            for part in parts {
                let result = self.part(check, part, value, name.clone().into_owned())?;
                check.errors.extend(result);
            }
            if is_evaluated {
                check.unevaluated.properties.remove(key);
            }
        }
        if !additional.is_empty() {
            check.add(|| format!("additional properties {} not allowed", quote_all(&additional)));
        }
        if let Some(names) = schema.property_names {
            for (key, _) in entries {
                let name = Instance::from(Source::Name(key.clone()));
                // A check of its own, so the way to the value starts anew.
                match self.check(&name, names, check.meta) {
                    Ok(()) => {}
                    Err(Failure::Limit) => return Err(Limit),
                    Err(Failure::Misfit(misfit)) => {
                        let message = format!("invalid propertyName {}", quote(&key.to_utf8()));
                        check.errors.push(Misfit { kind: Kind::Other, message, ..misfit });
                    }
                }
            }
        }
        for (key, part) in &schema.dependent_schemas {
            if find(key).is_some() {
                let result = self.same_value(check, *part, "", false)?;
                check.errors.extend(result);
            }
        }
        for (key, wanted) in &schema.dependent_required {
            let lacking = missing(wanted);
            if find(key).is_some() && !lacking.is_empty() {
                check.add(|| required(&lacking, key));
            }
        }
        Ok(())
    }

    fn array(&self, check: &mut Check<'_, '_>, items: &[Instance<'_>]) -> Result<(), Limit> {
        let schema = self.arena.get(check.schema);
        let count = items.len() as i64;
        if let Some(least) = schema.min_items.filter(|&least| count < least) {
            check.add(|| got_want("minItems", count, least));
        }
        if let Some(most) = schema.max_items.filter(|&most| count > most) {
            check.add(|| got_want("maxItems", count, most));
        }
        if schema.unique_items
            && let Some((first, second)) = self.duplicates(items)?
        {
            check.add(|| {
                format!("items at {} and {} are equal", print_int(first as i64), print_int(second as i64))
            });
        }
        let each = |this: &Self, check: &mut Check<'_, '_>, part: SchemaId, at: usize| -> Result<(), Limit> {
            let result = this.part(check, part, &items[at], at.to_string())?;
            check.errors.extend(result);
            Ok(())
        };
        if schema.draft < Draft::V2020 {
            let mut evaluated = 0;
            match &schema.items {
                None => {}
                Some(Items::One(part)) => {
                    for at in 0..items.len() {
                        each(self, check, *part, at)?;
                    }
                    evaluated = items.len();
                }
                Some(Items::Each(parts)) => {
                    evaluated = parts.len().min(items.len());
                    for (at, part) in parts.iter().enumerate().take(evaluated) {
                        each(self, check, *part, at)?;
                    }
                }
            }
            match schema.additional_items {
                Some(Additional::Allowed(false)) if evaluated != items.len() => check.add(|| {
                    format!(
                        "last {} additionalItem(s) not allowed",
                        print_int((items.len() - evaluated) as i64)
                    )
                }),
                Some(Additional::Schema(part)) => {
                    // The places are those after the known items, as Go counts them.
                    for at in evaluated..items.len() {
                        let result = self.part(check, part, &items[at], (at - evaluated).to_string())?;
                        check.errors.extend(result);
                    }
                }
                _ => {}
            }
        } else {
            let evaluated = schema.prefix_items.len().min(items.len());
            for (at, part) in schema.prefix_items.iter().enumerate().take(evaluated) {
                each(self, check, *part, at)?;
            }
            if let Some(part) = schema.items_2020 {
                for at in evaluated..items.len() {
                    let result = self.part(check, part, &items[at], (at - evaluated).to_string())?;
                    check.errors.extend(result);
                }
            }
        }
        if let Some(part) = schema.contains {
            self.contains(check, items, part)?;
        }
        Ok(())
    }

    fn contains(
        &self,
        check: &mut Check<'_, '_>,
        items: &[Instance<'_>],
        part: SchemaId,
    ) -> Result<(), Limit> {
        let schema = self.arena.get(check.schema);
        let mut errors = Vec::new();
        let mut fitting: Vec<usize> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match self.part(check, part, item, at.to_string())? {
                Some(misfit) => errors.push(misfit),
                None => {
                    fitting.push(at);
                    if schema.draft >= Draft::V2020 {
                        check.unevaluated.items.remove(&at);
                    }
                }
            }
        }
        let count = fitting.len() as i64;
        let shown = || {
            let places: Vec<String> = fitting.iter().map(usize::to_string).collect();
            format!("matched {} items at {}", print_int(count), places.join(" "))
        };
        match schema.min_contains {
            Some(least) if count < least => check.add_with(errors, || {
                let found = if count == 0 { "none matched".to_owned() } else { shown() };
                format!("min {} items required to match contains schema, but {found}", print_int(least))
            }),
            None if count == 0 => check.add_with(errors, || "no items match contains schema".to_owned()),
            _ => {}
        }
        if let Some(most) = schema.max_contains.filter(|&most| count > most) {
            check.add(|| {
                format!("max {} items required to match contains schema, but {}", print_int(most), shown())
            });
        }
        Ok(())
    }

    /// The first two items that are equal.
    fn duplicates(&self, items: &[Instance<'_>]) -> Result<Option<(usize, usize)>, Limit> {
        for second in 1..items.len() {
            let left = self.steps.get().checked_sub(second as u64 / 16).ok_or(Limit)?;
            self.steps.set(left);
            for first in 0..second {
                if items[second].equals(&items[first]) {
                    return Ok(Some((first, second)));
                }
            }
        }
        Ok(None)
    }

    fn string(&self, check: &mut Check<'_, '_>, text: &str) {
        let schema = self.arena.get(check.schema);
        if schema.min_length.is_some() || schema.max_length.is_some() {
            let length = text.chars().count() as i64;
            if let Some(least) = schema.min_length.filter(|&least| length < least) {
                check.add(|| got_want("minLength", length, least));
            }
            if let Some(most) = schema.max_length.filter(|&most| length > most) {
                check.add(|| got_want("maxLength", length, most));
            }
        }
        if let Some(pattern) = schema.pattern.as_ref().filter(|pattern| !pattern.matches(text)) {
            check.add(|| format!("{} does not match pattern {}", quote(text), quote(&pattern.text)));
        }
    }

    fn number(&self, check: &mut Check<'_, '_>) {
        let schema = self.arena.get(check.schema);
        let limits = [
            ("minimum", &schema.minimum),
            ("maximum", &schema.maximum),
            ("exclusiveMinimum", &schema.exclusive_minimum),
            ("exclusiveMaximum", &schema.exclusive_maximum),
            ("multipleOf", &schema.multiple_of),
        ];
        if limits.iter().all(|(_, limit)| limit.is_none()) {
            return;
        }
        let Some(number) = check.value.number() else { return };
        for (keyword, limit) in limits {
            let Some(limit) = limit else { continue };
            let fits = match keyword {
                "minimum" => number >= *limit,
                "maximum" => number <= *limit,
                "exclusiveMinimum" => number > *limit,
                "exclusiveMaximum" => number < *limit,
                _ => number.is_multiple_of(limit),
            };
            if !fits {
                check.add(|| {
                    let (got, want) = (print_float(number.to_float()), print_float(limit.to_float()));
                    format!("{keyword}: got {got}, want {want}")
                });
            }
        }
    }
}

fn got_want(keyword: &str, got: i64, want: i64) -> String {
    format!("{keyword}: got {}, want {}", print_int(got), print_int(want))
}

impl Check<'_, '_> {
    fn misfit(&self, message: impl FnOnce() -> String) -> Misfit {
        let (location, message) =
            if self.only_result { Default::default() } else { (self.location.clone(), message()) };
        Misfit { location, kind: Kind::Other, message, causes: Vec::new() }
    }

    fn add(&mut self, message: impl FnOnce() -> String) {
        self.add_with(Vec::new(), message);
    }

    fn add_with(&mut self, causes: Vec<Misfit>, message: impl FnOnce() -> String) {
        let misfit = Misfit { causes, ..self.misfit(message) };
        self.errors.push(misfit);
    }
}

impl Scope<'_> {
    /// This scope and those around it.
    fn chain(&self) -> impl Iterator<Item = &Scope<'_>> {
        std::iter::successors(Some(self), |scope| scope.parent)
    }

    /// The scope around this one that checks the same value with the same schema.
    fn cycle(&self) -> Option<&Scope<'_>> {
        self.chain()
            .skip(1)
            .take_while(|scope| scope.value == self.value)
            .find(|scope| scope.schema == self.schema)
    }

    /// The keywords that led here.
    fn keyword_location(&self, arena: &Compiled) -> String {
        let mut parts = Vec::new();
        let mut scope = self;
        while let Some(parent) = scope.parent {
            if scope.keyword.is_empty() {
                let (here, there) = (arena.location(scope.schema), arena.location(parent.schema));
                parts.push(here.get(there.len()..).unwrap_or_default().to_owned());
            } else {
                parts.push(format!("/{}", escape(scope.keyword)));
            }
            scope = parent;
        }
        parts.reverse();
        parts.concat()
    }
}
