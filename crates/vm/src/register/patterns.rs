//! Patterns: the tests that `match` and its like are compiled to.

use super::calls::always_slow;
use crate::data::build::{Source, build};
use crate::data::{self, class, map};
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
    data::elements(heap, value).is_some_and(|all| if exactly { all.len() == count } else { all.len() >= count })
}

/// The number of elements of a list or tuple, 0 of anything else.
pub(crate) fn length(heap: &Heap, value: Value) -> Value {
    // A heap has fewer words than an int of 32 bits can count.
    Value::int(data::elements(heap, value).map_or(0, |all| all.len() as i32))
}

/// An element of a list or tuple, or null.
pub(crate) fn element(heap: &Heap, value: Value, index: usize) -> Value {
    let element = data::elements(heap, value).and_then(|all| all.get(index));
    element.map_or(Value::NULL, |&word| Value::from_bits(word))
}

/// The elements of a list or tuple from `start` on, as its like.
pub(crate) fn rest(heap: &mut Heap, value: Value, start: usize) -> Result<Value, Trap> {
    let length = data::elements(heap, value).map_or(0, <[u64]>::len);
    let kind = if heap.is(value, Kind::Tuple).is_some() { Kind::Tuple } else { Kind::List };
    let start = start.min(length);
    build(heap, kind, Source::parts([(value, start, length - start)]))
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

/// Kinds of heap objects by the number of the one type whose values all are of that kind.
const KINDS: [Option<Kind>; TYPES.len()] = {
    let mut kinds = [None; TYPES.len()];
    kinds[8] = Some(Kind::List);
    kinds[9] = Some(Kind::Tuple);
    kinds[10] = Some(Kind::Map);
    kinds[14] = Some(Kind::Instance);
    kinds
};

/// `istype`.
pub(crate) struct IsType;
impl Op for IsType {
    const WORDS: u32 = 1;
    const CALLS: bool = false;

    #[inline(always)]
    fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
        match KINDS.get(usize::from(word.c())) {
            Some(&Some(kind)) => {
                let value = machine.reg(word.b());
                let truth = machine.process().heap.own(value, kind).is_some();
                if !truth && value.is_frozen() { Flow::Slow } else { set_truth(machine, word.a(), truth) }
            }
            _ => Flow::Slow,
        }
    }

    fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
        let truth = is_type(&process.heap, process.reg(word.b()), usize::from(word.c()));
        set(process, word.a(), truth)
    }
}

#[inline(always)]
fn set_truth<M: Machine>(machine: &mut M, register: u8, truth: bool) -> Flow {
    machine.set(register, Value::bool(truth));
    Flow::Next
}

macro_rules! of_elements {
    ($($(#[$doc:meta])* $Op:ident |$heap:ident, $at:ident, $length:ident, $count:ident| $quick:expr,
        |$any:ident, $value:ident, $number:ident| $body:expr;)*) => {
        $($(#[$doc])*
        pub(crate) struct $Op;
        impl Op for $Op {
            const WORDS: u32 = 1;
            const CALLS: bool = false;

            #[inline(always)]
            fn fast<M: Machine>(machine: &mut M, word: Word) -> Flow {
                let ($heap, $count) = (&machine.process().heap, usize::from(word.c()));
                let Some(($at, $length)) = data::try_elements($heap, machine.reg(word.b())) else { return Flow::Slow };
                let value = $quick;
                machine.set(word.a(), value);
                Flow::Next
            }

            fn slow(process: &mut Process, word: Word) -> Result<Step, Trap> {
                let ($any, $value, $number) = (&process.heap, process.reg(word.b()), usize::from(word.c()));
                let value = $body;
                process.set_reg(word.a(), value);
                Ok(Step::Next)
            }
        })*
    };
}

of_elements! {
    /// `haslen`.
    HasLength |_heap, _at, length, count| Value::bool(length == count),
        |heap, value, count| Value::bool(has_length(heap, value, count, true));
    /// `hasmin`.
    HasAtLeast |_heap, _at, length, count| Value::bool(length >= count),
        |heap, value, count| Value::bool(has_length(heap, value, count, false));
    /// `length`.
    Length |_heap, _at, length, _count| Value::int(length as i32), |heap, value, _count| length(heap, value);
    /// `element`.
    Element |heap, at, length, index| {
        if index < length { heap.try_value(at, index).unwrap_or(Value::NULL) } else { Value::NULL }
    }, |heap, value, index| element(heap, value, index);
}

always_slow! {
    /// `isa`.
    IsA(1, false) |process, word| {
        let truth = class::is_a(&process.heap, process.reg(word.b()), process.reg(word.c()))?;
        set(process, word.a(), truth)
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
