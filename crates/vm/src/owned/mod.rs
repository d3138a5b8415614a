//! Values outside of a process: trees that a host owns, with handles for what cannot be copied.
//!
//! Data may be nested as deeply as memory allows, so nothing here recurses over it: not even dropping, comparing or
//! printing.

pub(crate) mod conversion;
pub(crate) mod handles;

use crate::format;
use iridium_bytecode::quote::{quote, quote_bytes};
use num_bigint::BigInt;
use std::fmt::{self, Write};
use std::ops::Deref;
use std::sync::Arc;

/// A value of Eva that a host owns.
///
/// A list and a tuple are copied with all that they hold; cloning one shares it. What cannot be copied, such as a
/// function or an instance, is a [`Handle`].
#[derive(Clone)]
pub enum OwnedValue {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An int that fits.
    Int(i64),
    /// An int that does not fit into 64 bits.
    Big(BigInt),
    /// A float.
    Float(f64),
    /// Text.
    String(String),
    /// Octets.
    Bytes(Vec<u8>),
    /// An atom.
    Atom(Atom),
    /// A list.
    List(List),
    /// A tuple.
    Tuple(List),
    /// A map, its entries in order.
    Map(Map),
    /// Something that stays in its process.
    Handle(Handle),
}

/// An atom by its name, without the colon.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Atom(Arc<str>);

/// The elements of a list or tuple. Clones share them.
#[derive(Clone, Default)]
pub struct List(Arc<Elements>);

/// The entries of a map, in order. Clones share them.
#[derive(Clone, Default)]
pub struct Map(Arc<Entries>);

/// What the clones of a [`List`] share.
#[derive(Default)]
struct Elements(Vec<OwnedValue>);

/// What the clones of a [`Map`] share.
#[derive(Default)]
struct Entries(Vec<(OwnedValue, OwnedValue)>);

/// Something that stays in its process: a function, an instance, a class, an iterator and the like.
///
/// While a handle or a clone of it is there, the process keeps the object. A handle means nothing to another process.
#[derive(Clone)]
pub struct Handle(Arc<Token>);

/// What a handle and its process share.
#[derive(Debug)]
pub(crate) struct Token {
    /// The place in the process's table.
    slot: usize,
    /// What it is, as messages call it.
    what: String,
}

impl Atom {
    /// The atom with this name.
    pub fn new(name: impl Into<Arc<str>>) -> Atom {
        Atom(name.into())
    }

    /// Its name, without the colon.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Handle {
    /// What it is: `a function`, `an instance of Point`.
    pub fn what(&self) -> &str {
        &self.0.what
    }
}

impl PartialEq for Handle {
    /// Whether one is a clone of the other.
    fn eq(&self, other: &Handle) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl OwnedValue {
    /// What it is, as messages call it.
    pub fn what(&self) -> &str {
        match self {
            OwnedValue::Null => "null",
            OwnedValue::Bool(_) => "a bool",
            OwnedValue::Int(_) | OwnedValue::Big(_) => "an int",
            OwnedValue::Float(_) => "a float",
            OwnedValue::String(_) => "a string",
            OwnedValue::Bytes(_) => "bytes",
            OwnedValue::Atom(_) => "an atom",
            OwnedValue::List(_) => "a list",
            OwnedValue::Tuple(_) => "a tuple",
            OwnedValue::Map(_) => "a map",
            OwnedValue::Handle(handle) => handle.what(),
        }
    }
}

impl List {
    /// The elements; copied only if another clone shares them.
    pub fn into_vec(self) -> Vec<OwnedValue> {
        match Arc::try_unwrap(self.0) {
            Ok(mut own) => std::mem::take(&mut own.0),
            Err(shared) => shared.0.clone(),
        }
    }
}

impl Map {
    /// The entries; copied only if another clone shares them.
    pub fn into_vec(self) -> Vec<(OwnedValue, OwnedValue)> {
        match Arc::try_unwrap(self.0) {
            Ok(mut own) => std::mem::take(&mut own.0),
            Err(shared) => shared.0.clone(),
        }
    }

    /// The entry at a place.
    fn get_index(&self, index: usize) -> Option<&(OwnedValue, OwnedValue)> {
        self.0.0.get(index)
    }

    /// The value of a key, found by looking at one entry after the other.
    pub fn get(&self, key: &OwnedValue) -> Option<&OwnedValue> {
        self.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }
}

impl From<Vec<OwnedValue>> for List {
    fn from(elements: Vec<OwnedValue>) -> List {
        List(Arc::new(Elements(elements)))
    }
}

impl From<Vec<(OwnedValue, OwnedValue)>> for Map {
    fn from(entries: Vec<(OwnedValue, OwnedValue)>) -> Map {
        Map(Arc::new(Entries(entries)))
    }
}

impl Deref for List {
    type Target = [OwnedValue];
    fn deref(&self) -> &[OwnedValue] {
        &self.0.0
    }
}

impl Deref for Map {
    type Target = [(OwnedValue, OwnedValue)];
    fn deref(&self) -> &[(OwnedValue, OwnedValue)] {
        &self.0.0
    }
}

impl Drop for Elements {
    fn drop(&mut self) {
        if self.0.iter().any(OwnedValue::holds_others) {
            dismantle(std::mem::take(&mut self.0));
        }
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        if self.0.iter().any(|(key, value)| key.holds_others() || value.holds_others()) {
            dismantle(std::mem::take(&mut self.0).into_iter().flat_map(<[OwnedValue; 2]>::from).collect());
        }
    }
}

impl OwnedValue {
    fn holds_others(&self) -> bool {
        match self {
            OwnedValue::List(list) | OwnedValue::Tuple(list) => !list.is_empty(),
            OwnedValue::Map(map) => !map.is_empty(),
            _ => false,
        }
    }
}

/// Drops values and all that only they hold.
fn dismantle(mut values: Vec<OwnedValue>) {
    while let Some(value) = values.pop() {
        match value {
            OwnedValue::List(list) | OwnedValue::Tuple(list) => {
                if let Some(mut last) = Arc::into_inner(list.0) {
                    values.append(&mut last.0);
                }
            }
            OwnedValue::Map(map) => {
                if let Some(mut last) = Arc::into_inner(map.0) {
                    values.extend(std::mem::take(&mut last.0).into_iter().flat_map(<[OwnedValue; 2]>::from));
                }
            }
            _ => {}
        }
    }
}

impl PartialEq for OwnedValue {
    /// Whether both have the same structure: a float equals no int, maps have their entries in the same order.
    fn eq(&self, other: &OwnedValue) -> bool {
        let mut pairs = vec![(self, other)];
        while let Some(pair) = pairs.pop() {
            let same = match pair {
                (OwnedValue::Null, OwnedValue::Null) => true,
                (OwnedValue::Bool(a), OwnedValue::Bool(b)) => a == b,
                (OwnedValue::Int(a), OwnedValue::Int(b)) => a == b,
                (OwnedValue::Big(a), OwnedValue::Big(b)) => a == b,
                (OwnedValue::Float(a), OwnedValue::Float(b)) => a == b,
                (OwnedValue::String(a), OwnedValue::String(b)) => a == b,
                (OwnedValue::Bytes(a), OwnedValue::Bytes(b)) => a == b,
                (OwnedValue::Atom(a), OwnedValue::Atom(b)) => a == b,
                (OwnedValue::Handle(a), OwnedValue::Handle(b)) => a == b,
                (OwnedValue::List(a), OwnedValue::List(b)) | (OwnedValue::Tuple(a), OwnedValue::Tuple(b)) => {
                    pairs.extend(a.iter().zip(b.iter()));
                    a.len() == b.len()
                }
                (OwnedValue::Map(a), OwnedValue::Map(b)) => {
                    pairs.extend(a.iter().zip(b.iter()).flat_map(|(a, b)| [(&a.0, &b.0), (&a.1, &b.1)]));
                    a.len() == b.len()
                }
                _ => false,
            };
            if !same {
                return false;
            }
        }
        true
    }
}

/// What is still to be printed.
enum Piece<'v> {
    Value(&'v OwnedValue),
    Text(&'static str),
}

impl fmt::Display for OwnedValue {
    /// As `repr` prints it, but for what a handle stands for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        let mut pieces = vec![Piece::Value(self)];
        while let Some(piece) = pieces.pop() {
            let value = match piece {
                Piece::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Value(value) => value,
            };
            match value {
                OwnedValue::Null => out.push_str("null"),
                OwnedValue::Bool(value) => write!(out, "{value}")?,
                OwnedValue::Int(value) => write!(out, "{value}")?,
                OwnedValue::Big(value) => write!(out, "{value}")?,
                OwnedValue::Float(value) => format::float(*value, &mut out),
                OwnedValue::String(text) => quote(text, &mut out),
                OwnedValue::Bytes(octets) => quote_bytes(octets, &mut out),
                OwnedValue::Atom(atom) => format::atom(atom.as_str(), &mut out),
                OwnedValue::Handle(handle) => write!(out, "<{}>", handle.what())?,
                OwnedValue::List(list) => open(&mut pieces, "[", "]", list.iter()),
                OwnedValue::Tuple(list) => open(&mut pieces, "#[", "]", list.iter()),
                OwnedValue::Map(map) => {
                    open(&mut pieces, "{", "}", map.iter().flat_map(|(key, value)| [key, value]));
                }
            }
        }
        f.write_str(&out)
    }
}

/// Notes the pieces of a collection, the first one last.
fn open<'v>(
    pieces: &mut Vec<Piece<'v>>,
    start: &'static str,
    end: &'static str,
    elements: impl IntoIterator<Item = &'v OwnedValue>,
) {
    let first = pieces.len();
    pieces.push(Piece::Text(start));
    for (index, element) in elements.into_iter().enumerate() {
        if index > 0 {
            pieces.push(Piece::Text(" "));
        }
        pieces.push(Piece::Value(element));
    }
    pieces.push(Piece::Text(end));
    pieces[first..].reverse();
}

impl fmt::Debug for OwnedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, ":{}", self.as_str())
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.what())
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OwnedValue::List(self.clone()))
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OwnedValue::Map(self.clone()))
    }
}
