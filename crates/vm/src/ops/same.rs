//! `same?`: equality of type and value, or identity.

use super::equality::{AT_ONCE, Classes, Shallow, WORDS_A_PAIR, scalars};
use crate::data::class;
use crate::heap::{Heap, Kind};
use crate::task::{Piece, Stage, Task};
use crate::trap::Trap;
use crate::value::Value;

/// `(same? a b)`: equality of type and value for numbers, strings, bytes, atoms, pids, refs and tuples of them, identity
/// for the rest.
///
/// # Errors
/// Long work.
pub(crate) fn same(heap: &Heap, a: Value, b: Value) -> Result<bool, Trap> {
    let mut walk = Sameness { pair: [a, b], work: vec![(a, b, 0)], classes: Classes::default() };
    match walk.go_on(heap, Piece::begin(heap)) {
        Some(same) => Ok(same),
        None => Err(Trap::long(walk)),
    }
}

/// A comparison that can be interrupted.
struct Sameness {
    pair: [Value; 2],
    /// Pairs to be compared, and of tuples the index of the next elements.
    work: Vec<(Value, Value, usize)>,
    classes: Classes,
}

impl Sameness {
    fn go_on(&mut self, heap: &Heap, piece: Piece) -> Option<bool> {
        while let Some((a, b, at)) = self.work.pop() {
            if !self.pair(heap, a, b, at) {
                return Some(false);
            }
            if piece.is_done(heap) {
                return None;
            }
        }
        Some(true)
    }

    fn pair(&mut self, heap: &Heap, a: Value, b: Value, at: usize) -> bool {
        if a == b {
            return true;
        }
        if a.is_float() || b.is_float() {
            let same = |x: f64, y: f64| x == y || x.is_nan() && y.is_nan();
            return a.is_float() && b.is_float() && same(a.float_bits(), b.float_bits());
        }
        if let (Some(x), Some(y)) = (heap.is(a, Kind::Class), heap.is(b, Kind::Class)) {
            // Copies of a class are that class.
            return class::same(heap, x, y);
        }
        let (Some(x), Some(y)) = (heap.is(a, Kind::Tuple), heap.is(b, Kind::Tuple)) else {
            return match scalars(heap, a, b) {
                Shallow::Known(same) => same,
                _ => super::equal(heap, a, b, false) == super::Answer::Yes,
            };
        };
        let (xs, ys) = (heap.payload(x), heap.payload(y));
        if xs.len() != ys.len() {
            return false;
        }
        if at == 0 && self.classes.known(x, y, xs.len()) {
            return true;
        }
        let end = at.saturating_add(AT_ONCE).min(xs.len());
        heap.spend((1 + end - at) * WORDS_A_PAIR);
        if end < xs.len() {
            self.work.push((a, b, end));
        }
        let parts = xs[at..end].iter().zip(&ys[at..end]).filter(|(x, y)| x != y);
        self.work.extend(parts.map(|(&x, &y)| (Value::from_bits(x), Value::from_bits(y), 0)));
        true
    }
}

impl Task for Sameness {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage, Trap> {
        Ok(self.go_on(heap, Piece::begin(heap)).map_or(Stage::More, |same| Stage::Done(Value::bool(same))))
    }

    fn holds(&self) -> &[Value] {
        &self.pair
    }
}
