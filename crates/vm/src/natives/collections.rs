//! Collections: elements, entries, new collections from old ones.

use super::general::value_error;
use super::{arity, reversing, rows, wants};
use crate::data::build::{Source, build};
use crate::data::copying::{self, Part};
use crate::data::{self, bytes, elements, int, list as lists, map, range as ranges, text};
use crate::frozen;
use crate::heap::{Heap, Kind};
use crate::ops;
use crate::trap::{ErrorKind, Trap};
use crate::value::{Ref, Value};

type Result = std::result::Result<Value, Trap>;

pub(super) fn len(heap: &mut Heap, args: &[Value]) -> Result {
    let &[container] = args else { return Err(arity()) };
    ops::len(heap, container)
}

pub(super) fn get(heap: &mut Heap, args: &[Value]) -> Result {
    match *args {
        [container, key] => ops::index_get(heap, container, key),
        [container, key, default] => ops::index_get_or(heap, container, key, default),
        _ => Err(arity()),
    }
}

pub(super) fn put(heap: &mut Heap, args: &[Value]) -> Result {
    let &[container, key, value] = args else { return Err(arity()) };
    ops::put(heap, container, key, value)
}

pub(super) fn has(heap: &mut Heap, args: &[Value]) -> Result {
    let &[container, key] = args else { return Err(arity()) };
    if let Some(at) = heap.is(container, Kind::Map) {
        return Ok(Value::bool(map::find(heap, at, key)?.is_some()));
    }
    match ops::length(heap, container) {
        Some(len) => {
            let len = usize::try_from(len.min(i64::MAX as u64)).unwrap_or(usize::MAX);
            Ok(Value::bool(ops::index_in(heap, key, len)?.is_some()))
        }
        None => Err(wants(heap, "has?", "a collection", container)),
    }
}

pub(super) fn remove(heap: &mut Heap, args: &[Value]) -> Result {
    let &[container, key] = args else { return Err(arity()) };
    match data::object(heap, container) {
        Some((Kind::Map, at)) => {
            frozen::check(heap, at)?;
            Ok(map::remove(heap, at, key)?.unwrap_or(Value::NULL))
        }
        Some((Kind::List, at)) => {
            frozen::check(heap, at)?;
            let index = ops::index_in(heap, key, lists::len(heap, at))?;
            match index.and_then(|index| lists::remove(heap, at, index)) {
                Some(value) => Ok(value),
                None => Err(ops::out_of_range(heap, container, key)),
            }
        }
        _ => Err(wants(heap, "remove", "a map or a list", container)),
    }
}

pub(super) fn push(heap: &mut Heap, args: &[Value]) -> Result {
    let &[container, value] = args else { return Err(arity()) };
    ops::push(heap, container, value)
}

fn list_of(heap: &Heap, name: &str, value: Value) -> std::result::Result<Ref, Trap> {
    heap.is(value, Kind::List).ok_or_else(|| wants(heap, name, "a list", value))
}

pub(super) fn pop(heap: &mut Heap, args: &[Value]) -> Result {
    let &[container] = args else { return Err(arity()) };
    let at = list_of(heap, "pop", container)?;
    frozen::check(heap, at)?;
    let last = lists::len(heap, at).checked_sub(1);
    match last.and_then(|last| lists::remove(heap, at, last)) {
        Some(value) => Ok(value),
        None => Err(Trap::error(ErrorKind::Index, "`pop` of an empty list")),
    }
}

/// A bound of a slice; null is none.
fn bound(heap: &Heap, name: &str, value: Value, none: i64) -> std::result::Result<i64, Trap> {
    match int::clamped(heap, value) {
        Some(bound) => Ok(bound),
        None if value == Value::NULL => Ok(none),
        None => Err(wants(heap, name, "an int as the index", value)),
    }
}

pub(super) fn insert(heap: &mut Heap, args: &[Value]) -> Result {
    let &[container, index, value] = args else { return Err(arity()) };
    let at = list_of(heap, "insert", container)?;
    frozen::check(heap, at)?;
    if !int::is_int(heap, index) {
        return Err(wants(heap, "insert", "an int as the index", index));
    }
    let (place, _) = data::bounds(bound(heap, "insert", index, 0)?, i64::MAX, lists::len(heap, at));
    lists::insert(heap, at, place, value)?;
    Ok(container)
}

pub(super) fn slice(heap: &mut Heap, args: &[Value]) -> Result {
    let (container, start) = (args[0], bound(heap, "slice", args[1], 0)?);
    let end = match args.get(2) {
        Some(&end) => bound(heap, "slice", end, i64::MAX)?,
        None => i64::MAX,
    };
    if let Some(chars) = text::len(heap, container) {
        let (start, end) = data::bounds(start, end, chars);
        return text::slice(heap, container, start, end);
    }
    if let Some(words) = elements(heap, container) {
        let (start, end) = data::bounds(start, end, words.len());
        let kind = if heap.is(container, Kind::List).is_some() { Kind::List } else { Kind::Tuple };
        return build(heap, kind, Source::parts([(container, start, end - start)]));
    }
    if let Some(octets) = bytes::view(heap, container) {
        let (start, end) = data::bounds(start, end, octets.len());
        return copying::bytes_of(heap, &mut [container], [Part::new(0, start, end - start)]);
    }
    if let Some(range) = ranges::view(heap, container) {
        let len = range.len().min(i64::MAX as u64) as usize;
        let (start, end) = data::bounds(start, end, len);
        if start >= end {
            return ranges::new(heap, 0, 0, 1);
        }
        let last = range.get(end as u64 - 1);
        return ranges::new(heap, range.get(start as u64), last.saturating_add(range.step.signum()), range.step);
    }
    Err(wants(heap, "slice", "a sequence", container))
}

/// Joins strings, bytes, lists or tuples of the same type.
pub(super) fn join(heap: &mut Heap, name: &str, args: &[Value]) -> Result {
    let Some(&first) = args.first() else { return lists::new(heap, &[]) };
    let kind = ops::type_name(heap, first);
    if let Some(&other) = args.iter().find(|&&arg| ops::type_name(heap, arg) != kind) {
        let (a, b) = (ops::describe(heap, first), ops::describe(heap, other));
        return Err(ops::type_error(match name {
            "+" => format!("`+` cannot add {a} and {b}"),
            _ => format!("`{name}` cannot join {a} and {b}"),
        }));
    }
    match kind {
        "string" => text::join(heap, args),
        "bytes" => {
            let lengths = args.iter().map(|&arg| bytes::view(heap, arg).map_or(0, <[u8]>::len));
            let parts: Vec<Part> = (0..).zip(lengths).map(|(source, len)| Part::new(source, 0, len)).collect();
            copying::bytes_of(heap, &mut args.to_vec(), parts)
        }
        "list" | "tuple" => {
            let parts = args.iter().map(|&arg| (arg, 0, elements(heap, arg).map_or(0, <[u64]>::len)));
            let parts = Source::parts(parts);
            build(heap, if kind == "list" { Kind::List } else { Kind::Tuple }, parts)
        }
        _ => Err(wants(heap, name, "lists, tuples, strings or bytes", first)),
    }
}

pub(super) fn concat(heap: &mut Heap, args: &[Value]) -> Result {
    let kinds: Vec<_> = args.iter().map(|&arg| ops::type_name(heap, arg)).collect();
    let texts = kinds.iter().any(|kind| matches!(*kind, "string" | "bytes"));
    if texts || kinds.iter().all(|kind| matches!(*kind, "list" | "tuple") && *kind == kinds[0]) {
        return join(heap, "concat", args);
    }
    rows::chained(heap, Kind::List, args)
}

pub(super) fn reverse(heap: &mut Heap, args: &[Value]) -> Result {
    let &[container] = args else { return Err(arity()) };
    if elements(heap, container).is_some() {
        let kind = if heap.is(container, Kind::List).is_some() { Kind::List } else { Kind::Tuple };
        return build(heap, kind, Source::Reversed(container));
    }
    if text::is_text(heap, container) {
        return reversing::text(heap, container);
    }
    if bytes::view(heap, container).is_some() {
        return reversing::bytes(heap, container);
    }
    match ranges::view(heap, container) {
        Some(range) if range.len() == 0 => ranges::new(heap, 0, 0, 1),
        Some(range) => {
            let last = range.get(range.len() - 1);
            let Some(step) = range.step.checked_neg() else { return ranges::new(heap, last, last + 1, 1) };
            ranges::new(heap, last, range.start.saturating_add(step.signum()), step)
        }
        None => Err(wants(heap, "reverse", "a sequence", container)),
    }
}

pub(super) fn range(heap: &mut Heap, args: &[Value]) -> Result {
    let mut bounds = [0i64; 3];
    for (bound, &arg) in bounds.iter_mut().zip(args) {
        *bound = match int::as_i64(heap, arg) {
            Some(small) => small,
            None if int::is_int(heap, arg) => {
                return Err(Trap::error(ErrorKind::Limit, "the bounds of a range have at most 64 bits"));
            }
            None => return Err(wants(heap, "range", "ints", arg)),
        };
    }
    match (args.len(), bounds) {
        (1, [end, ..]) => ranges::new(heap, 0, end, 1),
        (2, [start, end, _]) => ranges::new(heap, start, end, 1),
        (_, [_, _, 0]) => Err(value_error("`range` by a step of zero")),
        (_, [start, end, step]) => ranges::new(heap, start, end, step),
    }
}

pub(super) fn list(heap: &mut Heap, args: &[Value]) -> Result {
    let &[source] = args else { return Err(arity()) };
    lists::from_known(heap, source).unwrap_or_else(|| rows::chained(heap, Kind::List, args))
}

pub(super) fn tuple(heap: &mut Heap, args: &[Value]) -> Result {
    let &[source] = args else { return Err(arity()) };
    if heap.is(source, Kind::Tuple).is_some() {
        return Ok(source);
    }
    if let Some(words) = elements(heap, source) {
        let all = words.len();
        return build(heap, Kind::Tuple, Source::parts([(source, 0, all)]));
    }
    if let Some(ints) = ranges::ints(heap, source) {
        return build(heap, Kind::Tuple, ints);
    }
    rows::chained(heap, Kind::Tuple, args)
}

pub(super) fn fill(heap: &mut Heap, args: &[Value]) -> Result {
    let &[count, value] = args else { return Err(arity()) };
    let Some(count) = int::clamped(heap, count) else { return Err(wants(heap, "fill", "an int as the length", count)) };
    let Ok(count) = usize::try_from(count) else { return Err(value_error("`fill` with a negative length")) };
    build(heap, Kind::List, Source::Same(value, count))
}
