//! The module `String`.

use super::general::value_error;
use super::{arity, atom, wants};
use crate::data::{bytes, int, iterate, list as lists, text};
use crate::format;
use crate::heap::Heap;
use crate::trap::Trap;
use crate::value::Value;
use unicode_segmentation::UnicodeSegmentation;

type Result = std::result::Result<Value, Trap>;

fn string<'h>(heap: &'h Heap, name: &str, value: Value) -> std::result::Result<&'h str, Trap> {
    match text::view(heap, value) {
        Some(text) => {
            heap.spend(text.bytes.len() / 16);
            Ok(text.as_str())
        }
        None => Err(wants(heap, name, "a string", value)),
    }
}

/// The same, of a text that is gone through as a whole.
pub(super) fn whole_string<'h>(heap: &'h Heap, name: &str, value: Value) -> std::result::Result<&'h str, Trap> {
    let text = string(heap, name, value)?;
    heap.spend(text.len());
    Ok(text)
}

/// A list of parts of a text, by their first bytes and ends.
fn parts(heap: &mut Heap, value: Value, ranges: &[(usize, usize)]) -> Result {
    let mut found = Vec::with_capacity(ranges.len());
    for &(start, end) in ranges {
        found.push(text::part(heap, value, start, end)?);
    }
    lists::new(heap, &found)
}

/// Where parts of a text lie in it. No more of them than the heap could hold in a list.
fn places<'a>(
    heap: &Heap,
    whole: &str,
    parts: impl Iterator<Item = &'a str> + Clone,
) -> std::result::Result<Vec<(usize, usize)>, Trap> {
    // Gathered outside of the heap, so they are counted first.
    let count = parts.clone().count();
    heap.could_hold(count)?;
    let base = whole.as_ptr() as usize;
    let mut places = Vec::with_capacity(count);
    places.extend(parts.map(|part| {
        let start = part.as_ptr() as usize - base;
        (start, start + part.len())
    }));
    Ok(places)
}

pub(super) fn split(heap: &mut Heap, args: &[Value]) -> Result {
    let whole = whole_string(heap, "String.split", args[0])?;
    let separator = match args.get(1) {
        Some(&Value::NULL) | None => None,
        Some(&separator) => Some(string(heap, "String.split", separator)?),
    };
    let ranges = match separator {
        None => places(heap, whole, whole.split_whitespace())?,
        Some("") => return chars(heap, &args[..1]),
        Some(separator) => match separator.as_bytes() {
            // Looking for one byte is much faster than for a text.
            &[byte] => places(heap, whole, whole.split(char::from(byte)))?,
            _ => places(heap, whole, whole.split(separator))?,
        },
    };
    parts(heap, args[0], &ranges)
}

pub(super) fn join(heap: &mut Heap, args: &[Value]) -> Result {
    let separator = match args.get(1) {
        Some(&separator) => string(heap, "String.join", separator)?.to_owned(),
        None => String::new(),
    };
    let elements = iterate::collect(heap, args[0])?;
    heap.spend(separator.len() + elements.len() * 4);
    let mut out = String::new();
    for (index, &element) in elements.iter().enumerate() {
        if index > 0 {
            heap.spend(separator.len() / 16);
            out.push_str(&separator);
        }
        format::str_into(heap, element, &mut out)?;
    }
    text::take(heap, out)
}

pub(super) fn trim(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let whole = whole_string(heap, "String.trim", value)?;
    let start = whole.len() - whole.trim_start().len();
    let end = start + whole.trim().len();
    text::part(heap, value, start, end)
}

pub(super) fn trim_start(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let whole = whole_string(heap, "String.trim-start", value)?;
    let (start, end) = (whole.len() - whole.trim_start().len(), whole.len());
    text::part(heap, value, start, end)
}

pub(super) fn trim_end(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let end = whole_string(heap, "String.trim-end", value)?.trim_end().len();
    text::part(heap, value, 0, end)
}

pub(super) fn graphemes(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let whole = whole_string(heap, "String.graphemes", value)?;
    let ranges = places(heap, whole, whole.graphemes(true))?;
    parts(heap, value, &ranges)
}

pub(super) fn upper(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let out = whole_string(heap, "String.upper", value)?.to_uppercase();
    text::take(heap, out)
}

pub(super) fn lower(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let out = whole_string(heap, "String.lower", value)?.to_lowercase();
    text::take(heap, out)
}

pub(super) fn starts(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, part] = args else { return Err(arity()) };
    let (whole, part) = (string(heap, "String.starts?", value)?, string(heap, "String.starts?", part)?);
    Ok(Value::bool(whole.starts_with(part)))
}

pub(super) fn ends(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, part] = args else { return Err(arity()) };
    let (whole, part) = (string(heap, "String.ends?", value)?, string(heap, "String.ends?", part)?);
    Ok(Value::bool(whole.ends_with(part)))
}

/// Whether a text of so many bytes can be, before it is built.
fn check(heap: &Heap, bytes: Option<usize>) -> std::result::Result<(), Trap> {
    let bytes = bytes.unwrap_or(usize::MAX);
    text::check(bytes)?;
    Ok(heap.could_hold(bytes / 8)?)
}

pub(super) fn replace(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, from, to] = args else { return Err(arity()) };
    let whole = whole_string(heap, "String.replace", value)?;
    let (from, to) = (string(heap, "String.replace", from)?, string(heap, "String.replace", to)?);
    let count = whole.matches(from).count();
    if count == 0 {
        return Ok(value);
    }
    let kept = whole.len() - count * from.len();
    check(heap, count.checked_mul(to.len()).and_then(|added| added.checked_add(kept)))?;
    let out = whole.replace(from, to);
    text::take(heap, out)
}

pub(super) fn repeat(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, count] = args else { return Err(arity()) };
    let whole = string(heap, "String.repeat", value)?;
    let Some(count) = int::clamped(heap, count) else {
        return Err(wants(heap, "String.repeat", "an int as the count", count));
    };
    let Ok(count) = usize::try_from(count) else {
        return Err(value_error("`String.repeat` a negative number of times"));
    };
    check(heap, whole.len().checked_mul(count))?;
    let out = whole.repeat(if whole.is_empty() { 0 } else { count });
    text::take(heap, out)
}

pub(super) fn chars(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    whole_string(heap, "String.chars", value)?;
    let chars = iterate::collect(heap, value)?;
    lists::new(heap, &chars)
}

pub(super) fn lines(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let whole = whole_string(heap, "String.lines", value)?;
    let ranges = places(heap, whole, whole.lines())?;
    parts(heap, value, &ranges)
}

pub(super) fn code_points(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let whole = whole_string(heap, "String.code-points", value)?;
    let count = text::len(heap, value).unwrap_or(0);
    heap.could_hold(count)?;
    let mut points = Vec::with_capacity(count);
    points.extend(whole.chars().map(|char| Value::int(char as i32)));
    lists::new(heap, &points)
}

pub(super) fn from_code_points(heap: &mut Heap, args: &[Value]) -> Result {
    let &[points] = args else { return Err(arity()) };
    let points = iterate::collect(heap, points)?;
    heap.spend(points.len());
    let mut out = String::with_capacity(points.len());
    for point in points {
        if !int::is_int(heap, point) {
            return Err(wants(heap, "String.from-code-points", "ints", point));
        }
        let char = point.as_int().and_then(|point| char::from_u32(u32::try_from(point).ok()?));
        match char {
            Some(char) => out.push(char),
            None => return Err(value_error(format!("{} is no code point", format::brief(heap, point)))),
        }
    }
    text::take(heap, out)
}

/// The padding that brings a text to a length in code points.
fn padding(heap: &mut Heap, name: &str, args: &[Value]) -> Result {
    string(heap, name, args[0])?;
    let Some(width) = int::clamped(heap, args[1]) else {
        return Err(wants(heap, name, "an int as the length", args[1]));
    };
    let fill = match args.get(2) {
        Some(&fill) => string(heap, name, fill)?,
        None => " ",
    };
    let mut chars = fill.chars();
    let (Some(char), None) = (chars.next(), chars.next()) else {
        return Err(value_error(format!("`{name}` fills with one character")));
    };
    let have = text::len(heap, args[0]).unwrap_or(0);
    let missing = usize::try_from(width).unwrap_or(0).saturating_sub(have);
    check(heap, missing.checked_mul(char.len_utf8()))?;
    let pad = char.to_string().repeat(missing);
    text::take(heap, pad)
}

pub(super) fn pad_left(heap: &mut Heap, args: &[Value]) -> Result {
    let pad = padding(heap, "String.pad-left", args)?;
    text::join(heap, &[pad, args[0]])
}

pub(super) fn pad_right(heap: &mut Heap, args: &[Value]) -> Result {
    let pad = padding(heap, "String.pad-right", args)?;
    text::join(heap, &[args[0], pad])
}

pub(super) fn to_atom(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let name = string(heap, "String.to-atom", value)?;
    atom(heap, name)
}

pub(super) fn to_bytes(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    string(heap, "String.to-bytes", value)?;
    bytes::of_text(heap, value)
}
