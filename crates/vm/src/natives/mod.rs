//! The native functions of the prelude and library. They never call Eva.
//!
//! A name that begins with `%` is for the library's own use.

mod asking;
mod casing;
mod classes;
mod collections;
mod cutting;
mod encodings;
mod files;
mod fold;
mod general;
mod joining;
mod math;
mod numbers;
mod octets;
mod operators;
mod processes;
mod reading;
mod replacing;
mod reports;
mod reversing;
mod rows;
mod search;
mod strings;
mod template;

pub(crate) use general::respond;
pub use template::{MAX_PRECISION, MAX_WIDTH};

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
    /// Its parameters as Eva writes them, for people; `(p)` may be left out.
    pub parameters: &'static str,
    /// What it does. Like an operation it changes nothing before its last allocation.
    pub run: fn(&mut Heap, &[Value]) -> Result<Value, Trap>,
    /// What it is for, in a line.
    pub doc: &'static str,
}

/// One row of the table: name, arity, parameters, function, documentation.
macro_rules! natives {
    ($($name:literal $min:literal $(.. $max:literal)? $(..= $any:tt)? $parameters:literal => $run:path, $doc:literal;)*) => {
        &[$(Native {
            name: $name,
            min: $min,
            max: natives!(@max $min $(.. $max)? $(..= $any)?),
            parameters: $parameters,
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
    "%constructor" 1 "self" => classes::constructor, "The constructor of last resort: it does nothing.";
    "%outline" 1 "value" => reports::outline, "A value in a few words, an instance with its fields.";
    "%report" 1 "text" => reports::report, "Tells people something, beside what the program writes.";
    "%add-trace" 2 "error here" => classes::add_trace, "Adds to the calls that led to an error those that led to another one.";
    "%error-class" 1 "class" => classes::set_error_class, "Says which class the machine makes its errors of.";
    "%instead" 2 "name f" => classes::set_instead, "Says which function does what a native does, asking classes.";
    "%method" 2 "instance name" => classes::method, "The method of an instance's class with this name, or null.";
    "%hash-asks" 2 "v key?" => asking::hash_asks, "The instances whose `hash` has to be asked for the hash of a value, or of a key.";
    "%hash-of" 2 "v answers" => asking::hash_of, "The hash of a value with the answers of those who had to be asked.";
    "%candidates" 2 "m hash" => asking::candidates, "The keys of a map that have a hash.";
    "%map-get" 3..4 "m key hash (default)" => asking::map_get, "The value of this very key of a map, which has a hash; else the default, or an error.";
    "%map-has?" 3 "m key hash" => asking::map_has, "Whether a map has this very key, which has a hash.";
    "%map-put" 4 "m key hash v" => asking::map_put, "Gives this very key of a map, which has a hash, a value; returns the map.";
    "%map-remove" 3 "m key hash" => asking::map_remove, "Removes this very key of a map, which has a hash; returns its value or null.";
    "%differences" 3 "pairs seen keys?" => asking::differences, "What has to be asked before pairs of values are equal; null if they are not.";
    "%str-asks" 1 "v" => joining::str_asks, "The instances whose `str` has to be asked for the `str` of a value.";
    "%str-of" 2 "v answers" => joining::str_of, "The `str` of a value with the texts of those who had to be asked.";
    "+" 0..=_ "...values" => operators::add, "The sum of numbers; or strings, bytes, lists or tuples joined.";
    "-" 1..=_ "x ...others" => operators::sub, "A number negated, or less the others.";
    "*" 0..=_ "...numbers" => operators::mul, "The product of numbers.";
    "/" 2 "a b" => operators::div, "The quotient: of ints an int when exact, else the nearest float.";
    "div" 2 "a b" => operators::int_div, "The quotient, rounded down.";
    "%" 2 "a b" => operators::modulo, "The remainder, with the divisor's sign.";
    "**" 2 "base exponent" => operators::pow, "A number to the power of another.";
    "&" 2 "a b" => operators::bit_and, "The bits that two ints share.";
    "|" 2 "a b" => operators::bit_or, "The bits of either int.";
    "^" 2 "a b" => operators::bit_xor, "The bits in which two ints differ.";
    "~" 1 "n" => operators::bit_not, "An int with all bits flipped.";
    "<<" 2 "n bits" => operators::shl, "An int shifted left by some bits.";
    ">>" 2 "n bits" => operators::shr, "An int shifted right by some bits, rounded down.";
    "==" 2 "a b" => operators::eq, "Whether two values are equal.";
    "=" 2 "a b" => operators::eq, "Whether two values are equal.";
    "!=" 2 "a b" => operators::ne, "Whether two values are not equal.";
    "<" 2 "a b" => operators::lt, "Whether the first is less than the second.";
    "<=" 2 "a b" => operators::le, "Whether the first is at most the second.";
    ">" 2 "a b" => operators::gt, "Whether the first is greater than the second.";
    ">=" 2 "a b" => operators::ge, "Whether the first is at least the second.";
    "not" 1 "v" => operators::not, "True of `null` and `false`, else false.";
    "same?" 2 "a b" => operators::same, "Whether two values are the same one: equal in type and value, or in identity.";
    "print" 0..=_ "...values" => joining::print, "Writes values as `str`, with spaces between and a line end; returns null.";
    "write" 0..=_ "...values" => joining::write, "Writes values as `print` does, but without a line end.";
    "read-line" 0 "" => general::read_line, "The next line of the input, or null at its end.";
    "str" 0..=_ "...values" => joining::str, "Values as text for people, joined.";
    "repr" 1 "v" => joining::repr, "A value as text that reads back.";
    "type" 1 "v" => general::type_of, "The atom of a value's type.";
    "is?" 2 "v C" => general::is, "Whether a value is of the type that an atom names; `:number` is any number.";
    "error" 1..3 "kind (message null) (data null)" => general::error, "Makes an error of a kind, with a message and data.";
    "hash" 1 "v" => general::hash, "An int that is equal for equal values.";
    "copy" 1 "c" => general::copy, "A new list, map or error with the same elements.";
    "int" 1 "v" => numbers::int, "A number cut towards zero, or text read as an int.";
    "float" 1 "v" => numbers::float, "A number, or the number in a text, as a float.";
    "parse-number" 1 "text" => numbers::parse_number, "The number in a text, or null.";
    "abs" 1 "n" => numbers::abs, "A number without its sign.";
    "min" 1..=_ "x ...others" => numbers::min, "The least of the arguments, or of one iterable.";
    "max" 1..=_ "x ...others" => numbers::max, "The greatest of the arguments, or of one iterable.";
    "sum" 1 "xs" => numbers::sum, "The sum of the numbers of an iterable.";
    "round" 1 "n" => numbers::round, "The nearest int; a half goes to the even one.";
    "floor" 1 "n" => numbers::floor, "The greatest int that is not greater.";
    "ceil" 1 "n" => numbers::ceil, "The least int that is not less.";
    "sqrt" 1 "n" => numbers::sqrt, "The square root, a float; `nan` below zero.";
    "square" 1 "n" => numbers::square, "A number times itself.";
    "len" 1 "c" => collections::len, "The number of elements, characters, bytes or entries.";
    "get" 2..3 "c k (default)" => collections::get, "The element at an index or key; without one the default, or an error.";
    "put" 3 "c k v" => collections::put, "Sets the element at an index or key of a list or map; returns it.";
    "has?" 2 "c k" => collections::has, "Whether there is such a key, or index.";
    "remove" 2 "c k" => collections::remove, "Removes a map's key or a list's index; returns what was there.";
    "push" 2 "xs x" => collections::push, "Adds an element at the end of a list; returns the list.";
    "pop" 1 "xs" => collections::pop, "Removes and returns the last element of a list.";
    "insert" 3 "xs i x" => collections::insert, "Inserts an element before an index of a list; returns the list.";
    "slice" 2..3 "c start (end)" => collections::slice, "The part from one index up to another, or to the end.";
    "concat" 0..=_ "...collections" => collections::concat, "Strings, bytes or tuples joined; else a new list of the elements of all iterables.";
    "reverse" 1 "c" => collections::reverse, "A new collection of the same type, back to front.";
    "range" 1..3 "start (end) (step)" => collections::range, "The ints from a start up to an end, by a step.";
    "keys" 1 "m" => rows::keys, "The list of a map's keys.";
    "values" 1 "m" => rows::values, "The list of a map's values.";
    "entries" 1 "m" => rows::entries, "The list of a map's entries, tuples of key and value.";
    "%list" 1 "xs" => collections::list, "A new list of an iterable's elements.";
    "%tuple" 1 "xs" => collections::tuple, "A tuple of an iterable's elements.";
    "fill" 2 "n v" => collections::fill, "A list of so many times the same value.";
    "zip" 0..=_ "...iterables" => rows::zip, "A list of tuples of the elements at the same place, as long as all have one.";
    "enumerate" 1..2 "xs (start 0)" => rows::enumerate, "A list of tuples of index and element.";
    "contains?" 2 "c x" => search::contains, "Whether there is such an element, substring or key.";
    "index-of" 2 "c x" => search::index_of, "The index of the first such element or substring, or null.";
    "%sort" 1 "xs" => search::sort, "A new list of an iterable's elements in the order of `<`, or null if they are too many to be sorted at once.";
    "%sort-piece" 2 "xs start" => search::sort_piece, "Sorts a piece of a list from an index on; returns its end, or null where classes have to be asked.";
    "%merge-piece" 6 "from to left middle right end" => search::merge_piece, "Goes on with merging two sorted neighbours of a list into another; returns the new `left` and `right`, or null where classes have to be asked.";
    "String.split" 1..2 "s (sep)" => cutting::split, "The parts between separators; without one, between white space; by \"\" the code points.";
    "String.join" 1..2 "xs (sep \"\")" => joining::join, "The elements of an iterable as text, with a separator between.";
    "String.trim" 1 "s" => strings::trim, "The text without white space at both ends.";
    "String.trim-start" 1 "s" => strings::trim_start, "The text without white space before it.";
    "String.trim-end" 1 "s" => strings::trim_end, "The text without white space after it.";
    "String.upper" 1 "s" => casing::upper, "The text in upper case.";
    "String.lower" 1 "s" => casing::lower, "The text in lower case.";
    "String.starts?" 2 "s part" => strings::starts, "Whether a text starts with another.";
    "String.ends?" 2 "s part" => strings::ends, "Whether a text ends with another.";
    "String.replace" 3 "s from to" => replacing::replace, "The text with all occurrences of a part replaced.";
    "String.repeat" 2 "s n" => strings::repeat, "The text so many times.";
    "String.chars" 1 "s" => cutting::chars, "The list of the code points, as strings.";
    "String.lines" 1 "s" => cutting::lines, "The list of the lines, without their ends.";
    "String.code-points" 1 "s" => cutting::code_points, "The list of the code points, as ints.";
    "String.from-code-points" 1 "xs" => strings::from_code_points, "The text of an iterable's ints as code points.";
    "String.pad-left" 2..3 "s width (fill \" \")" => strings::pad_left, "The text with spaces or another character before it, to a length.";
    "String.pad-right" 2..3 "s width (fill \" \")" => strings::pad_right, "The text with spaces or another character after it, to a length.";
    "String.to-atom" 1 "s" => strings::to_atom, "The atom of that name.";
    "String.to-bytes" 1 "s" => strings::to_bytes, "The text's UTF-8.";
    "String.graphemes" 1 "s" => cutting::graphemes, "The list of what people see as characters, as strings.";
    "%template" 1 "text" => template::template, "The pieces of a template of `String.format`.";
    "%format" 2 "v text" => template::value, "A number, or the text of a value, by a specification of `String.format`.";
    "Bytes.to-string" 1 "b" => encodings::to_string, "The text that is these bytes in UTF-8.";
    "Bytes.from-list" 1 "xs" => octets::from_list, "Bytes of an iterable's ints from 0 to 255.";
    "Bytes.hex" 1 "b" => encodings::hex, "The octets as hexadecimal digits, two for each.";
    "Bytes.from-hex" 1 "s" => encodings::from_hex, "The bytes of pairs of hexadecimal digits.";
    "Bytes.base64" 1 "b" => encodings::base64, "The octets as text in base 64, with padding.";
    "Bytes.from-base64" 1 "s" => encodings::from_base64, "The bytes of text in base 64.";
    "Bytes.read" 3 "b at layout" => octets::read, "The number at an index. Its layout is :u8 :u16 :u32 :u64, :i8 … :i64 with a sign, or :f32 :f64; its first octet is the greatest, or with -le behind the layout the least.";
    "Bytes.write" 2 "layout n" => octets::write, "The bytes of a number in a layout of `Bytes.read`.";
    "Bytes.overwrite" 3 "b at part" => octets::overwrite, "The bytes with others in the place of those from an index on.";
    "Math.sin" 1 "x" => math::sin, "The sine of an angle.";
    "Math.cos" 1 "x" => math::cos, "The cosine of an angle.";
    "Math.tan" 1 "x" => math::tan, "The tangent of an angle.";
    "Math.asin" 1 "x" => math::asin, "The angle from -pi/2 to pi/2 with this sine.";
    "Math.acos" 1 "x" => math::acos, "The angle from 0 to pi with this cosine.";
    "Math.atan" 1 "x" => math::atan, "The angle from -pi/2 to pi/2 with this tangent.";
    "Math.atan2" 2 "y x" => math::atan2, "The angle from -pi to pi of a point, seen from the origin.";
    "Math.exp" 1 "x" => math::exp, "The power of e.";
    "Math.log" 1..2 "x (base)" => math::log, "The logarithm, natural without a base.";
    "Math.log2" 1 "x" => math::log2, "The logarithm to the base 2.";
    "Math.log10" 1 "x" => math::log10, "The logarithm to the base 10.";
    "Math.hypot" 2 "x y" => math::hypot, "The square root of the sum of two squares.";
    "File.read" 1 "path" => files::read, "The text of a file.";
    "File.read-bytes" 1 "path" => files::read_bytes, "The bytes of a file.";
    "File.lines" 1 "path" => files::lines, "The lines of a file, read as they are asked for.";
    "File.write" 2 "file data" => files::write, "Writes a string or bytes as the whole of a file, given by its path; or to a file that is open.";
    "File.append" 2 "path data" => files::append, "Writes a string or bytes to the end of a file.";
    "File.exists?" 1 "path" => files::exists, "Whether there is a file or folder.";
    "File.delete" 1 "path" => files::delete, "Deletes a file or an empty folder.";
    "File.list" 1 "path" => files::list, "The names of what is in a folder, sorted.";
    "File.make-dir" 1 "path" => files::make_folder, "Makes a folder, and those around it; one that is there already is fine.";
    "%stat" 1 "path" => files::stat, "A tuple of type, size and time of a file or folder.";
    "File.open" 1..2 "path (mode :read)" => files::open, "Opens a file; the mode is :read, :write or :append. What is open can be walked over by lines, or written to.";
    "File.read-line" 1 "file" => files::read_line, "The next line of an open file, or null at its end.";
    "File.close" 1 "file" => files::close, "Closes an open file. What a process leaves open is closed at its end.";
    "give" 2 "port p" => files::give, "Hands an open file over to another process, which alone can use it from then on; returns true.";
    "self" 0 "" => processes::self_pid, "The pid of this process.";
    "spawn" 1..=_ "f ...arguments" => processes::spawn, "Starts a process that calls a function; returns its pid.";
    "spawn-link" 1..=_ "f ...arguments" => processes::spawn_link, "Starts a process that is linked to this one; returns its pid.";
    "spawn-monitor" 1..=_ "f ...arguments" => processes::spawn_monitor, "Starts a process that this one watches; returns a tuple of its pid and the ref.";
    "spawn-opt" 3 "f arguments options" => processes::spawn_opt, "Starts a process with the arguments in a list and a map of options: :link :monitor :name :node :max-heap :max-mailbox :priority.";
    "freeze" 1 "v" => processes::freeze, "A copy that cannot be changed, which all processes share: to send it copies nothing.";
    "send" 2 "p message" => processes::send, "Sends a message to a process, by its pid, its name, or a tuple of name and node; returns the message.";
    "send-after" 3 "ms p message" => processes::send_after, "Sends a message after some milliseconds; returns a ref for `cancel-timer`.";
    "cancel-timer" 1 "ref" => processes::cancel_timer, "Does not send what was to be sent later; returns whether it was still to be.";
    "link" 1 "p" => processes::link, "Links this process with another: if one ends, so does the other.";
    "unlink" 1 "p" => processes::unlink, "Ends a link.";
    "monitor" 1 "p" => processes::monitor, "Watches a process: at its end comes `#[:down ref :process pid reason]`. Returns the ref.";
    "demonitor" 1 "ref" => processes::demonitor, "Watches a process no longer.";
    "exit" 1..2 "reason-or-p (reason)" => processes::exit, "Ends this process for a reason, or sends an exit signal to another.";
    "trap-exit" 1 "on?" => processes::trap_exit, "Whether exit signals become messages `#[:exit pid reason]`; returns what it was.";
    "register" 2 "name p" => processes::register, "Gives a process a name.";
    "unregister" 1 "name" => processes::unregister, "Takes a name back.";
    "whereis" 1 "name" => processes::whereis, "The pid of the process with a name, or null.";
    "registered" 0 "" => processes::registered, "The list of all names of processes.";
    "processes" 0 "" => processes::processes, "The list of the pids of all processes.";
    "process-info" 1 "p" => processes::process_info, "A map of what is known of a process, or null if it has ended.";
    "Node.self" 0 "" => processes::node_self, "The name of this node, an atom: `:nonode@nohost`, since it belongs to no cluster.";
    "%reply" 3 "p ref message" => processes::reply, "Sends a message to a process if it still watches under a ref, and ends that.";
    "%exit-reason" 0 "" => processes::exit_reason, "Why this process ends itself, for what is done finally; or null.";
    "%now" 0 "" => processes::now, "The microseconds that timers go by.";
    "%mailbox" 1..=_ "timeout ...demanded" => processes::begin_receive, "Begins a `receive` that takes only what holds one of the values, if there are any; what it gives is iterated over.";
    "%take" 1 "receive" => processes::take, "Takes the message that a `receive` looked at last out of the mailbox.";
    "Os.args" 0 "" => general::os_args, "The list of the program's arguments.";
};

/// Name, parameters and documentation of the one that is not in the table: it calls, which no native does, so the
/// machine itself knows it.
pub const APPLY: (&str, &str, &str) =
    ("apply", "f ...arguments", "Calls a function with arguments, the last of which is a list or tuple of more.");

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
pub(crate) fn atom(heap: &Heap, name: &str) -> Result<Value, Trap> {
    match heap.node().atom(name) {
        Some(index) => Ok(Value::atom(index)),
        None => {
            let (most, octets) = (crate::node::MAX_ATOMS, crate::node::MAX_ATOM_OCTETS);
            let message =
                format!("this would be one atom too many: a node has at most {most}, or {octets} octets of names");
            Err(Trap::error(ErrorKind::Limit, message))
        }
    }
}

#[cfg(test)]
mod tests;
