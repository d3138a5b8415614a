//! Values as text, one after the other: `str`, `print`, `String.join` and their like.

use super::{arity, wants};
use crate::data::writing::{OCTETS, Target, Writer, write as write_text};
use crate::data::{elements, iterate, list, text};
use crate::format::{self, Classes, PLAIN, QUOTED, Style, Walk};
use crate::heap::Heap;
use crate::ops;
use crate::task::{Piece, Stage, Task, begin};
use crate::trap::{ErrorKind, Then, Trap};
use crate::value::Value;
use smallvec::SmallVec;

type Result<T = Value> = std::result::Result<T, Trap>;

/// Words that could be touched while a value is begun.
const WORDS_A_VALUE: usize = 12;

/// The values that are held, one after the other.
struct Values {
    name: &'static str,
    style: Style,
    next: usize,
    between: &'static str,
    end: &'static str,
    /// The value before the next one, if it is long.
    walk: Option<Walk>,
}

impl Values {
    fn new(name: &'static str, style: Style, between: &'static str, end: &'static str) -> Values {
        Values { name, style, next: 0, between, end, walk: None }
    }
}

/// Goes on with a long value, if one is being written, and says whether there is none any more.
fn finish(walk: &mut Option<Walk>, heap: &mut Heap, out: &mut String, before: usize) -> Result<bool> {
    if let Some(long) = walk {
        if !long.write(heap, out, before)? {
            return Ok(false);
        }
        *walk = None;
    }
    Ok(true)
}

impl Writer for Values {
    type Out = String;

    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut String, before: usize) -> Result<bool> {
        let most = out.len() + OCTETS;
        if !finish(&mut self.walk, heap, out, before)? {
            return Ok(false);
        }
        while let Some(&value) = held.get(self.next) {
            if out.len() > most {
                return Ok(false);
            }
            if self.next > 0 {
                out.push_str(self.between);
            }
            self.next += 1;
            self.walk = format::begin(heap, value, self.style, out, before)?;
            if self.walk.is_some() {
                return Ok(false);
            }
        }
        out.push_str(self.end);
        Ok(true)
    }

    fn instead(&self, heap: &Heap, trap: Trap, held: &[Value]) -> Trap {
        ops::instead(heap, trap, self.name, held, Then::Value)
    }
}

fn spread(heap: &mut Heap, values: &[Value], writer: Values, target: Target) -> Result {
    write_text(heap, &mut SmallVec::<[Value; 8]>::from_slice(values), writer, target)
}

pub(super) fn print(heap: &mut Heap, args: &[Value]) -> Result {
    spread(heap, args, Values::new("print", PLAIN, " ", "\n"), Target::Output)
}

pub(super) fn write(heap: &mut Heap, args: &[Value]) -> Result {
    spread(heap, args, Values::new("write", PLAIN, " ", ""), Target::Output)
}

pub(super) fn str(heap: &mut Heap, args: &[Value]) -> Result {
    if let &[one] = args {
        if let Some(result) = one.as_int().and_then(|int| text::of_int(heap, i64::from(int))) {
            return result;
        }
        if text::is_text(heap, one) {
            return Ok(one);
        }
    }
    spread(heap, args, Values::new("str", PLAIN, "", ""), Target::Value(None))
}

pub(super) fn repr(heap: &mut Heap, args: &[Value]) -> Result {
    spread(heap, args, Values::new("repr", QUOTED, "", ""), Target::Value(None))
}

/// The elements of an iterable with a text between. What is held: the iterator, the element that is being written, the
/// text between, and the iterable.
struct Joined {
    later: bool,
    /// There is an element, before which the text between is still to be written from this octet on.
    between: Option<usize>,
    walk: Option<Walk>,
}

impl Writer for Joined {
    type Out = String;

    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut String, before: usize) -> Result<bool> {
        let most = out.len() + OCTETS;
        if !finish(&mut self.walk, heap, out, before)? {
            return Ok(false);
        }
        while out.len() < most {
            let at = match self.between {
                Some(at) => at,
                None => {
                    let Some(element) = iterate::next(heap, held[0])? else { return Ok(true) };
                    heap.spend(WORDS_A_VALUE);
                    held[1] = element;
                    if std::mem::replace(&mut self.later, true) { 0 } else { usize::MAX }
                }
            };
            if let Some(rest) = text::view(heap, held[2]).and_then(|text| text.bytes.get(at..)) {
                let piece = text::str(&rest[..text::boundary(rest, OCTETS)]);
                heap.spend(piece.len());
                out.push_str(piece);
                if piece.len() < rest.len() {
                    self.between = Some(at + piece.len());
                    continue;
                }
            }
            self.between = None;
            self.walk = format::begin(heap, held[1], PLAIN, out, before)?;
            if self.walk.is_some() {
                return Ok(false);
            }
        }
        Ok(false)
    }

    fn instead(&self, heap: &Heap, trap: Trap, held: &[Value]) -> Trap {
        ops::instead(heap, trap, "String.join", &[held[3], held[2]], Then::Value)
    }
}

pub(super) fn join(heap: &mut Heap, args: &[Value]) -> Result {
    let separator = args.get(1).copied().unwrap_or(text::EMPTY);
    if !text::is_text(heap, separator) {
        return Err(wants(heap, "String.join", "a string", separator));
    }
    let iterator = iterate::start_here(heap, args[0])?;
    let joined = Joined { later: false, between: None, walk: None };
    write_text(heap, &mut [iterator, Value::NULL, separator, args[0]], joined, Target::Value(None))
}

/// The search for the instances whose `str` has to be asked.
struct Asking {
    held: [Value; 1],
    walk: Walk,
    /// Octets of what is around them.
    around: usize,
}

impl Task for Asking {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage> {
        let (mut out, piece) = (String::new(), Piece::begin(heap));
        loop {
            let done = self.walk.write(heap, &mut out, self.around)?;
            self.around += out.len();
            out.clear();
            if done {
                return list::new(heap, self.walk.asked()).map(Stage::Done);
            }
            if piece.is_done(heap) {
                return Ok(Stage::More);
            }
        }
    }

    fn holds(&self) -> &[Value] {
        &self.held
    }
}

pub(super) fn str_asks(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    let walk = Walk::begin(heap, value, PLAIN, Classes::Collected(Vec::new()));
    begin(heap, Asking { held: [value], walk, around: 0 })
}

pub(super) fn str_of(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, answers] = args else { return Err(arity()) };
    let Some(words) = elements(heap, answers) else { return Err(wants(heap, "%str-of", "a list", answers)) };
    heap.spend(words.len());
    if let Some(&wrong) = words.iter().find(|&&answer| !text::is_text(heap, Value::from_bits(answer))) {
        let what = ops::describe(heap, Value::from_bits(wrong));
        return Err(Trap::error(ErrorKind::Type, format!("a class's `str` gives a string, not {what}")));
    }
    let walk = Walk::begin(heap, value, PLAIN, Classes::Known(answers, 0));
    let writer = Values { walk: Some(walk), next: 2, ..Values::new("%str-of", PLAIN, "", "") };
    write_text(heap, &mut [value, answers], writer, Target::Value(None))
}
