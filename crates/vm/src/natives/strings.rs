//! The module `String`.

use super::general::value_error;
use super::{arity, atom, wants};
use crate::data::copying::{self, Part};
use crate::data::writing::{OCTETS, Target, Writer, write};
use crate::data::{bytes, int, iterate, text};
use crate::format;
use crate::heap::Heap;
use crate::task::{Piece, Stage, Task, begin};
use crate::trap::Trap;
use crate::value::Value;

type Result<T = Value> = std::result::Result<T, Trap>;

/// The octets of a string.
fn string<'h>(heap: &'h Heap, name: &str, value: Value) -> Result<&'h [u8]> {
    match text::view(heap, value) {
        Some(text) => Ok(text.bytes),
        None => Err(wants(heap, name, "a string", value)),
    }
}

/// The search for the ends of a text without the white space around it.
pub(super) struct Ends {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether white space is still to be taken off at the start, and at the end.
    ends: [bool; 2],
}

impl Ends {
    /// Begins with a text of so many octets.
    pub(super) fn begin(len: usize, ends: [bool; 2]) -> Ends {
        Ends { start: 0, end: len, ends }
    }

    /// Goes on; says whether the ends were found before the end of the piece.
    pub(super) fn go_on(&mut self, heap: &Heap, octets: &[u8], piece: Piece) -> bool {
        while self.ends != [false; 2] {
            if piece.is_done(heap) {
                return false;
            }
            if self.ends[0] {
                let end = text::boundary(octets, self.start + OCTETS).min(self.end);
                let window = text::str(&octets[self.start..end]);
                let kept = window.trim_start().len();
                heap.spend(window.len() - kept);
                self.start = end - kept;
                self.ends[0] = kept == 0 && end < self.end;
            } else {
                let start = text::boundary(octets, self.end.saturating_sub(OCTETS)).max(self.start);
                let window = text::str(&octets[start..self.end]);
                let kept = window.trim_end().len();
                heap.spend(window.len() - kept);
                self.end = start + kept;
                self.ends[1] = kept == 0 && start > self.start;
            }
        }
        true
    }
}

/// A text without white space around it.
struct Trimming {
    held: [Value; 1],
    ends: Ends,
}

impl Task for Trimming {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage> {
        let octets = text::view(heap, self.held[0]).map_or(&[][..], |text| text.bytes);
        if !self.ends.go_on(heap, octets, Piece::begin(heap)) {
            return Ok(Stage::More);
        }
        Stage::of(text::part(heap, self.held[0], self.ends.start, self.ends.end))
    }

    fn holds(&self) -> &[Value] {
        &self.held
    }
}

fn trimmed(heap: &mut Heap, name: &str, args: &[Value], ends: [bool; 2]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let end = string(heap, name, value)?.len();
    begin(heap, Trimming { held: [value], ends: Ends::begin(end, ends) })
}

pub(super) fn trim(heap: &mut Heap, args: &[Value]) -> Result {
    trimmed(heap, "String.trim", args, [true, true])
}

pub(super) fn trim_start(heap: &mut Heap, args: &[Value]) -> Result {
    trimmed(heap, "String.trim-start", args, [true, false])
}

pub(super) fn trim_end(heap: &mut Heap, args: &[Value]) -> Result {
    trimmed(heap, "String.trim-end", args, [false, true])
}

/// Whether a text has another one at a place.
struct Standing {
    held: [Value; 2],
    at: usize,
    /// Octets that were compared.
    done: usize,
}

impl Task for Standing {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage> {
        let [whole, part] = self.held.map(|value| text::view(heap, value).map_or(&[][..], |text| text.bytes));
        let piece = Piece::begin(heap);
        while self.done < part.len() {
            if piece.is_done(heap) {
                return Ok(Stage::More);
            }
            let end = part.len().min(self.done + OCTETS);
            heap.spend((end - self.done) / 4);
            if part[self.done..end] != whole[self.at + self.done..self.at + end] {
                return Ok(Stage::Done(Value::FALSE));
            }
            self.done = end;
        }
        Ok(Stage::Done(Value::TRUE))
    }

    fn holds(&self) -> &[Value] {
        &self.held
    }
}

fn stands(heap: &mut Heap, name: &str, args: &[Value], at: fn(usize, usize) -> usize) -> Result {
    let &[value, part] = args else { return Err(arity()) };
    let (whole, len) = (string(heap, name, value)?.len(), string(heap, name, part)?.len());
    if len > whole {
        return Ok(Value::FALSE);
    }
    begin(heap, Standing { held: [value, part], at: at(whole, len), done: 0 })
}

pub(super) fn starts(heap: &mut Heap, args: &[Value]) -> Result {
    stands(heap, "String.starts?", args, |_, _| 0)
}

pub(super) fn ends(heap: &mut Heap, args: &[Value]) -> Result {
    stands(heap, "String.ends?", args, |whole, part| whole - part)
}

/// Whether a text of so many bytes can be, before it is built.
fn check(heap: &Heap, bytes: Option<usize>) -> Result<()> {
    let bytes = bytes.unwrap_or(usize::MAX);
    text::check(bytes)?;
    Ok(heap.could_hold(bytes / 8)?)
}

pub(super) fn repeat(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, count] = args else { return Err(arity()) };
    let len = string(heap, "String.repeat", value)?.len();
    let Some(count) = int::clamped(heap, count) else {
        return Err(wants(heap, "String.repeat", "an int as the count", count));
    };
    let Ok(count) = usize::try_from(count) else {
        return Err(value_error("`String.repeat` a negative number of times"));
    };
    check(heap, len.checked_mul(count))?;
    copying::text_of(heap, &mut [value], [Part::new(0, 0, len).repeated(count)], None)
}

/// Words that could be touched while a code point is taken from an iterable.
const WORDS_A_POINT: usize = 16;

/// The text of an iterable's code points. What is held: the iterator, and the iterable.
struct Points;

impl Writer for Points {
    type Out = String;

    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut String, _: usize) -> Result<bool> {
        for _ in 0..OCTETS / WORDS_A_POINT {
            let Some(point) = iterate::next(heap, held[0])? else { return Ok(true) };
            heap.spend(WORDS_A_POINT);
            if !int::is_int(heap, point) {
                return Err(wants(heap, "String.from-code-points", "ints", point));
            }
            let char = point.as_int().and_then(|point| char::from_u32(u32::try_from(point).ok()?));
            match char {
                Some(char) => out.push(char),
                None => return Err(value_error(format!("{} is no code point", format::brief(heap, point)))),
            }
        }
        Ok(false)
    }
}

pub(super) fn from_code_points(heap: &mut Heap, args: &[Value]) -> Result {
    let &[points] = args else { return Err(arity()) };
    let iterator = iterate::start_here(heap, points)?;
    write(heap, &mut [iterator, points], Points, Target::Value(None))
}

/// A text of at least a length in code points: with a character so many times before it, or behind it.
fn padded(heap: &mut Heap, name: &str, args: &[Value], before: bool) -> Result {
    let len = string(heap, name, args[0])?.len();
    let Some(width) = int::clamped(heap, args[1]) else {
        return Err(wants(heap, name, "an int as the length", args[1]));
    };
    let fill = match args.get(2) {
        Some(&fill) => fill,
        None => Value::literal(u32::from(b' ')),
    };
    let octets = string(heap, name, fill)?.len();
    if text::len(heap, fill) != Some(1) {
        return Err(value_error(format!("`{name}` fills with one character")));
    }
    let have = text::len(heap, args[0]).unwrap_or(0);
    let missing = usize::try_from(width).unwrap_or(0).saturating_sub(have);
    if missing == 0 {
        return Ok(args[0]);
    }
    check(heap, missing.checked_mul(octets))?;
    let (text, pad) = (Part::new(0, 0, len), Part::new(1, 0, octets).repeated(missing));
    let parts = if before { [pad, text] } else { [text, pad] };
    copying::text_of(heap, &mut [args[0], fill], parts, None)
}

pub(super) fn pad_left(heap: &mut Heap, args: &[Value]) -> Result {
    padded(heap, "String.pad-left", args, true)
}

pub(super) fn pad_right(heap: &mut Heap, args: &[Value]) -> Result {
    padded(heap, "String.pad-right", args, false)
}

pub(super) fn to_atom(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let name = string(heap, "String.to-atom", value)?;
    heap.spend(name.len());
    atom(heap, text::str(name))
}

pub(super) fn to_bytes(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    string(heap, "String.to-bytes", value)?;
    bytes::of_text(heap, value)
}
