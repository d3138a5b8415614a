//! What the operations of Eva mean, written once for all engines.
//!
//! An operation changes nothing before its last allocation, since it is run again after [`NoMemory`](crate::heap::NoMemory).

mod access;
mod arith;
mod bits;
mod compare;
mod equality;
mod same;

pub use access::{index_get, index_get_or, index_set, len, prop_find, prop_get, prop_set, push, put, unpack};
pub(crate) use access::{index_in, length, no_key, out_of_range};
pub(crate) use arith::{Number, number, product_cost};
pub use arith::{add, div, int_div, modulo, mul, neg, pow, sub};
pub use bits::{bit_and, bit_not, bit_or, bit_xor, shl, shr};
pub(crate) use compare::{Compared, Order, compare};
pub use compare::{ge, gt, le, lt};
pub(crate) use equality::{Answer, Equality, Question, equal, equal_soon};
pub use equality::{eq, ne};
pub(crate) use same::same;

#[cfg(test)]
mod tests;

use crate::data::{class, int, text};
use crate::heap::{Heap, Kind};
use crate::node::Literal;
use crate::trap::{ErrorKind, Then, Trap};
use crate::value::Value;

/// The name of a value's type, as `type` gives it.
pub fn type_name(heap: &Heap, value: Value) -> &'static str {
    if value.is_float() {
        return "float";
    }
    if int::is_int(heap, value) {
        return "int";
    }
    if text::is_text(heap, value) {
        return "string";
    }
    match value {
        Value::NULL => "null",
        Value::TRUE | Value::FALSE => "bool",
        _ if value.as_atom().is_some() => "atom",
        _ if value.as_function().is_some() => "function",
        _ if value.as_pid().is_some() => "pid",
        _ => match value.as_heap().map(|at| heap.kind(at)) {
            Some(Kind::Bytes | Kind::Blob) => "bytes",
            Some(Kind::List) => "list",
            Some(Kind::Tuple) => "tuple",
            Some(Kind::Map) => "map",
            Some(Kind::Range) => "range",
            Some(Kind::Closure) => "function",
            Some(Kind::Instance) => "instance",
            Some(Kind::Class) => "class",
            Some(Kind::Lines) => "port",
            Some(Kind::Reference) => "ref",
            // Only hand-written code gets hold of one, by `pack-iterator`.
            Some(Kind::Iterator) => "iterator",
            Some(_) => "internal",
            None if matches!(heap.literal(value), Some(Literal::Bytes(_))) => "bytes",
            None if matches!(heap.literal(value), Some(Literal::Module(..))) => "module",
            None => "internal",
        },
    }
}

/// A value's type with its article, for messages.
pub fn describe(heap: &Heap, value: Value) -> &'static str {
    match type_name(heap, value) {
        "null" => "null",
        "bool" => "a bool",
        "int" => "an int",
        "float" => "a float",
        "string" => "a string",
        "bytes" => "bytes",
        "atom" => "an atom",
        "list" => "a list",
        "tuple" => "a tuple",
        "map" => "a map",
        "range" => "a range",
        "function" => "a function",
        "pid" => "a pid",
        "ref" => "a ref",
        "port" => "a port",
        "iterator" => "an iterator",
        "instance" => "an instance",
        "class" => "a class",
        "module" => "a module",
        _ => "an internal value",
    }
}

/// The error of operands that an operator does not take; or the call of the method by which the left operand's class
/// does.
#[cold]
pub(crate) fn refuse(heap: &Heap, operator: &str, operands: &[Value], error: Trap) -> Trap {
    let is_instance = heap.is(operands[0], Kind::Instance).is_some();
    let name = if is_instance { heap.node().atom(operator) } else { None };
    let method = name.and_then(|name| class::instance_method(heap, operands[0], name));
    match method {
        Some(method) => Trap::call(method, operands.to_vec(), Then::Value),
        None => error,
    }
}

/// What an operation answers when its work said that classes decide: the call of the prelude's function of this name.
#[cold]
pub(crate) fn instead(heap: &Heap, trap: Trap, name: &str, operands: &[Value], then: Then) -> Trap {
    if !trap.is_asks() {
        return trap;
    }
    match heap.node().instead(name) {
        Some(function) => Trap::call(function, operands.to_vec(), then),
        None => type_error(format!("`{name}` cannot ask what a class defines")),
    }
}

/// A `:type-error`.
#[cold]
pub(crate) fn type_error(message: impl Into<String>) -> Trap {
    Trap::error(ErrorKind::Type, message)
}
