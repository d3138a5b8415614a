//! Lists of the parts of a text.

use super::{arity, rows, wants};
use crate::data::filling::{Next, Source, fill};
use crate::data::find::Search;
use crate::data::text::{self, boundary};
use crate::heap::{Heap, Kind};
use crate::task::Piece;
use crate::trap::Trap;
use crate::value::Value;
use unicode_segmentation::UnicodeSegmentation;

type Result<T = Value> = std::result::Result<T, Trap>;

/// Octets of a text that are looked at before its parts are made.
const WINDOW: usize = 1 << 13;

/// Words that could be touched while a part is made.
const WORDS_A_PART: usize = 16;

/// What parts a text is cut into, and how far it is.
enum Cutter {
    /// What stands between white space; and where the present part begins, if there is one.
    Words { at: usize, start: Option<usize> },
    /// What stands between separators.
    Separated { search: Search, start: usize },
    /// What stands before the ends of lines.
    Lines { search: Search, start: usize },
    /// What people see as characters; looked for in windows of this size.
    Graphemes { at: usize, window: usize },
}

impl Cutter {
    /// Goes on with a window of a text: notes where parts begin and end, and says whether that were the last.
    fn cut(&mut self, heap: &Heap, held: &[Value], parts: &mut Vec<(usize, usize)>) -> bool {
        let text = octets(heap, held[0]);
        match self {
            Cutter::Words { at, start } => {
                let end = boundary(text, *at + WINDOW);
                heap.spend(end - *at);
                for (index, char) in text::str(&text[*at..end]).char_indices() {
                    if !char.is_whitespace() {
                        start.get_or_insert(*at + index);
                    } else if let Some(start) = start.take() {
                        parts.push((start, *at + index));
                    }
                }
                *at = end;
                if end == text.len() {
                    parts.extend(start.take().map(|start| (start, end)));
                }
                end == text.len()
            }
            Cutter::Separated { search, start } => {
                let len = search.needle_len();
                let is_last = search.go_on(heap, text, octets(heap, held[1]), |at| {
                    parts.push((*start, at));
                    *start = at + len;
                });
                if is_last {
                    parts.push((*start, text.len()));
                }
                is_last
            }
            Cutter::Lines { search, start } => {
                let is_last = search.go_on(heap, text, b"\n", |at| {
                    let cut = at > *start && text[at - 1] == b'\r';
                    parts.push((*start, at - usize::from(cut)));
                    *start = at + 1;
                });
                if is_last && *start < text.len() {
                    parts.push((*start, text.len()));
                }
                is_last
            }
            Cutter::Graphemes { at, window } => {
                let end = boundary(text, *at + *window);
                heap.spend((end - *at) * 8);
                let start = *at;
                for part in text::str(&text[start..end]).graphemes(true) {
                    // The last in the window may go on behind it.
                    if *at + part.len() < end || end == text.len() {
                        parts.push((*at, *at + part.len()));
                        *at += part.len();
                    }
                }
                *window = if *at > start { WINDOW } else { *window * 2 };
                *at == text.len()
            }
        }
    }
}

/// The parts of a text, which is held.
struct Parts {
    /// Makes the cutter, once to count the parts and once to make them.
    begin: fn(&Heap, &[Value]) -> Cutter,
    counting: Option<Cutter>,
    count: usize,
    cutting: Option<Cutter>,
    /// Parts that were found, and the next of them that is to be made.
    found: Vec<(usize, usize)>,
    next: usize,
    is_last: bool,
}

fn octets(heap: &Heap, value: Value) -> &[u8] {
    text::view(heap, value).map_or(&[], |text| text.bytes)
}

impl Source for Parts {
    fn count(&mut self, heap: &Heap, held: &[Value], piece: Piece) -> Option<usize> {
        let mut cutter = self.counting.take().unwrap_or_else(|| (self.begin)(heap, held));
        loop {
            let is_last = cutter.cut(heap, held, &mut self.found);
            self.count += self.found.len();
            self.found.clear();
            if is_last {
                return Some(self.count);
            }
            if piece.is_done(heap) {
                self.counting = Some(cutter);
                return None;
            }
        }
    }

    fn next(&mut self, heap: &mut Heap, held: &mut [Value], _: Piece) -> Result<Next> {
        let Some(&(start, end)) = self.found.get(self.next) else {
            if self.is_last {
                return Ok(Next::End);
            }
            self.found.clear();
            self.next = 0;
            let cutter = self.cutting.get_or_insert_with(|| (self.begin)(heap, held));
            self.is_last = cutter.cut(heap, held, &mut self.found);
            return Ok(Next::NotYet);
        };
        let part = match text::part(heap, held[0], start, end) {
            Err(trap) if trap.is_long() => Next::Long(trap),
            part => Next::Element(part?),
        };
        heap.spend(WORDS_A_PART);
        self.next += 1;
        Ok(part)
    }
}

/// The list of the parts of a text; the first of what is held.
fn cut(heap: &mut Heap, held: &mut [Value], begin: fn(&Heap, &[Value]) -> Cutter) -> Result {
    let parts = Parts { begin, counting: None, count: 0, cutting: None, found: Vec::new(), next: 0, is_last: false };
    let is_short = octets(heap, held[0]).len() <= WINDOW;
    fill(heap, Kind::List, held, parts, is_short)
}

fn string(heap: &Heap, name: &str, value: Value) -> Result<()> {
    if text::is_text(heap, value) { Ok(()) } else { Err(wants(heap, name, "a string", value)) }
}

pub(super) fn split(heap: &mut Heap, args: &[Value]) -> Result {
    string(heap, "String.split", args[0])?;
    let separator = match args.get(1) {
        Some(&Value::NULL) | None => return cut(heap, &mut [args[0]], |_, _| Cutter::Words { at: 0, start: None }),
        Some(&separator) => separator,
    };
    string(heap, "String.split", separator)?;
    if separator == text::EMPTY || octets(heap, separator).is_empty() {
        return chars(heap, &args[..1]);
    }
    cut(heap, &mut [args[0], separator], |heap, held| Cutter::Separated {
        search: Search::begin(heap, octets(heap, held[1])),
        start: 0,
    })
}

pub(super) fn lines(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    string(heap, "String.lines", value)?;
    cut(heap, &mut [value], |heap, _| Cutter::Lines { search: Search::begin(heap, b"\n"), start: 0 })
}

pub(super) fn graphemes(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    string(heap, "String.graphemes", value)?;
    cut(heap, &mut [value], |_, _| Cutter::Graphemes { at: 0, window: WINDOW })
}

pub(super) fn chars(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    string(heap, "String.chars", value)?;
    rows::chained(heap, Kind::List, args)
}

/// The code points of a text as ints, from this octet on.
struct CodePoints {
    at: usize,
}

impl Source for CodePoints {
    fn count(&mut self, heap: &Heap, held: &[Value], _: Piece) -> Option<usize> {
        text::len(heap, held[0])
    }

    fn next(&mut self, heap: &mut Heap, held: &mut [Value], _: Piece) -> Result<Next> {
        let octets = octets(heap, held[0]);
        let Some(&first) = octets.get(self.at) else { return Ok(Next::End) };
        let end = self.at + text::width(first);
        let char = text::str(&octets[self.at..end]).chars().next();
        heap.spend(WORDS_A_PART);
        self.at = end;
        Ok(char.map_or(Next::End, |char| Next::Element(Value::int(char as i32))))
    }
}

pub(super) fn code_points(heap: &mut Heap, args: &[Value]) -> Result {
    let &[value] = args else { return Err(arity()) };
    string(heap, "String.code-points", value)?;
    fill(heap, Kind::List, &mut [value], CodePoints { at: 0 }, false)
}
