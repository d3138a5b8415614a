//! Natives for what is told of processes that end: values in a few words, and the telling.

use super::{arity, wants};
use crate::data::{class, text};
use crate::format;
use crate::heap::{Heap, Kind};
use crate::trap::{Request, Trap};
use crate::value::Value;
use std::fmt::Write;

type Result = std::result::Result<Value, Trap>;

/// Octets of what is shown of a value.
const OUTLINE: usize = 200;

/// Fields of an instance that are shown.
const FIELDS: usize = 20;

/// A value as `repr` shows it, and an instance with its fields, in a few words.
pub(super) fn outline(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let mut out = format::brief_within(heap, value, OUTLINE);
    if let Some(instance) = heap.is(value, Kind::Instance) {
        let names = class::field_names(heap, instance);
        for (place, &name) in names.iter().take(FIELDS).enumerate() {
            let field = class::get(heap, instance, name)?.map_or(Value::NULL, |(value, _)| value);
            let before = if place == 0 { " with" } else { "," };
            // Writing into a string does not fail.
            let _ =
                write!(out, "{before} {}: {}", heap.node().atom_name(name), format::brief_within(heap, field, OUTLINE));
        }
        if names.len() > FIELDS {
            out.push_str(", …");
        }
    }
    text::make(heap, &out)
}

/// Tells people something, beside what the program writes.
pub(super) fn report(heap: &mut Heap, args: &[Value]) -> Result {
    let &[told] = args else { return Err(arity()) };
    match text::view(heap, told) {
        Some(told) => Err(Trap::request(Request::Report(told.as_str().to_owned()))),
        None => Err(wants(heap, "%report", "a string", told)),
    }
}
