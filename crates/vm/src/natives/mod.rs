//! The native functions of the prelude and library. They never call Eva.
//!
//! A name that begins with `%` is for the library's own use.

mod asking;
mod classes;
mod collections;
mod general;
mod numbers;
mod operators;
mod search;
mod strings;

pub use general::respond;

use crate::heap::Heap;
use crate::ops::{describe, type_error};
use crate::trap::{ErrorKind, Trap};
use crate::value::Value;

/// A native function.
#[derive(Clone, Copy, Debug)]
pub struct Native {
    /// Its name in Eva.
    pub name: &'static str,
    /// Least number of arguments.
    pub min: u8,
    /// Greatest number of arguments, if there is one. The caller checks both before it calls.
    pub max: Option<u8>,
    /// What it does. Like an operation it changes nothing before its last allocation.
    pub run: fn(&mut Heap, &[Value]) -> Result<Value, Trap>,
    /// What it is for, in a line.
    pub doc: &'static str,
}

/// One row of the table: name, arity, function, documentation.
macro_rules! natives {
    ($($name:literal $min:literal $(.. $max:literal)? $(..= $any:tt)? => $run:path, $doc:literal;)*) => {
        &[$(Native {
            name: $name,
            min: $min,
            max: natives!(@max $min $(.. $max)? $(..= $any)?),
            run: $run,
            doc: $doc,
        }),*]
    };
    (@max $min:literal) => { Some($min) };
    (@max $min:literal .. $max:literal) => { Some($max) };
    (@max $min:literal ..= $any:tt) => { None };
}

/// All native functions.
pub const TABLE: &[Native] = natives! {
    "%constructor" 1 => classes::constructor, "The constructor of last resort: it does nothing.";
    "%error-class" 1 => classes::set_error_class, "Says which class the machine makes its errors of.";
    "%instead" 2 => classes::set_instead, "Says which function does what a native does, asking classes.";
    "%method" 2 => classes::method, "The method of an instance's class with this name, or null.";
    "%hash-asks" 2 => asking::hash_asks, "The instances whose `hash` has to be asked for the hash of a value, or of a key.";
    "%hash-of" 2 => asking::hash_of, "The hash of a value with the answers of those who had to be asked.";
    "%candidates" 2 => asking::candidates, "The keys of a map that have a hash.";
    "%map-get" 3..4 => asking::map_get, "The value of this very key of a map, which has a hash; else the default, or an error.";
    "%map-has?" 3 => asking::map_has, "Whether a map has this very key, which has a hash.";
    "%map-put" 4 => asking::map_put, "Gives this very key of a map, which has a hash, a value; returns the map.";
    "%map-remove" 3 => asking::map_remove, "Removes this very key of a map, which has a hash; returns its value or null.";
    "%differences" 3 => asking::differences, "What has to be asked before pairs of values are equal; null if they are not.";
    "%str-asks" 1 => asking::str_asks, "The instances whose `str` has to be asked for the `str` of a value.";
    "%str-of" 2 => asking::str_of, "The `str` of a value with the texts of those who had to be asked.";
    "+" 0..=_ => operators::add, "The sum of numbers; or strings, bytes, lists or tuples joined.";
    "-" 1..=_ => operators::sub, "A number negated, or less the others.";
    "*" 0..=_ => operators::mul, "The product of numbers.";
    "/" 2 => operators::div, "The quotient: of ints an int when exact, else the nearest float.";
    "div" 2 => operators::int_div, "The quotient, rounded down.";
    "%" 2 => operators::modulo, "The remainder, with the divisor's sign.";
    "**" 2 => operators::pow, "A number to the power of another.";
    "&" 2 => operators::bit_and, "The bits that two ints share.";
    "|" 2 => operators::bit_or, "The bits of either int.";
    "^" 2 => operators::bit_xor, "The bits in which two ints differ.";
    "~" 1 => operators::bit_not, "An int with all bits flipped.";
    "<<" 2 => operators::shl, "An int shifted left by some bits.";
    ">>" 2 => operators::shr, "An int shifted right by some bits, rounded down.";
    "==" 2 => operators::eq, "Whether two values are equal.";
    "=" 2 => operators::eq, "Whether two values are equal.";
    "!=" 2 => operators::ne, "Whether two values are not equal.";
    "<" 2 => operators::lt, "Whether the first is less than the second.";
    "<=" 2 => operators::le, "Whether the first is at most the second.";
    ">" 2 => operators::gt, "Whether the first is greater than the second.";
    ">=" 2 => operators::ge, "Whether the first is at least the second.";
    "not" 1 => operators::not, "True of `null` and `false`, else false.";
    "same?" 2 => operators::same, "Whether two values are the same one: equal in type and value, or in identity.";
    "print" 0..=_ => general::print, "Writes values as `str`, with spaces between and a line end; returns null.";
    "write" 0..=_ => general::write, "Writes values as `print` does, but without a line end.";
    "read-line" 0 => general::read_line, "The next line of the input, or null at its end.";
    "str" 0..=_ => general::str, "Values as text for people, joined.";
    "repr" 1 => general::repr, "A value as text that reads back.";
    "type" 1 => general::type_of, "The atom of a value's type.";
    "is?" 2 => general::is, "Whether a value is of the type that an atom names; `:number` is any number.";
    "error" 1..3 => general::error, "Makes an error of a kind, with a message and data.";
    "hash" 1 => general::hash, "An int that is equal for equal values.";
    "copy" 1 => general::copy, "A new list, map or error with the same elements.";
    "int" 1 => numbers::int, "A number cut towards zero, or text read as an int.";
    "float" 1 => numbers::float, "A number, or the number in a text, as a float.";
    "parse-number" 1 => numbers::parse_number, "The number in a text, or null.";
    "abs" 1 => numbers::abs, "A number without its sign.";
    "min" 1..=_ => numbers::min, "The least of the arguments, or of one iterable.";
    "max" 1..=_ => numbers::max, "The greatest of the arguments, or of one iterable.";
    "sum" 1 => numbers::sum, "The sum of the numbers of an iterable.";
    "round" 1 => numbers::round, "The nearest int; a half goes to the even one.";
    "floor" 1 => numbers::floor, "The greatest int that is not greater.";
    "ceil" 1 => numbers::ceil, "The least int that is not less.";
    "sqrt" 1 => numbers::sqrt, "The square root, a float; `nan` below zero.";
    "square" 1 => numbers::square, "A number times itself.";
    "len" 1 => collections::len, "The number of elements, characters, bytes or entries.";
    "get" 2..3 => collections::get, "The element at an index or key; without one the default, or an error.";
    "put" 3 => collections::put, "Sets the element at an index or key of a list or map; returns it.";
    "has?" 2 => collections::has, "Whether there is such a key, or index.";
    "remove" 2 => collections::remove, "Removes a map's key or a list's index; returns what was there.";
    "push" 2 => collections::push, "Adds an element at the end of a list; returns the list.";
    "pop" 1 => collections::pop, "Removes and returns the last element of a list.";
    "insert" 3 => collections::insert, "Inserts an element before an index of a list; returns the list.";
    "slice" 2..3 => collections::slice, "The part from one index up to another, or to the end.";
    "concat" 0..=_ => collections::concat, "Strings, bytes or tuples joined; else a new list of the elements of all iterables.";
    "reverse" 1 => collections::reverse, "A new collection of the same type, back to front.";
    "range" 1..3 => collections::range, "The ints from a start up to an end, by a step.";
    "keys" 1 => collections::keys, "The list of a map's keys.";
    "values" 1 => collections::values, "The list of a map's values.";
    "entries" 1 => collections::entries, "The list of a map's entries, tuples of key and value.";
    "%list" 1 => collections::list, "A new list of an iterable's elements.";
    "%tuple" 1 => collections::tuple, "A tuple of an iterable's elements.";
    "fill" 2 => collections::fill, "A list of so many times the same value.";
    "zip" 0..=_ => collections::zip, "A list of tuples of the elements at the same place, as long as all have one.";
    "enumerate" 1..2 => collections::enumerate, "A list of tuples of index and element.";
    "contains?" 2 => search::contains, "Whether there is such an element, substring or key.";
    "index-of" 2 => search::index_of, "The index of the first such element or substring, or null.";
    "%sort" 1 => search::sort, "A new list of an iterable's elements in the order of `<`.";
    "String.split" 1..2 => strings::split, "The parts between separators; without one, between white space; by \"\" the code points.";
    "String.join" 1..2 => strings::join, "The elements of an iterable as text, with a separator between.";
    "String.trim" 1 => strings::trim, "The text without white space at both ends.";
    "String.upper" 1 => strings::upper, "The text in upper case.";
    "String.lower" 1 => strings::lower, "The text in lower case.";
    "String.starts?" 2 => strings::starts, "Whether a text starts with another.";
    "String.ends?" 2 => strings::ends, "Whether a text ends with another.";
    "String.replace" 3 => strings::replace, "The text with all occurrences of a part replaced.";
    "String.repeat" 2 => strings::repeat, "The text so many times.";
    "String.chars" 1 => strings::chars, "The list of the code points, as strings.";
    "String.lines" 1 => strings::lines, "The list of the lines, without their ends.";
    "String.code-points" 1 => strings::code_points, "The list of the code points, as ints.";
    "String.from-code-points" 1 => strings::from_code_points, "The text of an iterable's ints as code points.";
    "String.pad-left" 2..3 => strings::pad_left, "The text with spaces or another character before it, to a length.";
    "String.pad-right" 2..3 => strings::pad_right, "The text with spaces or another character after it, to a length.";
    "String.to-atom" 1 => strings::to_atom, "The atom of that name.";
    "String.to-bytes" 1 => strings::to_bytes, "The text's UTF-8.";
    "File.read" 1 => general::file_read, "The text of a file.";
    "File.lines" 1 => general::file_lines, "The lines of a file, read as they are asked for.";
    "Os.args" 0 => general::os_args, "The list of the program's arguments.";
};

/// For a call that the table does not allow, which callers never make.
#[cold]
fn arity() -> Trap {
    Trap::error(ErrorKind::Arity, "wrong number of arguments for a native function")
}

/// `:type-error`: a native wants something else.
#[cold]
fn wants(heap: &Heap, name: &str, what: &str, got: Value) -> Trap {
    type_error(format!("`{name}` takes {what}, not {}", describe(heap, got)))
}

/// The atom of this name as a value.
fn atom(heap: &Heap, name: &str) -> Result<Value, Trap> {
    match heap.node().atom(name) {
        Some(index) => Ok(Value::atom(index)),
        None => Err(Trap::error(ErrorKind::Limit, "the node has as many atoms as it may")),
    }
}

#[cfg(test)]
mod tests;
