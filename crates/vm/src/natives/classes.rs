//! Natives for the prelude's own use: classes, and what it does in the machine's place.

use super::{arity, wants};
use crate::data::{class, error, text};
use crate::heap::parcel::pack;
use crate::heap::{Heap, Kind};
use crate::node::ErrorClass;
use crate::trap::Trap;
use crate::value::Value;

/// What is no native, but may have to ask classes too: the setting of a place, a map literal, the spreading of an
/// iterable, `apply`.
const OPERATIONS: [&str; 4] = ["%set", "%map", "%extend", "apply"];

type Result = std::result::Result<Value, Trap>;

pub(super) fn constructor(_: &mut Heap, _: &[Value]) -> Result {
    Ok(Value::NULL)
}

pub(super) fn set_error_class(heap: &mut Heap, args: &[Value]) -> Result {
    let &[class] = args else { return Err(arity()) };
    let Some(at) = heap.is(class, Kind::Class) else {
        return Err(wants(heap, "%error-class", "a class", class));
    };
    heap.error = class;
    if heap.node().error_class().is_none() {
        let copy = ErrorClass { id: class::id(heap, at), parcel: pack(heap, class)? };
        heap.node().set_error_class(copy);
    }
    Ok(Value::NULL)
}

pub(super) fn add_trace(heap: &mut Heap, args: &[Value]) -> Result {
    let &[thrown, here] = args else { return Err(arity()) };
    let (Some(error), Some(here)) = (error::view(heap, thrown), error::view(heap, here)) else {
        return Err(wants(heap, "%add-trace", "two errors", thrown));
    };
    error::add_trace(heap, error, here)?;
    Ok(Value::NULL)
}

pub(super) fn set_instead(heap: &mut Heap, args: &[Value]) -> Result {
    let &[name, function] = args else { return Err(arity()) };
    let names = super::TABLE.iter().map(|native| native.name).chain(OPERATIONS);
    let known = text::view(heap, name).and_then(|name| names.into_iter().find(|known| *known == name.as_str()));
    let Some(known) = known.filter(|_| function.as_function().is_some()) else {
        return Err(wants(heap, "%instead", "a native's name and a function without captures", name));
    };
    heap.node().set_instead(known, function);
    Ok(Value::NULL)
}

pub(super) fn method(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, name] = args else { return Err(arity()) };
    let Some(atom) = name.as_atom() else { return Err(wants(heap, "%method", "an atom", name)) };
    Ok(class::instance_method(heap, value, atom).unwrap_or(Value::NULL))
}
