//! `repr` and `str`: values as text. Deep and cyclic data use an own stack and end.

use crate::data::class;
use crate::data::{bytes, elements, int, map, range, text};
use crate::heap::{Heap, Kind};
use crate::node::{Asked, Literal, well_known};
use crate::ops;
use crate::trap::{ErrorKind, Trap};
use crate::value::{Ref, Value};
use iridium_bytecode::quote::{escape_bytes, escape_text, quote};
use rustc_hash::FxHashSet;
use std::fmt::Write;

/// Bytes that a text made of a value may have, however much the process may hold.
pub const MAX_BYTES: usize = 1 << 28;

/// Bytes that are escaped before what that gave is looked at: it may be several times as long.
const ESCAPED_AT_ONCE: usize = 4_096;

/// Bytes of a value in an error message.
const BRIEF: usize = 60;

/// `(repr v)`: reads back for all data.
///
/// # Errors
/// `:limit-error` when it would pass [`MAX_BYTES`] or the process's limit.
pub fn repr(heap: &Heap, value: Value) -> Result<String, Trap> {
    repr_within(heap, value, heap.max_text())
}

/// [`repr`] with a limit of its own.
///
/// # Errors
/// `:limit-error` when it would pass `limit` bytes.
pub fn repr_within(heap: &Heap, value: Value, limit: usize) -> Result<String, Trap> {
    let mut out = String::new();
    let style = Style { quoted: true, inner_str: false };
    write(heap, value, style, Classes::Ignored, &mut out, limit).map_err(|why| refused(why, limit))?;
    heap.spend(out.len());
    Ok(out)
}

/// `(str v)` of a process that runs no more: as `repr`, but a string is itself and an error gives its kind and message.
/// What classes define as `str` is not asked.
///
/// # Errors
/// `:limit-error` when it would pass [`MAX_BYTES`] or the process's limit.
pub fn str(heap: &Heap, value: Value) -> Result<String, Trap> {
    let (mut out, limit) = (String::new(), heap.max_text());
    write(heap, value, PLAIN, Classes::Ignored, &mut out, limit).map_err(|why| refused(why, limit))?;
    Ok(out)
}

/// Appends `(str v)` to a text.
///
/// # Errors
/// `:limit-error` when the whole would pass [`MAX_BYTES`] or the process's limit; [`Trap::asks`] where a class defines `str`.
pub(crate) fn str_into(heap: &Heap, value: Value, out: &mut String) -> Result<(), Trap> {
    paid(heap, value, Classes::Trapped, out)
}

/// Appends a value as `str` does, within what a text of the process may have, and notes the work.
fn paid(heap: &Heap, value: Value, classes: Classes, out: &mut String) -> Result<(), Trap> {
    let (start, limit) = (out.len(), heap.max_text());
    let written = write(heap, value, PLAIN, classes, out, limit);
    heap.spend(out.len() - start);
    written.map_err(|why| refused(why, limit))
}

/// The instances whose `str` has to be asked for the `str` of a value, in the order in which they are written.
///
/// # Errors
/// `:limit-error` when what is around them would pass [`MAX_BYTES`] or the process's limit.
pub(crate) fn asked(heap: &Heap, value: Value) -> Result<Vec<Value>, Trap> {
    let mut asked = Vec::new();
    paid(heap, value, Classes::Collected(&mut asked), &mut String::new())?;
    Ok(asked)
}

/// `(str v)` with the texts of those who were [`asked`].
///
/// # Errors
/// `:limit-error` when it would pass [`MAX_BYTES`] or the process's limit.
pub(crate) fn with_texts(heap: &Heap, value: Value, texts: &[&str]) -> Result<String, Trap> {
    let mut out = String::new();
    paid(heap, value, Classes::Known(&mut texts.iter()), &mut out)?;
    Ok(out)
}

/// A value in a few characters, for messages.
pub fn brief(heap: &Heap, value: Value) -> String {
    let (mut out, whole) = repr_start(heap, value, BRIEF);
    if !whole {
        out.push('…');
    }
    out
}

/// The first bytes of [`repr`], at most `limit`, and whether that is all. No more than that is ever made.
pub fn repr_start(heap: &Heap, value: Value, limit: usize) -> (String, bool) {
    let mut out = String::new();
    let style = Style { quoted: true, inner_str: false };
    let whole = write(heap, value, style, Classes::Ignored, &mut out, limit).is_ok();
    if !whole {
        out.truncate(out.floor_char_boundary(limit));
    }
    (out, whole)
}

/// Why a text was not finished.
enum Refused {
    TooLong,
    /// A class defines `str`.
    Asks,
}

#[cold]
fn refused(why: Refused, limit: usize) -> Trap {
    if matches!(why, Refused::Asks) {
        return Trap::asks();
    }
    Trap::error(ErrorKind::Limit, format!("the text would have more than {limit} bytes"))
}

/// How a value is written.
#[derive(Clone, Copy)]
struct Style {
    /// A string with quotes and escapes.
    quoted: bool,
    /// An error, at any depth, with its kind and message.
    inner_str: bool,
}

/// How `str` writes a value.
const PLAIN: Style = Style { quoted: false, inner_str: true };

/// What becomes of an instance whose class defines `str`, which only Eva can ask.
enum Classes<'a, 't> {
    /// It is written like any other.
    Ignored,
    /// It ends the writing.
    Trapped,
    /// It is noted.
    Collected(&'a mut Vec<Value>),
    /// Its text is the next one.
    Known(&'a mut std::slice::Iter<'t, &'t str>),
}

/// What is still to be written.
enum Task {
    Value(Value, Style),
    Text(&'static str),
    /// The elements of a list or tuple from this index on.
    Elements(Ref, usize, Style),
    /// The entries of a map from this place on; whether one was written already.
    Entries(Ref, usize, bool, Style),
    /// A collection is written.
    Close(Ref),
}

/// Appends a value to a text; fails when that passes the limit.
fn write(
    heap: &Heap,
    value: Value,
    style: Style,
    mut classes: Classes,
    out: &mut String,
    limit: usize,
) -> Result<(), Refused> {
    let ended = |out: &String| if out.len() > limit { Err(Refused::TooLong) } else { Ok(()) };
    // What has no parts needs no lists of what is to do and what is open.
    if ops_object(heap, value).is_none() {
        ended(out)?;
        scalar(heap, value, style, out, limit)?;
        return ended(out);
    }
    let asking = heap.node().classes_define(Asked::STR) && !matches!(classes, Classes::Ignored);
    let mut work = vec![Task::Value(value, style)];
    let mut open: FxHashSet<Ref> = FxHashSet::default();
    while let Some(task) = work.pop() {
        ended(out)?;
        match task {
            Task::Text(text) => out.push_str(text),
            Task::Close(at) => {
                open.remove(&at);
            }
            Task::Value(value, style) => match ops_object(heap, value) {
                Some((Kind::Instance, _))
                    if asking && style.inner_str && class::instance_method(heap, value, well_known::STR).is_some() =>
                {
                    match &mut classes {
                        Classes::Ignored | Classes::Trapped => return Err(Refused::Asks),
                        // Each takes room in the text, so there are not more of them than memory has room for.
                        Classes::Collected(asked) => {
                            asked.push(value);
                            out.push_str("        ");
                        }
                        Classes::Known(texts) => out.push_str(texts.next().unwrap_or(&"...")),
                    }
                }
                Some((kind, at)) => {
                    if open.insert(at) {
                        begin(heap, (kind, at), style, out, &mut work);
                    } else {
                        match kind {
                            Kind::List => out.push_str("[...]"),
                            Kind::Tuple => out.push_str("#[...]"),
                            Kind::Map => out.push_str("{...}"),
                            _ => instance(heap, at, out),
                        }
                    }
                }
                None => scalar(heap, value, style, out, limit)?,
            },
            Task::Elements(at, mut index, style) => {
                // Scalars are written here, the rest comes back.
                loop {
                    let Some(&bits) = elements(heap, Value::heap(at)).and_then(|words| words.get(index)) else {
                        out.push(']');
                        open.remove(&at);
                        break;
                    };
                    if index > 0 {
                        out.push(' ');
                    }
                    let element = Value::from_bits(bits);
                    index += 1;
                    if ops_object(heap, element).is_some() {
                        work.push(Task::Elements(at, index, style));
                        work.push(Task::Value(element, style));
                        break;
                    }
                    scalar(heap, element, style, out, limit)?;
                    ended(out)?;
                }
            }
            Task::Entries(at, place, later, style) => {
                let slots = map::slots(heap, at);
                let found = slots.and_then(|slots| {
                    (place..map::used(heap, at))
                        .find_map(|place| map::entry_at(heap, slots, place).map(|entry| (place, entry)))
                });
                let Some((place, (key, value))) = found else {
                    out.push('}');
                    open.remove(&at);
                    continue;
                };
                if later {
                    out.push(' ');
                }
                work.push(Task::Entries(at, place + 1, true, style));
                work.push(Task::Value(value, style));
                work.push(Task::Text(" "));
                work.push(Task::Value(key, style));
            }
        }
    }
    ended(out)
}

/// The object that a value is if it is one with parts.
fn ops_object(heap: &Heap, value: Value) -> Option<(Kind, Ref)> {
    crate::data::object(heap, value)
        .filter(|(kind, _)| matches!(kind, Kind::List | Kind::Tuple | Kind::Map | Kind::Instance))
}

fn begin(heap: &Heap, (kind, at): (Kind, Ref), style: Style, out: &mut String, work: &mut Vec<Task>) {
    let inner = Style { quoted: true, ..style };
    match kind {
        Kind::List | Kind::Tuple => {
            out.push_str(if kind == Kind::List { "[" } else { "#[" });
            work.push(Task::Elements(at, 0, inner));
        }
        Kind::Map => {
            out.push('{');
            work.push(Task::Entries(at, 0, false, inner));
        }
        _ => {
            work.push(Task::Close(at));
            let error = crate::data::error::view(heap, Value::heap(at)).filter(|_| style.inner_str);
            let Some(error) = error else {
                return instance(heap, at, out);
            };
            let message = crate::data::error::field(heap, error, well_known::MESSAGE);
            if message != Value::NULL {
                work.push(Task::Value(message, Style { quoted: false, inner_str: true }));
                work.push(Task::Text(": "));
            }
            work.push(Task::Value(crate::data::error::field(heap, error, well_known::KIND), inner));
        }
    }
}

/// An instance by its class.
fn instance(heap: &Heap, at: Ref, out: &mut String) {
    let name = class::class_of(heap, at).map_or("?", |class| class::name(heap, class));
    let _ = write!(out, "<{name}>");
}

/// [`quote`], piece by piece; fails when that passes the limit.
fn quote_within(mut text: &str, out: &mut String, limit: usize) -> Result<(), Refused> {
    out.push('"');
    while !text.is_empty() {
        let (piece, rest) = text.split_at(text.floor_char_boundary(ESCAPED_AT_ONCE));
        escape_text(piece, out);
        text = rest;
        if out.len() > limit {
            return Err(Refused::TooLong);
        }
    }
    out.push('"');
    Ok(())
}

/// Bytes with quotes and escapes, piece by piece; fails when that passes the limit.
fn quote_bytes_within(octets: &[u8], out: &mut String, limit: usize) -> Result<(), Refused> {
    out.push_str("#b\"");
    for piece in octets.chunks(ESCAPED_AT_ONCE) {
        escape_bytes(piece, out);
        if out.len() > limit {
            return Err(Refused::TooLong);
        }
    }
    out.push('"');
    Ok(())
}

fn scalar(heap: &Heap, value: Value, style: Style, out: &mut String, limit: usize) -> Result<(), Refused> {
    if let Some(small) = value.as_int() {
        int_digits(i64::from(small), out);
    } else if let Some(number) = value.as_float() {
        float(number, out);
    } else if let Some(text) = text::view(heap, value) {
        if text.bytes.len() > limit.saturating_sub(out.len()) {
            // Enough of it to be cut.
            out.extend(text.as_str().chars().take(limit + 1));
            return Err(Refused::TooLong);
        }
        if style.quoted {
            quote_within(text.as_str(), out, limit)?;
        } else {
            out.push_str(text.as_str());
        }
    } else if let Some(int) = int::view(heap, value) {
        match int {
            int::Int::Small(small) => int_digits(small, out),
            int::Int::Big(big) => {
                heap.spend(ops::product_cost(big.bits(), big.bits()));
                let _ = write!(out, "{big}");
            }
        }
    } else if let Some(octets) = bytes::view(heap, value) {
        if octets.len() > limit.saturating_sub(out.len()) {
            return Err(Refused::TooLong);
        }
        quote_bytes_within(octets, out, limit)?;
    } else if let Some(index) = value.as_atom() {
        atom(heap.node().atom_name(index), out);
    } else if let Some(range) = range::view(heap, value) {
        let _ = write!(out, "(range {} {}", range.start, range.end);
        if range.step != 1 {
            let _ = write!(out, " {}", range.step);
        }
        out.push(')');
    } else {
        other(heap, value, out);
    }
    Ok(())
}

fn int_digits(int: i64, out: &mut String) {
    match text::decimal(int) {
        Some((bits, len)) => out.extend(bits.to_le_bytes()[..len].iter().map(|&byte| char::from(byte))),
        None => drop(write!(out, "{int}")),
    }
}

fn other(heap: &Heap, value: Value, out: &mut String) {
    let function = match value.as_heap() {
        Some(at) if heap.kind(at) == Kind::Closure => Some(heap.word(at, 0) as u32),
        _ => value.as_function(),
    };
    match (value, function) {
        (Value::NULL, _) => out.push_str("null"),
        (Value::TRUE, _) => out.push_str("true"),
        (Value::FALSE, _) => out.push_str("false"),
        (_, Some(index)) => match &*heap.node().function_name(index) {
            "" => out.push_str("<function>"),
            name => drop(write!(out, "<function {name}>")),
        },
        _ if heap.is(value, Kind::Class).is_some() => {
            let name = value.as_heap().map_or("?", |at| class::name(heap, at));
            let _ = write!(out, "<class {name}>");
        }
        _ if let Some(Literal::Module(name, _)) = heap.literal(value) => drop(write!(out, "<module {name}>")),
        _ => match (value.as_pid(), heap.is(value, Kind::Reference)) {
            (Some(pid), _) => drop(write!(out, "<pid {pid}>")),
            (_, Some(at)) => drop(write!(out, "<ref {}>", heap.word(at, 0))),
            _ => drop(write!(out, "<{}>", ops::type_name(heap, value))),
        },
    }
}

/// The shortest digits that read back, of several as short the nearest, of two as near the even; always with a point or
/// an exponent.
pub(crate) fn float(value: f64, out: &mut String) {
    if value.is_nan() {
        out.push_str("nan");
        return;
    }
    let start = out.len();
    let _ = write!(out, "{value:?}");
    // The standard library rounds up when two are as near, Python and C's printf to the even digit.
    let end = out[start..].find('e').map_or(out.len(), |exponent| start + exponent);
    let last = out.as_bytes()[end - 1];
    if last.is_ascii_digit() && last % 2 == 1 {
        let mut even = out[start..].to_string();
        even.replace_range(end - 1 - start..end - start, char::from(last - 1).encode_utf8(&mut [0]));
        if even.parse() == Ok(value) && is_halfway_above(value, &even[..end - start]) {
            out.truncate(start);
            out.push_str(&even);
        }
    }
}

/// Whether a float lies half a unit of the last digit above a text without exponent, signs aside.
fn is_halfway_above(value: f64, lower: &str) -> bool {
    // An odd number divided by 2^places has that many decimal places, and 5^places divides its digits. Half a unit behind
    // at most 17 digits there are at most 18, too few for 5^26: so it is for most floats.
    let (bits, exponent) = (value.to_bits(), (value.to_bits() >> 52 & 0x7ff) as i32);
    let mantissa = bits & ((1 << 52) - 1) | u64::from(exponent != 0) << 52;
    let places = 1075 - exponent.max(1) - mantissa.trailing_zeros() as i32;
    if places > 25 {
        return false;
    }
    let digits = |text: &str| -> String {
        text.chars().filter(char::is_ascii_digit).skip_while(|digit| *digit == '0').collect()
    };
    // No float has more than 767 significant digits: this is all of them, exactly.
    let exact = format!("{value:.800e}");
    let exact = digits(exact.split_once('e').map_or(&exact, |(mantissa, _)| mantissa));
    exact
        .strip_prefix(&digits(lower))
        .is_some_and(|rest| rest.starts_with('5') && rest[1..].bytes().all(|digit| digit == b'0'))
}

/// An atom, in quotes unless it reads back without.
pub(crate) fn atom(name: &str, out: &mut String) {
    out.push(':');
    let digits = name.strip_prefix(['+', '-']).unwrap_or(name);
    let plain = !name.is_empty()
        && !name.starts_with([':', '.'])
        && !name.ends_with('.')
        && !name.contains("..")
        && !digits.starts_with(|char: char| char.is_ascii_digit())
        && !name.contains(|char: char| char.is_whitespace() || char.is_control() || "()[]{}\";,'`".contains(char))
        && !name.starts_with("//")
        && !name.starts_with("/*");
    if plain { out.push_str(name) } else { quote(name, out) }
}

#[cfg(test)]
mod tests {
    use super::float;

    #[test]
    fn floats_have_the_shortest_digits_and_of_two_as_near_the_even_ones() {
        let shown = |value: f64| {
            let mut text = String::from("x");
            float(value, &mut text);
            text
        };
        assert_eq!(shown(4651226005398625.0 / 4.0), "x1162806501349656.2");
        assert_eq!(shown(-2169854089950489.0 / 8.0), "x-271231761243811.12");
        assert_eq!(shown(4651226005398627.0 / 4.0), "x1162806501349656.8");
        assert_eq!(shown(0.5_f64.powi(25)), "x2.9802322387695312e-8");
        assert_eq!([shown(0.1), shown(1.0), shown(1e16), shown(5e-324)], ["x0.1", "x1.0", "x1e16", "x5e-324"]);
        assert_eq!([shown(1e-4), shown(1e-5), shown(-0.0), shown(9.0)], ["x0.0001", "x1e-5", "x-0.0", "x9.0"]);
        assert_eq!([shown(f64::NAN), shown(f64::INFINITY), shown(f64::NEG_INFINITY)], ["xnan", "xinf", "x-inf"]);
    }
}
