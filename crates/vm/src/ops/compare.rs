//! Order. Deep walks use their own stack, remember where they were once they are long, and can be interrupted.

use super::arith::{Number, number};
use super::equality::{Answer, Equality, FREE_STEPS, OCTETS_AT_ONCE, WORDS_A_PAIR};
use super::{describe, instead, refuse, type_error};
use crate::data::{bytes, elements, int, text};
use crate::heap::{Heap, Kind};
use crate::task::{Piece, Stage, Task};
use crate::trap::{Then, Trap};
use crate::value::Value;
use int::Int;
use num_bigint::{BigInt, Sign};
use num_traits::FromPrimitive;
use rustc_hash::FxHashSet;
use std::cmp::Ordering;

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
pub(super) fn order_numbers(x: &Number<'_>, y: &Number<'_>) -> Option<Ordering> {
    match (x, y) {
        (Number::Float(x), Number::Float(y)) => x.partial_cmp(y),
        (Number::Int(x), Number::Int(y)) => Some(order_ints(x, y)),
        (Number::Int(Int::Small(x)), Number::Float(y)) => order_int_float(*x, *y),
        (Number::Int(Int::Big(x)), Number::Float(y)) => order_big_float(x, *y),
        (Number::Float(_), Number::Int(_)) => order_numbers(y, x).map(Ordering::reverse),
    }
}

/// Words that could be touched while a large int is read; nothing for other numbers.
pub(super) fn large_cost(number: &Number<'_>) -> usize {
    match number {
        Number::Int(Int::Big(big)) => (big.bits() / 16) as usize,
        _ => 0,
    }
}

#[cold]
fn no_order(heap: &Heap, operator: &str, a: Value, b: Value) -> Trap {
    type_error(format!("`{operator}` cannot compare {} and {}", describe(heap, a), describe(heap, b)))
}

/// What a comparison within a piece came to.
pub(crate) enum Compared {
    /// `None` where `nan` decides.
    Order(Option<Ordering>),
    /// It is not done.
    Not(Box<Order>),
}

/// The order of two values, as far as a piece goes.
///
/// # Errors
/// `:type-error` unless both are numbers, or strings, bytes, lists or tuples alike.
pub(crate) fn compare(heap: &Heap, operator: &'static str, a: Value, b: Value, piece: Piece) -> Result<Compared, Trap> {
    if a.both_ints(b) {
        return Ok(Compared::Order(Some(a.int_bits().cmp(&b.int_bits()))));
    }
    match order_scalars(heap, a, b) {
        Scalars::Order(order) => return Ok(Compared::Order(order)),
        Scalars::No if !alike(heap, a, b) => {
            return Err(refuse(heap, operator, &[a, b], no_order(heap, operator, a, b)));
        }
        _ => {}
    }
    let mut order = Order::begin(operator, a, b);
    Ok(match order.go_on(heap, piece)? {
        Some(order) => Compared::Order(order),
        None => Compared::Not(Box::new(order)),
    })
}

/// What can be said of two values that have no parts.
enum Scalars {
    Order(Option<Ordering>),
    /// They are strings or bytes that take long to compare.
    Octets,
    /// They are no numbers, strings or bytes alike.
    No,
}

/// The octets of two strings, or of two bytes.
fn octets(heap: &Heap, a: Value, b: Value) -> Option<(&[u8], &[u8])> {
    if let Some(x) = text::view(heap, a) {
        return text::view(heap, b).map(|y| (x.bytes, y.bytes));
    }
    Some((bytes::view(heap, a)?, bytes::view(heap, b)?))
}

/// The order of two numbers, strings or bytes.
fn order_scalars(heap: &Heap, a: Value, b: Value) -> Scalars {
    if let (Some(x), Some(y)) = (number(heap, a), number(heap, b)) {
        heap.spend(large_cost(&x) + large_cost(&y));
        return Scalars::Order(order_numbers(&x, &y));
    }
    match octets(heap, a, b) {
        Some((x, y)) if x.len().min(y.len()) > OCTETS_AT_ONCE => Scalars::Octets,
        Some((x, y)) => {
            heap.spend(x.len().min(y.len()) / 16);
            Scalars::Order(Some(x.cmp(y)))
        }
        None => Scalars::No,
    }
}

/// Whether these are two lists or two tuples.
fn alike(heap: &Heap, a: Value, b: Value) -> bool {
    [Kind::List, Kind::Tuple].iter().any(|&kind| heap.is(a, kind).is_some() && heap.is(b, kind).is_some())
}

/// The comparison of two lists or two tuples: what the first elements that differ say, else the lengths.
pub(crate) struct Order {
    operator: &'static str,
    whole: [Value; 2],
    /// Pairs that are being compared, the outermost first, and the index of the next elements.
    work: Vec<(Value, Value, usize)>,
    steps: usize,
    seen: FxHashSet<(Value, Value)>,
    /// Elements without an order, which may be equal.
    equality: Option<(Value, Value, Equality)>,
}

impl Order {
    fn begin(operator: &'static str, a: Value, b: Value) -> Order {
        Order { operator, whole: [a, b], work: vec![(a, b, 0)], steps: 0, seen: FxHashSet::default(), equality: None }
    }

    /// Goes on; `None` at the end of a piece.
    pub(crate) fn go_on(&mut self, heap: &Heap, piece: Piece) -> Result<Option<Option<Ordering>>, Trap> {
        loop {
            if let Some((x, y, mut equality)) = self.equality.take() {
                match equality.go_on(heap, piece) {
                    Some(Answer::Yes) => {}
                    Some(_) => return Err(no_order(heap, self.operator, x, y)),
                    None => {
                        self.equality = Some((x, y, equality));
                        return Ok(None);
                    }
                }
            }
            if piece.is_done(heap) {
                return Ok(None);
            }
            let Some((a, b, at)) = self.work.pop() else { return Ok(Some(Some(Ordering::Equal))) };
            if let Some((x, y)) = octets(heap, a, b) {
                let end = at.saturating_add(OCTETS_AT_ONCE).min(x.len()).min(y.len());
                heap.spend((end - at) / 16);
                match x[at..end].cmp(&y[at..end]) {
                    Ordering::Equal if end < x.len().min(y.len()) => self.work.push((a, b, end)),
                    Ordering::Equal if x.len() == y.len() => {}
                    Ordering::Equal => return Ok(Some(Some(x.len().cmp(&y.len())))),
                    order => return Ok(Some(Some(order))),
                }
                continue;
            }
            let (xs, ys) = (elements(heap, a).unwrap_or(&[]), elements(heap, b).unwrap_or(&[]));
            let (Some(&x), Some(&y)) = (xs.get(at), ys.get(at)) else {
                match xs.len().cmp(&ys.len()) {
                    Ordering::Equal => continue,
                    other => return Ok(Some(Some(other))),
                }
            };
            heap.spend(WORDS_A_PAIR);
            self.work.push((a, b, at + 1));
            let (x, y) = (Value::from_bits(x), Value::from_bits(y));
            match order_scalars(heap, x, y) {
                Scalars::Order(Some(Ordering::Equal)) => {}
                Scalars::Order(order) => return Ok(Some(order)),
                Scalars::Octets => self.work.push((x, y, 0)),
                Scalars::No if alike(heap, x, y) => {
                    self.steps += 1;
                    // A pair that is being compared further out, or was found equal, decides nothing.
                    if self.steps < FREE_STEPS || self.seen.insert((x, y)) {
                        self.work.push((x, y, 0));
                    }
                }
                // Whether they are equal, or which comes first, may be up to their classes.
                Scalars::No if heap.is(x, Kind::Instance).is_some() || heap.is(y, Kind::Instance).is_some() => {
                    return Err(instead(heap, Trap::asks(), self.operator, &self.whole, Then::Truth));
                }
                Scalars::No => self.equality = Some((x, y, Equality::begin(x, y, false))),
            }
        }
    }
}

/// A comparison that takes long.
struct Comparison {
    order: Box<Order>,
    holds: fn(Option<Ordering>) -> bool,
}

impl Task for Comparison {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage, Trap> {
        let order = self.order.go_on(heap, Piece::begin(heap))?;
        Ok(order.map_or(Stage::More, |order| Stage::Done(Value::bool((self.holds)(order)))))
    }

    fn holds(&self) -> &[Value] {
        &self.order.whole
    }
}

/// Whether the order of two values is as `holds` says.
#[inline(never)]
fn ordered(
    heap: &Heap,
    operator: &'static str,
    a: Value,
    b: Value,
    holds: fn(Option<Ordering>) -> bool,
) -> Result<bool, Trap> {
    match compare(heap, operator, a, b, Piece::begin(heap))? {
        Compared::Order(order) => Ok(holds(order)),
        Compared::Not(order) => Err(Trap::long(Comparison { order, holds })),
    }
}

/// `a < b`.
///
/// # Errors
/// `:type-error` unless both are numbers, or strings, bytes, lists or tuples alike; long work.
#[inline]
pub fn lt(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    if a.both_ints(b) {
        return Ok(a.int_bits() < b.int_bits());
    }
    if a.is_float() && b.is_float() {
        return Ok(a.float_bits() < b.float_bits());
    }
    ordered(heap, "<", a, b, |order| order == Some(Ordering::Less))
}

/// `a <= b`.
///
/// # Errors
/// `:type-error` unless both are numbers, or strings, bytes, lists or tuples alike; long work.
#[inline]
pub fn le(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    if a.both_ints(b) {
        return Ok(a.int_bits() <= b.int_bits());
    }
    if a.is_float() && b.is_float() {
        return Ok(a.float_bits() <= b.float_bits());
    }
    ordered(heap, "<=", a, b, |order| matches!(order, Some(Ordering::Less | Ordering::Equal)))
}

/// `a > b`.
///
/// # Errors
/// `:type-error` unless both are numbers, or strings, bytes, lists or tuples alike; long work.
#[inline]
pub fn gt(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    if a.both_ints(b) {
        return Ok(a.int_bits() > b.int_bits());
    }
    if a.is_float() && b.is_float() {
        return Ok(a.float_bits() > b.float_bits());
    }
    ordered(heap, ">", a, b, |order| order == Some(Ordering::Greater))
}

/// `a >= b`.
///
/// # Errors
/// `:type-error` unless both are numbers, or strings, bytes, lists or tuples alike; long work.
#[inline]
pub fn ge(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    if a.both_ints(b) {
        return Ok(a.int_bits() >= b.int_bits());
    }
    if a.is_float() && b.is_float() {
        return Ok(a.float_bits() >= b.float_bits());
    }
    ordered(heap, ">=", a, b, |order| matches!(order, Some(Ordering::Greater | Ordering::Equal)))
}
