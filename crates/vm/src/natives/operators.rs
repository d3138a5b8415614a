//! The operators as functions.

use super::arity;
use crate::heap::{Heap, Kind};
use crate::ops;
use crate::task::at_once;
use crate::trap::{Trap, TrapKind};
use crate::value::Value;

type Result = std::result::Result<Value, Trap>;

/// Folds from left to right. Intermediate results are garbage if a later step fails, nothing more.
fn fold(heap: &mut Heap, args: &[Value], empty: i32, step: fn(&mut Heap, Value, Value) -> Result) -> Result {
    match args {
        [] => Ok(Value::int(empty)),
        // One operand must still be one that the operator takes.
        [one] => one_operand(heap, *one, empty, step),
        [first, rest @ ..] => {
            let mut total = Ok(*first);
            for &next in rest {
                let left = total?;
                total = if rest.len() > 1 {
                    at_once(heap, |heap| step(heap, left, next)).map_err(Trap::for_the_whole)
                } else {
                    step(heap, left, next)
                };
            }
            total
        }
    }
}

fn one_operand(heap: &mut Heap, one: Value, empty: i32, step: fn(&mut Heap, Value, Value) -> Result) -> Result {
    let joins = empty == 0 && matches!(ops::type_name(heap, one), "string" | "bytes" | "list" | "tuple");
    if joins || ops::number(heap, one).is_some() {
        return Ok(one);
    }
    match step(heap, one, Value::int(empty)) {
        // Its class has the operator; with nothing to combine it with, there is nothing to ask.
        Err(trap) if matches!(trap.kind(), TrapKind::Call(_)) => Ok(one),
        result => result,
    }
}

pub(super) fn add(heap: &mut Heap, args: &[Value]) -> Result {
    // Many texts, lists and the like are joined at once.
    let joined = |arg| ops::number(heap, arg).is_none() && heap.is(arg, Kind::Instance).is_none();
    if args.len() > 2 && args.iter().all(|&arg| joined(arg)) {
        return super::collections::join(heap, "+", args);
    }
    fold(heap, args, 0, ops::add)
}

pub(super) fn sub(heap: &mut Heap, args: &[Value]) -> Result {
    match args {
        [one] => ops::neg(heap, *one),
        _ => fold(heap, args, 0, ops::sub),
    }
}

pub(super) fn mul(heap: &mut Heap, args: &[Value]) -> Result {
    fold(heap, args, 1, ops::mul)
}

/// Natives that are an operation of two operands.
macro_rules! binary {
    ($($name:ident)*) => {$(
        pub(super) fn $name(heap: &mut Heap, args: &[Value]) -> Result {
            let &[a, b] = args else { return Err(arity()) };
            ops::$name(heap, a, b)
        }
    )*};
}

binary!(div int_div modulo pow bit_and bit_or bit_xor shl shr);

/// Natives that compare two operands.
macro_rules! comparison {
    ($($name:ident)*) => {$(
        pub(super) fn $name(heap: &mut Heap, args: &[Value]) -> Result {
            let &[a, b] = args else { return Err(arity()) };
            ops::$name(heap, a, b).map(Value::bool)
        }
    )*};
}

comparison!(eq ne lt le gt ge);

pub(super) fn bit_not(heap: &mut Heap, args: &[Value]) -> Result {
    let &[a] = args else { return Err(arity()) };
    ops::bit_not(heap, a)
}

pub(super) fn not(_heap: &mut Heap, args: &[Value]) -> Result {
    let &[a] = args else { return Err(arity()) };
    Ok(Value::bool(!a.is_truthy()))
}

pub(super) fn same(heap: &mut Heap, args: &[Value]) -> Result {
    let &[a, b] = args else { return Err(arity()) };
    ops::same(heap, a, b).map(Value::bool)
}
