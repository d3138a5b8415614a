//! Natives for the prelude's own use: classes, and what it does in the machine's place.

use super::{arity, wants};
use crate::data::{class, text};
use crate::heap::{Heap, Kind};
use crate::trap::Trap;
use crate::value::Value;

type Result = std::result::Result<Value, Trap>;

pub(super) fn constructor(_: &mut Heap, _: &[Value]) -> Result {
    Ok(Value::NULL)
}

pub(super) fn set_error_class(heap: &mut Heap, args: &[Value]) -> Result {
    let &[class] = args else { return Err(arity()) };
    if heap.is(class, Kind::Class).is_none() {
        return Err(wants(heap, "%error-class", "a class", class));
    }
    heap.hooks.error = Some(class);
    Ok(Value::NULL)
}

pub(super) fn set_instead(heap: &mut Heap, args: &[Value]) -> Result {
    let &[name, function] = args else { return Err(arity()) };
    let native = match text::view(heap, name) {
        Some(name) => super::TABLE.iter().find(|native| native.name == name.as_str()),
        None => None,
    };
    let Some(native) = native.filter(|_| function.as_function().is_some()) else {
        return Err(wants(heap, "%instead", "a native's name and a function without captures", name));
    };
    heap.hooks.functions.push((native.name, function));
    Ok(Value::NULL)
}

pub(super) fn method(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, name] = args else { return Err(arity()) };
    let Some(atom) = name.as_atom() else { return Err(wants(heap, "%method", "an atom", name)) };
    Ok(class::instance_method(heap, value, atom).unwrap_or(Value::NULL))
}
