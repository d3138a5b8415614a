//! Patterns: the tests that `match` and its like are compiled to.

use super::calls::always_slow;
use crate::data::{self, class, gather, map};
use crate::format;
use crate::heap::{Heap, Kind};
use crate::machine::{Flow, Machine, Op, Step};
use crate::ops::instead;
use crate::process::Process;
use crate::trap::{ErrorKind, Then, Trap};
use crate::value::Value;
use iridium_isa::register::Word;
use iridium_isa::stack::TYPES;

/// Whether a list or tuple has exactly, or at least, so many elements.
pub(crate) fn has_length(heap: &Heap, value: Value, count: usize, exactly: bool) -> bool {
    data::elements(heap, value).is_some_and(|words| if exactly { words.len() == count } else { words.len() >= count })
}

/// The number of elements of a list or tuple, 0 of anything else.
pub(crate) fn length(heap: &Heap, value: Value) -> Value {
    // A heap has fewer words than an int of 32 bits can count.
    Value::int(data::elements(heap, value).map_or(0, <[u64]>::len) as i32)
}

/// An element of a list or tuple, or null.
pub(crate) fn element(heap: &Heap, value: Value, index: usize) -> Value {
    let word = data::elements(heap, value).and_then(|words| words.get(index));
    word.map_or(Value::NULL, |&word| Value::from_bits(word))
}

/// The elements of a list or tuple from `start` on, as its like.
pub(crate) fn rest(heap: &mut Heap, value: Value, start: usize) -> Result<Value, Trap> {
    let length = data::elements(heap, value).map_or(0, <[u64]>::len);
    let kind = if heap.is(value, Kind::Tuple).is_some() { Kind::Tuple } else { Kind::List };
    let start = start.min(length);
    gather(heap, kind, &[(value, start, length - start)])
}

/// Whether a value is of the built-in type with this number.
pub(crate) fn is_type(heap: &Heap, value: Value, number: usize) -> bool {
    TYPES.get(number).is_some_and(|name| class::is_of_type(heap, value, name))
}

/// Whether a map has a key; false for what is no map.
pub(crate) fn has_key(heap: &Heap, value: Value, key: Value) -> Result<bool, Trap> {
    match heap.is(value, Kind::Map) {
        Some(at) => match map::get(heap, at, key) {
            Ok(found) => Ok(found.is_some()),
            Err(trap) => Err(instead(heap, trap, "has?", &[value, key], Then::Truth)),
        },
        None => Ok(false),
    }
}

/// The error of a value that no pattern matches.
#[cold]
pub(crate) fn no_match(heap: &Heap, value: Value) -> Trap {
    Trap::error(ErrorKind::Match, format!("no pattern matches {}", format::brief(heap, value)))
}

fn set(process: &mut Process, register: u8, truth: bool) -> Result<Step, Trap> {
    process.set_reg(register, Value::bool(truth));
    Ok(Step::Next)
}

always_slow! {
    /// `istype`.
    IsType(1, false) |process, word| {
        let truth = is_type(&process.heap, process.reg(word.b()), usize::from(word.c()));
        set(process, word.a(), truth)
    };
    /// `isa`.
    IsA(1, false) |process, word| {
        let truth = class::is_a(&process.heap, process.reg(word.b()), process.reg(word.c()))?;
        set(process, word.a(), truth)
    };
    /// `haslen`.
    HasLength(1, false) |process, word| {
        let truth = has_length(&process.heap, process.reg(word.b()), usize::from(word.c()), true);
        set(process, word.a(), truth)
    };
    /// `hasmin`.
    HasAtLeast(1, false) |process, word| {
        let truth = has_length(&process.heap, process.reg(word.b()), usize::from(word.c()), false);
        set(process, word.a(), truth)
    };
    /// `length`.
    Length(1, false) |process, word| {
        let value = length(&process.heap, process.reg(word.b()));
        process.set_reg(word.a(), value);
        Ok(Step::Next)
    };
    /// `element`.
    Element(1, false) |process, word| {
        let value = element(&process.heap, process.reg(word.b()), usize::from(word.c()));
        process.set_reg(word.a(), value);
        Ok(Step::Next)
    };
    /// `rest`.
    Rest(1, false) |process, word| {
        let from = process.reg(word.b());
        let value = rest(&mut process.heap, from, usize::from(word.c()))?;
        process.set_reg(word.a(), value);
        Ok(Step::Next)
    };
    /// `haskey`.
    HasKey(1, false) |process, word| {
        let truth = has_key(&process.heap, process.reg(word.b()), process.reg(word.c()))?;
        set(process, word.a(), truth)
    };
    /// `nomatch`.
    NoMatch(1, false) |process, word| Err(no_match(&process.heap, process.reg(word.a())));
}
