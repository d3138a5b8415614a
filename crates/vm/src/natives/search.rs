//! Finding and sorting.

use super::{arity, wants};
use crate::data::find::Search;
use crate::data::{bytes, class, elements, int, iterate, list as lists, map, range as ranges, text, tuple};
use crate::heap::{Heap, Kind};
use crate::node::well_known;
use crate::ops::{self, Answer, Compared, Equality};
use crate::task::{Piece, Stage, Task, begin};
use crate::trap::{Then, Trap};
use crate::value::Value;
use std::cmp::Ordering;

type Result = std::result::Result<Value, Trap>;

/// The search for an element of a list or tuple.
struct Position {
    /// Where and what for.
    operands: [Value; 2],
    /// The index of the next element.
    at: usize,
    /// The comparison with it, if that was begun.
    comparing: Option<Equality>,
    /// Whether the index is wanted, not only whether there is one.
    index: bool,
}

impl Position {
    /// Words that could be touched while an element is looked at.
    const WORDS: usize = 4;

    /// Goes on; the outer `None` at the end of a piece.
    fn go_on(&mut self, heap: &Heap, piece: Piece) -> std::result::Result<Option<Option<usize>>, Trap> {
        let [container, wanted] = self.operands;
        let words = elements(heap, container).unwrap_or(&[]);
        while let Some(&bits) = words.get(self.at) {
            if piece.is_done(heap) {
                return Ok(None);
            }
            let answer = match &mut self.comparing {
                Some(comparing) => comparing.go_on(heap, piece),
                None => {
                    heap.spend(Self::WORDS);
                    ops::equal_soon(heap, Value::from_bits(bits), wanted)
                }
            };
            match answer {
                None if self.comparing.is_none() => {
                    self.comparing = Some(Equality::begin(Value::from_bits(bits), wanted, false));
                }
                None => return Ok(None),
                Some(Answer::Yes) => return Ok(Some(Some(self.at))),
                Some(Answer::Asks) => return Err(Trap::asks()),
                Some(Answer::No) => {
                    self.comparing = None;
                    self.at += 1;
                }
            }
        }
        Ok(Some(None))
    }
}

impl Task for Position {
    fn step(&mut self, heap: &mut Heap) -> std::result::Result<Stage, Trap> {
        let name = if self.index { "index-of" } else { "contains?" };
        let found = self.go_on(heap, Piece::begin(heap));
        let found = found.map_err(|trap| ops::instead(heap, trap, name, &self.operands, Then::Value))?;
        Ok(match found {
            None => Stage::More,
            Some(found) if !self.index => Stage::Done(Value::bool(found.is_some())),
            Some(None) => Stage::Done(Value::NULL),
            Some(Some(index)) => Stage::Done(int::from_i128(heap, index as i128)?),
        })
    }

    fn holds(&self) -> &[Value] {
        &self.operands
    }
}

/// Octets in which a part is looked for at once.
const SHORT: usize = 1 << 14;

/// The search for a part of a long text, or of bytes.
struct Finding {
    /// Where and what for.
    operands: [Value; 2],
    /// What for, if that is an int.
    octet: u8,
    search: Search,
    /// Where it is, once it was found, and the code points before the octets that are still to be counted.
    found: Option<usize>,
    chars: usize,
    counted: usize,
    /// Whether the index is wanted, not only whether there is one.
    index: bool,
}

impl Task for Finding {
    fn step(&mut self, heap: &mut Heap) -> std::result::Result<Stage, Trap> {
        let piece = Piece::begin(heap);
        let (whole, one) = (octets(heap, self.operands[0]), [self.octet]);
        let part = if text::is_text(heap, self.operands[1]) || bytes::view(heap, self.operands[1]).is_some() {
            octets(heap, self.operands[1])
        } else {
            &one
        };
        while self.found.is_none() {
            let found = &mut self.found;
            let is_last = self.search.go_on(heap, whole, part, |at| {
                found.get_or_insert(at);
            });
            if self.found.is_none() && is_last {
                return Ok(Stage::Done(if self.index { Value::NULL } else { Value::FALSE }));
            }
            if piece.is_done(heap) {
                return Ok(Stage::More);
            }
        }
        if !self.index {
            return Ok(Stage::Done(Value::TRUE));
        }
        let found = self.found.unwrap_or(0);
        let in_chars = text::view(heap, self.operands[0]).is_some_and(|text| !text.is_ascii());
        while in_chars && self.counted < found {
            let end = found.min(self.counted + SHORT);
            heap.spend((end - self.counted) / 4);
            self.chars += text::count(&whole[self.counted..end]);
            self.counted = end;
            if piece.is_done(heap) {
                return Ok(Stage::More);
            }
        }
        let index = if in_chars { self.chars } else { found };
        Ok(Stage::Done(int::from_i128(heap, index as i128)?))
    }

    fn holds(&self) -> &[Value] {
        &self.operands
    }
}

/// The octets of a text or of bytes.
fn octets(heap: &Heap, value: Value) -> &[u8] {
    match text::view(heap, value) {
        Some(text) => text.bytes,
        None => bytes::view(heap, value).unwrap_or_default(),
    }
}

/// The place of a part; of a string in code points. The outer `None` if the container is no sequence.
fn position(
    heap: &Heap,
    name: &str,
    container: Value,
    wanted: Value,
    index: bool,
) -> std::result::Result<Option<Option<u64>>, Trap> {
    let whole = octets(heap, container);
    // An octet that an int names.
    let one;
    let part = if text::is_text(heap, container) {
        match text::view(heap, wanted) {
            Some(part) => part.bytes,
            None => return Err(wants(heap, name, "a string to look for in a string", wanted)),
        }
    } else if bytes::view(heap, container).is_some() {
        match (bytes::view(heap, wanted), int::as_i64(heap, wanted).map(u8::try_from)) {
            (Some(part), _) => part,
            (None, Some(Ok(octet))) => {
                one = [octet];
                &one
            }
            (None, _) if int::is_int(heap, wanted) => return Ok(Some(None)),
            _ => return Err(wants(heap, name, "bytes or an int to look for in bytes", wanted)),
        }
    } else {
        return position_of_others(heap, container, wanted);
    };
    if whole.len() > SHORT && !part.is_empty() {
        let search = Search::begin(heap, part);
        let (operands, octet) = ([container, wanted], part[0]);
        return Err(Trap::long(Finding { operands, octet, search, found: None, chars: 0, counted: 0, index }));
    }
    heap.spend(whole.len());
    let found = text::find(whole, part, 0);
    let in_chars = text::view(heap, container).is_some_and(|text| !text.is_ascii());
    Ok(Some(found.map(|byte| if in_chars { text::count(&whole[..byte]) as u64 } else { byte as u64 })))
}

/// The same in what has other elements than octets.
fn position_of_others(heap: &Heap, container: Value, wanted: Value) -> std::result::Result<Option<Option<u64>>, Trap> {
    if let Some(range) = ranges::view(heap, container) {
        let whole = match ops::number(heap, wanted) {
            Some(ops::Number::Int(int)) => Some(int),
            Some(ops::Number::Float(float)) => int::from_whole_float(float),
            None => None,
        };
        return Ok(Some(match whole {
            Some(int::Int::Small(small)) => range.index_of(small),
            _ => None,
        }));
    }
    if heap.is(container, Kind::Lines).is_some()
        || class::instance_method(heap, container, well_known::ITERATE).is_some()
    {
        return Err(Trap::asks());
    }
    Ok(None)
}

pub(super) fn contains(heap: &mut Heap, args: &[Value]) -> Result {
    let &[container, wanted] = args else { return Err(arity()) };
    if let Some(at) = heap.is(container, Kind::Map) {
        return Ok(Value::bool(map::find(heap, at, wanted)?.is_some()));
    }
    if elements(heap, container).is_some() {
        return begin(heap, Position { operands: [container, wanted], at: 0, comparing: None, index: false });
    }
    match position(heap, "contains?", container, wanted, false)? {
        Some(found) => Ok(Value::bool(found.is_some())),
        None => Err(wants(heap, "contains?", "a collection", container)),
    }
}

pub(super) fn index_of(heap: &mut Heap, args: &[Value]) -> Result {
    let &[container, wanted] = args else { return Err(arity()) };
    if elements(heap, container).is_some() {
        return begin(heap, Position { operands: [container, wanted], at: 0, comparing: None, index: true });
    }
    match position(heap, "index-of", container, wanted, true)? {
        Some(Some(index)) => int::from_i128(heap, index as i128),
        Some(None) => Ok(Value::NULL),
        None => Err(wants(heap, "index-of", "a sequence", container)),
    }
}

/// Elements that are sorted at once; the prelude sorts more in pieces, between which the process can be preempted.
const AT_ONCE: usize = 8_192;
/// Elements that are merged at once.
const MERGED: usize = 4 * AT_ONCE;

pub(super) fn sort(heap: &mut Heap, args: &[Value]) -> Result {
    let &[source] = args else { return Err(arity()) };
    if ops::length(heap, source).is_some_and(|length| length > AT_ONCE as u64) {
        return Ok(Value::NULL);
    }
    let mut values = iterate::collect(heap, source)?;
    spend_on_sorting(heap, values.len());
    match sort_values(heap, &mut values) {
        // The prelude sorts by single comparisons instead.
        Err(trap) if trap.is_asks() && heap.spent() >= MOST_WORK => Ok(Value::NULL),
        sorted => {
            sorted?;
            lists::new(heap, &values)
        }
    }
}

/// Work, in words that are touched, after which sorting at once is given up: of elements that take long to compare.
const MOST_WORK: u64 = 1 << 22;

/// Octets of texts that are sorted without a look at how long it takes.
const SHORT_TEXTS: usize = 1 << 22;

/// So many comparisons.
fn spend_on_sorting(heap: &Heap, count: usize) {
    heap.spend(count * count.max(2).ilog2() as usize * 8);
}

/// Sorts the part of a list from an index on that is sorted at once, and gives its end; null if classes have to be asked.
pub(super) fn sort_piece(heap: &mut Heap, args: &[Value]) -> Result {
    let &[list, start] = args else { return Err(arity()) };
    let (Some(at), Some(words), Some(start)) = (heap.own(list, Kind::List), elements(heap, list), index(heap, start))
    else {
        return Err(wants(heap, "%sort-piece", "a list and an index", list));
    };
    let end = (start + AT_ONCE).min(words.len());
    let mut values: Vec<Value> =
        words.get(start..end).unwrap_or(&[]).iter().map(|&bits| Value::from_bits(bits)).collect();
    spend_on_sorting(heap, values.len());
    match sort_values(heap, &mut values) {
        Err(trap) if trap.is_asks() => return Ok(Value::NULL),
        sorted => sorted?,
    }
    for (index, value) in (start..).zip(values) {
        lists::set(heap, at, index, value);
    }
    int::from_i128(heap, end as i128)
}

/// Goes on with merging two sorted neighbours of one list, from `left` and from `middle`, of the second of which what
/// is before `right` has been merged, into the same places of another. Gives the new `left` and `right`, after as many
/// elements as are merged at once; null if classes have to be asked.
pub(super) fn merge_piece(heap: &mut Heap, args: &[Value]) -> Result {
    let &[from, to, left, middle, right, end] = args else { return Err(arity()) };
    let indices = [left, middle, right, end].map(|value| index(heap, value));
    let ([Some(left), Some(middle), Some(right), Some(end)], Some(words), Some(target)) =
        (indices, elements(heap, from), heap.own(to, Kind::List))
    else {
        return Err(wants(heap, "%merge-piece", "two lists and four indices", from));
    };
    if !(left <= middle && middle <= right && right <= end && end <= words.len() && end <= lists::len(heap, target)) {
        return Err(wants(heap, "%merge-piece", "indices in order", from));
    }
    let start = left + (right - middle);
    let mut merged = vec![Value::NULL; MERGED.min(end - start)];
    heap.spend(merged.len() * 8);
    let values = |range: std::ops::Range<usize>| words[range].iter().map(|&bits| Value::from_bits(bits));
    let (lefts, rights): (Vec<Value>, Vec<Value>) = {
        let most = merged.len();
        (values(left..middle.min(left + most)).collect(), values(right..end.min(right + most)).collect())
    };
    let taken = match merge(heap, &lefts, &rights, &mut merged) {
        Err(trap) if trap.is_asks() => return Ok(Value::NULL),
        taken => taken?,
    };
    let next = [left + taken, right + (merged.len() - taken)];
    let next = [int::from_i128(heap, next[0] as i128)?, int::from_i128(heap, next[1] as i128)?];
    let next = tuple::new(heap, &next)?;
    for (index, value) in (start..).zip(merged) {
        lists::set(heap, target, index, value);
    }
    Ok(next)
}

fn index(heap: &Heap, value: Value) -> Option<usize> {
    usize::try_from(int::as_i64(heap, value)?).ok()
}

/// Sorts in the order of `<`, stably.
fn sort_values(heap: &Heap, values: &mut Vec<Value>) -> std::result::Result<(), Trap> {
    if values.iter().all(|value| value.is_int()) {
        values.sort_by_key(|value| value.int_bits());
        return Ok(());
    }
    if values.iter().all(|value| value.is_float() && !value.float_bits().is_nan()) {
        values.sort_by(|a, b| a.float_bits().partial_cmp(&b.float_bits()).unwrap_or(Ordering::Equal));
        return Ok(());
    }
    let octets = |value: &Value| text::view(heap, *value).map(|text| text.bytes.len());
    let total = values.iter().try_fold(0usize, |total, value| Some(total.saturating_add(octets(value)?)));
    if total.is_some_and(|total| total <= SHORT_TEXTS) {
        values.sort_by(|&a, &b| {
            let key = |value| text::view(heap, value).map(|text| text.bytes);
            key(a).cmp(&key(b))
        });
        return Ok(());
    }
    // Any other mixture: an own merge sort, since `nan` has no order and a comparison may fail.
    let mut from = std::mem::take(values);
    let mut to = from.clone();
    let mut width = 1;
    while width < from.len() {
        for start in (0..from.len()).step_by(2 * width) {
            let middle = (start + width).min(from.len());
            let end = (start + 2 * width).min(from.len());
            merge(heap, &from[start..middle], &from[middle..end], &mut to[start..end])?;
        }
        std::mem::swap(&mut from, &mut to);
        width *= 2;
    }
    *values = from;
    Ok(())
}

/// Merges as much as there is room for; says how much of it came from the left.
fn merge(heap: &Heap, left: &[Value], right: &[Value], out: &mut [Value]) -> std::result::Result<usize, Trap> {
    let (mut l, mut r) = (0, 0);
    for slot in out {
        if heap.spent() >= MOST_WORK {
            return Err(Trap::asks());
        }
        let take_right = match (left.get(l), right.get(r)) {
            (Some(&a), Some(&b)) => {
                match ops::compare(heap, "<", b, a, Piece::of(MOST_WORK)).map_err(Trap::for_the_whole)? {
                    Compared::Order(order) => order == Some(Ordering::Less),
                    Compared::Not(_) => return Err(Trap::asks()),
                }
            }
            (None, _) => true,
            (_, None) => false,
        };
        if take_right {
            *slot = right[r];
            r += 1;
        } else {
            *slot = left[l];
            l += 1;
        }
    }
    Ok(l)
}
