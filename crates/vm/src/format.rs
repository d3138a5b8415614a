//! `repr` and `str`: values as text. Deep and cyclic data use an own stack and end.

use crate::data::class;
use crate::data::{bytes, elements, int, map, range, text};
use crate::heap::{Heap, Kind};
use crate::node::{Asked, Literal, well_known};
use crate::ops;
use crate::trap::{ErrorKind, Trap};
use crate::value::{Ref, Value};
use iridium_bytecode::quote::{escape_bytes, escape_text, quote, quote_bytes};
use rustc_hash::FxHashSet;
use std::fmt::Write;

/// Bytes that a text made of a value may have, however much the process may hold.
pub const MAX_BYTES: usize = 1 << 28;

/// Octets that are escaped before what that gave is looked at: it may be several times as long.
const ESCAPED_AT_ONCE: usize = 4_096;

/// Octets that are written before others can run.
const WRITTEN_AT_ONCE: usize = 1 << 14;

/// Words that could be touched while a value is written, beside one for each octet: of one with parts, of one without.
const WORDS_A_COLLECTION: usize = 32;
const WORDS_A_SCALAR: usize = 4;

/// Words that could be touched while a float's digits are found.
const WORDS_A_FLOAT: usize = 64;

/// Bytes of a value in an error message.
const BRIEF: usize = 60;

/// `(repr v)` at once: reads back for all data.
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
    at_once(heap, value, QUOTED, limit)
}

/// `(str v)` of a process that runs no more: as `repr`, but a string is itself and an error gives its kind and message.
/// What classes define as `str` is not asked.
///
/// # Errors
/// `:limit-error` when it would pass [`MAX_BYTES`] or the process's limit.
pub fn str(heap: &Heap, value: Value) -> Result<String, Trap> {
    at_once(heap, value, PLAIN, heap.max_text())
}

fn at_once(heap: &Heap, value: Value, style: Style, limit: usize) -> Result<String, Trap> {
    let mut out = String::new();
    whole(heap, value, style, &mut out, limit).map_err(|why| refused(why, limit))?;
    Ok(out)
}

/// A value in a few characters, for messages.
pub fn brief(heap: &Heap, value: Value) -> String {
    brief_within(heap, value, BRIEF)
}

/// The same in at most so many bytes, and a mark where something is left out.
pub(crate) fn brief_within(heap: &Heap, value: Value, limit: usize) -> String {
    let (mut out, whole) = repr_start(heap, value, limit);
    if !whole {
        out.push('…');
    }
    out
}

/// The first bytes of [`repr`], at most `limit`, and whether that is all. No more than that is ever made.
pub fn repr_start(heap: &Heap, value: Value, limit: usize) -> (String, bool) {
    let mut out = String::new();
    let whole = whole(heap, value, QUOTED, &mut out, limit).is_ok();
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
pub(crate) struct Style {
    /// A string with quotes and escapes.
    quoted: bool,
    /// An error, at any depth, with its kind and message; and classes are asked for their `str`.
    inner_str: bool,
}

/// How `str` writes a value.
pub(crate) const PLAIN: Style = Style { quoted: false, inner_str: true };

/// How `repr` does.
pub(crate) const QUOTED: Style = Style { quoted: true, inner_str: false };

/// What becomes of an instance whose class defines `str`, which only Eva can ask.
pub(crate) enum Classes {
    /// It is written like any other.
    Ignored,
    /// It ends the writing.
    Trapped,
    /// It is noted.
    Collected(Vec<Value>),
    /// Its text is the next one of this list.
    Known(Value, usize),
}

/// What is still to be written.
enum Item {
    Value(Value, Style),
    Text(&'static str),
    /// A string, or bytes, from this octet on.
    Octets(Value, usize, Style),
    /// The elements of a list or tuple from this index on.
    Elements(Ref, usize, Style),
    /// The entries of a map from this place on; whether one was written already.
    Entries(Ref, usize, bool, Style),
    /// A collection is written.
    Close(Ref),
}

/// The writing of a value, which can be interrupted.
pub(crate) struct Walk {
    work: Vec<Item>,
    open: FxHashSet<Ref>,
    classes: Classes,
    asking: bool,
}

/// Appends a value to a text, at once; fails when that passes the limit.
fn whole(heap: &Heap, value: Value, style: Style, out: &mut String, limit: usize) -> Result<(), Refused> {
    if scalar(heap, value, style, out, limit)? {
        return Ok(());
    }
    let mut walk = Walk::begin(heap, value, style, Classes::Ignored);
    while !walk.go_on(heap, out, limit, &mut 0)? {}
    Ok(())
}

/// Appends a value to a text, after `before` octets that are no longer in it, and notes the work; gives what is left of
/// it if that is long.
///
/// # Errors
/// `:limit-error` when the whole would pass [`MAX_BYTES`] or the process's limit; [`Trap::asks`] where a class defines `str`.
#[inline]
pub(crate) fn begin(
    heap: &Heap,
    value: Value,
    style: Style,
    out: &mut String,
    before: usize,
) -> Result<Option<Walk>, Trap> {
    let (limit, start) = (heap.max_text().saturating_sub(before), out.len());
    match scalar(heap, value, style, out, limit) {
        Ok(true) => {
            heap.spend(out.len() - start);
            Ok(None)
        }
        Ok(false) => {
            let mut walk = Walk::begin(heap, value, style, Classes::Trapped);
            Ok(if walk.write(heap, out, before)? { None } else { Some(walk) })
        }
        Err(why) => Err(refused(why, heap.max_text())),
    }
}

impl Walk {
    /// Begins with a value.
    pub(crate) fn begin(heap: &Heap, value: Value, style: Style, classes: Classes) -> Walk {
        let asking = style.inner_str && heap.node().classes_define(Asked::STR) && !matches!(classes, Classes::Ignored);
        Walk { work: vec![Item::Value(value, style)], open: FxHashSet::default(), classes, asking }
    }

    /// The instances that were noted.
    pub(crate) fn asked(&self) -> &[Value] {
        match &self.classes {
            Classes::Collected(asked) => asked,
            _ => &[],
        }
    }

    /// Writes on, after `before` octets that are no longer in the text; says whether that was all.
    ///
    /// # Errors
    /// As [`begin`].
    pub(crate) fn write(&mut self, heap: &Heap, out: &mut String, before: usize) -> Result<bool, Trap> {
        let (limit, start) = (heap.max_text().saturating_sub(before), out.len());
        let mut looked_at = 0;
        let written = self.go_on(heap, out, limit, &mut looked_at);
        heap.spend(out.len() - start + looked_at);
        written.map_err(|why| refused(why, heap.max_text()))
    }

    /// Writes about [`WRITTEN_AT_ONCE`] octets; says whether that was all, and counts what it looks at beside what it
    /// writes. Fails when the text passes the limit.
    fn go_on(&mut self, heap: &Heap, out: &mut String, limit: usize, looked_at: &mut usize) -> Result<bool, Refused> {
        let start = out.len();
        while out.len() - start + *looked_at < WRITTEN_AT_ONCE {
            if out.len() > limit {
                return Err(Refused::TooLong);
            }
            let Some(item) = self.work.pop() else { return Ok(true) };
            self.item(heap, item, out, start, looked_at, limit)?;
        }
        Ok(false)
    }

    fn item(
        &mut self,
        heap: &Heap,
        item: Item,
        out: &mut String,
        start: usize,
        looked_at: &mut usize,
        limit: usize,
    ) -> Result<(), Refused> {
        match item {
            Item::Text(text) => out.push_str(text),
            Item::Close(at) => {
                self.open.remove(&at);
            }
            Item::Octets(value, at, style) => self.octets(heap, value, at, style, out)?,
            Item::Value(value, style) => match ops_object(heap, value) {
                Some((Kind::Instance, _))
                    if self.asking
                        && style.inner_str
                        && class::instance_method(heap, value, well_known::STR).is_some() =>
                {
                    match &mut self.classes {
                        Classes::Ignored | Classes::Trapped => return Err(Refused::Asks),
                        // Each takes room in the text, so there are not more of them than memory has room for.
                        Classes::Collected(asked) => {
                            asked.push(value);
                            out.push_str("        ");
                        }
                        Classes::Known(texts, next) => {
                            let answer = elements(heap, *texts).and_then(|answers| answers.get(*next));
                            *next += 1;
                            match answer {
                                Some(&answer) => self.work.push(Item::Value(Value::from_bits(answer), PLAIN)),
                                None => out.push_str("..."),
                            }
                        }
                    }
                }
                Some((kind, at)) => {
                    *looked_at += WORDS_A_COLLECTION;
                    if self.open.insert(at) {
                        self.open(heap, (kind, at), style, out);
                    } else {
                        match kind {
                            Kind::List => out.push_str("[...]"),
                            Kind::Tuple => out.push_str("#[...]"),
                            Kind::Map => out.push_str("{...}"),
                            _ => instance(heap, at, out),
                        }
                    }
                }
                None if scalar(heap, value, style, out, limit)? => *looked_at += cost(value),
                None => {
                    if style.quoted || !text::is_text(heap, value) {
                        out.push_str(if text::is_text(heap, value) { "\"" } else { "#b\"" });
                    }
                    self.work.push(Item::Octets(value, 0, style));
                }
            },
            Item::Elements(at, mut index, style) => {
                // Scalars are written here, the rest comes back.
                loop {
                    let Some(&bits) = elements(heap, Value::heap(at)).and_then(|words| words.get(index)) else {
                        out.push(']');
                        self.open.remove(&at);
                        break;
                    };
                    if out.len() - start + *looked_at >= WRITTEN_AT_ONCE {
                        self.work.push(Item::Elements(at, index, style));
                        break;
                    }
                    if index > 0 {
                        out.push(' ');
                    }
                    let element = Value::from_bits(bits);
                    index += 1;
                    if !scalar(heap, element, style, out, limit)? {
                        self.work.push(Item::Elements(at, index, style));
                        self.work.push(Item::Value(element, style));
                        break;
                    }
                    *looked_at += cost(element);
                }
            }
            Item::Entries(at, mut place, later, style) => {
                let (slots, used) = (map::slots(heap, at), map::used(heap, at));
                let found = loop {
                    if place >= used {
                        break None;
                    }
                    if out.len() - start + *looked_at >= WRITTEN_AT_ONCE {
                        self.work.push(Item::Entries(at, place, later, style));
                        return Ok(());
                    }
                    if let Some(entry) = slots.and_then(|slots| map::entry_at(heap, slots, place)) {
                        break Some(entry);
                    }
                    *looked_at += 1;
                    place += 1;
                };
                let Some((key, value)) = found else {
                    out.push('}');
                    self.open.remove(&at);
                    return Ok(());
                };
                if later {
                    out.push(' ');
                }
                self.work.push(Item::Entries(at, place + 1, true, style));
                self.work.push(Item::Value(value, style));
                self.work.push(Item::Text(" "));
                self.work.push(Item::Value(key, style));
            }
        }
        Ok(())
    }

    /// Writes some of a long string, or of bytes, which is no longer than the limit.
    fn octets(&mut self, heap: &Heap, value: Value, at: usize, style: Style, out: &mut String) -> Result<(), Refused> {
        let end = if let Some(text) = text::view(heap, value) {
            let most = if style.quoted { ESCAPED_AT_ONCE } else { WRITTEN_AT_ONCE };
            let end = text::boundary(text.bytes, at + most);
            let piece = text::str(&text.bytes[at..end]);
            if style.quoted {
                escape_text(piece, out);
            } else {
                out.push_str(piece);
            }
            (end < text.bytes.len()).then_some(end)
        } else {
            let octets = bytes::view(heap, value).unwrap_or_default();
            let end = octets.len().min(at + ESCAPED_AT_ONCE);
            escape_bytes(&octets[at..end], out);
            (end < octets.len()).then_some(end)
        };
        match end {
            Some(end) => self.work.push(Item::Octets(value, end, style)),
            None if style.quoted || !text::is_text(heap, value) => out.push('"'),
            None => {}
        }
        Ok(())
    }

    /// Begins to write what has parts.
    fn open(&mut self, heap: &Heap, (kind, at): (Kind, Ref), style: Style, out: &mut String) {
        let work = &mut self.work;
        let inner = Style { quoted: true, ..style };
        match kind {
            Kind::List | Kind::Tuple => {
                out.push_str(if kind == Kind::List { "[" } else { "#[" });
                work.push(Item::Elements(at, 0, inner));
            }
            Kind::Map => {
                out.push('{');
                work.push(Item::Entries(at, 0, false, inner));
            }
            _ => {
                work.push(Item::Close(at));
                let error = crate::data::error::view(heap, Value::heap(at)).filter(|_| style.inner_str);
                let Some(error) = error else {
                    return instance(heap, at, out);
                };
                let message = crate::data::error::field(heap, error, well_known::MESSAGE);
                if message != Value::NULL {
                    work.push(Item::Value(message, Style { quoted: false, inner_str: true }));
                    work.push(Item::Text(": "));
                }
                work.push(Item::Value(crate::data::error::field(heap, error, well_known::KIND), inner));
            }
        }
    }
}

/// The object that a value is if it is one with parts.
fn ops_object(heap: &Heap, value: Value) -> Option<(Kind, Ref)> {
    crate::data::object(heap, value)
        .filter(|(kind, _)| matches!(kind, Kind::List | Kind::Tuple | Kind::Map | Kind::Instance))
}

/// An instance by its class.
fn instance(heap: &Heap, at: Ref, out: &mut String) {
    let name = class::class_of(heap, at).map_or("?", |class| class::name(heap, class));
    let _ = write!(out, "<{name}>");
}

/// Words that could be touched while a value is written, beside one for each octet.
#[inline]
fn cost(value: Value) -> usize {
    if value.is_float() { WORDS_A_FLOAT } else { WORDS_A_SCALAR }
}

/// Appends what has no parts and is not long; says whether it is that. Fails when it passes the limit.
#[inline]
fn scalar(heap: &Heap, value: Value, style: Style, out: &mut String, limit: usize) -> Result<bool, Refused> {
    if ops_object(heap, value).is_some() {
        return Ok(false);
    }
    if out.len() > limit {
        return Err(Refused::TooLong);
    }
    if let Some(small) = value.as_int() {
        int_digits(i64::from(small), out);
    } else if let Some(number) = value.as_float() {
        float(number, out);
    } else if let Some(text) = text::view(heap, value) {
        if text.bytes.len() > limit.saturating_sub(out.len()) {
            // Enough of it to be cut.
            out.push_str(text::str(&text.bytes[..text::boundary(text.bytes, limit + 4)]));
            return Err(Refused::TooLong);
        }
        if text.bytes.len() > ESCAPED_AT_ONCE {
            return Ok(false);
        }
        if style.quoted {
            quote(text.as_str(), out);
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
        if octets.len() > ESCAPED_AT_ONCE {
            return Ok(false);
        }
        quote_bytes(octets, out);
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
    if out.len() > limit { Err(Refused::TooLong) } else { Ok(true) }
}

fn int_digits(int: i64, out: &mut String) {
    match crate::data::digits::decimal(int) {
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
