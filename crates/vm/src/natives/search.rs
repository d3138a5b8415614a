//! Finding and sorting.

use super::{arity, wants};
use crate::data::{bytes, class, elements, int, iterate, list as lists, map, range as ranges, text, tuple};
use crate::heap::{Heap, Kind};
use crate::node::well_known;
use crate::ops::{self, Answer, Equality};
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

/// The place of a part; of a string in code points. The outer `None` if the container is no sequence.
fn position(
    heap: &Heap,
    name: &str,
    container: Value,
    wanted: Value,
) -> std::result::Result<Option<Option<u64>>, Trap> {
    if let Some(text) = text::view(heap, container) {
        heap.spend(text.bytes.len());
        let Some(part) = text::view(heap, wanted) else {
            return Err(wants(heap, name, "a string to look for in a string", wanted));
        };
        let found = text::find(text.bytes, part.bytes, 0);
        return Ok(Some(
            found.map(|byte| if text.is_ascii() { byte as u64 } else { text::count(&text.bytes[..byte]) as u64 }),
        ));
    }
    if let Some(octets) = bytes::view(heap, container) {
        heap.spend(octets.len() * 2);
        if let Some(part) = bytes::view(heap, wanted) {
            return Ok(Some(text::find(octets, part, 0).map(|at| at as u64)));
        }
        return match int::as_i64(heap, wanted) {
            Some(byte) => Ok(Some(octets.iter().position(|&octet| octet as i64 == byte).map(|at| at as u64))),
            None if int::is_int(heap, wanted) => Ok(Some(None)),
            None => Err(wants(heap, name, "bytes or an int to look for in bytes", wanted)),
        };
    }
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
    match position(heap, "contains?", container, wanted)? {
        Some(found) => Ok(Value::bool(found.is_some())),
        None => Err(wants(heap, "contains?", "a collection", container)),
    }
}

pub(super) fn index_of(heap: &mut Heap, args: &[Value]) -> Result {
    let &[container, wanted] = args else { return Err(arity()) };
    if elements(heap, container).is_some() {
        return begin(heap, Position { operands: [container, wanted], at: 0, comparing: None, index: true });
    }
    match position(heap, "index-of", container, wanted)? {
        Some(Some(index)) => int::from_i128(heap, index as i128),
        Some(None) => Ok(Value::NULL),
        None => Err(wants(heap, "index-of", "a sequence", container)),
    }
}

/// Elements that are sorted at once; the prelude sorts more in pieces, between which the process can be preempted.
const PIECE: usize = 8_192;
/// Elements that are merged at once.
const MERGED: usize = 4 * PIECE;

pub(super) fn sort(heap: &mut Heap, args: &[Value]) -> Result {
    let &[source] = args else { return Err(arity()) };
    let mut values = iterate::collect(heap, source)?;
    if values.len() > PIECE {
        return Ok(Value::NULL);
    }
    spend_on_sorting(heap, values.len());
    match sort_values(heap, &mut values) {
        // The prelude sorts by single comparisons instead.
        Err(trap) if trap.is_asks() && heap.spent() > MOST_WORK => Ok(Value::NULL),
        sorted => {
            sorted?;
            lists::new(heap, &values)
        }
    }
}

/// Work, in words that are touched, after which sorting at once is given up: of elements that take long to compare.
const MOST_WORK: u64 = 1 << 23;

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
    let end = (start + PIECE).min(words.len());
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
        if heap.spent() > MOST_WORK {
            return Err(Trap::asks());
        }
        let take_right = match (left.get(l), right.get(r)) {
            (Some(&a), Some(&b)) => ops::compare(heap, "<", b, a).map_err(Trap::for_the_whole)? == Some(Ordering::Less),
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
