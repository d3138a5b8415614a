//! Elements, entries, properties: `get`, `put`, `len`, `push`, `prop`.

use super::{describe, instead, type_error};
use crate::data::{bytes, class, elements, error, int, list, map, place, range, text};
use crate::format;
use crate::frozen;
use crate::heap::{Heap, Kind};
use crate::node::well_known;
use crate::trap::{ErrorKind, Then, Trap};
use crate::value::Value;

/// The place that an index names in a sequence of this length; `None` when out of range.
///
/// # Errors
/// `:type-error` when it is no int.
#[inline]
pub(crate) fn index_in(heap: &Heap, index: Value, len: usize) -> Result<Option<usize>, Trap> {
    if let Some(small) = index.as_int() {
        return Ok(place(small as i64, len));
    }
    if int::is_int(heap, index) {
        return Ok(int::as_i64(heap, index).and_then(|index| place(index, len)));
    }
    Err(type_error(format!("an index is an int, not {}", describe(heap, index))))
}

#[cold]
pub(crate) fn out_of_range(heap: &Heap, container: Value, index: Value) -> Trap {
    let index = format::brief(heap, index);
    let (what, parts) = match super::type_name(heap, container) {
        "string" => ("a string", "character"),
        "bytes" => ("bytes", "byte"),
        "range" => ("a range", "int"),
        "tuple" => ("a tuple", "element"),
        _ => ("a list", "element"),
    };
    let len = length(heap, container).unwrap_or(0);
    let plural = if len == 1 { "" } else { "s" };
    Trap::error(ErrorKind::Index, format!("index {index} is out of range for {what} of {len} {parts}{plural}"))
}

#[cold]
pub(crate) fn no_key(heap: &Heap, key: Value) -> Trap {
    Trap::error(ErrorKind::Key, format!("the map has no key {}", format::brief(heap, key)))
}

/// Looks an element up; `None` when there is no such index or key.
#[inline]
fn lookup(heap: &mut Heap, container: Value, key: Value) -> Result<Option<Value>, Trap> {
    if let Some(at) = container.as_heap() {
        match heap.kind(at) {
            Kind::List => {
                if let Some(index) = key.as_int()
                    && index >= 0
                {
                    return Ok(list::get(heap, at, index as usize));
                }
                return Ok(index_in(heap, key, list::len(heap, at))?.and_then(|index| list::get(heap, at, index)));
            }
            Kind::Map => return map::get(heap, at, key),
            Kind::Tuple => {
                let index = index_in(heap, key, heap.payload(at).len())?;
                return Ok(index.map(|index| heap.value(at, index)));
            }
            _ => {}
        }
    }
    lookup_slow(heap, container, key)
}

#[inline(never)]
fn lookup_slow(heap: &mut Heap, container: Value, key: Value) -> Result<Option<Value>, Trap> {
    if let Some(len) = text::len(heap, container) {
        return match index_in(heap, key, len)? {
            Some(index) => text::char_at(heap, container, index).map(Some),
            None => Ok(None),
        };
    }
    if let Some(bytes) = bytes::view(heap, container) {
        return Ok(index_in(heap, key, bytes.len())?.map(|index| Value::int(bytes[index] as i32)));
    }
    if let Some(range) = range::view(heap, container) {
        // Half of the longest range is out of reach of an index that counts from the end; nobody gets there.
        let len = usize::try_from(range.len().min(i64::MAX as u64)).unwrap_or(usize::MAX);
        return match index_in(heap, key, len)? {
            Some(index) => int::from_i64(heap, range.get(index as u64)).map(Some),
            None => Ok(None),
        };
    }
    Err(type_error(format!("{} has no elements to get", describe(heap, container))))
}

/// `(get c k)`.
///
/// # Errors
/// `:index-error` or `:key-error` when there is none; `:type-error` for an index that is no int, and for what has no
/// elements.
#[inline]
pub fn index_get(heap: &mut Heap, container: Value, key: Value) -> Result<Value, Trap> {
    match lookup(heap, container, key) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(not_found(heap, container, key)),
        Err(trap) => Err(instead(heap, trap, "get", &[container, key], Then::Value)),
    }
}

#[cold]
fn not_found(heap: &Heap, container: Value, key: Value) -> Trap {
    if heap.is(container, Kind::Map).is_some() { no_key(heap, key) } else { out_of_range(heap, container, key) }
}

/// `(get c k default)`.
///
/// # Errors
/// `:type-error` for an index that is no int, and for what has no elements.
#[inline]
pub fn index_get_or(heap: &mut Heap, container: Value, key: Value, default: Value) -> Result<Value, Trap> {
    match lookup(heap, container, key) {
        Ok(found) => Ok(found.unwrap_or(default)),
        Err(trap) => Err(instead(heap, trap, "get", &[container, key, default], Then::Value)),
    }
}

/// `(set (get c k) v)`.
///
/// # Errors
/// `:index-error` when a list has no such index; `:type-error` for what cannot be changed.
#[inline]
pub fn index_set(heap: &mut Heap, container: Value, key: Value, value: Value) -> Result<(), Trap> {
    store(heap, container, key, value)
        .map_err(|trap| instead(heap, trap, "%set", &[container, key, value], Then::Value))
}

/// Sets an element or entry.
#[inline]
fn store(heap: &mut Heap, container: Value, key: Value, value: Value) -> Result<(), Trap> {
    if let Some(at) = container.as_heap() {
        match heap.kind(at) {
            Kind::List => {
                frozen::check(heap, at)?;
                return match index_in(heap, key, list::len(heap, at))? {
                    Some(index) => {
                        list::set(heap, at, index, value);
                        Ok(())
                    }
                    None => Err(out_of_range(heap, container, key)),
                };
            }
            Kind::Map => {
                frozen::check(heap, at)?;
                return map::put(heap, at, key, value);
            }
            _ => {}
        }
    }
    Err(unchangeable(heap, container))
}

#[cold]
fn unchangeable(heap: &Heap, container: Value) -> Trap {
    let what = describe(heap, container);
    type_error(match super::type_name(heap, container) {
        "string" | "bytes" | "tuple" | "range" => format!("{what} cannot be changed"),
        _ => format!("{what} has no elements to set"),
    })
}

/// The length of what has one.
pub(crate) fn length(heap: &Heap, value: Value) -> Option<u64> {
    if let Some(elements) = elements(heap, value) {
        return Some(elements.len() as u64);
    }
    if let Some(chars) = text::len(heap, value) {
        return Some(chars as u64);
    }
    if let Some(at) = heap.is(value, Kind::Map) {
        return Some(map::len(heap, at) as u64);
    }
    if let Some(bytes) = bytes::view(heap, value) {
        return Some(bytes.len() as u64);
    }
    range::view(heap, value).map(|range| range.len())
}

/// `(len c)`.
///
/// # Errors
/// `:type-error` for what has no length.
#[inline]
pub fn len(heap: &mut Heap, container: Value) -> Result<Value, Trap> {
    match length(heap, container) {
        Some(len) => int::from_i128(heap, len as i128),
        None => Err(type_error(format!("{} has no length", describe(heap, container)))),
    }
}

/// `(push xs v)`: adds at the end; value the list.
///
/// # Errors
/// `:type-error` unless it is a list.
#[inline]
pub fn push(heap: &mut Heap, container: Value, value: Value) -> Result<Value, Trap> {
    match heap.is(container, Kind::List) {
        Some(at) => {
            frozen::check(heap, at)?;
            list::push(heap, at, value)?;
            Ok(container)
        }
        None => Err(type_error(format!("`push` takes a list, not {}", describe(heap, container)))),
    }
}

/// `(put c k v)`: gives a key or index a value; value the collection.
///
/// # Errors
/// As [`index_set`].
#[inline]
pub fn put(heap: &mut Heap, container: Value, key: Value, value: Value) -> Result<Value, Trap> {
    match store(heap, container, key, value) {
        Ok(()) => Ok(container),
        Err(trap) => Err(instead(heap, trap, "put", &[container, key, value], Then::Value)),
    }
}

#[cold]
fn no_property(heap: &Heap, object: Value, atom: u32) -> Trap {
    let name = heap.node().atom_name(atom);
    let who = match class::name_of(heap, object) {
        Some(who) => who,
        None => describe(heap, object).to_string(),
    };
    Trap::error(ErrorKind::Property, format!("{who} has no property `{name}`"))
}

/// `o.n` of anything but a module, with the name as an atom; and whether it is a method of an instance's class.
///
/// # Errors
/// `:property-error` when it has none of that name.
pub fn prop_find(heap: &mut Heap, object: Value, atom: u32) -> Result<(Value, bool), Trap> {
    if let Some(at) = object.as_heap() {
        match heap.kind(at) {
            Kind::Map => {
                if let Some(value) = map::get_atom(heap, at, Value::atom(atom))? {
                    return Ok((value, false));
                }
            }
            Kind::Instance => {
                if let Some(found) = class::get(heap, at, atom)? {
                    return Ok(found);
                }
                if atom == well_known::STACK && error::view(heap, object).is_some() {
                    return Ok((error::stack(heap, at)?, false));
                }
                if atom == well_known::CONSTRUCTOR {
                    return Ok((class::no_constructor(heap), true));
                }
            }
            Kind::Class => {
                if let Some(value) = class::member(heap, at, atom) {
                    return Ok((value, false));
                }
            }
            _ => {}
        }
    }
    Err(no_property(heap, object, atom))
}

/// `o.n` of anything but a module, with the name as an atom.
///
/// # Errors
/// `:property-error` when it has none of that name.
pub fn prop_get(heap: &mut Heap, object: Value, atom: u32) -> Result<Value, Trap> {
    prop_find(heap, object, atom).map(|(value, _)| value)
}

/// `(set o.n v)`, with the name as an atom.
///
/// # Errors
/// `:property-error` when it cannot have one of that name.
#[inline]
pub fn prop_set(heap: &mut Heap, object: Value, atom: u32, value: Value) -> Result<(), Trap> {
    if let Some(at) = object.as_heap() {
        match heap.kind(at) {
            Kind::Map => {
                frozen::check(heap, at)?;
                return map::put_atom(heap, at, Value::atom(atom), value);
            }
            Kind::Instance => {
                frozen::check(heap, at)?;
                return class::set(heap, at, atom, value).map(|_| ());
            }
            _ => {}
        }
    }
    let name = heap.node().atom_name(atom);
    let who = class::name_of(heap, object).unwrap_or_else(|| describe(heap, object).to_string());
    let message = format!("cannot set `{name}` of {who}: only instances and maps have properties that change");
    Err(Trap::error(ErrorKind::Property, message))
}

/// The elements of a list, or of a tuple, that must have `n`.
///
/// # Errors
/// `:match-error` for anything else.
pub fn unpack(
    heap: &Heap,
    value: Value,
    n: usize,
    tuple: bool,
) -> Result<impl ExactSizeIterator<Item = Value> + '_, Trap> {
    let kind = if tuple { Kind::Tuple } else { Kind::List };
    let found = if heap.is(value, kind).is_some() { elements(heap, value) } else { None };
    match found {
        Some(words) if words.len() == n => Ok(words.iter().map(|&bits| Value::from_bits(bits))),
        _ => {
            let what = if tuple { "tuple" } else { "list" };
            let plural = if n == 1 { "" } else { "s" };
            let brief = format::brief(heap, value);
            Err(Trap::error(ErrorKind::Match, format!("{brief} is no {what} of {n} element{plural}")))
        }
    }
}
