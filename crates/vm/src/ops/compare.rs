//! Equality and order. Deep walks use their own stack, and remember where they were once they are long.

use super::arith::{Number, number};
use super::{describe, instead, refuse, type_error};
use crate::data::{bytes, class, elements, hash, int, map, range, text};
use crate::heap::{Heap, Kind, NoMemory};
use crate::node::{Asked, well_known};
use crate::trap::{Then, Trap, TrapKind};
use crate::value::{Ref, Value};
use int::Int;
use num_bigint::{BigInt, Sign};
use num_traits::FromPrimitive;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Ordering;

/// Words that could be touched while two parts are compared.
const WORDS_A_PAIR: usize = 8;

/// Pairs of collections that are compared before visits are remembered.
const FREE_STEPS: usize = 256;

fn order_int_float(x: i64, y: f64) -> Option<Ordering> {
    if y.is_nan() {
        return None;
    }
    if y >= 9223372036854775808.0 {
        return Some(Ordering::Less);
    }
    if y < -9223372036854775808.0 {
        return Some(Ordering::Greater);
    }
    let whole = y.trunc();
    let by_fraction = || 0.0.partial_cmp(&(y - whole));
    match x.cmp(&(whole as i64)) {
        Ordering::Equal => by_fraction(),
        other => Some(other),
    }
}

fn order_big_float(x: &BigInt, y: f64) -> Option<Ordering> {
    if y.is_nan() {
        return None;
    }
    // Floats as large as a big int are whole.
    match BigInt::from_f64(y.trunc()) {
        Some(whole) => Some(x.cmp(&whole)),
        None => Some(if y > 0.0 { Ordering::Less } else { Ordering::Greater }),
    }
}

fn order_ints(x: &Int<'_>, y: &Int<'_>) -> Ordering {
    match (x, y) {
        (Int::Small(x), Int::Small(y)) => x.cmp(y),
        (Int::Big(x), Int::Big(y)) => x.cmp(y),
        // What does not fit in 64 bits is beyond what does.
        (Int::Big(x), Int::Small(_)) => {
            if x.sign() == Sign::Minus {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (Int::Small(_), Int::Big(y)) => {
            if y.sign() == Sign::Minus {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
    }
}

/// The exact order of two numbers; `None` with `nan`.
fn order_numbers(x: &Number<'_>, y: &Number<'_>) -> Option<Ordering> {
    match (x, y) {
        (Number::Float(x), Number::Float(y)) => x.partial_cmp(y),
        (Number::Int(x), Number::Int(y)) => Some(order_ints(x, y)),
        (Number::Int(Int::Small(x)), Number::Float(y)) => order_int_float(*x, *y),
        (Number::Int(Int::Big(x)), Number::Float(y)) => order_big_float(x, *y),
        (Number::Float(_), Number::Int(_)) => order_numbers(y, x).map(Ordering::reverse),
    }
}

/// `a == b`.
///
/// # Errors
/// The call of what a class defines.
#[inline]
pub fn eq(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    if a.both_ints(b) {
        return Ok(a == b);
    }
    match equal(heap, a, b, false) {
        Answer::Yes => Ok(true),
        Answer::No => Ok(false),
        Answer::Asks => Err(ask(heap, a, b)),
    }
}

/// `a != b`.
///
/// # Errors
/// The call of what a class defines.
pub fn ne(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    match eq(heap, a, b) {
        Ok(equal) => Ok(!equal),
        Err(trap) => match trap.into_kind() {
            TrapKind::Call(call) => Err(Trap::call(call.function, call.arguments, Then::NotTruth)),
            other => Err(Trap::from(other)),
        },
    }
}

/// The call that decides whether two values are equal: of the left one, of the right one, or for something inside them.
#[cold]
fn ask(heap: &Heap, a: Value, b: Value) -> Trap {
    for (receiver, other) in [(a, b), (b, a)] {
        if let Some(method) = class::instance_method(heap, receiver, well_known::EQUALS) {
            return Trap::call(method, vec![receiver, other], Then::Truth);
        }
    }
    instead(heap, Trap::asks(), "==", &[a, b], Then::Truth)
}

/// Whether one of two values is an instance whose class defines `equals?`.
fn is_asked(heap: &Heap, a: Value, b: Value) -> bool {
    [a, b].iter().any(|&value| class::instance_method(heap, value, well_known::EQUALS).is_some())
}

/// Whether two keys are the same: as `==`, and `nan` is itself.
pub(crate) fn same_key(heap: &Heap, a: Value, b: Value) -> Answer {
    equal(heap, a, b, true)
}

/// Whether two values are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    No,
    Yes,
    /// What a class defines decides.
    Asks,
}

/// What has to be asked before two values are equal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Question {
    /// Whether these are, of which one is an instance whose class defines `equals?`.
    Pair(Value, Value),
    /// Two maps with keys that follow as [`Question::Entry`].
    Maps(Value, Value),
    /// Whether a map has a key, with this hash, and there a value that equals this one.
    Entry { map: Value, key: Value, hash: u64, value: Value },
}

/// What comparing two values found without looking at parts.
enum Shallow {
    Known(bool),
    /// Two lists or two tuples of the same length.
    Elements(Ref, Ref),
    /// Two maps of the same length.
    Maps(Ref, Ref),
    /// What a class defines decides.
    Asked,
}

#[inline]
fn shallow(heap: &Heap, a: Value, b: Value, as_keys: bool) -> Shallow {
    if a.is_float() && b.is_float() {
        let (x, y) = (a.float_bits(), b.float_bits());
        return Shallow::Known(x == y || as_keys && x.is_nan() && y.is_nan());
    }
    let (Some(x), Some(y)) = (a.as_heap(), b.as_heap()) else {
        // The same bits that are no float: the same.
        if a == b {
            return Shallow::Known(true);
        }
        let plain = |v: Value| v.as_heap().is_none() && v.as_literal().is_none() && !v.is_float() && !v.is_int();
        if heap.node().classes_define(Asked::EQUALS) && is_asked(heap, a, b) {
            return Shallow::Asked;
        }
        if plain(a) || plain(b) {
            return Shallow::Known(false);
        }
        return Shallow::Known(scalars(heap, a, b));
    };
    let (kind, other) = (heap.kind(x), heap.kind(y));
    match kind {
        Kind::List | Kind::Tuple if kind == other => {
            let same_len = elements(heap, a).map(<[u64]>::len) == elements(heap, b).map(<[u64]>::len);
            if same_len { Shallow::Elements(x, y) } else { Shallow::Known(false) }
        }
        Kind::Map if kind == other => {
            if map::len(heap, x) == map::len(heap, y) {
                Shallow::Maps(x, y)
            } else {
                Shallow::Known(false)
            }
        }
        // Copies of a class are that class.
        Kind::Class if kind == other => Shallow::Known(class::same(heap, x, y)),
        Kind::Range if kind == other => {
            Shallow::Known(range::read(heap, x).content() == range::read(heap, y).content())
        }
        _ if a == b && (as_keys || kind != Kind::Instance) => Shallow::Known(true),
        _ if heap.node().classes_define(Asked::EQUALS) && is_asked(heap, a, b) => Shallow::Asked,
        _ => Shallow::Known(a == b || scalars(heap, a, b)),
    }
}

/// Words that could be touched while a large int is read; nothing for other numbers.
fn large_cost(number: &Number<'_>) -> usize {
    match number {
        Number::Int(Int::Big(big)) => (big.bits() / 16) as usize,
        _ => 0,
    }
}

/// Equality of strings, bytes, refs and numbers, not both of them floats.
fn scalars(heap: &Heap, a: Value, b: Value) -> bool {
    if let Some(x) = text::view(heap, a) {
        heap.spend(x.bytes.len() / 16);
        return text::view(heap, b).is_some_and(|y| x.chars == y.chars && x.bytes == y.bytes);
    }
    if let Some(x) = number(heap, a) {
        heap.spend(large_cost(&x));
        return number(heap, b).is_some_and(|y| order_numbers(&x, &y) == Some(Ordering::Equal));
    }
    match (bytes::view(heap, a), bytes::view(heap, b)) {
        (Some(x), Some(y)) => {
            heap.spend(x.len() / 16);
            x == y
        }
        _ => match (heap.is(a, Kind::Reference), heap.is(b, Kind::Reference)) {
            (Some(x), Some(y)) => heap.word(x, 0) == heap.word(y, 0),
            _ => false,
        },
    }
}

/// Which collections have been found, or are being found, equal: classes joined pair by pair, so that cyclic and shared
/// data cost no more than their size.
#[derive(Default)]
struct Classes {
    steps: usize,
    parent: FxHashMap<Ref, Ref>,
    with_itself: FxHashSet<Ref>,
}

impl Classes {
    fn root(&mut self, mut at: Ref) -> Ref {
        while let Some(&up) = self.parent.get(&at) {
            if let Some(&above) = self.parent.get(&up) {
                self.parent.insert(at, above);
            }
            at = up;
        }
        at
    }

    /// Whether this pair of so many parts needs no more comparing; if it does, it counts as equal from now on.
    fn known(&mut self, a: Ref, b: Ref, parts: usize) -> bool {
        self.steps += 1 + parts;
        if self.steps < FREE_STEPS {
            return false;
        }
        if a == b {
            // Not trivial: `nan` does not equal itself.
            return !self.with_itself.insert(a);
        }
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.parent.insert(a, b);
        }
        a == b
    }
}

fn equal(heap: &Heap, a: Value, b: Value, as_keys: bool) -> Answer {
    match shallow(heap, a, b, as_keys) {
        Shallow::Known(true) => Answer::Yes,
        Shallow::Known(false) => Answer::No,
        Shallow::Asked => Answer::Asks,
        _ => deep_equal(heap, vec![(a, b)], Classes::default(), as_keys, None),
    }
}

/// What has to be asked before pairs of values are equal, in order; `None` if they are not, whatever is answered. `seen`
/// are maps, left and right in turn, about which was asked before.
///
/// # Errors
/// No memory, where there would be more questions than the heap could hold.
pub(crate) fn differences(
    heap: &Heap,
    pairs: &[Value],
    seen: &[Value],
    as_keys: bool,
) -> Result<Option<Vec<Question>>, NoMemory> {
    let mut classes = Classes::default();
    for pair in seen.chunks_exact(2) {
        classes.steps = FREE_STEPS;
        if let (Some(a), Some(b)) = (pair[0].as_heap(), pair[1].as_heap()) {
            classes.known(a, b, 0);
        }
    }
    let pairs = pairs.chunks_exact(2).rev().map(|pair| (pair[0], pair[1])).collect();
    let mut questions = Vec::new();
    match deep_equal(heap, pairs, classes, as_keys, Some(&mut questions)) {
        Answer::No => Ok(None),
        Answer::Yes => Ok(Some(questions)),
        Answer::Asks => Err(NoMemory),
    }
}

/// Words that a question takes in the heap at least.
const WORDS_A_QUESTION: usize = 4;

/// Whether pairs of values are equal. With `questions`, what classes decide is noted there, and taken for equal; it asks
/// then only if there are too many.
#[inline(never)]
fn deep_equal(
    heap: &Heap,
    mut work: Vec<(Value, Value)>,
    mut classes: Classes,
    as_keys: bool,
    mut questions: Option<&mut Vec<Question>>,
) -> Answer {
    while let Some((a, b)) = work.pop() {
        match shallow(heap, a, b, as_keys) {
            Shallow::Known(true) => {}
            Shallow::Known(false) => return Answer::No,
            Shallow::Asked => match &mut questions {
                // They are gathered outside of the heap, but will be shown in it.
                Some(questions) if heap.could_hold(questions.len() * WORDS_A_QUESTION).is_ok() => {
                    questions.push(Question::Pair(a, b));
                }
                _ => return Answer::Asks,
            },
            Shallow::Elements(x, y) => {
                let (xs, ys) = (elements(heap, a).unwrap_or(&[]), elements(heap, b).unwrap_or(&[]));
                if classes.known(x, y, xs.len()) {
                    continue;
                }
                heap.spend((1 + xs.len()) * WORDS_A_PAIR);
                let first = work.len();
                for (&x, &y) in xs.iter().zip(ys) {
                    let (x, y) = (Value::from_bits(x), Value::from_bits(y));
                    match shallow(heap, x, y, as_keys) {
                        Shallow::Known(true) => {}
                        Shallow::Known(false) => return Answer::No,
                        _ => work.push((x, y)),
                    }
                }
                work[first..].reverse();
            }
            Shallow::Maps(x, y) => {
                if classes.known(x, y, map::len(heap, x)) {
                    continue;
                }
                let (first, first_question) = (work.len(), questions.as_ref().map_or(0, |questions| questions.len()));
                let mut hashes = None;
                heap.spend((1 + map::len(heap, x)) * 4 * WORDS_A_PAIR);
                for (place, (key, value)) in map::entries(heap, x).enumerate() {
                    match map::get(heap, y, key) {
                        Ok(Some(other)) => work.push((value, other)),
                        Err(trap) if trap.is_asks() => {
                            let Some(questions) = &mut questions else { return Answer::Asks };
                            if heap.could_hold(questions.len() * WORDS_A_QUESTION).is_err() {
                                return Answer::Asks;
                            }
                            if questions.len() == first_question {
                                questions.push(Question::Maps(a, b));
                                hashes = map::hashes(heap, x);
                            }
                            let hash = hashes.as_ref().map_or_else(|| hash::of(heap, key), |hashes| hashes[place]);
                            questions.push(Question::Entry { map: b, key, hash, value });
                        }
                        _ => return Answer::No,
                    }
                }
                work[first..].reverse();
            }
        }
    }
    Answer::Yes
}

/// `(same? a b)`: equality of type and value for numbers, strings, bytes, atoms, pids, refs and tuples of them, identity
/// for the rest.
pub(crate) fn same(heap: &Heap, a: Value, b: Value) -> bool {
    let mut classes = Classes::default();
    let mut work = vec![(a, b)];
    while let Some((a, b)) = work.pop() {
        if a == b {
            continue;
        }
        if a.is_float() && b.is_float() {
            if !(a.float_bits() == b.float_bits() || a.float_bits().is_nan() && b.float_bits().is_nan()) {
                return false;
            }
            continue;
        }
        if a.is_float() || b.is_float() {
            return false;
        }
        if let (Some(x), Some(y)) = (heap.is(a, Kind::Class), heap.is(b, Kind::Class)) {
            // Copies of a class are that class.
            if !class::same(heap, x, y) {
                return false;
            }
            continue;
        }
        match (heap.is(a, Kind::Tuple), heap.is(b, Kind::Tuple)) {
            (Some(x), Some(y)) => {
                let (xs, ys) = (heap.payload(x), heap.payload(y));
                if xs.len() != ys.len() {
                    return false;
                }
                if !classes.known(x, y, xs.len()) {
                    heap.spend((1 + xs.len()) * WORDS_A_PAIR);
                    work.extend(xs.iter().zip(ys).map(|(&x, &y)| (Value::from_bits(x), Value::from_bits(y))));
                }
            }
            _ if scalars(heap, a, b) => {}
            _ => return false,
        }
    }
    true
}

#[cold]
fn no_order(heap: &Heap, operator: &str, a: Value, b: Value) -> Trap {
    type_error(format!("`{operator}` cannot compare {} and {}", describe(heap, a), describe(heap, b)))
}

/// The order of two values; `None` where `nan` decides.
///
/// # Errors
/// `:type-error` unless both are numbers, or strings, bytes, lists or tuples alike.
pub(crate) fn compare(heap: &Heap, operator: &str, a: Value, b: Value) -> Result<Option<Ordering>, Trap> {
    if a.both_ints(b) {
        return Ok(Some(a.int_bits().cmp(&b.int_bits())));
    }
    match order_scalars(heap, a, b) {
        Some(order) => Ok(order),
        None => order_elements(heap, operator, a, b),
    }
}

/// The order of two numbers, strings or bytes; the outer `None` if they are not that.
fn order_scalars(heap: &Heap, a: Value, b: Value) -> Option<Option<Ordering>> {
    if let (Some(x), Some(y)) = (number(heap, a), number(heap, b)) {
        heap.spend(large_cost(&x) + large_cost(&y));
        return Some(order_numbers(&x, &y));
    }
    if let (Some(x), Some(y)) = (text::view(heap, a), text::view(heap, b)) {
        heap.spend(x.bytes.len().min(y.bytes.len()) / 16);
        return Some(Some(x.bytes.cmp(y.bytes)));
    }
    match (bytes::view(heap, a), bytes::view(heap, b)) {
        (Some(x), Some(y)) => {
            heap.spend(x.len().min(y.len()) / 16);
            Some(Some(x.cmp(y)))
        }
        _ => None,
    }
}

/// Two lists or two tuples: what the first elements that differ say, else the lengths.
fn order_elements(heap: &Heap, operator: &str, a: Value, b: Value) -> Result<Option<Ordering>, Trap> {
    let alike = |a: Value, b: Value| {
        [Kind::List, Kind::Tuple].iter().any(|&kind| heap.is(a, kind).is_some() && heap.is(b, kind).is_some())
    };
    if !alike(a, b) {
        return Err(refuse(heap, operator, &[a, b], no_order(heap, operator, a, b)));
    }
    let whole = (a, b);
    let mut seen: FxHashSet<(Value, Value)> = FxHashSet::default();
    let mut steps = 0;
    let mut work = vec![(a, b, 0)];
    while let Some((a, b, at)) = work.pop() {
        let (xs, ys) = (elements(heap, a).unwrap_or(&[]), elements(heap, b).unwrap_or(&[]));
        let (Some(&x), Some(&y)) = (xs.get(at), ys.get(at)) else {
            match xs.len().cmp(&ys.len()) {
                Ordering::Equal => continue,
                other => return Ok(Some(other)),
            }
        };
        heap.spend(WORDS_A_PAIR);
        work.push((a, b, at + 1));
        let (x, y) = (Value::from_bits(x), Value::from_bits(y));
        match order_scalars(heap, x, y) {
            Some(Some(Ordering::Equal)) => {}
            Some(order) => return Ok(order),
            None if alike(x, y) => {
                steps += 1;
                // A pair that is being compared further out, or was found equal, decides nothing.
                if steps < FREE_STEPS || seen.insert((x, y)) {
                    work.push((x, y, 0));
                }
            }
            // Whether they are equal, or which comes first, may be up to their classes.
            None if heap.is(x, Kind::Instance).is_some() || heap.is(y, Kind::Instance).is_some() => {
                return Err(instead(heap, Trap::asks(), operator, &[whole.0, whole.1], Then::Truth));
            }
            None if equal(heap, x, y, false) == Answer::Yes => {}
            None => return Err(no_order(heap, operator, x, y)),
        }
    }
    Ok(Some(Ordering::Equal))
}

/// `a < b`.
///
/// # Errors
/// `:type-error` unless both are numbers, or strings, bytes, lists or tuples alike.
#[inline]
pub fn lt(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    if a.both_ints(b) {
        return Ok(a.int_bits() < b.int_bits());
    }
    if a.is_float() && b.is_float() {
        return Ok(a.float_bits() < b.float_bits());
    }
    Ok(compare(heap, "<", a, b)? == Some(Ordering::Less))
}

/// `a <= b`.
///
/// # Errors
/// `:type-error` unless both are numbers, or strings, bytes, lists or tuples alike.
#[inline]
pub fn le(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    if a.both_ints(b) {
        return Ok(a.int_bits() <= b.int_bits());
    }
    if a.is_float() && b.is_float() {
        return Ok(a.float_bits() <= b.float_bits());
    }
    Ok(matches!(compare(heap, "<=", a, b)?, Some(Ordering::Less | Ordering::Equal)))
}

/// `a > b`.
///
/// # Errors
/// `:type-error` unless both are numbers, or strings, bytes, lists or tuples alike.
#[inline]
pub fn gt(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    if a.both_ints(b) {
        return Ok(a.int_bits() > b.int_bits());
    }
    if a.is_float() && b.is_float() {
        return Ok(a.float_bits() > b.float_bits());
    }
    Ok(compare(heap, ">", a, b)? == Some(Ordering::Greater))
}

/// `a >= b`.
///
/// # Errors
/// `:type-error` unless both are numbers, or strings, bytes, lists or tuples alike.
#[inline]
pub fn ge(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    if a.both_ints(b) {
        return Ok(a.int_bits() >= b.int_bits());
    }
    if a.is_float() && b.is_float() {
        return Ok(a.float_bits() >= b.float_bits());
    }
    Ok(matches!(compare(heap, ">=", a, b)?, Some(Ordering::Greater | Ordering::Equal)))
}
