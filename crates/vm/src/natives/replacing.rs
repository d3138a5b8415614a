//! A text with all occurrences of a part replaced.

use super::{arity, wants};
use crate::data::find::Search;
use crate::data::text;
use crate::data::writing::{OCTETS, Target, Utf8, Writer, write};
use crate::heap::Heap;
use crate::task::{Piece, Stage, Task, begin};
use crate::trap::Trap;
use crate::value::Value;

type Result<T = Value> = std::result::Result<T, Trap>;

/// Where the parts are; between all code points, if the part is empty.
enum Places {
    Search(Search),
    Empty(usize),
}

impl Places {
    fn begin(heap: &Heap, part: &[u8]) -> Places {
        if part.is_empty() { Places::Empty(0) } else { Places::Search(Search::begin(heap, part)) }
    }

    /// Tells the next places, and says whether these were the last.
    fn go_on(&mut self, heap: &Heap, text: &[u8], part: &[u8], mut found: impl FnMut(usize)) -> bool {
        match self {
            Places::Search(search) => search.go_on(heap, text, part, found),
            Places::Empty(at) => {
                let end = text.len().min(*at + OCTETS / 16);
                heap.spend((end - *at) * 4);
                (*at..end).filter(|&at| text[at] & 0xC0 != 0x80).for_each(&mut found);
                *at = end;
                if end == text.len() {
                    found(end);
                }
                end == text.len()
            }
        }
    }
}

/// What is held: the text, the part, and what it is replaced by.
const WHOLE: usize = 0;
const PART: usize = 1;
const NEW: usize = 2;

fn octets(heap: &Heap, value: Value) -> &[u8] {
    text::view(heap, value).map_or(&[], |text| text.bytes)
}

/// Writes the new text.
struct Replacing {
    places: Places,
    /// Places that were found, and the next of them.
    found: Vec<usize>,
    next: usize,
    is_last: bool,
    /// Octets of the text that were copied or replaced.
    done: usize,
    /// Octets of the replacement that were written, if that has begun.
    written: Option<usize>,
}

impl Writer for Replacing {
    type Out = Utf8;

    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut Utf8, _: usize) -> Result<bool> {
        let out = out.octets_mut();
        let (whole, part, new) = (octets(heap, held[WHOLE]), octets(heap, held[PART]), octets(heap, held[NEW]));
        let most = out.len() + OCTETS;
        let start = out.len();
        while out.len() < most {
            let place = self.found.get(self.next).copied();
            // Nothing is known about what comes after the last place.
            if place.is_none() && !self.is_last {
                self.found.clear();
                self.next = 0;
                let found = &mut self.found;
                self.is_last = self.places.go_on(heap, whole, part, |at| found.push(at));
                continue;
            }
            let end = place.unwrap_or(whole.len());
            if self.done < end {
                let to = end.min(self.done + OCTETS);
                out.extend_from_slice(&whole[self.done..to]);
                self.done = to;
                continue;
            }
            if place.is_none() {
                heap.spend((out.len() - start) / 4);
                return Ok(true);
            }
            let written = self.written.unwrap_or(0);
            let to = new.len().min(written + OCTETS);
            out.extend_from_slice(&new[written..to]);
            if to < new.len() {
                self.written = Some(to);
                continue;
            }
            self.written = None;
            self.done += part.len();
            self.next += 1;
            heap.spend(4);
        }
        heap.spend((out.len() - start) / 4);
        Ok(false)
    }
}

/// Counts the places, so that it is known whether there is room.
struct Counting {
    held: [Value; 3],
    places: Places,
    count: usize,
    is_last: bool,
}

impl Task for Counting {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage> {
        let piece = Piece::begin(heap);
        while !self.is_last {
            let count = &mut self.count;
            let (whole, part) = (octets(heap, self.held[WHOLE]), octets(heap, self.held[PART]));
            self.is_last = self.places.go_on(heap, whole, part, |_| *count += 1);
            if !self.is_last && piece.is_done(heap) {
                return Ok(Stage::More);
            }
        }
        if self.count == 0 {
            return Ok(Stage::Done(self.held[WHOLE]));
        }
        let lengths = self.held.map(|value| octets(heap, value).len());
        let kept = lengths[WHOLE] - self.count * lengths[PART];
        let room = self.count.checked_mul(lengths[NEW]).and_then(|added| added.checked_add(kept));
        let room = room.unwrap_or(usize::MAX);
        text::check(room)?;
        heap.could_hold(room / 8)?;
        let places = Places::begin(heap, octets(heap, self.held[PART]));
        let writer = Replacing { places, found: Vec::new(), next: 0, is_last: false, done: 0, written: None };
        Stage::of(write(heap, &mut self.held, writer, Target::Value(Some(room))))
    }

    fn holds(&self) -> &[Value] {
        &self.held
    }
}

pub(super) fn replace(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value, from, to] = args else { return Err(arity()) };
    for arg in [value, from, to] {
        if !text::is_text(heap, arg) {
            return Err(wants(heap, "String.replace", "a string", arg));
        }
    }
    let places = Places::begin(heap, octets(heap, from));
    begin(heap, Counting { held: [value, from, to], places, count: 0, is_last: false })
}
