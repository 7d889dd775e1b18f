//! `merge` and `mergeOverwrite`: what `dario.cat/mergo` does to nested maps, with its oddities.
//!
//! What counts as empty (nil, false, 0, "", an empty list or dict) in the target is replaced. Dicts that both sides
//! have are merged in place; every other value, dicts too, is shared with the source afterwards.

use std::collections::HashSet;

use chart_lint_template::{Data, Entry, Error, Kind, List, Map, Result, State, Str, Type, Value};
use rustc_hash::FxBuildHasher;

use super::panics;

/// Whether values of the source replace those of the target.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Overwrite {
    /// Only empty ones.
    No,
    /// All, even with empty ones, nil too.
    Yes,
}

/// mergo's `ErrDifferentArgumentsTypes`.
#[derive(Debug)]
pub(super) struct DifferentTypes;

/// Merges `source` into `target`. What panics in mergo is the outer error.
pub(super) fn merge(
    state: &mut State<'_>,
    target: &Map,
    source: &Map,
    overwrite: Overwrite,
) -> Result<std::result::Result<(), DifferentTypes>> {
    let mut pending = vec![(target.clone(), source.clone())];
    // A dict may hold itself.
    let mut seen = HashSet::with_hasher(FxBuildHasher);
    while let Some((target, source)) = pending.pop() {
        if !seen.insert((target.address(), source.address())) || target.same(&source) {
            continue;
        }
        let entries = source.entries();
        state.spend_steps(entries.len() as u64 + 1)?;
        state.spend_bytes(entries.len().saturating_mul(size_of::<Entry>()))?;
        let mut merging = Merging { target, source, overwrite, pending: &mut pending };
        for (key, entry) in entries {
            if let Err(error) = merging.entry(key, entry)? {
                return Ok(Err(error));
            }
        }
    }
    Ok(Ok(()))
}

struct Merging<'p> {
    target: Map,
    source: Map,
    overwrite: Overwrite,
    pending: &'p mut Vec<(Map, Map)>,
}

impl Merging<'_> {
    fn entry(&mut self, key: Str, entry: Entry) -> Result<std::result::Result<(), DifferentTypes>> {
        let overwrite = self.overwrite == Overwrite::Yes;
        let source_type = self.source.type_of().element().unwrap_or(Type::Interface);
        let value = &entry.value;
        if value.is_nil() {
            if overwrite {
                self.set(key, entry, source_type)?;
            }
            return Ok(Ok(()));
        }
        let previous = self.target.get(&key);
        // What a nested merge fills is not empty any more.
        let mut is_filled = false;
        let kind = value.kind();
        match kind {
            Kind::Struct | Kind::Pointer | Kind::Map => match self.nested(previous.as_ref(), value)? {
                Ok(filled) => is_filled = filled,
                Err(error) => return Ok(Err(error)),
            },
            Kind::Slice => self.slice(&key, &entry, previous.as_ref())?,
            _ => {}
        }
        let is_empty = previous.as_ref().is_none_or(is_empty) && !is_filled;
        if !is_empty {
            let both_maps =
                kind == Kind::Map && previous.is_some_and(|previous| previous.kind() == Kind::Map);
            if kind == Kind::Slice || both_maps {
                return Ok(Ok(()));
            }
        }
        if overwrite || is_empty {
            self.set(key, entry, source_type)?;
        }
        Ok(Ok(()))
    }

    /// Merges two values of the same key, if both are dicts; says whether an empty one is filled by that.
    fn nested(
        &mut self,
        previous: Option<&Value>,
        value: &Value,
    ) -> Result<std::result::Result<bool, DifferentTypes>> {
        let kind = value.kind();
        match previous.map(|previous| &previous.data) {
            Some(Data::Map(target)) if !target.is_nil() => {
                if let Data::Map(source) = &value.data {
                    self.pending.push((target.clone(), source.clone()));
                    let skips_nil = self.overwrite == Overwrite::No;
                    let fills = source.borrow().is_some_and(|entries| {
                        entries.values().any(|entry| !skips_nil || !entry.value.is_nil())
                    });
                    return Ok(Ok(fills));
                }
            }
            Some(Data::Map(_)) if kind == Kind::Struct => {
                return Err(panics::reflect_call("IsNil", "struct"));
            }
            Some(Data::Object(object))
                if previous.is_some_and(|previous| previous.kind() == Kind::Struct) =>
            {
                let fields = object.fields();
                if fields.iter().any(|field| field.is_exported()) {
                    check_fields(fields.len(), value)?;
                }
            }
            Some(Data::Object(object))
                if previous.is_some_and(|previous| previous.kind() == Kind::Pointer) =>
            {
                let is_pointee =
                    matches!(object.type_of(), Type::Pointer(target) if Some(*target) == value.type_of());
                if self.overwrite == Overwrite::No && kind != Kind::Pointer && !is_pointee {
                    return Ok(Err(DifferentTypes));
                }
            }
            _ => {}
        }
        Ok(Ok(false))
    }

    /// A slice goes to the target before it is asked whether it should: what is there is set once more, or, where
    /// there is nothing, an empty slice.
    fn slice(&self, key: &Str, entry: &Entry, previous: Option<&Value>) -> Result<()> {
        let element_kind = self.target.type_of().element().map(Type::kind);
        if previous.is_some() && !matches!(element_kind, Some(Kind::Interface | Kind::Slice)) {
            let kind = element_kind.unwrap_or(Kind::Invalid).to_string();
            return Err(panics::reflect_call("IsNil", &kind));
        }
        let value = if self.overwrite == Overwrite::Yes || self.target.is_empty() {
            entry.value.clone()
        } else {
            match previous.filter(|previous| !previous.is_nil()) {
                Some(previous) => previous.clone(),
                None => List::typed(entry.value.type_of().unwrap_or(Type::LIST), Vec::new()).into(),
            }
        };
        let type_of = value.type_of().unwrap_or(Type::Interface);
        self.set(key.clone(), Entry { value, key_origin: entry.key_origin }, type_of)
    }

    /// `reflect.Value.SetMapIndex` of a value that is held as `type_of`.
    fn set(&self, key: Str, entry: Entry, type_of: Type) -> Result<()> {
        let element = self.target.type_of().element().unwrap_or(Type::Interface);
        if !type_of.assignable_to(element) {
            let message = format!("value of type {type_of} is not assignable to type {element}");
            return Err(Error::new(format!("reflect.Value.SetMapIndex: {message}")));
        }
        self.target.insert_entry(key, entry);
        Ok(())
    }
}

/// A struct in a dict cannot be changed, but mergo goes through its fields and those of the other struct.
fn check_fields(count: usize, value: &Value) -> Result<()> {
    match &value.data {
        Data::Object(other) if value.kind() == Kind::Struct => {
            let is_short = other.fields().len() < count;
            if is_short { Err(Error::new("reflect: Field index out of range")) } else { Ok(()) }
        }
        _ => Err(panics::reflect_call("Field", &value.kind().to_string())),
    }
}

/// mergo's `isEmptyValue`.
fn is_empty(value: &Value) -> bool {
    !matches!(value.data, Data::Complex(..)) && !value.is_true()
}
