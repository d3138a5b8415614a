//! Values into a process's heap and out of it. Neither way recurses over the data.

use super::handles::Handles;
use super::{Atom, Handle, List, Map, OwnedValue};
use crate::data::{bytes, class, elements, int, list, map, object, text, tuple};
use crate::heap::{Heap, Kind};
use crate::natives::atom;
use crate::ops;
use crate::trap::{ErrorKind, Trap};
use crate::value::{Ref, Value};
use rustc_hash::FxHashSet;

/// Why a value cannot be taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is a part of itself.
    Cycle,
    /// It would take more memory than allowed: a part that occurs several times counts as often.
    TooLarge,
}

impl Refused {
    /// The end of a sentence about the value.
    pub(crate) fn says(self) -> &'static str {
        match self {
            Refused::Cycle => "contains itself, so it cannot be copied to the host",
            Refused::TooLarge => "is too large to be copied to the host",
        }
    }

    /// What a program catches.
    pub(crate) fn kind(self) -> ErrorKind {
        match self {
            Refused::Cycle => ErrorKind::Value,
            Refused::TooLarge => ErrorKind::Limit,
        }
    }
}

/// A collection whose elements are being put in.
struct Building<'v> {
    collection: &'v OwnedValue,
    /// Its elements so far; the keys and values of a map in turn.
    built: Vec<Value>,
}

impl<'v> Building<'v> {
    /// The next element to be put in.
    fn next(&self) -> Option<&'v OwnedValue> {
        let index = self.built.len();
        match self.collection {
            OwnedValue::List(list) | OwnedValue::Tuple(list) => list.get(index),
            OwnedValue::Map(map) => {
                map.get_index(index / 2).map(|(key, value)| if index.is_multiple_of(2) { key } else { value })
            }
            _ => None,
        }
    }

    fn finish(self, heap: &mut Heap) -> Result<Value, Trap> {
        heap.spend(self.built.len() * WORDS_AN_ELEMENT);
        match self.collection {
            OwnedValue::List(_) => list::new(heap, &self.built),
            OwnedValue::Tuple(_) => tuple::new(heap, &self.built),
            _ => {
                let entries: Vec<_> = self.built.chunks_exact(2).map(|entry| (entry[0], entry[1])).collect();
                let map = map::from_entries(heap, &entries);
                map.map_err(|trap| if trap.is_asks() { asking_key() } else { trap })
            }
        }
    }
}

/// Makes a value in the heap.
///
/// # Errors
/// No memory; a limit; a key that cannot be one; a handle of another process.
pub(crate) fn put_in(heap: &mut Heap, handles: &Handles, value: &OwnedValue) -> Result<Value, Trap> {
    let mut open: Vec<Building> = Vec::new();
    let mut next = value;
    loop {
        let mut done = match next {
            OwnedValue::Null => Value::NULL,
            OwnedValue::Bool(value) => Value::bool(*value),
            OwnedValue::Int(value) => int::from_i64(heap, *value)?,
            OwnedValue::Big(value) => int::from_big(heap, value)?,
            OwnedValue::Float(value) => Value::float(*value),
            OwnedValue::String(value) => {
                heap.spend(value.len() / BYTES_A_WORD);
                text::make(heap, value)?
            }
            OwnedValue::Bytes(octets) => {
                heap.spend(octets.len() / BYTES_A_WORD);
                bytes::make(heap, octets)?
            }
            OwnedValue::Atom(name) => atom(heap, name.as_str())?,
            OwnedValue::Handle(handle) => handles.get(handle).ok_or_else(|| foreign(handle))?,
            collection @ (OwnedValue::List(_) | OwnedValue::Tuple(_) | OwnedValue::Map(_)) => {
                let building = Building { collection, built: Vec::new() };
                if let Some(first) = building.next() {
                    open.push(building);
                    next = first;
                    continue;
                }
                building.finish(heap)?
            }
        };
        // Closes what this was the last element of.
        loop {
            let Some(mut building) = open.pop() else { return Ok(done) };
            building.built.push(done);
            if let Some(following) = building.next() {
                open.push(building);
                next = following;
                break;
            }
            done = building.finish(heap)?;
        }
    }
}

/// The error of a handle that another process gave.
#[cold]
pub(crate) fn foreign(handle: &Handle) -> Trap {
    let message = format!("the host passed {} of another execution, or of one that has ended", handle.what());
    Trap::error(ErrorKind::Value, message)
}

#[cold]
fn asking_key() -> Trap {
    let message = "an instance whose class defines `hash` or `equals?` cannot be a key of a map that the host makes";
    Trap::error(ErrorKind::Type, message)
}

/// Collections around a value that are looked through one by one for itself; those further in are in a table.
const NEAR: usize = 16;

/// A collection whose elements are being taken out.
struct Taking {
    kind: Kind,
    at: Ref,
    /// The place of the next element, or of the next key or value of a map.
    place: usize,
    elements: Vec<OwnedValue>,
    entries: Vec<(OwnedValue, OwnedValue)>,
    /// The key whose value comes next.
    key: Option<OwnedValue>,
}

/// Bytes in the host whose copying takes as long as touching a word of the heap does.
const BYTES_A_WORD: usize = 4;
/// Words that could be touched while an element is put in.
const WORDS_AN_ELEMENT: usize = 8;

/// Octets that a collection takes in the host beside its elements.
const COLLECTION: usize = 64;

impl Taking {
    /// A collection none of whose elements is taken out yet: room for them is paid for, then made.
    fn new(heap: &Heap, kind: Kind, at: Ref, room: &mut usize) -> Result<Taking, Refused> {
        let mut taking = Taking { kind, at, place: 0, elements: Vec::new(), entries: Vec::new(), key: None };
        if kind == Kind::Map {
            let count = map::len(heap, at);
            pay(heap, room, COLLECTION + count * size_of::<(OwnedValue, OwnedValue)>())?;
            taking.entries.reserve_exact(count);
        } else {
            let count = elements(heap, Value::heap(at)).map_or(0, <[u64]>::len);
            pay(heap, room, COLLECTION + count * size_of::<OwnedValue>())?;
            taking.elements.reserve_exact(count);
        }
        Ok(taking)
    }

    fn next(&mut self, heap: &Heap) -> Option<Value> {
        loop {
            let place = self.place;
            self.place += 1;
            if self.kind != Kind::Map {
                return elements(heap, Value::heap(self.at))?.get(place).map(|&bits| Value::from_bits(bits));
            }
            if place / 2 >= map::used(heap, self.at) {
                return None;
            }
            match map::entry_at(heap, map::slots(heap, self.at)?, place / 2) {
                Some((key, value)) => return Some(if place.is_multiple_of(2) { key } else { value }),
                // It was removed.
                None => self.place += 1,
            }
        }
    }

    fn add(&mut self, value: OwnedValue) {
        if self.kind != Kind::Map {
            self.elements.push(value);
        } else if let Some(key) = self.key.take() {
            self.entries.push((key, value));
        } else {
            self.key = Some(value);
        }
    }

    fn finish(self) -> OwnedValue {
        match self.kind {
            Kind::List => OwnedValue::List(List::from(self.elements)),
            Kind::Tuple => OwnedValue::Tuple(List::from(self.elements)),
            _ => OwnedValue::Map(Map::from(self.entries)),
        }
    }
}

/// Copies a value out of the heap. `room` is how many bytes it may take in the host, and becomes what is left of them.
///
/// # Errors
/// Why it cannot be copied.
pub(crate) fn take_out(
    heap: &Heap,
    handles: &mut Handles,
    value: Value,
    room: &mut usize,
) -> Result<OwnedValue, Refused> {
    let mut open: Vec<Taking> = Vec::new();
    let mut far: FxHashSet<Ref> = FxHashSet::default();
    let mut next = value;
    loop {
        let mut done = match object(heap, next) {
            Some((kind @ (Kind::List | Kind::Tuple | Kind::Map), at)) => {
                let near = &open[..open.len().min(NEAR)];
                if near.iter().any(|around| around.at == at) || far.contains(&at) {
                    return Err(Refused::Cycle);
                }
                let mut taking = Taking::new(heap, kind, at, room)?;
                match taking.next(heap) {
                    Some(first) => {
                        if open.len() >= NEAR {
                            far.insert(at);
                        }
                        open.push(taking);
                        next = first;
                        continue;
                    }
                    None => taking.finish(),
                }
            }
            _ => scalar(heap, handles, next, room)?,
        };
        // Closes what this was the last element of.
        loop {
            let Some(around) = open.last_mut() else { return Ok(done) };
            around.add(done);
            if let Some(following) = around.next(heap) {
                next = following;
                break;
            }
            let Some(closed) = open.pop() else { return Err(Refused::Cycle) };
            if open.len() >= NEAR {
                far.remove(&closed.at);
            }
            done = closed.finish();
        }
    }
}

/// Pays for so many bytes in the host, and for the time that copying takes.
fn pay(heap: &Heap, room: &mut usize, bytes: usize) -> Result<(), Refused> {
    heap.spend(bytes / BYTES_A_WORD);
    *room = room.checked_sub(bytes).ok_or(Refused::TooLarge)?;
    Ok(())
}

/// What is no collection.
fn scalar(heap: &Heap, handles: &mut Handles, value: Value, room: &mut usize) -> Result<OwnedValue, Refused> {
    if let Some(int) = value.as_int() {
        return Ok(OwnedValue::Int(i64::from(int)));
    }
    if let Some(float) = value.as_float() {
        return Ok(OwnedValue::Float(float));
    }
    if let Some(truth) = value.as_bool() {
        return Ok(OwnedValue::Bool(truth));
    }
    if value == Value::NULL {
        return Ok(OwnedValue::Null);
    }
    if let Some(text) = text::view(heap, value) {
        let text = text.as_str();
        pay(heap, room, text.len())?;
        return Ok(OwnedValue::String(text.to_owned()));
    }
    if let Some(index) = value.as_atom() {
        return Ok(OwnedValue::Atom(Atom::new(heap.node().atom_name(index))));
    }
    if let Some(octets) = bytes::view(heap, value) {
        pay(heap, room, octets.len())?;
        return Ok(OwnedValue::Bytes(octets.to_vec()));
    }
    Ok(match int::view(heap, value) {
        Some(int::Int::Small(small)) => OwnedValue::Int(small),
        Some(int::Int::Big(big)) => {
            pay(heap, room, big.bits().div_ceil(8) as usize)?;
            OwnedValue::Big(big.into_owned())
        }
        None => {
            let what = class::name_of(heap, value).unwrap_or_else(|| ops::describe(heap, value).to_owned());
            OwnedValue::Handle(handles.add(what, value))
        }
    })
}
